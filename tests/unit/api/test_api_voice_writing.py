"""PUT and DELETE /voices/{champion_id}: whoever has the admin key adds, replaces and deletes voices."""

import base64
import json
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import numpy as np
import pytest

import voice_library
import voices
from contract.references import MAX_RECORDING_BYTES
from contract.representation import MAX_PAYLOAD_BYTES
from tests.support.doors import Answer, get, http_event, send, speak
from tests.support.environment import ADMIN_KEY_ID, VOICES_BUCKET, SetEnvironment, put_champion
from tests.support.recordings import TRANSCRIPT, recording, wav
from voice_schemas import OfferedVoice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SOUND = wav(recording(2))
LONGER = wav(recording(3))
BOUNDARY = "------------------------d74496d66958873e"


def called(
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    key_id: str | None = ADMIN_KEY_ID,
) -> Answer:
    event = http_event(method, path, body, headers)
    event["requestContext"]["identity"]["apiKeyId"] = key_id
    return send(event)


def offer(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    """What is sent for a voice; a field that is None is left out."""
    offered = {
        "audio": base64.b64encode(SOUND).decode(),
        "transcript": TRANSCRIPT,
        "consent": True,
        "consent_by": "Mina Harker",
    } | fields
    return {name: value for name, value in offered.items() if value is not None}


def put(champion_id: str = "lux", key_id: str | None = ADMIN_KEY_ID, headers: Any = None, **fields: Any) -> Answer:  # noqa: ANN401
    headers = {"Content-Type": "application/json"} | (headers or {})
    return called("PUT", f"/voices/{champion_id}", json.dumps(offer(**fields)).encode(), headers, key_id)


def form(*parts: tuple[str, bytes]) -> bytes:
    """The body that `curl -F` sends; a name that holds @ is a file's, as `-F audio=@lux.wav`."""
    body = b""
    for name, value in parts:
        field, _, file = name.partition("@")
        named = f'; filename="{file}"\r\nContent-Type: audio/wav' if file else ""
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{named}\r\n\r\n'.encode()
        body += value + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def put_form(*parts: tuple[str, bytes]) -> Answer:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return called("PUT", "/voices/lux", form(*parts), headers)


def stored(bucket: "S3Client", name: str) -> bytes:
    return bucket.get_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/{name}")["Body"].read()


def keys(bucket: "S3Client") -> list[str]:
    return [item["Key"] for item in bucket.list_objects_v2(Bucket=VOICES_BUCKET).get("Contents", [])]


def put_pair(bucket: "S3Client", champion_id: str, sound: bytes, transcript: str) -> None:
    """Put a voice's files by hand."""
    for name, data in (("wav", sound), ("txt", transcript.encode())):
        bucket.put_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/{champion_id}/reference.{name}", Body=data)


class TestAdding:
    def test_a_new_voice_is_201_and_told_by_get(self, bucket: "S3Client") -> None:
        answer = put()

        assert answer.status == 201
        told = answer.json()
        measures = told.pop("measures")
        assert httpx.get(told.pop("sample_url")).content == SOUND
        assert told.pop("updated_at")
        assert told == {
            "champion_id": "lux",
            "duration": 2.0,
            "transcript": TRANSCRIPT,
            "consent": True,
            "consent_by": "Mina Harker",
        }
        assert (measures["duration"], measures["clipped"]) == (2.0, 0.0)
        assert measures["signal_to_noise"] > 6
        seen = get("/voices/lux")
        assert seen.headers["etag"] == answer.headers["etag"]
        assert {name: seen.json()[name] for name in told} == told
        assert stored(bucket, "lux/reference.wav") == SOUND
        assert stored(bucket, "lux/reference.txt") == TRANSCRIPT.encode()

    def test_it_is_listed_and_speaks(self) -> None:
        put()

        listed = {voice["champion_id"]: voice["duration"] for voice in get("/voices").json()["voices"]}
        assert listed == {"ahri": 0.5, "lux": 2.0, "yasuo": 0.5}
        assert speak(champion_id="lux").status == 200

    def test_a_voice_that_is_there_is_replaced_whoever_put_it(self, bucket: "S3Client") -> None:
        assert put("yasuo").status == 200
        again = put(
            "yasuo", audio=base64.b64encode(LONGER).decode(), transcript="Wait for the wave and stay behind me."
        )

        assert again.status == 200
        assert (again.json()["duration"], again.json()["transcript"]) == (3.0, "Wait for the wave and stay behind me.")
        assert stored(bucket, "yasuo/reference.txt") == b"Wait for the wave and stay behind me."
        assert get("/voices/yasuo").headers["etag"] == again.headers["etag"]

    def test_a_sample_plays_as_what_it_is(self) -> None:
        assert httpx.get(put().json()["sample_url"]).headers["content-type"] == "audio/wav"

    def test_a_transcript_in_any_script_is_kept(self) -> None:
        transcript = "Прикрой меня и жди волну у реки."

        assert put(transcript=transcript, consent_by="Мина 王").json()["transcript"] == transcript
        assert get("/voices/lux").json()["consent_by"] == "Мина 王"

    def test_there_are_only_so_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(voice_library, "MAX_VOICES", 2)

        assert "as many as there can be" in put().problem(409)["detail"]
        assert put("yasuo").status == 200


class TestForm:
    FIELDS = (("transcript", TRANSCRIPT.encode()), ("consent", b"true"), ("consent_by", b"Mina Harker"))

    def test_what_curl_sends_is_taken(self, bucket: "S3Client") -> None:
        answer = put_form(("audio@lux.wav", SOUND), *self.FIELDS)

        assert answer.status == 201, answer.body
        assert (answer.json()["transcript"], answer.json()["consent_by"]) == (TRANSCRIPT, "Mina Harker")
        assert stored(bucket, "lux/reference.wav") == SOUND

    def test_a_transcript_may_be_a_file_too(self) -> None:
        transcript, *others = self.FIELDS
        answer = put_form(("audio@lux.wav", SOUND), ("transcript@lux.txt", transcript[1]), *others)

        assert answer.json()["transcript"] == TRANSCRIPT

    def test_a_field_that_is_missing_unknown_or_there_twice_is_named(self) -> None:
        assert put_form(*self.FIELDS).reasons() == {"body": "must hold either audio or upload"}
        assert put_form(("audio@lux.wav", SOUND), *self.FIELDS, ("speed", b"1")).reasons().keys() == {"speed"}
        twice = put_form(("audio@lux.wav", SOUND), *self.FIELDS, self.FIELDS[0])
        assert twice.reasons() == {"transcript": "is there twice"}
        no = put_form(("audio@lux.wav", SOUND), self.FIELDS[0], ("consent", b"no"), self.FIELDS[2])
        assert no.reasons().keys() == {"consent"}

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"no form", f"multipart/form-data; boundary={BOUNDARY}"),
            (form(*FIELDS), "multipart/form-data"),
            (form(*FIELDS)[:-10], f"multipart/form-data; boundary={BOUNDARY}"),
            (form(*([("audio", b"x")] * 17)), f"multipart/form-data; boundary={BOUNDARY}"),
            (
                f"--{BOUNDARY}\r\nno header\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
                f"multipart/form-data; boundary={BOUNDARY}",
            ),
        ],
        ids=["nothing", "no boundary", "cut off", "many parts", "no header"],
    )
    def test_a_form_that_is_broken_is_400(self, body: bytes, content_type: str) -> None:
        answer = called("PUT", "/voices/lux", body, {"Content-Type": content_type})

        assert "multipart/form-data" in answer.problem(400)["detail"]

    def test_text_that_is_not_utf8_is_422(self) -> None:
        assert put_form(("audio@lux.wav", SOUND), ("transcript", b"\xff")).reasons() == {"transcript": "is not UTF-8"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "field", "reason"),
        [
            ({"consent": None}, "consent", "is required"),
            ({"consent": False}, "consent", "must be true: a voice is kept only if its owner agreed"),
            ({"consent_by": None}, "consent_by", "is required"),
            ({"consent_by": " \n"}, "consent_by", "must name a person or an organisation"),
            ({"consent_by": "x" * 101}, "consent_by", "at most 100 characters"),
            ({"transcript": None}, "transcript", "is required"),
            ({"transcript": "..."}, "transcript", "must hold at least one letter or digit"),
            ({"transcript": "a" * 1001}, "transcript", "at most 1000 characters"),
            ({"audio": None}, "body", "must hold either audio or upload"),
            ({"upload": "0" * 32}, "body", "must hold either audio or upload"),
            (
                {"audio": None, "upload": "../yasuo"},
                "upload",
                "must be what POST /voices/{champion_id}/upload answered",
            ),
            ({"audio": "RIFF!"}, "audio", "must be a sound file in base64"),
            ({"audio": 7}, "audio", "bytes"),
            ({"speed": 2}, "speed", "is not a field of this request"),
        ],
    )
    def test_a_field_that_is_wrong_is_named(self, fields: dict[str, Any], field: str, reason: str) -> None:
        reasons = put(**fields).reasons()

        assert reasons.keys() == {field}
        assert reason in reasons[field]

    @pytest.mark.parametrize(
        ("sound", "transcript", "field", "reason"),
        [
            (wav(recording(2, level=9.0)), TRANSCRIPT, "audio", "peaks at 0.0 dB in "),
            (wav(recording(13)), TRANSCRIPT * 4, "audio", "lasts 13.0 s: cut recording and transcript to at most 12 s"),
            (wav(recording(0.7)), "Wait for it.", "audio", "lasts 0.7 s: record at least 1 s"),
            (wav(np.zeros((48000, 1))), TRANSCRIPT, "audio", "holds less than half a second of sound"),
            (b"\0\0\0 ftypM4A \0\0\2\0", TRANSCRIPT, "audio", "cannot be read, this is MPEG-4 audio"),
            (SOUND, "a" * 500, "transcript", "has 500 letters, which take 20.0 to 333.3 s to say"),
        ],
        ids=["clipped", "long", "short", "silent", "mp4", "pace"],
    )
    def test_what_is_wrong_with_a_recording_is_told_in_numbers_and_nothing_is_kept(
        self, bucket: "S3Client", sound: bytes, transcript: str, field: str, reason: str
    ) -> None:
        before = keys(bucket)
        reasons = put(audio=base64.b64encode(sound).decode(), transcript=transcript).reasons()

        assert reason in reasons[field]
        assert keys(bucket) == before

    def test_a_transcript_that_there_is_no_room_for_is_refused(self) -> None:
        # Speech that fits 12 s does not need as much.
        transcript = "".join(map(chr, np.random.default_rng(7).integers(0x4E00, 0x9FA5, 1000)))

        assert put(transcript=transcript).reasons()["transcript"] == (
            "is longer than what can be said in 12 s: write down only what is said"
        )

    def test_a_request_that_is_too_large_is_refused_before_it_is_read(self) -> None:
        body = b"{" * (MAX_PAYLOAD_BYTES * 3 // 4 + 3)
        for content_type in ("application/json", f"multipart/form-data; boundary={BOUNDARY}"):
            answer = called("PUT", "/voices/lux", body, {"Content-Type": content_type})

            assert "Ask for an upload" in answer.problem(413)["detail"]

    def test_a_body_of_another_kind_is_415(self) -> None:
        called("PUT", "/voices/lux", SOUND, {"Content-Type": "audio/wav"}).problem(415)

    def test_a_name_that_no_champion_can_have_is_422(self) -> None:
        assert put("Lux!").reasons().keys() == {"champion_id"}


class TestKeys:
    """Both APIs tell a caller's key by its id; the second one, which takes bearer tokens, has one path for all."""

    REQUESTS = (("PUT", "/voices/yasuo"), ("DELETE", "/voices/yasuo"), ("POST", "/voices/yasuo/upload"))

    @pytest.mark.parametrize("key_id", ["another-key", "", None])
    @pytest.mark.parametrize(("method", "path"), REQUESTS)
    def test_a_key_that_reads_does_not_write(
        self, bucket: "S3Client", method: str, path: str, key_id: str | None
    ) -> None:
        before = stored(bucket, "yasuo/reference.wav")

        assert "admin key" in called(method, path, json.dumps(offer()).encode(), key_id=key_id).problem(403)["detail"]
        assert stored(bucket, "yasuo/reference.wav") == before

    @pytest.mark.parametrize(("key_id", "status"), [(ADMIN_KEY_ID, 201), ("another-key", 403)])
    def test_the_same_holds_for_bearer_tokens(self, key_id: str, status: int) -> None:
        event = http_event("PUT", "/voices/lux", json.dumps(offer()).encode(), {"Content-Type": "application/json"})
        event |= {"resource": "/{proxy+}", "pathParameters": {"proxy": "voices/lux"}}
        event["headers"] |= {"Authorization": "Bearer 0123456789abcdefghij"}
        event["requestContext"] |= {
            "authorizer": {"principalId": "bearer", "integrationLatency": 0},
            "identity": {"sourceIp": "127.0.0.1", "apiKey": "0123456789abcdefghij", "apiKeyId": key_id},
        }

        assert send(event).status == status

    def test_without_an_admin_key_nobody_writes(self, set_environment: SetEnvironment) -> None:
        set_environment(ADMIN_KEY_ID="")

        put(key_id=ADMIN_KEY_ID).problem(403)
        put(key_id="").problem(403)

    def test_everybody_reads(self) -> None:
        assert called("GET", "/voices/yasuo", key_id="another-key").status == 200


class TestLostUpdates:
    def test_only_the_voice_that_was_looked_at_is_replaced(self) -> None:
        seen = get("/voices/yasuo").headers["etag"]
        assert put("yasuo", headers={"If-Match": seen}).status == 200

        put("yasuo", headers={"If-Match": seen}, consent_by="Somebody else").problem(412)

        assert get("/voices/yasuo").json()["consent_by"] == "Mina Harker"

    def test_another_consent_is_another_voice(self) -> None:
        put()
        seen = get("/voices/lux").headers["etag"]
        put(consent_by="Jonathan Harker")

        put(headers={"If-Match": seen}).problem(412)

    @pytest.mark.parametrize(
        ("headers", "champion_id", "status"),
        [
            ({"If-None-Match": "*"}, "yasuo", 412),
            ({"If-None-Match": "*"}, "lux", 201),
            ({"If-Match": "*"}, "yasuo", 200),
            ({"If-Match": "*"}, "lux", 412),
            ({"If-Match": '"other"'}, "yasuo", 412),
            ({"If-None-Match": '"other"'}, "yasuo", 200),
        ],
    )
    def test_a_condition_holds_or_nothing_is_written(
        self, headers: dict[str, str], champion_id: str, status: int
    ) -> None:
        assert put(champion_id, headers=headers).status == status

    def test_a_list_of_tags_names_each_of_them(self) -> None:
        seen = get("/voices/yasuo").headers["etag"]

        put("yasuo", headers={"If-None-Match": f'"other", W/{seen}'}).problem(412)
        assert put("yasuo", headers={"If-Match": f'"other", {seen}'}).status == 200

    def test_of_those_who_write_at_once_each_leaves_a_whole_voice(self, bucket: "S3Client") -> None:
        texts = {
            2: TRANSCRIPT,
            3: "Wait for the wave and stay behind me.",
            4: "Stay behind me. Wait for the wave. Then go.",
        }

        def write(seconds: int) -> None:
            offered = OfferedVoice(**offer(audio=wav(recording(seconds)), transcript=texts[seconds]))
            for _ in range(3):
                voice_library.put("lux", offered, lambda _: True, None)

        writers = [threading.Thread(target=write, args=(seconds,)) for seconds in texts]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        left = voices.look_at("lux")
        assert left.duration in texts
        assert left.transcript == texts[int(left.duration)]
        assert stored(bucket, "lux/reference.txt").decode() == left.transcript


class TestRepeats:
    KEY: ClassVar = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}

    def test_the_same_request_again_is_answered_as_the_first_was_and_changes_nothing(self) -> None:
        first, again = put(headers=self.KEY), put(headers=self.KEY)

        assert (first.status, again.status) == (201, 201)
        assert first.headers["etag"] == again.headers["etag"] == get("/voices/lux").headers["etag"]

    def test_it_may_have_been_a_condition_that_holds_no_more(self) -> None:
        headers = self.KEY | {"If-None-Match": "*"}

        assert [put(headers=headers).status for _ in range(2)] == [201, 201]

    def test_another_request_under_the_same_key_is_409(self) -> None:
        put(headers=self.KEY)

        put(headers=self.KEY, consent_by="Jonathan Harker").problem(409)
        assert get("/voices/lux").json()["consent_by"] == "Mina Harker"

    def test_without_a_key_it_is_written_again(self) -> None:
        assert [put().status, put().status] == [201, 200]

    def test_a_key_has_a_length(self) -> None:
        assert put(headers={"Idempotency-Key": "k" * 256}).reasons().keys() == {"idempotency-key"}


