"""A line to speak: its fields and their bounds, the same at every door and at the endpoint."""

import re
import unicodedata
from itertools import groupby
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from contract.formats import FORMATS, FormatName
from contract.request import Request

MAX_CHAMPION_ID = 64
CHAMPION_ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
CHAMPION_ID_RULE = (
    "must be 1 to 64 lower-case letters, digits, hyphens or underscores, the first of them a letter or digit"
)

MAX_TEXT_CHARACTERS = 5000
"""The longest text of one line. A stack's own limit may be lower: the API's MAX_TEXT_CHARACTERS."""

MIN_SPEED, MAX_SPEED = 0.5, 2.0

Quality = Literal["fast", "standard", "high"]

NFE_STEPS: dict[Quality, int] = {"fast": 7, "standard": 16, "high": 32}
"""How many times the network is evaluated for each quality.

Upstream has tuned time steps for 7 and 16 (EPSS, get_epss_timesteps in f5_tts/model/utils.py); 32 takes uniform ones,
as would most other numbers.
"""

TextType = Literal["plain", "ssml", "markdown"]

# Controls but for tab and line ends; lone surrogates, which no UTF-8 can carry, pydantic refuses. What else has no
# sound, the endpoint knows: it has the model's vocabulary.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_END = re.compile("\r\n|\r|\n")

MAX_MARKS = 30
"""Combining marks in a row, as Unicode's Stream-Safe Text Format has it: NFC takes the square of their number.

https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
"""


def normalise_text(text: str) -> str:
    """Bring text into the one form that is read and stored: NFC, no space at either end or beside a line's end.

    Raises:
        PydanticCustomError: the text holds a control character, a pile of combining marks, or nothing that can be
            spoken.
    """
    if found := _CONTROL.search(text):
        raise PydanticCustomError(
            "control_character",
            "must hold no control character (U+{code_point} at position {position})",
            {"code_point": f"{ord(found[0]):04X}", "position": found.start()},
        )
    _refuse_piles(text)
    lines = _LINE_END.split(unicodedata.normalize("NFC", text))
    text = "\n".join(line.strip(" \t") for line in lines).strip()
    if not any(character.isalnum() for character in text):
        raise PydanticCustomError("nothing_speakable", "must hold at least one letter or digit to speak")
    return text


def _refuse_piles(text: str) -> None:
    position = 0
    for is_mark, run in groupby(text, lambda character: unicodedata.combining(character) > 0):
        length = sum(1 for _ in run)
        if is_mark and length > MAX_MARKS:
            raise PydanticCustomError(
                "combining_marks",
                "must hold at most {limit} combining marks in a row ({length} at position {position})",
                {"limit": MAX_MARKS, "length": length, "position": position},
            )
        position += length


def whole_number(value: object) -> object:
    """Take 7.0 for 7, as JSON Schema does; everything else is left to pydantic."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# What people write into a name and no champion's id has: Kai'Sa, Dr. Mundo, Nunu & Willump.
_NOT_IN_AN_ID = re.compile("[\\s'\u2019\u2018\u02bc`\u00b4.&]+")


def plain_name(name: str) -> str:
    """The champion that a name means, if there is one: `kaisa` for `Kai'Sa`, `seraphine` for ` S\u00e9raphine`.

    What cannot be part of an id, such as a slash, stays, and so does a name of which nothing would be left: then there
    is no champion of that name.
    """
    letters = unicodedata.normalize("NFKD", name[: 4 * MAX_CHAMPION_ID]).casefold()
    plain = _NOT_IN_AN_ID.sub("", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    return (plain or name)[: MAX_CHAMPION_ID + 1]


ChampionId = Annotated[
    str, Field(pattern=CHAMPION_ID_PATTERN, description="The champion's name, as the list of voices gives it.")
]
ChampionName = Annotated[
    str,
    Field(min_length=1, description="The champion's name, as the list of voices gives it or as people write it."),
    AfterValidator(plain_name),
]
"""A champion as callers call it. It becomes an id, or what no champion is called."""
Text = Annotated[str, Field(min_length=1), AfterValidator(normalise_text)]
Duration = Annotated[float, Field(ge=0.5, le=120)]

_champion_id: TypeAdapter[str] = TypeAdapter(ChampionId)


def is_champion_id(name: str) -> bool:
    """Whether a champion can have this name."""
    try:
        _champion_id.validate_python(name)
    except ValidationError:
        return False
    return True


def _nullable(schema: JsonSchemaValue) -> JsonSchemaValue:
    if "anyOf" in schema:
        return schema  # null is among it
    rules = {name: rule for name, rule in schema.items() if name not in ("title", "description", "default")}
    notes = {name: note for name, note in schema.items() if name not in rules}
    return {"anyOf": [rules, {"type": "null"}], **notes}


class Line(Request):
    """A line to speak."""

    champion_id: ChampionName
    # The length is documented here and checked by `contract.problem.check_length`: the stack's limit may be lower.
    text: Text = Field(
        description="What to say, with at least one letter or digit.",
        json_schema_extra={"maxLength": MAX_TEXT_CHARACTERS},
    )
    text_type: TextType = Field(
        default="plain",
        description="What the text is written in: plain, where a line's end is a short pause; ssml; or markdown.",
    )
    duration: Duration | None = Field(
        default=None,
        description=(
            "Seconds of speech wanted, 0.5 to 120; at most 30 characters a second, and at least a third of the "
            "champion's own pace. Left out, that pace decides."
        ),
    )
    speed: float = Field(
        default=1.0, ge=MIN_SPEED, le=MAX_SPEED, description="How fast to speak; 1 is the champion's own pace."
    )
    seed: Annotated[int, BeforeValidator(whole_number)] = Field(
        default=0, ge=0, le=2**32 - 1, description="The same request and seed are the same audio."
    )
    quality: Quality = Field(
        default="standard",
        description=(
            f"Synthesis steps: fast takes {NFE_STEPS['fast']}, standard {NFE_STEPS['standard']}, "
            f"high {NFE_STEPS['high']}. More steps take longer."
        ),
    )
    format: FormatName = Field(
        default="wav",
        description=f"The sound file: {'; '.join(f'{name} ({each.about})' for name, each in FORMATS.items())}.",
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema of a request: an optional field may be null."""
        described = handler(schema)
        fields = handler.resolve_ref_schema(described)
        for name in fields["properties"].keys() - set(fields["required"]):
            fields["properties"][name] = _nullable(fields["properties"][name])
        return described

    def spoken_by(self, champion_id: str) -> Self:
        """The same line in another champion's voice."""
        return self.model_copy(update={"champion_id": champion_id})
