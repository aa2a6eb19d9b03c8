"""What agents and MCP share: startNarration and getNarration, a job whose answers stay small."""

import jobs
from job_name import JOB_ID_PATTERN, JobName
from job_schemas import Job, JobRequest
from routes.speak_line import Operation
from schemas import AgentNarration, Narration

PATH = "/narration"

START_TOOL, GET_TOOL = "champion-voice___startNarration", "champion-voice___getNarration"
"""The MCP tools as clients see them, see `speak_line.LIST_VOICES_TOOL`."""

NARRATION_ID = {"pattern": JOB_ID_PATTERN, "description": "The narration_id that startNarration answered."}
"""The parameter of getNarration."""


def start_operation(list_voices: str, get_narration: str) -> Operation:
    """The description of startNarration.

    Args:
        list_voices: what a caller of this door calls the operation that lists the champions.
        get_narration: and the one that looks at a narration.
    """
    return Operation(
        operation_id="startNarration",
        summary="Have a long text read",
        description=(
            "Begins to read a long text in a champion's voice and answers at once with a narration_id. Use it for a "
            "text of more than 2,000 characters, such as a chapter. Then ask "
            f"{get_narration} how far it is. Get the champions' names from {list_voices} first unless the user gave an "
            "exact one."
        ),
    )


def get_operation(start_narration: str) -> Operation:
    """The description of getNarration.

    Args:
        start_narration: what a caller of this door calls the operation that begins a narration.
    """
    return Operation(
        operation_id="getNarration",
        summary="Look at a narration",
        description=(
            "Says how far the reading of a long text is, and at the end where it can be heard. Use it with the "
            f"narration_id of {start_narration}, again after a minute or when the user asks, until status is "
            "succeeded, failed or cancelled."
        ),
    )


START_PROBLEMS = {
    "NOT_FOUND": "There is no such champion; the detail names the nearest ones.",
    "REQUEST_ENTITY_TOO_LARGE": "The text is too long.",
    "UNPROCESSABLE_ENTITY": "A field is missing, unknown or out of its range.",
    "BAD_GATEWAY": "The storage or Lambda does not answer.",
}
"""What each HTTPStatus means that startNarration can answer with beside success."""

GET_PROBLEMS = {
    "NOT_FOUND": "There is no such narration.",
    "UNPROCESSABLE_ENTITY": "No narration can have this id.",
    "BAD_GATEWAY": "The storage does not answer.",
}
"""What each HTTPStatus means that getNarration can answer with beside success."""


def start(owner: str, narration: AgentNarration) -> Narration:
    """Have a long text read.

    Raises:
        Problem: what `jobs.create` and `jobs.get` raise.
    """
    request = JobRequest.model_validate(narration.model_dump(exclude_unset=True))
    return _told(jobs.get(jobs.create(owner, request, None)))


def look(owner: str, narration_id: str) -> Narration:
    """How far it is.

    Raises:
        Problem: what `jobs.get` raises.
    """
    return _told(jobs.get(JobName(owner, narration_id)))


def _told(job: Job) -> Narration:
    return Narration(
        narration_id=job.id,
        status=job.status,
        progress=job.progress,
        first_part_url=job.parts[0].audio_url if job.parts else None,
        audio_url=job.audio_url,
        captions_url=job.captions_url,
        duration=job.duration,
        reason=job.problem.detail if job.problem else None,
    )
