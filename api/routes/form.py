"""A body that is JSON or a form with a file in it, as `curl -F` and browsers send one."""

from typing import Any

from aws_lambda_powertools.event_handler.types import EventHandlerInstance

from contract.problem import MAX_FIELD_NAME, refused_field
from contract.representation import MAX_PAYLOAD_BYTES
from problems import NotAForm, RequestTooLarge
from routes.body import JsonBody, received

FORM = "multipart/form-data"
MAX_PARTS = 16
TRUTH = {"true": True, "false": False}


class JsonOrForm(JsonBody):
    """Validation of a request whose body is JSON, or a form with the same fields; `audio` is its file."""

    def _get_body(self, app: EventHandlerInstance) -> dict[str, Any]:
        event = app.current_event
        if len(event.body or "") > MAX_PAYLOAD_BYTES:
            raise RequestTooLarge(
                f"The request has more than {MAX_PAYLOAD_BYTES:,} bytes in base64. Ask for an upload."
            )
        content_type = event.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != FORM:
            return super()._get_body(app)
        return read_form(received(event), content_type)


def read_form(body: bytes, content_type: str) -> dict[str, Any]:
    """Read the fields of a form.

    Args:
        body: as it came.
        content_type: the header, which tells what stands between the fields.

    Returns:
        The fields: `audio` as bytes, `consent` as what it says, all others as text.

    Raises:
        NotAForm: it is none.
        InvalidRequest: a field is there twice, or is not UTF-8.
    """
    from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

    _, options = parse_options_header(content_type)
    parts: list[tuple[str, bytearray]] = []
    try:
        with PushMultipartParser(options.get("boundary", ""), max_segment_count=MAX_PARTS, strict=True) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    parts.append((event.name or "", bytearray()))
                elif event:
                    parts[-1][1].extend(event)
    except MultipartError as error:
        raise NotAForm(f"The body is not {FORM}: {error}.") from error
    fields: dict[str, Any] = {}
    for name, data in parts:
        if name in fields:
            raise refused_field(name[:MAX_FIELD_NAME], "is there twice")
        fields[name] = bytes(data) if name == "audio" else _text(name, data)
    if "consent" in fields:
        fields["consent"] = TRUTH.get(fields["consent"].strip().lower(), fields["consent"])
    return fields


def _text(name: str, data: bytearray) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise refused_field(name[:MAX_FIELD_NAME], "is not UTF-8") from None


JSON_OR_FORM = JsonOrForm()  # type: ignore[no-untyped-call]
"""For a route that reads JSON or a form."""
