"""The doors: HTTP by way of API Gateway, and a Bedrock agent's action group.

PUT HERE: what validates a request and shapes its answer, one file for each resource.
DO NOT PUT HERE: anything that calls S3 or SageMaker, or a rule that holds at more than one door.
"""
