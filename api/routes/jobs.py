"""POST /jobs, GET /jobs, GET /jobs/{id}, DELETE /jobs/{id}: long texts, spoken without anybody waiting."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

import jobs
from contract.formats import JSON
from contract.problem import PROBLEM_JSON
from job_name import JOB_ID_PATTERN, JobName
from job_schemas import Job, JobList, JobRequest
from routes.answers import job_answer, json_answer, problem_responses
from routes.body import JSON_BODY, PARAMETERS
from routes.caller import owner
from routes.idempotency import idempotency_key

router = APIGatewayRouter()  # type: ignore[no-untyped-call]

JobId = Annotated[str, Path(pattern=JOB_ID_PATTERN, description="As POST /jobs told it.")]

ONE_JOB_PROBLEMS = problem_responses(
    PROBLEM_JSON,
    NOT_FOUND="There is no such job, or another API key asked for it.",
    UNPROCESSABLE_ENTITY="No job can have this id.",
    BAD_GATEWAY="S3 does not answer.",
)


@router.post(
    "/jobs",
    operation_id="createJob",
    summary="Have a long text spoken",
    description=(
        "Takes up to 100,000 characters, or a script of several voices, and answers at once. The job goes on by "
        "itself: its parts can be heard one after the other, and at the end the whole is one file with captions. The "
        "same Idempotency-Key and body are the same job."
    ),
    responses={
        202: {
            "description": "The job, to be looked at where Location says.",
            "content": {JSON: {"model": Job}},
            "headers": {"Location": {"description": "The path of the job.", "schema": {"type": "string"}}},
        },
        **problem_responses(
            PROBLEM_JSON,
            BAD_REQUEST="The body is not JSON.",
            NOT_FOUND="There is no such champion.",
            CONFLICT="The Idempotency-Key was sent with another body.",
            REQUEST_ENTITY_TOO_LARGE="The text is too long.",
            UNSUPPORTED_MEDIA_TYPE="The body is not declared as JSON.",
            UNPROCESSABLE_ENTITY="A field is missing, unknown or out of its range.",
            BAD_GATEWAY="S3 or Lambda does not answer.",
        ),
    },
    middlewares=[JSON_BODY],
)
def create_job(request: JobRequest) -> Response[str | bytes]:
    """Have a long text spoken."""
    event = router.current_event
    return job_answer(jobs.get(jobs.create(owner(event), request, idempotency_key(event))))


@router.get(
    "/jobs",
    operation_id="listJobs",
    summary="List the jobs",
    description="Lists the jobs that were asked for with this API key, the newest first.",
    responses={
        200: {"description": "The jobs.", "content": {JSON: {"model": JobList}}},
        **problem_responses(
            PROBLEM_JSON, UNPROCESSABLE_ENTITY="A parameter is out of its range.", BAD_GATEWAY="S3 does not answer."
        ),
    },
    middlewares=[PARAMETERS],
)
def list_jobs(
    limit: Annotated[int, Query(ge=1, le=100, description="At most so many.")] = 20,
    after: Annotated[str, Query(pattern=rf"{JOB_ID_PATTERN}|^$", description="A job's id, to see older ones.")] = "",
) -> Response[str | bytes]:
    """List the jobs."""
    return json_answer(jobs.list_jobs(owner(router.current_event), limit, after or None))


@router.get(
    "/jobs/<job_id>",
    operation_id="getJob",
    summary="Look at a job",
    description="Says how far a job is, where its finished parts can be heard, and at the end where the whole is.",
    responses={
        200: {"description": "The job.", "content": {JSON: {"model": Job}}},
        **ONE_JOB_PROBLEMS,
    },
    middlewares=[PARAMETERS],
)
def get_job(job_id: JobId) -> Response[str | bytes]:
    """Look at a job."""
    return json_answer(jobs.get(JobName(owner(router.current_event), job_id)))


@router.delete(
    "/jobs/<job_id>",
    operation_id="cancelJob",
    summary="Cancel a job",
    description="Has no further part of a job spoken. What was spoken stays; a job that is over stays as it is.",
    responses={
        200: {"description": "The job as it is now.", "content": {JSON: {"model": Job}}},
        **ONE_JOB_PROBLEMS,
    },
    middlewares=[PARAMETERS],
)
def cancel_job(job_id: JobId) -> Response[str | bytes]:
    """Cancel a job."""
    return json_answer(jobs.cancel(JobName(owner(router.current_event), job_id)))