class TestDeleting:
    def test_a_voice_is_gone_and_speaks_no_more(self, bucket: "S3Client") -> None:
        bucket.put_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/lexicon.txt", Body=b"")
        answer = called("DELETE", "/voices/yasuo")

        assert (answer.status, answer.body) == (204, b"")
        get("/voices/yasuo").problem(404)
        assert speak(champion_id="yasuo").status == 404
        assert keys(bucket) == [
            "champion-voices/ahri/reference.txt",
            "champion-voices/ahri/reference.wav",
            "champion-voices/yasuo/lexicon.txt",
        ]

    def test_one_that_is_not_there_is_404(self) -> None:
        called("DELETE", "/voices/lux").problem(404)

    def test_only_the_one_that_was_looked_at_is_deleted(self) -> None:
        seen = get("/voices/yasuo").headers["etag"]
        put("yasuo")

        called("DELETE", "/voices/yasuo", headers={"If-Match": seen}).problem(412)
        assert (
            called("DELETE", "/voices/yasuo", headers={"If-Match": get("/voices/yasuo").headers["etag"]}).status == 204
        )

    def test_it_can_be_put_again(self) -> None:
        put()
        called("DELETE", "/voices/lux")

        assert put().status == 201
        assert get("/voices/lux").json()["transcript"] == TRANSCRIPT


