"""Abbreviations, with and without stops. The tables also tell `sentences` which stops end no sentence."""

from __future__ import annotations

import re

from text.english.context import SENTENCE_STARTERS
from text.english.rule import Rule, ahead, behind, like, with_stop, word_before, words_of
from text.english.units import way

TITLES = {
    "mr": "Mister",
    "mrs": "Missus",
    "ms": "Miz",
    "mx": "Mix",
    "messrs": "Messieurs",
    "mme": "Madame",
    "mlle": "Mademoiselle",
    "prof": "Professor",
    "gen": "General",
    "col": "Colonel",
    "maj": "Major",
    "capt": "Captain",
    "cpt": "Captain",
    "lt": "Lieutenant",
    "sgt": "Sergeant",
    "cpl": "Corporal",
    "pvt": "Private",
    "adm": "Admiral",
    "cmdr": "Commander",
    "sen": "Senator",
    "rep": "Representative",
    "gov": "Governor",
    "pres": "President",
    "rev": "Reverend",
    "hon": "Honorable",
    "fr": "Father",
    "mt": "Mount",
    "ft": "Fort",
    "wm": "William",
    "chas": "Charles",
    "thos": "Thomas",
    "dr": "Doctor",
    "st": "Saint",
}
"""Before a name."""

BARE_TITLES = ("Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Mt", "Sgt", "Capt", "Lt")
"""Those that are also written without a stop."""

STREETS = {
    "st": "Street",
    "dr": "Drive",
    "ave": "Avenue",
    "av": "Avenue",
    "blvd": "Boulevard",
    "rd": "Road",
    "ln": "Lane",
    "hwy": "Highway",
    "pkwy": "Parkway",
    "sq": "Square",
    "ct": "Court",
    "pl": "Place",
}
"""After the name of a street."""

NUMBERED = {
    "no": "number",
    "nos": "numbers",
    "nr": "number",
    "p": "page",
    "pp": "pages",
    "vol": "volume",
    "vols": "volumes",
    "ch": "chapter",
    "chap": "chapter",
    "fig": "figure",
    "figs": "figures",
    "sec": "section",
    "eq": "equation",
    "ext": "extension",
    "art": "article",
    "tab": "table",
    "ep": "episode",
    "pt": "part",
    "rm": "room",
    "bldg": "building",
    "app": "appendix",
    "para": "paragraph",
    "paras": "paragraphs",
    "cl": "clause",
    "ll": "lines",
    "rte": "route",
    "rd": "round",
    "hwy": "highway",
    "sc": "scene",
    "s": "section",
    "ss": "sections",
    "op": "opus",
}
"""Before a number, with a stop."""

WITHIN = {
    "e.g": "for example",
    "eg": "for example",
    "i.e": "that is",
    "ie": "that is",
    "vs": "versus",
    "cf": "compare",
    "viz": "namely",
    "approx": "approximately",
    "ca": "circa",
    "incl": "including",
    "excl": "excluding",
    "esp": "especially",
    "resp": "respectively",
    "a.k.a": "A K A",
    "min": "minimum",
    "max": "maximum",
    "avg": "average",
    "temp": "temperature",
    "misc": "miscellaneous",
    "tel": "telephone",
    "feat": "featuring",
    "orig": "originally",
    "pls": "please",
    "freq": "frequency",
    "mtg": "meeting",
    "hosp": "hospital",
}
"""With a stop, inside a sentence: none ends one."""

CLOSING = {
    "etc": "et cetera",
    "inc": "Incorporated",
    "corp": "Corporation",
    "co": "Company",
    "ltd": "Limited",
    "bros": "Brothers",
    "jr": "Junior",
    "sr": "Senior",
    "esq": "Esquire",
    "dept": "department",
    "govt": "government",
    "univ": "University",
    "assn": "Association",
    "est": "established",
    "apt": "apartment",
    "appt": "appointment",
    "intl": "international",
    "natl": "national",
    "al": "al",
    "yrs": "years",
    "hrs": "hours",
    "mins": "minutes",
    "secs": "seconds",
    "lbs": "pounds",
    "mos": "months",
    "elev": "elevation",
    "educ": "Education",
    "assoc": "Association",
    "mgmt": "management",
    "agg": "aggregate",
}
"""With a stop, anywhere: it may end a sentence."""

