"""A line that has become a job: because its caller would rather not wait, or because it took too long."""

import hashlib
import re
from contextlib import suppress

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import jobs
from contract.line import Line
from contract.problem import Problem
from job_schemas import JobRequest
from problems import BecameJob, EndpointTimedOut
from routes.answers import job_answer, job_path
from routes.caller import owner
from routes.idempotency import idempotency_key

FIELDS = {"champion_id", "text", "text_type", "speed", "seed", "quality", "format"}
"""What a job knows of a line; one with a duration cannot be a job."""

# https://www.rfc-editor.org/rfc/rfc7240#section-4.1
_RESPOND_ASYNC = re.compile(r"(^|,)\s*respond-async\s*(;|,|$)", re.IGNORECASE)


def preferred(line: Line, event: APIGatewayProxyEvent) -> Response[str | bytes] | None:
    """Answer with a job where `Prefer: respond-async` asks for one.

    Returns:
        None where it does not, or the line cannot be one: a preference may be passed over.

    Raises:
        Problem: what `jobs.create` raises.
    """
    if not _RESPOND_ASYNC.search(event.headers.get("prefer") or "") or line.duration is not None:
        return None
    answer = job_answer(jobs.get(jobs.create(owner(event), _request(line), idempotency_key(event))))
    answer.headers["Preference-Applied"] = "respond-async"
    return answer


def after_timeout(line: Line, event: APIGatewayProxyEvent, timeout: EndpointTimedOut) -> Problem:
    """What a caller is told whose line took too long: where it is spoken as a job, if it can be one.

    The same line is the same job, however often it is asked for.
    """
    if line.duration is None:
        request = _request(line)
        key = f"too slow {hashlib.sha256(request.model_dump_json().encode()).hexdigest()}"
        with suppress(Problem):  # then the timeout itself is told
            job = jobs.create(owner(event), request, key)
            location = job_path(job.id)
            return BecameJob(
                f"The answer took too long, so this has become a job: GET {location} says how far it is.", location
            )
    return timeout


def _request(line: Line) -> JobRequest:
    return JobRequest.model_validate(line.model_dump(include=FIELDS))
