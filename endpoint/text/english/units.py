"""Measures: numbers with their units."""

from __future__ import annotations

import re

from text.english.context import FUNCTION_WORDS
from text.english.numbers import fraction
from text.english.rule import Rule, ahead, behind, with_stop, word_after
from text.english.words import NUMBER, number

UNITS = {
    "km": "kilometer",
    "m": "meter",
    "cm": "centimeter",
    "mm": "millimeter",
    "nm": "nanometer",
    "mi": "mile",
    "µm": "micrometer",
    "μm": "micrometer",
    "ft": "foot",
    "yd": "yard",
    "yds": "yard",
    "ly": "light year",
    "kg": "kilogram",
    "g": "gram",
    "mg": "milligram",
    "mcg": "microgram",
    "µg": "microgram",
    "μg": "microgram",
    "mol": "mole",
    "mmol": "millimole",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "tsp": "teaspoon",
    "tsps": "teaspoon",
    "tbsps": "tablespoon",
    "tbsp": "tablespoon",
    "Tbsp": "tablespoon",
    "Tsp": "teaspoon",
    "tbs": "tablespoon",
    "l": "liter",
    "L": "liter",
    "ml": "milliliter",
    "mL": "milliliter",
    "cl": "centiliter",
    "gal": "gallon",
    "qt": "quart",
    "qts": "quart",
    "fl oz": "fluid ounce",
    "fl. oz": "fluid ounce",
    "dl": "deciliter",
    "dL": "deciliter",
    "µL": "microliter",
    "μL": "microliter",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
    "s": "second",
    "sec": "second",
    "secs": "second",
    "ms": "millisecond",
    "µs": "microsecond",
    "μs": "microsecond",
    "ns": "nanosecond",
    "yr": "year",
    "yrs": "year",
    "wk": "week",
    "wks": "week",
    "mos": "month",
    "mth": "month",
    "mths": "month",
    "bit": "bit",
    "mo": "month",
    "bps": "basis point",
    "pt": "point",
    "pts": "point",
    "HRs": "home run",
    "kB": "kilobyte",
    "KB": "kilobyte",
    "MB": "megabyte",
    "GB": "gigabyte",
    "TB": "terabyte",
    "PB": "petabyte",
    "KiB": "kibibyte",
    "MiB": "mebibyte",
    "GiB": "gibibyte",
    "Mb": "megabit",
    "Gb": "gigabit",
    "kbit": "kilobit",
    "Mbit": "megabit",
    "Gbit": "gigabit",
    "V": "volt",
    "mV": "millivolt",
    "W": "watt",
    "kW": "kilowatt",
    "MW": "megawatt",
    "kWh": "kilowatt hour",
    "MWh": "megawatt hour",
    "GWh": "gigawatt hour",
    "TWh": "terawatt hour",
    "GW": "gigawatt",
    "TW": "terawatt",
    "kV": "kilovolt",
    "mA": "milliamp",
    "mAh": "milliamp hour",
    "Wh": "watt hour",
    "dB": "decibel",
    "px": "pixel",
    "cal": "calorie",
    "kcal": "kilocalorie",
    "kJ": "kilojoule",
    "kPa": "kilopascal",
    "hPa": "hectopascal",
    "MPa": "megapascal",
    "GPa": "gigapascal",
    "kN": "kilonewton",
    "ha": "hectare",
    "m²": "square meter",
    "m2": "square meter",
    "km²": "square kilometer",
    "km2": "square kilometer",
    "m³": "cubic meter",
    "m3": "cubic meter",
    "cm³": "cubic centimeter",
    "cm²": "square centimeter",
    "sq ft": "square foot",
    "sq. ft": "square foot",
    "sq mi": "square mile",
    "sq. mi": "square mile",
    "sq km": "square kilometer",
    "sq m": "square meter",
    "ft³": "cubic foot",
    "ft²": "square foot",
    "°": "degree",
    "°C": "degree Celsius",
    "°F": "degree Fahrenheit",
    "º": "degree",
    "ºC": "degree Celsius",
    "℃": "degree Celsius",
    "℉": "degree Fahrenheit",
}
"""By symbol, what one is called."""

