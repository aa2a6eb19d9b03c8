"""POST /jobs, GET /jobs, GET /jobs/{id}, DELETE /jobs/{id}; the durable function itself is not run here."""

import json
from collections.abc import Callable, Iterator

import pytest

import durable
import job_store
from contract.invocation import Segment
from contract.problem import ProblemDocument
from job_name import JobName, owner_of
from job_schemas import PlacedPart, Progress, SpokenPart
from tests.support.doors import Answer, Json, ask_agent, http_event, send
from tests.support.environment import SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.fake_lambda import FUNCTION, FakeLambda


@pytest.fixture
def function(set_environment: SetEnvironment) -> Iterator[FakeLambda]:
    fake = FakeLambda()
    durable.client.cache_clear()
    set_environment(JOB_FUNCTION=f"{FUNCTION}:live", AWS_ENDPOINT_URL_LAMBDA=fake.url)
    yield fake
    fake.close()
    durable.client.cache_clear()


pytestmark = pytest.mark.usefixtures("function")


def ask(
    method: str, path: str, body: Json = None, key_id: str | None = None, within: float = 28, **headers: str
) -> Answer:
    """Send a request, by an API key of that id, to be answered in so many seconds."""
    written = None if body is None else json.dumps(body).encode()
    event = http_event(method, path, written, {"Content-Type": "application/json"} | headers)
    path, _, query = path.partition("?")
    event["path"] = event["resource"] = path
    if query:
        event["queryStringParameters"] = dict(each.split("=") for each in query.split("&"))
        event["multiValueQueryStringParameters"] = {
            name: [value] for name, value in event["queryStringParameters"].items()
        }
    if key_id:
        event["requestContext"]["identity"]["apiKeyId"] = key_id
    return send(event, within)


def post(key_id: str | None = None, headers: dict[str, str] | None = None, **fields: object) -> Answer:
    return ask(
        "POST",
        "/jobs",
        {"champion_id": "yasuo", "text": "Hello. It is long."} | fields,
        key_id,
        **(headers or {}),  # type: ignore[arg-type]
    )


def part(index: int, text: str = "Hello.", seconds: float = 1.0) -> SpokenPart:
    segment = Segment(text=text, start=0, end=seconds)
    return SpokenPart(
        index=index,
        champion_id="yasuo",
        digest="0" * 64,
        extension="flac",
        duration=seconds,
        spoken_text=text.lower(),
        segments=[segment],
    )


