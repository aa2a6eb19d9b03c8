"""GET /health: how the endpoint is."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

import endpoint_client
from contract.formats import JSON
from contract.problem import PROBLEM_JSON
from routes.answers import json_answer, problem_responses
from schemas import Health

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.get(
    "/health",
    operation_id="getHealth",
    summary="Ask whether the endpoint is up",
    description="Says whether the endpoint is in service, starting, at zero instances or unavailable.",
    responses={
        200: {"description": "How the endpoint is.", "content": {JSON: {"model": Health}}},
        **problem_responses(PROBLEM_JSON),
    },
)
def get_health() -> Response[str | bytes]:
    """Say how the endpoint is."""
    status = endpoint_client.health()
    return json_answer(Health(status=status, ready=status == "in_service"))
