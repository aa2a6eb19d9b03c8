"""What an answer with audio comes as: JSON with the sound file in it, or the sound file itself."""

from typing import NamedTuple

from contract.formats import FORMATS, JSON, FormatName, negotiate
from contract.line import Line
from contract.problem import FieldError, NotAcceptable


class Representation(NamedTuple):
    """What an answer comes as.

    Attributes:
        media_type: JSON, or the format's own.
        format: the audio's format, in JSON as well.
    """

    media_type: str
    format: FormatName


def represent_as(accept: str, line: Line) -> Representation:
    """Choose how to answer; to be asked before any work is done for it.

    A media type in Accept may stand in place of the line's format; with neither the answer is JSON.

    Args:
        accept: the Accept header; empty for none.
        line: what is to be spoken.

    Raises:
        NotAcceptable: the caller accepts nothing that there is, or only another format than the line names.
    """
    named = "format" in line.model_fields_set
    names: list[FormatName] = [line.format] if named else list(FORMATS)
    audio = {FORMATS[name].media_type: name for name in names}
    media_type = negotiate(accept, [*audio, JSON] if named else [JSON, *audio])
    if media_type is None:
        reason = f"must allow {' or '.join([JSON, *audio])}"
        raise NotAcceptable(f"Accept {reason}.", errors=[FieldError(field="Accept", reason=reason)])
    return Representation(media_type, audio.get(media_type, names[0]))