class TestAskingForOne:
    def test_it_is_answered_at_once_with_where_to_look(self, function: FakeLambda) -> None:
        answer = post()
        assert answer.status == 202
        job = answer.json()
        assert answer.headers["location"] == f"/jobs/{job['id']}"
        assert (job["status"], job["progress"], job["parts"]) == ("queued", 0, [])
        assert function.started == {job["id"]: {"owner": owner_of(None), "id": job["id"]}}

    def test_a_hundred_thousand_characters_are_taken_and_not_one_more(self) -> None:
        assert post(text="a" * 100_000).status == 202
        assert "at most 100,000" in post(text="a" * 100_001).problem(413)["detail"]

    def test_a_script_of_several_voices_is_taken(self) -> None:
        lines = [
            {"champion_id": "yasuo", "text": "Who goes there?"},
            {"champion_id": "ahri", "text": "Guess.", "speed": 1.1},
        ]
        assert ask("POST", "/jobs", {"script": lines, "format": "mp3"}).json()["format"] == "mp3"

    def test_a_champion_may_be_called_as_people_write_it(self) -> None:
        assert post(champion_id="Yasuo ").status == 202
        post(champion_id="../yasuo").problem(404)

    def test_a_champion_that_is_not_there_is_told_before_anything_is_done(self, function: FakeLambda) -> None:
        script = [{"champion_id": "yasuo", "text": "Hm."}, {"champion_id": "yasou", "text": "Hm."}]
        assert "Did you mean yasuo?" in ask("POST", "/jobs", {"script": script}).problem(404)["detail"]
        assert function.started == {}

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({}, "champion_id and text, or script"),
            ({"champion_id": "yasuo"}, "champion_id and text, or script"),
            ({"text": "Hm.", "script": [{"champion_id": "yasuo", "text": "Hm."}]}, "champion_id and text, or script"),
            ({"script": []}, "at least 1 item"),
            (
                {"script": [{"champion_id": "yasuo", "text": "Hm.", "format": "mp3"}]},
                "line 0 of script must not have format",
            ),
            ({"champion_id": "yasuo", "text": "Hm.", "duration": 3}, "is not a field of this request"),
            ({"champion_id": "yasuo", "text": "Hm.", "speed": 3}, "less than or equal to 2"),
            ({"champion_id": "yasuo", "text": "Hm.", "callback_url": "https://example.com/"}, "go together"),
        ],
    )
    def test_what_is_wrong_with_it_is_told(self, body: Json, reason: str) -> None:
        assert reason in ask("POST", "/jobs", body).problem(422)["detail"]

    @pytest.mark.parametrize(
        "address",
        [
            "http://example.com/",
            "https://user:word@example.com/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://example.com:port/",
            "ftp://example.com",
        ],
    )
    def test_an_address_that_is_not_public_https_is_refused(self, address: str) -> None:
        assert "callback_url" in post(callback_url=address, callback_key="0123456789abcdef").reasons()

    def test_null_is_left_out(self) -> None:
        assert post(script=None, callback_url=None, format=None).status == 202

    def test_a_job_that_lambda_does_not_take_is_none(self, function: FakeLambda) -> None:
        function.status = 500
        post().problem(502)
        assert ask("GET", "/jobs").json()["jobs"] == []


class TestTheSameKeyIsTheSameJob:
    def test_a_repeat_is_the_first_job(self, function: FakeLambda) -> None:
        first, second = (post(headers={"Idempotency-Key": "chapter-1"}) for _ in range(2))
        assert second.status == 202
        assert second.json()["id"] == first.json()["id"]
        assert len(function.started) == 1

    def test_another_body_is_a_conflict(self) -> None:
        post(headers={"Idempotency-Key": "chapter-1"})
        assert "another request" in post(headers={"Idempotency-Key": "chapter-1"}, text="Other.").problem(409)["detail"]

    def test_another_callers_key_is_another_job(self) -> None:
        ids = {post(key_id=caller, headers={"Idempotency-Key": "chapter-1"}).json()["id"] for caller in ("a", "b")}
        assert len(ids) == 2

    def test_a_try_that_failed_is_made_good_by_the_next(self, function: FakeLambda) -> None:
        function.status = 500
        post(headers={"Idempotency-Key": "chapter-1"}).problem(502)
        function.status = 202
        job_id = post(headers={"Idempotency-Key": "chapter-1"}).json()["id"]
        assert list(function.started) == [job_id]

    def test_a_key_that_is_too_long_is_refused(self) -> None:
        assert "Idempotency-Key" in post(headers={"Idempotency-Key": "k" * 256}).reasons()