AFTER_ORDINAL = {"c": "century", "cent": "century", "cents": "centuries", "ed": "edition", "fl": "floor"}
"""With a stop, behind 19th or 2nd."""

SIZES = {"lg": "large", "med": "medium", "sm": "small"}
"""With a stop, before a small letter: 3 lg. eggs, med. heat."""

BARE = {
    "vs": "versus",
    "etc": "et cetera",
    "w/o": "without",
    "w/": "with ",
    "b/c": "because",
    "jr": "Junior",
    "sr": "Senior",
    "approx": "approximately",
    "dept": "department",
    "ltd": "Limited",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "btw": "by the way",
    "bros": "bros",
    "'n'": "'n'",
    "mins": "minutes",
    "secs": "seconds",
    "hrs": "hours",
    "ctrl": "control",
    "esc": "escape",
    "ez": "easy",
    "w/e": "whatever",
    "n/a": "N A",
    "avg": "average",
    "qty": "quantity",
    "wk": "week",
    "wks": "weeks",
    "jct": "junction",
    "cmd": "command",
    "y/y": "year over year",
    "q/q": "quarter over quarter",
    "m/m": "month over month",
}
"""Without a stop."""


NUMERAL = r"(?:[IVXL]+|[ivxl]+)\b"
"""A Roman numeral, but no name: not Vi."""

PRONOUN = r"[Ii](?:['’]|\s+[a-z])"
"""I, which is no numeral after No: "No. I won't"."""


def _either(table: dict[str, str] | tuple[str, ...]) -> str:
    return "|".join(re.escape(written) for written in sorted(table, key=len, reverse=True))


_START = r"(?<![\w'.@/-])"
_NAME = r"\s+[\"'“‘]?[A-Z]"
_STREET = re.compile(
    rf"{_START}(?P<word>(?:{_either(tuple(word.capitalize() for word in STREETS))}))\b(?P<dot>\.)?(?![\w'])"
)
_TITLE = re.compile(rf"{_START}(?P<word>(?i:{_either(TITLES)}))\.(?=\s|$)(?!\w)")
_BARE_TITLE = re.compile(rf"{_START}(?P<word>{_either(BARE_TITLES)})(?={_NAME})")
_NUMBERED = re.compile(
    rf"{_START}(?!S\.)(?P<word>(?i:{_either(NUMBERED)}))\.\s?(?=#?\d|(?!(?<=[Nn][Oo]\. ){PRONOUN}){NUMERAL})"
)
_WITHIN = re.compile(rf"{_START}(?P<word>(?i:{_either(WITHIN)}))\.(?![\w])")
_CLOSING = re.compile(
    rf"{_START}(?<![AaPp]\.[Mm]\. )(?<![AaPp][Mm] )(?!(?<=\d )EST)(?P<word>(?i:{_either(CLOSING)}))\.(?![\w])"
)
_AFTER_ORDINAL = re.compile(
    rf"(?:(?<=\dst )|(?<=\dnd )|(?<=\drd )|(?<=\dth ))(?P<word>{_either(AFTER_ORDINAL)})\.(?!\w)"
)
_SIZE = re.compile(rf"(?<![\w'.])(?P<word>{_either(SIZES)})\.(?=\s[a-z])")
_REVISED = re.compile(r"(?<![\w'.])(?P<word>[Rr]ev)\.(?=\sed\.)")
_EDITION = re.compile(r"(?<=[Rr]ev\. )ed\.(?!\w)")
_REFERENCE = re.compile(r"(?<![\w'.])(?P<word>[Rr]ef)\.?(?=:|\s(?:no\b|#|\d))")
_ESTIMATE = re.compile(r"(?:(?<=19\d\d )|(?<=20\d\d ))est\.(?!\s?\d)")
_NUMBER_OF = re.compile(r"(?<![\w'.])no\.(?=\s(?:of|is|was)\s)")
_HAS_NUMBER = words_of(
    "the a my your his her our their new old total phone telephone tel mobile order account serial invoice ticket case "
    "part model flight room"
)
_FOLLOWING = re.compile(r"(?<=\d)ff\.?(?!\w)")
_VERSUS = re.compile(r"(?<=[A-Za-z.'’] )v\.?(?=\s[A-Z])")
_BARE = re.compile(rf"(?<![\w.@/-])(?P<word>(?i:{_either(BARE)}))(?:(?<=/)|(?![\w'/]))")
_COMPASS = re.compile(r"(?<![\w.'-])[NS][EW](?![\w'-])")
# from the NW, Pennsylvania Ave NW
_BEFORE_COMPASS = re.compile(
    r"\b(?:the|from|to|of|[Ww]inds?|mph|km/h|[Aa]ve\.?|[Aa]venue|[Ss]t\.?|[Ss]treet|[Rr]d\.?|[Rr]oad|[Bb]lvd\.?|[Dd]r\.?)\s$"
)
_NOTHING_FOLLOWS = re.compile(r"\s*(?:[.,;:!?)]|$)")
_NUMBERED_STREET = re.compile(r"\d+(?:st|nd|rd|th)?\s(?:[A-Z][\w']*\s){0,2}$|\d(?:st|nd|rd|th)\s$")


