"""Symbols: some have a name that is said, some are marks of speech, some are silent."""

from __future__ import annotations

import re

from text.english.rule import Rule

NAMES = {
    "&": "and",
    "@": "at",
    "%": "percent",
    "=": "equals",
    "°": "degrees",
    "№": "number",
    "‰": "per mille",
    "±": "plus or minus",
    "÷": "divided by",
    "≈": "about",
    "≤": "less than or equal to",
    "≥": "greater than or equal to",
    "≠": "not equal to",
    "√": "square root of",
    "∞": "infinity",
    "−": "minus",
    "©": "copyright",
    "§": "section",
    "§§": "sections",
    "\\": "backslash",
    "^": "to the power of",
    "⁄": "over",
    "∑": "sum of",
    "$": "dollar",
    "€": "euro",
    "£": "pound",
    "¥": "yen",
    "¢": "cent",
    "₹": "rupee",
    "₩": "won",
    "₿": "bitcoin",
    "<=": "less than or equal to",
    ">=": "greater than or equal to",
    "!=": "not equal to",
    "==": "equals",
    "->": "to",
    "=>": "to",
    "→": "to",
    "⇒": "to",
    "<": "less than",
    ">": "greater than",
    "×": "times",
    "★": "star",
    "⭐": "star",
    "µ": "micro",
    "π": "pi",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "Δ": "delta",
    "ε": "epsilon",
    "θ": "theta",
    "λ": "lambda",
    "σ": "sigma",
    "φ": "phi",
    "ω": "omega",
    "Ω": "ohm",
    "+": "plus",
    "c++": "C plus plus",
    "C++": "C plus plus",
    "C#": "C sharp",
    "F#": "F sharp",
    "º": "degrees",
    "¬": "not",
    "⟶": "to",
}
"""Said wherever they stand."""

MARKS = {
    "(": ", ",
    ")": ", ",
    "[": ", ",
    "]": ", ",
    "{": ", ",
    "}": ", ",
    "|": ", ",
    "•": ", ",
    "·": ", ",
    "¦": ", ",
    "—": " - ",
    "–": " - ",
    "--": " - ",
    "---": " - ",
    "…": "... ",
    "‐": "-",
    "‑": "-",
    "‒": " - ",
    "―": " - ",
    "’": "'",
    "‘": "'",
    "′": "'",
    "ʼ": "'",
    "´": "'",
}
"""Heard as a pause, or another way to write a mark."""

KEYS = {
    "~": "tilde",
    "[": "left bracket",
    "]": "right bracket",
    ";": "semicolon",
    ",": "comma",
    ".": "period",
}
"""Marks that are said where they are keys."""

SILENT = '"“”„«»‹›`®™¿¡¶†‡¨¸ˈ*~_″'
"""Not said where nothing else has been made of them."""

_EMOTICON = re.compile(
    r"(?:(?<=\s)|(?<=[.!?])|^)[:;=8]['’]?-?(?:[()/\\|*]|[DPpOo3](?=\s|$))+(?=\s|$|[.!?,])"
    # ^_^ -_- >.< T_T
    r"|(?<!\S)(?:\^[_.-]?\^|-_+-|>[_.]+<|[oO]_[oO]|T_T|;-;)(?=\s|$|[.!?,])"
)
_MINUS = re.compile(r"(?<![\w)\].,%°-])[-−–](?=[$€£¥]?\.?\d)")
_ABOUT = re.compile(r"[~≈](?=\s?[$€£¥+-]?\.?\d)")
_PLUS_OR_MINUS = re.compile(r"\+/-")
_DIVIDED = re.compile(r"(?<=[\d)])\s*/\s+(?=[\d(])|(?<=[\d)])\s+/\s*(?=[\d(])|(?<=[\d)])/(?=\()")
_TIMES = re.compile(r"(?<=[\d)])(?:\s?\*\s?(?=[\d(])|\*(?=[A-Za-z]))")
_SIGNED = re.compile(r"(?<=\d)/(?=[+-]\d)")
_KEY = re.compile(r"(?<!\S)(?P<mark>[~\[\];,.])(?=\skey\b)")
_AND_OR = re.compile(r"(?<=\band)/(?=or\b)", re.IGNORECASE)
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_STAR = re.compile(r"(?<!\w)\*(?=\d)")
_NUMBER_SIGN = re.compile(r"#(?=\s?\d)")
_PARAGRAPH = re.compile(r"¶¶?(?=\s?\d)")
_UNDERSCORE = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")
_NAME = re.compile(
    "(?<![A-Za-z])C(?:#|\\+\\+)(?!\\w)|(?<![A-Za-z])F#(?!\\w)|"
    + "|".join(re.escape(symbol) for symbol in sorted(set(NAMES) - {"c++", "C++", "C#", "F#"}, key=len, reverse=True))
)
_MARK = re.compile("-{2,3}|" + "|".join(re.escape(mark) for mark in MARKS if not mark.startswith("--")))
_SILENT = re.compile(f"[{re.escape(SILENT)}]")


def _named(match: re.Match[str]) -> str:
    return f" {NAMES[match.group()]} "


RULES = (
    Rule(_EMOTICON, lambda _: " "),
    Rule(_PLUS_OR_MINUS, lambda _: " plus or minus "),
    Rule(_MINUS, lambda _: " minus "),
    Rule(_ABOUT, lambda _: " about "),
    Rule(_SIGNED, lambda _: ", "),
    Rule(_KEY, lambda match: KEYS[match["mark"]]),
    Rule(_DIVIDED, lambda _: " divided by "),
    Rule(_TIMES, lambda _: " times "),
    Rule(_POINT, lambda _: " point "),
    Rule(_STAR, lambda _: " star "),
    Rule(_PARAGRAPH, lambda _: " paragraph "),
    Rule(_NUMBER_SIGN, lambda _: " number "),
    Rule(_UNDERSCORE, lambda _: " underscore "),
    Rule(_NAME, _named),
    Rule(_MARK, lambda match: MARKS.get(match.group(), " - ")),
    Rule(_AND_OR, lambda _: " "),
    Rule(re.compile("/"), lambda _: " slash "),
    Rule(re.compile("#"), lambda _: " hash "),
    Rule(_SILENT, lambda _: " "),
)
