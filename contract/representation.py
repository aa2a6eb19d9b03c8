"""What an answer with audio comes as: JSON with the sound file in it, or the sound file itself."""

from typing import NamedTuple

from contract.formats import FORMATS, JSON, FormatName, max_seconds, negotiate
from contract.line import Line
from contract.problem import FieldError, NotAcceptable

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
"""What InvokeEndpoint lets through, and Lambda, each way.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

MAX_SOUND_BYTES = MAX_PAYLOAD_BYTES - 64 * 1024
"""The largest sound that an answer can hold as it is: what stands beside it needs the rest."""

MAX_BASE64_SOUND_BYTES = MAX_SOUND_BYTES // 4 * 3
"""The largest sound that an answer can hold in base64: JSON, and everything that a Lambda answers."""


class Representation(NamedTuple):
    """What an answer comes as.

    Attributes:
        media_type: JSON, or the format's own.
        format: the audio's format, in JSON as well.
    """

    media_type: str
    format: FormatName

    def max_seconds(self, sample_rate: int) -> int:
        """The longest speech that is sure to fit into the endpoint's answer, in whole seconds."""
        limit = MAX_BASE64_SOUND_BYTES if self.media_type == JSON else MAX_SOUND_BYTES
        return max_seconds(self.format, limit, sample_rate)


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