class TestLargeRecordings:
    def upload(self, champion_id: str = "lux", size: int = len(SOUND)) -> Answer:
        body = json.dumps({"bytes": size}).encode()
        return called("POST", f"/voices/{champion_id}/upload", body, {"Content-Type": "application/json"})

    def test_a_recording_that_was_sent_elsewhere_counts_once_it_is_put(self, bucket: "S3Client") -> None:
        answer = self.upload()
        assert answer.status == 201
        told = answer.json()
        assert httpx.put(told["upload_url"], content=SOUND).status_code == 200
        get("/voices/lux").problem(404)

        assert put(audio=None, upload=told["upload"]).status == 201
        assert stored(bucket, "lux/reference.wav") == SOUND
        assert [key for key in keys(bucket) if key.startswith(voice_library.UPLOADS)] == []

    def test_the_link_is_for_a_while_and_for_as_many_bytes_as_were_told(self) -> None:
        told = self.upload(size=1234).json()
        query = httpx.URL(told["upload_url"]).params

        assert query["X-Amz-SignedHeaders"] == "content-length;host"
        assert int(query["X-Amz-Expires"]) == told["expires_in_seconds"] == 900

    def test_it_is_checked_like_any_other(self, bucket: "S3Client") -> None:
        told = self.upload().json()
        httpx.put(told["upload_url"], content=b"no sound")

        assert "no sound file" in put(audio=None, upload=told["upload"]).reasons()["upload"]
        assert "champion-voices/lux/reference.wav" not in keys(bucket)

    def test_one_that_was_not_sent_or_is_another_champions_is_refused(self) -> None:
        assert "is not there" in put(audio=None, upload="0" * 32).reasons()["upload"]
        told = self.upload("yasuo").json()
        httpx.put(told["upload_url"], content=SOUND)
        assert "is not there" in put(audio=None, upload=told["upload"]).reasons()["upload"]

    def test_one_that_is_too_large_is_refused(self, bucket: "S3Client") -> None:
        assert self.upload(size=MAX_RECORDING_BYTES + 1).reasons().keys() == {"bytes"}
        bucket.put_object(
            Bucket=VOICES_BUCKET, Key=f"voice-uploads/lux/{'0' * 32}", Body=bytes(MAX_RECORDING_BYTES + 1)
        )
        assert "make it at most" in put(audio=None, upload="0" * 32).reasons()["upload"]

    def test_the_same_request_again_needs_no_second_upload(self) -> None:
        told = self.upload().json()
        httpx.put(told["upload_url"], content=SOUND)
        headers = {"Idempotency-Key": "once"}

        assert [put(audio=None, upload=told["upload"], headers=headers).status for _ in range(2)] == [201, 201]