def is_street(match: re.Match[str]) -> bool:
    """Whether St. or Dr. follows the name of a street, rather than standing before a name."""
    before = behind(match)
    name = word_before(match)
    if not (name[:1].isupper() or _NUMBERED_STREET.search(before)) or name.rstrip(".").lower() in TITLES:
        return False
    follows = re.match(r"\s+[\"'“‘]?(?P<word>[A-Z][\w']*)", ahead(match))
    return bool(not follows or follows["word"].lower() in SENTENCE_STARTERS or _NUMBERED_STREET.search(before))


def _street(match: re.Match[str]) -> str | None:
    word = match["word"]
    if not is_street(match) or (word in {"Ct", "Pl", "Sq", "Av", "Ln"} and not match["dot"]):
        return None
    return with_stop(match, STREETS[word.lower()])


def _compass(match: re.Match[str]) -> str | None:
    return way(match.group()) if _BEFORE_COMPASS.search(behind(match)) else None


def _title(match: re.Match[str]) -> str | None:
    if match["word"] in {"MR", "MS"} and not re.match(r"\s+[A-Z]{2}", ahead(match)):
        return None  # magic resist
    return with_stop(match, TITLES[match["word"].lower()])


def has_number(word: str) -> bool:
    """Whether no. behind a word is a number: "the no. of", "my phone no. is"."""
    return word.lower() in _HAS_NUMBER


def _within(match: re.Match[str]) -> str:
    word = match["word"].lower()
    if word in {"incl", "excl"} and _NOTHING_FOLLOWS.match(ahead(match)):
        return with_stop(match, f"{word}uded")  # breakfast incl.
    return with_stop(match, like(match["word"], WITHIN[word]))


def _versus(match: re.Match[str]) -> str | None:
    before = word_before(match)
    return "versus" if before[:1].isupper() or before == "al." else None


def _from(table: dict[str, str], pattern: re.Pattern[str]) -> Rule:
    return Rule(pattern, lambda match: with_stop(match, like(match["word"], table[match["word"].lower()])))


RULES = (
    Rule(_REVISED, lambda match: like(match["word"], "revised")),
    Rule(_EDITION, lambda match: with_stop(match, "edition")),
    Rule(_REFERENCE, lambda match: like(match["word"], "reference")),
    Rule(_ESTIMATE, lambda match: with_stop(match, "estimate")),
    Rule(_NUMBER_OF, lambda match: "number" if has_number(word_before(match)) else None),
    Rule(_FOLLOWING, lambda match: with_stop(match, " and following")),
    Rule(_STREET, _street),
    Rule(_COMPASS, _compass),
    Rule(_TITLE, _title),
    Rule(_BARE_TITLE, lambda match: TITLES[match["word"].lower()]),
    _from(NUMBERED, _NUMBERED),
    Rule(_WITHIN, _within),
    Rule(_VERSUS, _versus),
    _from(SIZES, _SIZE),
    _from(AFTER_ORDINAL, _AFTER_ORDINAL),
    _from(CLOSING, _CLOSING),
    _from(BARE, _BARE),
)
