"""The Lambda's logger and metrics."""

from aws_lambda_powertools import Logger, Metrics

SERVICE = "champion-voice-api"

# Every line carries the request id as correlation_id; what was to be spoken is never logged.
logger = Logger(service=SERVICE)

# Names in ...Seconds are times, all others counts. AudioSeconds is the length of the audio that was handed out,
# SynthesisSeconds the wait for the endpoint to speak, QueueSeconds the work that waits there, JobWaitSeconds how long a
# job has waited for an instance.
metrics = Metrics(namespace="ChampionVoice", service=SERVICE)


def request_id() -> str:
    """The name of the request that is being answered; `app.handler` sets it."""
    return logger.get_correlation_id() or ""