class TestLookingAtOne:
    @pytest.fixture
    def job(self) -> JobName:
        return JobName(owner_of(None), post().json()["id"])

    def test_its_parts_can_be_heard_before_it_is_done(self, job: JobName) -> None:
        job_store.put_parts(job, [PlacedPart(part=part(0), start=0, end=1)])
        job_store.put_progress(job, Progress(status="running", progress=0.5))
        seen = ask("GET", f"/jobs/{job.id}").json()
        assert (seen["status"], seen["progress"], seen["audio_url"]) == ("running", 0.5, None)
        [first] = seen["parts"]
        assert (first["index"], first["text"], first["start"], first["end"]) == (0, "Hello.", 0, 1)
        assert f"/audio/{'0' * 64}.flac?" in first["audio_url"]

    def test_at_the_end_it_says_where_the_whole_is(self, job: JobName) -> None:
        placed = [PlacedPart(part=part(0), start=0, end=1), PlacedPart(part=part(1, "Bye."), start=1.3, end=2.3)]
        job_store.put_parts(job, placed)
        job_store.put_progress(job, Progress(status="succeeded", progress=1, duration=2.3))
        seen = ask("GET", f"/jobs/{job.id}").json()
        assert (seen["duration"], seen["spoken_text"]) == (2.3, "hello. bye.")
        assert f"/{job.id}/audio.wav?" in seen["audio_url"]
        assert f"/{job.id}/captions.vtt?" in seen["captions_url"]
        assert f"/{job.id}/subtitles.srt?" in seen["subtitles_url"]

    def test_why_it_failed_is_told(self, job: JobName) -> None:
        problem = ProblemDocument(title="The job failed", status=422, detail="'%%' cannot be spoken.")
        job_store.put_progress(job, Progress(status="failed", problem=problem))
        assert ask("GET", f"/jobs/{job.id}").json()["problem"]["detail"] == "'%%' cannot be spoken."

    def test_another_key_sees_none_of_it(self, job: JobName) -> None:
        for method in ("GET", "DELETE"):
            ask(method, f"/jobs/{job.id}", key_id="another").problem(404)
        assert ask("GET", "/jobs", key_id="another").json() == {"jobs": [], "next": None}
        assert ask("GET", f"/jobs/{job.id}").json()["status"] == "queued"

    def test_an_id_that_is_none_is_refused(self) -> None:
        ask("GET", "/jobs/audio").problem(422)
        ask("GET", "/jobs/..%2F..%2Faudio").problem(404)
        ask("GET", f"/jobs/{'0' * 32}").problem(404)


class TestOneThatNothingIsHeardOf:
    @pytest.fixture
    def job(self) -> JobName:
        """A job of an hour ago, that nothing was heard of."""
        kept = JobName(owner_of(None), post().json()["id"])
        request = job_store.read_request(kept)
        assert request
        hour = f"{int(kept.id[:12], 16) + 3_600_000:012x}"  # the time is counted down
        job = JobName(kept.owner, hour + kept.id[12:])
        job_store.put_request(job, request)
        return job

    @pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED", "SUCCEEDED"])
    def test_it_has_failed_once_lambda_has_ended_it(self, function: FakeLambda, job: JobName, status: str) -> None:
        function.executions[job.id] = status
        seen = ask("GET", f"/jobs/{job.id}").json()
        assert (seen["status"], seen["problem"]["status"]) == ("failed", 500)
        assert "failed" in [each["status"] for each in ask("GET", "/jobs").json()["jobs"]], "the list knows it, too"

    def test_it_goes_on_as_long_as_lambda_is_at_it(self, function: FakeLambda, job: JobName) -> None:
        function.executions[job.id] = "RUNNING"
        assert ask("GET", f"/jobs/{job.id}").json()["status"] == "queued"

    def test_it_goes_on_where_lambda_does_not_say(self, function: FakeLambda, job: JobName) -> None:
        assert ask("GET", f"/jobs/{job.id}").json()["status"] == "queued"
        function.executions[job.id], function.status = "FAILED", 403
        assert ask("GET", f"/jobs/{job.id}").json()["status"] == "queued"

    def test_one_that_was_heard_of_a_moment_ago_is_not_looked_up(self, function: FakeLambda, job: JobName) -> None:
        function.executions[job.id] = "FAILED"
        job_store.put_progress(job, Progress(status="running", progress=0.5))
        assert ask("GET", f"/jobs/{job.id}").json()["status"] == "running"


class TestCancelling:
    def test_it_is_cancelled_at_once_whatever_is_written_afterwards(self) -> None:
        job = JobName(owner_of(None), post().json()["id"])
        assert ask("DELETE", f"/jobs/{job.id}").json()["status"] == "cancelled"
        job_store.put_progress(job, Progress(status="running", progress=0.5))
        assert ask("GET", f"/jobs/{job.id}").json()["status"] == "cancelled"

    def test_what_is_over_stays_as_it_is(self) -> None:
        job = JobName(owner_of(None), post().json()["id"])
        job_store.put_progress(job, Progress(status="succeeded", progress=1, duration=1))
        assert ask("DELETE", f"/jobs/{job.id}").json()["status"] == "succeeded"
        assert not job_store.is_cancelled(job)


