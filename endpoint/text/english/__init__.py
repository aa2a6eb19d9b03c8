"""English as it is read aloud.

| what is written | read by |
|---|---|
| runs of other scripts | `scripts`: they pass unchanged |
| URLs, e-mail addresses, domains, files, @handles, #hashtags | `web` |
| telephone and card numbers | `phones` |
| Chicago, IL 60614 | `places` |
| F-16s, 737s, under-18s | `names` |
| dates in the usual orders and ISO, weekdays, months, years, decades | `dates` |
| clock times, game clocks, ratios, 22min 30s | `times` |
| $3.50, £20k, 20 USD | `money` |
| v2.1, Patch 14.22 | `versions` |
| 5/2/11, 1v1, 2.5x, 10k, lvl 18, 200 cs, gg | `game` |
| 5-10, 3-1, 1-3-1 | `ranges` |
| km/h, °C, GB, 50%, 5'11", 7.5/min | `units` |
| Chapter IV, Henry VIII, Gold II | `roman` |
| Dr., St., e.g., No. 5, w/ | `abbreviations` |
| J. R. R., FBI, NASA, THIS IS, MP3, Q | `capitals` |
| 3rd, 3/4, 2^10, 3.14, 12,345 | `numbers` |
| & @ # / + = and marks | `symbols`, `marks` |

All of them are rules of our own. Libraries were tried: inflect takes 1.8 s to import, num2words is LGPL, NeMo's
grammars take 24 s to load, or 100 ms a sentence in their pure Python form, and wetext, normt2s and abbr2words misread
prices, dates, scores or decades.
"""

from __future__ import annotations

from text.english import (
    abbreviations,
    capitals,
    dates,
    game,
    money,
    names,
    numbers,
    phones,
    places,
    ranges,
    roman,
    scripts,
    symbols,
    times,
    units,
    versions,
    web,
)
from text.english.marks import tidy
from text.english.rule import apply

RULES = (
    *scripts.RULES,
    *web.RULES,
    *phones.RULES,
    *places.RULES,
    *names.RULES,
    *dates.RULES,
    *times.RULES,
    *money.RULES,
    *versions.RULES,
    *game.RULES,
    *units.RULES,
    *ranges.RULES,
    *numbers.RULES,
    *roman.RULES,
    *abbreviations.RULES,
    *capitals.RULES,
    *numbers.REMAINING,
    *symbols.RULES,
)
"""Which goes first: what one rule reads, no later one touches."""


def read_aloud(text: str) -> str:
    """Write a sentence, or a part of one, as it is said: words, and of marks only . , ? ! ; : - '.

    Letters that are spelt are capitals with spaces between ("G P U"). Runs of other scripts pass unchanged, and so do
    symbols that have no name here.
    """
    return tidy(apply(RULES, text))