RATES = {
    "mph": "mile per hour",
    "kph": "kilometer per hour",
    "kmh": "kilometer per hour",
    "fps": "frame per second",
    "rpm": "revolution per minute",
    "bpm": "beat per minute",
    "dpi": "dot per inch",
    "ppm": "part per million",
    "Kbps": "kilobit per second",
    "kbps": "kilobit per second",
    "Mbps": "megabit per second",
    "Gbps": "gigabit per second",
    "MBps": "megabyte per second",
    "mpg": "mile per gallon",
}
UNCOUNTED = {
    "Hz": "hertz",
    "kHz": "kilohertz",
    "MHz": "megahertz",
    "GHz": "gigahertz",
    "THz": "terahertz",
    "%": "percent",
    "psi": "P S I",
}
UNCOUNTED |= {"‰": "per mille"}

PER = {
    "s": "second",
    "sec": "second",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "hour": "hour",
    "day": "day",
    "d": "day",
    "wk": "week",
    "week": "week",
    "mo": "month",
    "month": "month",
    "yr": "year",
    "year": "year",
    "kg": "kilogram",
    "g": "gram",
    "mol": "mole",
    "lb": "pound",
    "oz": "ounce",
    "bbl": "barrel",
    "dL": "deciliter",
    "mL": "milliliter",
    "ml": "milliliter",
    "gal": "gallon",
    "mile": "mile",
    "acre": "acre",
    "share": "share",
    "file": "file",
    "page": "page",
    "item": "item",
    "request": "request",
    "serving": "serving",
    "ton": "ton",
    "tonne": "tonne",
    "unit": "unit",
    "cm²": "square centimeter",
    "cm2": "square centimeter",
    "cm³": "cubic centimeter",
    "cm3": "cubic centimeter",
    "m³": "cubic meter",
    "m3": "cubic meter",
    "side": "side",
    "batch": "batch",
    "head": "head",
    "child": "child",
    "adult": "adult",
    "guest": "guest",
    "room": "room",
    "car": "car",
    "pound": "pound",
    "student": "student",
    "bottle": "bottle",
    "piece": "piece",
    "team": "team",
    "player": "player",
    "game": "game",
    "person": "person",
    "user": "user",
    "seat": "seat",
    "match": "match",
    "night": "night",
    "minute": "minute",
    "second": "second",
    "m": "minute",
    "GB": "gigabyte",
    "MB": "megabyte",
    "km": "kilometer",
    "m²": "square meter",
    "m2": "square meter",
    "L": "liter",
    "l": "liter",
    "lvl": "level",
    "level": "level",
    "doz": "dozen",
    "mi": "mile",
    "ft": "foot",
}
"""What may stand after a number and a slash."""

_WAYS = {"N": "north", "S": "south", "E": "east", "W": "west"}

_IRREGULAR = {"foot": "feet", "square foot": "square feet", "cubic foot": "cubic feet", "inch": "inches"}
_ATTACHED = {"V": re.compile(r"\d*\.\d+|\d{2,}"), "W": re.compile(r"\d*\.\d+|[\d,]{3,}")}
"""With a space only behind such numbers: W alone is a key."""

STOPPED = (
    "ft",
    "yd",
    "lb",
    "lbs",
    "oz",
    "gal",
    "hr",
    "hrs",
    "min",
    "mins",
    "sec",
    "secs",
    "yr",
    "yrs",
    "mi",
    "tsp",
    "tbsp",
    *("km", "cm", "mm", "kg", "ha", "yds", "Tbsp", "Tsp", "tbs", "tsps", "tbsps", "mth", "mths", "pt"),
    "mo",
    "mos",
    "wk",
    "wks",
    "qt",
    "qts",
    "sq. ft",
    "sq. mi",
    "fl. oz",
)
"""Those that are also written with a stop."""
STOPPED_ALONE = {"c": "cup", "pkg": "package", "doz": "dozen", "pp": "page"}
"""Units with a stop only."""