class TestByHand:
    """Files that people put into the bucket themselves go on working, over voices that were put through the API too."""

    def test_a_pair_over_a_voice_counts(self, bucket: "S3Client") -> None:
        put()
        put_pair(bucket, "lux", LONGER, "Something else is said.")

        told = get("/voices/lux").json()
        assert (told["duration"], told["transcript"], told["consent_by"]) == (3.0, "Something else is said.", None)

    def test_a_transcript_that_somebody_corrected_counts(self, bucket: "S3Client") -> None:
        put()
        seen = get("/voices/lux").headers["etag"]
        bucket.put_object(
            Bucket=VOICES_BUCKET, Key="champion-voices/lux/reference.txt", Body=b"Stay behind me, and wait."
        )

        assert get("/voices/lux").json()["transcript"] == "Stay behind me, and wait."
        assert get("/voices/lux").headers["etag"] != seen

    def test_a_voice_whose_transcript_cannot_be_read_can_be_replaced_and_deleted(self, bucket: "S3Client") -> None:
        for champion_id in ("yasuo", "ahri"):
            bucket.put_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/{champion_id}/reference.txt", Body=b"\xff")

        assert put("yasuo").status == 200
        assert called("DELETE", "/voices/ahri").status == 204

    def test_half_a_voice_is_none_until_it_is_put(self, bucket: "S3Client") -> None:
        put_champion(bucket, "lux", "Hello.")
        bucket.delete_object(Bucket=VOICES_BUCKET, Key="champion-voices/lux/reference.wav")

        assert put(headers={"If-None-Match": "*"}).status == 201
        assert get("/voices/lux").json()["transcript"] == TRANSCRIPT