class TestListing:
    def test_the_newest_comes_first_a_page_at_a_time(self) -> None:
        asked = [post().json()["id"] for _ in range(5)]
        page = ask("GET", "/jobs?limit=2").json()
        seen = [each["id"] for each in page["jobs"]]
        while page["next"]:
            page = ask("GET", f"/jobs?limit=2&after={page['next']}").json()
            seen += [each["id"] for each in page["jobs"]]
        assert sorted(seen) == sorted(asked)
        # Of jobs asked for in one millisecond either may come first.
        assert [each[:12] for each in seen] == sorted(each[:12] for each in asked)

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=nothing"])
    def test_a_parameter_out_of_its_range_is_refused(self, query: str) -> None:
        ask("GET", f"/jobs?{query}").problem(422)


class TestALineThatBecomesOne:
    """POST /voice."""

    def voice(self, prefer: str | None = None, within: float = 28, **fields: object) -> Answer:
        headers = {"Prefer": prefer} if prefer else {}
        line = {"champion_id": "yasuo", "text": "Hello."} | fields
        return ask("POST", "/voice", line, within=within, **headers)

    @pytest.mark.parametrize("prefer", ["respond-async", "respond-async, wait=10", "wait=10, Respond-Async"])
    def test_whoever_would_rather_not_wait_gets_a_job(self, function: FakeLambda, prefer: str) -> None:
        answer = self.voice(prefer, format="mp3")
        assert (answer.status, answer.json()["status"], answer.json()["format"]) == (202, "queued", "mp3")
        assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"
        assert answer.headers["preference-applied"] == "respond-async"
        assert list(function.started) == [answer.json()["id"]]

    def test_whoever_waits_gets_the_line(self, function: FakeLambda) -> None:
        assert self.voice("wait=10").status == 200
        assert self.voice("respond-async", duration=2).status == 200, "a job has no duration"
        assert function.started == {}

    @pytest.mark.slow
    def test_a_line_that_took_too_long_is_spoken_as_one(self, function: FakeLambda, endpoint: FakeEndpoint) -> None:
        endpoint.reply.delay = 4
        answers = [self.voice(within=6) for _ in range(2)]
        [job_id] = function.started
        for answer in answers:
            assert f"/jobs/{job_id}" in answer.problem(504)["detail"]
            assert answer.headers["location"] == f"/jobs/{job_id}"

    @pytest.mark.slow
    def test_where_no_job_can_be_begun_the_timeout_is_told(self, function: FakeLambda, endpoint: FakeEndpoint) -> None:
        endpoint.reply.delay, function.status = 4, 500
        answer = self.voice(within=6)
        assert "took too long" in answer.problem(504)["detail"]
        assert "location" not in answer.headers

    def test_a_text_that_is_too_long_for_a_line_is_shown_the_way(self) -> None:
        assert "POST /jobs takes up to 100,000" in self.voice(text="a" * 2001).problem(413)["detail"]


