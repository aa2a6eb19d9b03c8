"""The Lambda's entry point: events of API Gateway and of Bedrock agents."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from observability import logger, metrics
from routes import agent, door, openai, openai_errors

openai_door = door.make_resolver([openai.router], openai_errors.error_answer)


# log_event=False: not even POWERTOOLS_LOGGER_LOG_EVENT may have an event logged, with the text in it.
@logger.inject_lambda_context(log_event=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one event of API Gateway (REST, proxy) or of a Bedrock agent's action group.

    Raises:
        ValueError: the event is neither.
    """
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    logger.set_correlation_id(event.get("requestContext", {}).get("requestId") or context.aws_request_id)
    if "actionGroup" in event:
        return agent.handle(event, context)
    if "requestContext" in event and "httpMethod" in event:
        return door.handle(event, context, openai_door if event["path"].startswith(openai.PREFIX) else door.resolver)
    raise ValueError("neither an API Gateway REST event nor a Bedrock agent event")