_ALL = UNITS | RATES | UNCOUNTED | STOPPED_ALONE
_UNIT = "|".join(re.escape(unit) for unit in sorted({*_ALL} - {*STOPPED_ALONE}, key=len, reverse=True))
_WITH_STOP = "|".join(map(re.escape, sorted({*STOPPED, *STOPPED_ALONE}, key=len, reverse=True)))
_MEASURE = re.compile(
    rf"(?:(?<![\w.,:/])(?<!\de[-+])|(?<=[A-Za-z%°]/))(?P<number>\d{{1,3}},\d\d?(?=\s?[a-zA-Zµ%°])|{NUMBER})(?P<plus>\+)?(?P<space>[\s-]?)(?P<unit>(?:{_WITH_STOP})\.(?!\w)|(?:{_UNIT})(?![\w'²³]))"
)
_POINTS = re.compile(rf"(?<![\w.,:/])(?P<number>{NUMBER})pp(?!\w)")  # 3.4pp, but 412 pp.
_DECIMAL_COMMA = re.compile(r"\d+,\d\d?")
_BETWEEN = re.compile(rf"(?<=[A-Za-z%°.])\s?/\s?(?=(?:{NUMBER})\s?(?P<unit>{_UNIT})(?!\w))")
_ENDS_WITH_MEASURE = re.compile(rf"\d\s?(?P<unit>{_UNIT})\.?$")
_FEET_AND_INCHES = re.compile(r"(?<![\w.,])(?P<feet>\d+)\s?ft\.?\s?(?P<inches>\d+)\s?in\b\.?")
_FOOT_MARKS = re.compile(r"(?<![\w.,])(?P<feet>\d+)['′’]\s?(?P<inches>\d{1,2})(?:[\"″”]|'')?(?!\w)")
_FOOT_MARK = re.compile(rf"(?<![\w.,'’])(?P<number>{NUMBER})['’′](?![\w'’])")
_QUOTATION_OPEN = re.compile(r"(?:^|\s)['‘]")
_INCH_MARK = re.compile(rf"(?<![\w.,])(?P<number>{NUMBER})\s?(?P<unit>[\"″]|-inch\b|\sin\.(?=\s[a-z]))")
_PART_OF_INCH = re.compile(
    r"(?<![\w.,/])(?:(?P<whole>\d+)[ -])?(?P<top>[1357])/(?P<bottom>2|4|8|16)(?:[\"″”]|[ -]inch\b)"
)
# 120s/100s/80s
_EACH = re.compile(r"(?<![\w.,/])\d+(?:\.\d+)?(?P<unit>s|ms|%)(?:\s?/\s?\d+(?:\.\d+)?(?P=unit))+(?![\w/])")
_SLASH = re.compile(
    "/(?P<per>"
    + "|".join(re.escape(unit) for unit in sorted(PER, key=len, reverse=True))
    + r")(?:/(?P<also>day|d|h|hr|min|s|week|wk|month|mo|year|yr))?(?![\w/])"
)
_AFTER_SLASHES = re.compile(rf"(?<=[\d½-¾⅐-⅞])\s?(?P<unit>(?:{_WITH_STOP})\.(?!\w)|(?:{_UNIT})(?![\w'²³/]))")
_FRACTION = re.compile(
    r"(?<![\w.,/])(?P<whole>\d+ ?(?=\d+[/⁄]|[½-¾⅐-⅞]))?(?:(?P<top>\d+)[/⁄](?P<bottom>2|3|4|8|16|1000)|[½-¾⅐-⅞])$"
)
_SCIENTIFIC = re.compile(r"\d[eE][-+]?\d{1,3}$")
_BARE_DEGREES = re.compile(
    r"(?<![\w.,/-])(?P<first>\d{1,3})(?P<scale>[CF])(?:\s?/\s?(?P<second>\d{1,3})(?P<other>[CF]))?(?!\w)"
)
_WARMTH = re.compile(
    r"\b(?:ovens?|(?:pre)?heat\w*|bak(?:e|ed|ing)|roast\w*|cook\w*|boil\w*|freez\w*|temperatures?|temps?|warm\w*|cold|"
    r"hot|weather|degrees|fan|thermostat|highs?|lows?)\b",
    re.IGNORECASE,
)
_SCORE = re.compile(r"(?<![\w.,/])\d+(?:\.\d+)?(?:\s?/\s?\d+(?:\.\d+)?){2,}$")
_PER_ALONE = re.compile(
    r"(?<=[A-Za-z])/(?P<per>min|sec|hr|yr|day|week|month|hour|year|person|game|match|minute|second|level|lvl)(?![\w/])"
)
_BEARING = re.compile(
    rf"(?<![\w.,])(?P<degrees>{NUMBER})\s?[°º]\s?(?:(?P<minutes>\d{{1,2}})['′’]\s?(?:(?P<seconds>{NUMBER})(?:[\"″”]|'')\s?)?)?"
    r"(?P<way>[NSEW])(?![\w'])"
)
_ALONE = {unit: UNITS[unit] for unit in ("yr", "hr", "wk", "mo", "min", "sec", "lb", "oz", "gal")}
_ONE = re.compile(
    rf"(?:(?<=\ba )|(?<=\ban )|(?<=\bper )|(?<=\beach )|(?<=\bevery ))(?!(?<=\ba )sec)(?P<unit>{'|'.join(_ALONE)})\b"
    r"(?:\.(?!\w))?(?!\s?\d)"
)
_LONG_UNITS = "|".join(re.escape(unit) for unit in sorted(UNITS | RATES, key=len, reverse=True) if len(unit) > 1)
_OF_MANY = re.compile(
    rf"(?:(?<=thousand )|(?<=million )|(?<=billion )|(?<=trillion ))(?P<unit>{_LONG_UNITS})(?![\w'²³/])"
)
_NO_STREET = re.compile(r"\s+[a-z]|[,;:)!?]|\.?\s*$")  # 250 W. 57th St.
_WAY = re.compile(r"(?<![\w'.-])(?P<way>[NS]|[NS]?[EW])(?=\sof\b)")
_ENDS_WITH_DISTANCE = re.compile(
    r"\d\s?(?:km|m|mi|ft|nm|miles?|kilomet(?:er|re)s?|met(?:er|re)s?|blocks?|hours?|hrs?|mins?)\.?\s$"
)
_BY = re.compile(r"(?<=[a-z.'\"′″’”])\s?[x×]\s?(?=\d)")
ENDS_WITH_LENGTH = re.compile(r"\d\s?(?:['\"′″’”]|(?:in|ft|yd|mm|cm|m|km|px|inch|inches|feet|met(?:er|re)s?)\.?)$")
_SUBJECT = re.compile(
    r"(?:(?<![\w/])(?:[A-Z]{2,}|[Gg]old|[Dd]amage|dmg|cs|xp|[Cc]ost)|(?<![\w/])[A-Za-z][a-z]+[a-rt-z]s)$"
)
_ENDS_WITH_AMOUNT = re.compile(r"\d[\d.,]*\s?(?:[A-Za-z%°µ]{1,4}|[€£¢]|million|billion)?\.?$")


