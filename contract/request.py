"""What every request is: a field that is null was left out, and a refusal says the rule and the nearest right form.

PUT HERE: what holds for the fields of every request, at every door.
DO NOT PUT HERE: a field, or a rule of one: those are the models'.
"""

import difflib
import math
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

# What others call a field or a choice. It is offered where there is one of that name.
OTHER_NAMES = {
    "champion": "champion_id",
    "voice": "champion_id",
    "voice_id": "champion_id",
    "input": "text",
    "message": "text",
    "ssml": "text",
    "language": "text_type",
    "length": "duration",
    "seconds": "duration",
    "rate": "speed",
    "pace": "speed",
    "steps": "quality",
    "response_format": "format",
    "best": "high",
    "normal": "standard",
    "low": "fast",
    "medium": "standard",
    "ogg": "opus",
    "mpeg": "mp3",
    "raw": "pcm",
    "md": "markdown",
    "text": "plain",
    "xml": "ssml",
}
MAX_COMPARED = 64
"""Characters of a name that are compared with the right ones."""

MAX_UNKNOWN = 10
"""Fields that there are not, of which is told. To look for the right name of each takes its time."""

NUMERIC = {
    *("float_type", "float_parsing", "int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"),
}


class Request(BaseModel):
    """What a caller sends as an object of JSON."""

    # Strict, because JSON has types of its own: true is not a number, and neither is "1".
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def is_left_out(cls, value: object) -> bool:
        """Whether an optional field with this value counts as left out."""
        return value is None

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, fields: Any, read: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 -- whatever was sent
        """Leave out what was left out, and tell of the rest what is wrong with it."""
        if isinstance(fields, dict):
            untold = set([name for name in fields if name not in cls.model_fields][MAX_UNKNOWN:])
            optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
            fields = {
                name: value
                for name, value in fields.items()
                if name not in untold and (name not in optional or not cls.is_left_out(value))
            }
        try:
            return read(fields)
        except ValidationError as error:
            told = [_told(cls, each) for each in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, told) from None


def nearest(name: str, names: Collection[str]) -> str | None:
    """The right name that a wrong one stands for; None if there is none like it.

    Args:
        name: what was sent.
        names: what there is.
    """
    plain = re.sub(r"[\s-]+", "_", name[:MAX_COMPARED].strip().casefold())
    if plain in names:
        return plain
    if (known := OTHER_NAMES.get(plain)) in names:
        return known
    begun = [each for each in names if plain and (each.startswith(plain) or plain.startswith(each))]
    return next(iter(difflib.get_close_matches(plain, names, 1) or begun), None)


def one_of(names: Iterable[str]) -> str:
    """A choice in words: `a, b or c`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _told(model: type[Request], error: ErrorDetails) -> InitErrorDetails:
    reason = _reason(model, error)
    kind = PydanticCustomError("refused", reason) if reason else PydanticCustomError(error["type"], error["msg"])
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])


def _reason(model: type[Request], error: ErrorDetails) -> str | None:
    """What is wrong with a field, as it follows on "field: "; None where pydantic's or a validator's words do."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if len(error["loc"]) != 1:
        return None
    name = str(error["loc"][0])
    match kind:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return _unknown_field(name, list(model.model_fields))
        case "literal_error":
            return _no_choice(value, re.findall(r"'([^']*)'", context["expected"]))
        case "string_too_short":
            return "must not be empty" if context["min_length"] == 1 else None
        case "string_unicode":
            return "must be whole characters, and holds half a surrogate pair"
        case "string_type":
            return _no_string(value)
        case "bool_type" | "bool_parsing":
            return f"must be true or false{_but_is(value)}"
        case _ if kind in NUMERIC:
            return _no_number(kind, value, _rules(model)[name])
    return None


def _unknown_field(name: str, fields: list[str]) -> str:
    if near := nearest(name, fields):
        return f"is not a field of this request. Did you mean {near}?"
    return f"is not a field of this request. Its fields are {', '.join(fields)}."


def _no_choice(value: object, choices: list[str]) -> str:
    rule = f"must be {one_of(choices)}"
    if not isinstance(value, str):
        return rule + _but_is(value)
    near = nearest(value, choices)
    return f"{rule}. Did you mean {near}?" if near else rule


def _no_string(value: object) -> str:
    if value is None:
        return "is required, so it cannot be null"
    rule = f"must be a string{_but_is(value)}"
    if isinstance(value, int | float) and not isinstance(value, bool) and len(str(value)) < MAX_COMPARED:
        return f'{rule}. Send "{value}", in quotes.'
    return rule


def _no_number(kind: str, value: object, rules: Mapping[str, Any]) -> str:
    """What is wrong with a number.

    Args:
        kind: pydantic's name of the error.
        value: what was sent in its place.
        rules: the field's JSON Schema.
    """
    whole = rules["type"] == "integer"
    rule = f"must be a {'whole ' if whole else ''}number{_span(rules)}"
    number = _as_number(value)
    if number is None:
        return rule + _but_is(value)
    low, high = rules.get("minimum", -math.inf), rules.get("maximum", math.inf)
    within = min(max(number, low), high)
    if "exclusiveMinimum" in rules or within in (math.inf, -math.inf):
        return rule  # nothing is nearest
    right = _written(round(within) if whole else within)
    # Agents send numbers as strings, and may.
    if isinstance(value, str) and kind in {"float_type", "int_type"}:
        return f"{rule}, not a string. Send {right}, without quotes."
    return f"{rule}. The nearest is {right}."


def _span(rules: Mapping[str, Any]) -> str:
    """The range of a number in words."""
    match rules:
        case {"minimum": low, "maximum": high}:
            return f" from {_written(low)} to {_written(high)}"
        case {"minimum": low}:
            return f" of at least {_written(low)}"
        case {"maximum": high}:
            return f" of at most {_written(high)}"
        case {"exclusiveMinimum": low}:
            return f" above {_written(low)}"
    return ""


def _as_number(value: object) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value[:MAX_COMPARED])
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN
        return None
    return value


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _but_is(value: object) -> str:
    """Which of JSON's types a value has, where it should have another."""
    match value:
        case None:
            return ", not null"
        case bool():
            return ", not true or false"
        case int() | float():
            return ", not a number"
        case list():
            return ", not a list"
        case dict():
            return ", not an object"
    return ""


@cache
def _rules(model: type[Request]) -> dict[str, Any]:
    """The JSON Schema of each field, without the null that an optional one may be."""
    fields: dict[str, Any] = model.model_json_schema()["properties"]
    return {name: next(iter(field.get("anyOf", [])), field) for name, field in fields.items()}
