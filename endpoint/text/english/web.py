"""Addresses of the web: URLs, e-mail addresses, domains, files, handles and hashtags."""

from __future__ import annotations

import re

from text.english.rule import Rule
from text.english.words import digits, has_vowel, letters

SAID_AS_WORDS = frozenset(["biz", "co", "com", "dev", "info", "net", "org"])
"""Endings of names that are words to the ear; others are spelt where they make no word."""

TOP_LEVEL = (
    "com|org|net|edu|gov|io|gg|tv|ai|app|dev|info|biz|me|eu|uk|us|de|fr|es|it|nl|kr|jp|cn|br|ca|au|ru|pl|ly|be|co"
)
"""Endings by which a name without http:// or www. is known."""

FILE_TYPES = (
    "txt|pdf|docx?|xlsx?|pptx?|csv|tsv|json|ya?ml|xml|html?|css|jsx?|tsx?|py|ipynb|java|cpp|rs|sh|exe|dll|zip|tar|gz|"
    "mp3|mp4|wav|flac|ogg|png|jpe?g|gif|svg|webp|md|cfg|conf|env|bat|bak|bin|dat|mov|avi|mkv|php|ini|log|sql|toml|lock"
)

_SYMBOLS = {
    ".": "dot",
    "/": "slash",
    "-": "dash",
    "_": "underscore",
    "~": "tilde",
    "@": "at",
    ":": "colon",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "#": "hash",
    "%": "percent",
    "+": "plus",
    "\\": "backslash",
}
_PART = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)

_W = r"(?:(?![²³¹¼-¾⁰-₉⅐-↉])\w)"  # superscripts and fractions are no letters
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PATH = rf"(?::\d+)?(?:[/?#](?:(?:{_W}|[.~:/?#@&=+%,;-])*(?:{_W}|[/=]))?)?"
_DOMAIN = rf"(?:{_LABEL}\.)+(?:{TOP_LEVEL})(?![\w-])"
_EMAIL = re.compile(rf"(?<![\w.+])(?<!\w-){_W}(?:{_W}|[.+-])*(?<=\w)@(?:{_LABEL}\.)+[A-Za-z]{{2,}}")
_HOST = rf"(?:{_W}|[.-])+{_W}{_PATH}"
_URL = re.compile(rf"(?:https?|ftp)://(?P<rest>{_HOST})|(?<![\w.@])www\.{_HOST}", re.IGNORECASE)
_BARE_DOMAIN = re.compile(rf"(?<![\w.@/-]){_DOMAIN}{_PATH}")
_FILE = re.compile(rf"(?<![\w./])(?<!\w-){_W}(?:{_W}|-)*\.(?:{FILE_TYPES})(?![\w])")
_WILDCARD = re.compile(rf"(?<![\w*])\*\.(?P<type>{FILE_TYPES})(?!\w)")
_PATH_ON_DRIVE = re.compile(rf"(?<!\w)[A-Z]:\\(?:(?:{_W}|[\\._-])*{_W})?")
_IP_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_HANDLE = re.compile(rf"(?<![\w@/])@(?P<name>[A-Za-z_]{_W}*)")
_HASHTAG = re.compile(rf"(?<![\w#&/])#(?P<name>[A-Za-z_]{_W}*)")


def address(written: str) -> str:
    """An address part by part: "op.gg/a-1" is "op dot G G slash A dash one"."""
    return " ".join(filter(None, (_part(part, written) for part in _PART.findall(written))))


def _part(part: str, written: str) -> str:
    if part.isdecimal():
        return digits(part)
    if not part[0].isalpha():
        return _SYMBOLS.get(part, "")
    ending = written.lower().split("/")[0].endswith(f".{part.lower()}")
    known = part.lower() in SAID_AS_WORDS
    short_name = len(part) < 2 or (part.isupper() and len(part) < 4) or (ending and len(part) < 4)
    return letters(part) if not known and (short_name or not has_vowel(part)) else part


RULES = (
    Rule(_EMAIL, lambda match: address(match.group())),
    Rule(_URL, lambda match: address((match["rest"] or match.group()).rstrip("/"))),
    Rule(_BARE_DOMAIN, lambda match: address(match.group().rstrip("/"))),
    Rule(_FILE, lambda match: address(match.group())),
    Rule(_WILDCARD, lambda match: f"star dot {address(match['type'])}"),
    Rule(_PATH_ON_DRIVE, lambda match: address(match.group())),
    Rule(_IP_ADDRESS, lambda match: address(match.group())),
    Rule(re.compile(r"(?<!\w)\.NET\b"), lambda _: "dot net"),
    Rule(_HANDLE, lambda match: f"at {address(match['name'])}"),
    Rule(_HASHTAG, lambda match: f"hashtag {address(match['name'])}"),
)