def several(unit: str) -> str:
    """More than one of a unit: "kilometers per hour", "degrees Celsius", "square feet"."""
    if unit in _IRREGULAR:
        return _IRREGULAR[unit]
    for inner in (" per ", " Celsius", " Fahrenheit"):
        head, found, tail = unit.partition(inner)
        if found:
            return f"{head}s{found}{tail}"
    return f"{unit}s"


def way(letters: str) -> str:
    """A way of the compass: N is "north", SW "southwest"."""
    return "".join(_WAYS[letter] for letter in letters)


def measure(match: re.Match[str], written: str, unit: str, hyphen: bool = False) -> str:
    """A number of units; one after "a" ("a 5 km run") or with a hyphen ("a 5-km run") stays singular."""
    adjective = hyphen or (re.search(r"\b[Aa]n?\s$", behind(match)) and re.match(r"\s[A-Za-z]", ahead(match)))
    more = " plus" if match.groupdict().get("plus") else ""
    return f"{number(written)}{more}{'-' if hyphen else ' '}{unit if written == '1' or adjective else several(unit)}"


def _measure(match: re.Match[str]) -> str | None:
    unit = match["unit"].removesuffix(".")
    apart = unit in _ATTACHED and match["space"]
    if apart and not (_ATTACHED[unit].fullmatch(match["number"]) and _NO_STREET.match(ahead(match))):
        return None
    written = match["number"]
    if _DECIMAL_COMMA.fullmatch(written):
        written = written.replace(",", ".")
    if unit in UNCOUNTED:
        return f"{number(written)}{' plus' if match['plus'] else ''} {UNCOUNTED[unit]}"
    said = measure(match, written, _ALL[unit], hyphen=match["space"] == "-")
    return with_stop(match, said)


def _feet_and_inches(match: re.Match[str]) -> str:
    feet, inches = match["feet"], match["inches"]
    said = (
        f"{number(feet)} {'foot' if feet == '1' else 'feet'} {number(inches)} {'inch' if inches == '1' else 'inches'}"
    )
    return with_stop(match, said)


def _inch_mark(match: re.Match[str]) -> str | None:
    closes_quotation = match["unit"] == '"' and match.string.count('"', 0, match.start()) % 2
    if closes_quotation:
        return None
    thing = word_after(match)  # 2" cookies
    adjective = match["unit"] in '"″”' and thing.endswith("s") and thing.islower() and thing not in FUNCTION_WORDS
    return measure(match, match["number"], "inch", hyphen=adjective or match["unit"] == "-inch")


