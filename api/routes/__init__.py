"""The doors: HTTP by way of API Gateway, and a Bedrock agent's action group."""
