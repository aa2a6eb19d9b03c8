"""The durable function that does jobs, as the API calls it."""

import json
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from job_name import JobName
from observability import logger
from problems import JobNotStarted
from settings import get_settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def start(job: JobName) -> None:
    """Have a job begun; asked for again, it goes on as it is.

    Raises:
        JobNotStarted: Lambda did not take it.
    """
    function = get_settings().job_function
    if function is None:
        raise JobNotStarted("This stack does no jobs.")
    try:
        client().invoke(
            FunctionName=function,
            InvocationType="Event",
            # At most one execution has a name.
            # https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html
            DurableExecutionName=job.id,
            Payload=json.dumps(job._asdict()),
        )
    except (ClientError, BotoCoreError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        logger.error("job not started", code=code)
        raise JobNotStarted("The job could not be started. Try again.") from error


@cache
def client() -> "LambdaClient":
    """The client, made once for each Lambda environment."""
    return boto3.client(
        "lambda",
        config=Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}),
    )