def _part_of_inch(match: re.Match[str]) -> str:
    whole = f"{number(match['whole'])} and " if match["whole"] else ""
    return f"{whole}{fraction(int(match['top']), int(match['bottom']))} inch"


def _foot_mark(match: re.Match[str]) -> str | None:
    return None if _QUOTATION_OPEN.search(behind(match)) else measure(match, match["number"], "foot")


def _after_slashes(match: re.Match[str]) -> str | None:
    """The unit of a fraction or of values by rank: 3/4 tsp, 100/80/60 sec."""
    unit = match["unit"].removesuffix(".")
    fraction = _FRACTION.search(behind(match))
    proper = fraction and (not fraction["top"] or int(fraction["top"]) < int(fraction["bottom"]))
    ranked = _SCORE.search(behind(match)) or _SCIENTIFIC.search(behind(match))
    if not (proper or ranked) or (len(unit) == 1 and unit.isupper()):
        return None
    said = _ALL[unit]
    if unit not in UNCOUNTED and not (fraction and not fraction["whole"]):
        said = several(said)
    return with_stop(match, f" {said}")


def _each(match: re.Match[str]) -> str:
    """Values by rank that each have their unit, which is said once."""
    unit = match["unit"]
    values = (number(value.strip().removesuffix(unit)) for value in match.group().split("/"))
    return f"{', '.join(values)} {UNCOUNTED.get(unit) or several(UNITS[unit])}"


def _per_alone(match: re.Match[str]) -> str | None:
    """A rate without its amount: CS/min, kills/game."""
    subject = _SUBJECT.search(behind(match))
    return f" per {PER[match['per']]}" if subject and subject.group() not in _ALL else None


def _bearing(match: re.Match[str]) -> str:
    units = zip(match.group("degrees", "minutes", "seconds"), ("degree", "minute", "second"), strict=True)
    said = [f"{number(written)} {unit if written == '1' else several(unit)}" for written, unit in units if written]
    return " ".join([*said, way(match["way"])])


def _between(match: re.Match[str]) -> str | None:
    """What a slash between measures means: 200 g/7 oz is either, 2 GB/5 GB is a part."""
    before = _ENDS_WITH_MEASURE.search(behind(match))
    if not before:
        return None
    return " out of " if before["unit"] == match["unit"] and "°" not in match["unit"] else " or "


def _bare_degrees(match: re.Match[str]) -> str | None:
    """200C or 350F where heat is spoken of."""
    if not _WARMTH.search(match.string):
        return None
    pairs = ((match["first"], match["scale"]), (match["second"], match["other"]))
    return " or ".join(f"{number(written)} {several(UNITS[f'°{scale}'])}" for written, scale in pairs if written)


def _way(match: re.Match[str]) -> str | None:
    return way(match["way"]) if _ENDS_WITH_DISTANCE.search(behind(match)) else None


def _slash(match: re.Match[str]) -> str | None:
    if not _ENDS_WITH_AMOUNT.search(behind(match)):
        return None
    return f" per {PER[match['per']]}" + (f" per {PER[match['also']]}" if match["also"] else "")


RULES = (
    Rule(_BEARING, _bearing),
    Rule(_BARE_DEGREES, _bare_degrees),
    Rule(_FEET_AND_INCHES, _feet_and_inches),
    Rule(_FOOT_MARKS, lambda match: f"{number(match['feet'])} foot {number(match['inches'])}"),
    Rule(_FOOT_MARK, _foot_mark),
    Rule(_PART_OF_INCH, _part_of_inch),
    Rule(_INCH_MARK, _inch_mark),
    Rule(_EACH, _each),
    Rule(_POINTS, lambda match: measure(match, match["number"], "percentage point")),
    Rule(_MEASURE, _measure),
    Rule(_BETWEEN, _between),
    Rule(_AFTER_SLASHES, _after_slashes),
    Rule(_SLASH, _slash),
    Rule(_PER_ALONE, _per_alone),
    Rule(_WAY, _way),
    Rule(_OF_MANY, lambda match: several(_ALL[match["unit"]])),
    Rule(_ONE, lambda match: with_stop(match, _ALONE[match["unit"]])),
    Rule(_BY, lambda match: " by " if ENDS_WITH_LENGTH.search(behind(match)) else None),
)