class TestNarrations:
    """What agents have of jobs: POST and GET /narration, as MCP tools and in the action group."""

    def http(self, **fields: object) -> tuple[int, Json]:
        answer = ask("POST", "/narration", fields)
        return answer.status, answer.json()

    def agent(self, **fields: object) -> tuple[int, Json]:
        return ask_agent("POST", "/narration", **fields)  # type: ignore[arg-type]

    @pytest.fixture(params=["http", "agent"])
    def start(self, request: pytest.FixtureRequest) -> Callable[..., tuple[int, Json]]:
        method: Callable[..., tuple[int, Json]] = getattr(self, request.param)
        return method

    @pytest.fixture(params=["http", "agent"])
    def look(self, request: pytest.FixtureRequest) -> Callable[[str], tuple[int, Json]]:
        def over_http(narration_id: str) -> tuple[int, Json]:
            answer = ask("GET", f"/narration?narration_id={narration_id}")
            return answer.status, answer.json()

        def by_agent(narration_id: str) -> tuple[int, Json]:
            parameter = {"name": "narration_id", "type": "string", "value": narration_id}
            return ask_agent("GET", "/narration", {"parameters": [parameter]})

        return over_http if request.param == "http" else by_agent

    def test_a_long_text_is_begun_and_answered_shortly(
        self, function: FakeLambda, start: Callable[..., tuple[int, Json]]
    ) -> None:
        status, told = start(champion_id="Yasuo", text="Wait for the wave. " * 5000, speed="1.5", quality="fast")
        assert status in (200, 202)
        [job_id] = function.started
        assert told == {"narration_id": job_id, "status": "queued", "progress": 0}
        request = job_store.read_request(JobName(owner_of(None), job_id))
        assert request
        assert (request.champion_id, request.speed, request.quality, request.format) == ("yasuo", 1.5, "fast", "wav")

    @pytest.mark.parametrize("word", ["", "null", "None", None])
    def test_fields_filled_in_with_nothing_are_left_out(
        self, start: Callable[..., tuple[int, Json]], word: str | None
    ) -> None:
        nothing = dict.fromkeys(("speed", "quality", "format", "text_type"), word)
        assert start(champion_id="yasuo", text="Hello there.", **nothing)[0] in (200, 202)

    def test_what_is_wrong_is_told(self, start: Callable[..., tuple[int, Json]]) -> None:
        status, told = start(champion_id="yasuo", text="", speed="9", duration="3")
        assert status == 422
        assert {each["field"] for each in told["errors"]} == {"text", "speed", "duration"}
        assert start(champion_id="yasou", text="Hello.")[0] == 404
        assert start(champion_id="...", text="Hello.")[0] == 404
        assert start(champion_id="yasuo", text="a" * 100_001)[0] == 413

    def test_a_long_one_that_is_done_is_a_short_answer(self, look: Callable[[str], tuple[int, Json]]) -> None:
        job = JobName(owner_of(None), post().json()["id"])
        job_store.put_parts(job, [PlacedPart(part=part(index), start=index, end=index + 1) for index in range(300)])
        job_store.put_progress(job, Progress(status="running", progress=0.5))
        status, told = look(job.id)
        assert (status, told["status"], told["progress"]) == (200, "running", 0.5)
        assert "/audio/" in told["first_part_url"]
        job_store.put_progress(job, Progress(status="succeeded", progress=1, duration=300))
        _, told = look(job.id)
        assert (told["status"], told["duration"]) == ("succeeded", 300)
        assert f"/{job.id}/audio.wav?" in told["audio_url"]
        assert f"/{job.id}/captions.vtt?" in told["captions_url"]
        assert len(json.dumps(told)) < 5000

    def test_why_it_failed_is_told(self, look: Callable[[str], tuple[int, Json]]) -> None:
        job = JobName(owner_of(None), post().json()["id"])
        problem = ProblemDocument(title="The job failed", status=422, detail="'%%' cannot be spoken.")
        job_store.put_progress(job, Progress(status="failed", problem=problem))
        assert look(job.id)[1]["reason"] == "'%%' cannot be spoken."

    def test_an_id_that_is_none_is_refused(self, look: Callable[[str], tuple[int, Json]]) -> None:
        assert look("audio")[0] == 422
        assert look("0" * 32)[0] == 404

    @pytest.mark.parametrize("parameters", [None, [], ["narration_id"], [{"name": "narration_id"}], [{"value": "a"}]])
    def test_an_agent_without_an_id_is_told_so(self, parameters: Json) -> None:
        status, told = ask_agent("GET", "/narration", {"parameters": parameters})
        assert (status, [each["field"] for each in told["errors"]]) == (422, ["narration_id"])
