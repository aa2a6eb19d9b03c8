"""What the API and the endpoint say to each other, said by the one's code and read by the other's."""

from http import HTTPStatus

import numpy as np

from answer import refusal
from contract.formats import JSON
from contract.invocation import DESCRIBED_AUDIO, DescribedAudio, EndpointProblem, Origin, ScriptDescription
from contract.line import Line
from contract.problem import FieldError, Problem
from engine.speech import Speech
from speaker import Spoken, read_invocation, representation, respond
from text.script import Script, Sentence

LINE = Line(champion_id="yasuo", text="Zähle 1, 2, 3. 你好!", duration=10, speed=0.5, seed=2**32 - 1)
SENT = LINE.model_dump_json(exclude_none=True).encode()
ORIGIN = Origin(recording_etag='"r"', transcript_etag='"t"', loudness_lufs=-19)
SCRIPT = Script(0, (Sentence("Level 3.", "Level three."),))


def test_the_endpoint_reads_a_line_of_the_api_as_it_was_meant() -> None:
    assert (
        read_invocation(SENT, JSON).model_dump(exclude={"script_only", "voice_bucket", "wait_seconds"})
        == LINE.model_dump()
    )


def test_the_api_reads_the_endpoints_audio_with_its_description() -> None:
    wave = np.sin(np.arange(36000) / 30).astype(np.float32) * 0.5

    spoken = Spoken(SCRIPT, Speech(wave, 24000, spans=((0.1, 1.4),)), ORIGIN)
    answer = respond(spoken, representation(DESCRIBED_AUDIO, read_invocation(SENT, JSON)))

    assert answer.media_type == DESCRIBED_AUDIO
    described = DescribedAudio.parse(answer.body)
    assert described.description.model_dump() == {
        "digest": SCRIPT.digest,
        "format": "wav",
        "sample_rate": 24000,
        "duration": 1.5,
        "spoken_text": "Level three.",
        "segments": [{"text": "Level 3.", "start": 0.1, "end": 1.4}],
        "origin": ORIGIN.model_dump(),
    }
    assert described.audio.startswith(b"RIFF")


def test_the_api_reads_what_the_endpoint_would_say() -> None:
    answer = respond(Spoken(SCRIPT, None), representation(JSON, read_invocation(SENT, JSON)))

    script = ScriptDescription.model_validate_json(answer.body)
    assert (script.digest, script.spoken_text, script.sentences) == (SCRIPT.digest, "Level three.", ["Level 3."])


def test_the_api_reads_the_endpoints_refusal_whole() -> None:
    class Busy(Problem):
        status = HTTPStatus.SERVICE_UNAVAILABLE

    answer = refusal(Busy("Busy.", errors=[FieldError(field="speed", reason="is too high")], retry_after=9))

    read = EndpointProblem.model_validate_json(answer.body)
    assert (answer.status, read.status, read.detail, read.retry_after) == (503, 503, "Busy.", 9)
    assert [(error.field, error.reason) for error in read.errors or []] == [("speed", "is too high")]
