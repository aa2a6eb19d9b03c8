"""POST /voice: a line is spoken."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

import synthesis
from contract.formats import FORMATS, JSON
from contract.line import Line
from contract.problem import PROBLEM_JSON, TextTooLong
from contract.representation import represent_as
from job_schemas import MAX_JOB_CHARACTERS, Job
from observability import request_id
from problems import EndpointTimedOut
from routes import line_as_job
from routes.answers import SPOKEN_RESPONSES, problem_responses, represent
from routes.body import JSON_BODY

MEDIA_TYPES = " or ".join([JSON, *(each.media_type for each in FORMATS.values())])

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.post(
    "/voice",
    operation_id="speak",
    summary="Speak a line",
    description=(
        "Speaks a text in a champion's voice. The answer is JSON, or the sound file itself where Accept names its "
        "media type, as in `Accept: audio/wav`. The same request again is the same audio. With `Prefer: respond-async` "
        "it is a job, answered at once."
    ),
    responses={
        **SPOKEN_RESPONSES,
        202: {"description": "With Prefer: respond-async, the job.", "content": {JSON: {"model": Job}}},
        **problem_responses(
            PROBLEM_JSON,
            BAD_REQUEST="The body is not JSON.",
            NOT_FOUND="There is no such champion.",
            NOT_ACCEPTABLE=f"The answer can be {MEDIA_TYPES}, and a sound file only of the format asked for.",
            REQUEST_ENTITY_TOO_LARGE="The text is too long.",
            UNSUPPORTED_MEDIA_TYPE="The body is declared as something else than JSON.",
            UNPROCESSABLE_ENTITY="A field is missing, unknown or out of its range, or the text cannot be spoken.",
            BAD_GATEWAY="The endpoint crashed, or S3 does not answer.",
            TOO_MANY_REQUESTS="Too many lines wait; Retry-After says when to try again.",
            SERVICE_UNAVAILABLE="No capacity now; Retry-After says when to try again.",
            GATEWAY_TIMEOUT="The endpoint took too long; the line has become a job, and Location says which.",
        ),
    },
    middlewares=[JSON_BODY],
)
def speak(line: Line) -> Response[str | bytes]:
    """Speak a line."""
    representation = represent_as(_accept(), line)
    line = line.model_copy(update={"format": representation.format})
    event = router.current_event
    if answer := line_as_job.preferred(line, event):
        return answer
    try:
        return represent(synthesis.speak(line, request_id()), representation, event)
    except EndpointTimedOut as error:
        raise line_as_job.after_timeout(line, event, error) from error
    except TextTooLong as error:
        error.detail += f" POST /jobs takes up to {MAX_JOB_CHARACTERS:,}."
        raise


def _accept() -> str:
    """The Accept headers of the request as one."""
    event = router.current_event
    accepted = event.multi_value_headers.get("accept")
    return ",".join(accepted) if accepted else event.headers.get("accept", "")
