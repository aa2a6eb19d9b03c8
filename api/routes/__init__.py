"""The doors: HTTP by way of API Gateway, and a Bedrock agent's action group.

PUT HERE: what validates a request and shapes its answer, one file for each door, and what several doors share.
DO NOT PUT HERE: anything that calls S3 or SageMaker, or a rule of what may be asked for. No door imports another.
"""
