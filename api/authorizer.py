"""The authorizer of the API that takes `Authorization: Bearer KEY`: a Lambda of its own that hands the key on.

Whether there is such a key, and what it may still ask for, API Gateway itself knows. What is no bearer token does not
come here: API Gateway holds it against the pattern in template.yaml.
"""

from typing import Any


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Answer one event of a token authorizer: the key, and that whoever has it may call the whole of this API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
    """
    # arn:aws:execute-api:region:account:api/stage/METHOD/path. API Gateway keeps the answer for whatever is asked next.
    api, stage, *_path = event["methodArn"].split("/")
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": "bearer",  # logged, so nothing of the key
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "usageIdentifierKey": event["authorizationToken"].split()[-1],
    }
