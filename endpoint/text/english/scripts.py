"""Runs of other scripts: they pass unchanged, with the digits and marks in them."""

from __future__ import annotations

import re

from text.english.rule import Rule

_LATIN = r"[A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿﬀ-ﬆＡ-Ｚａ-ｚ]"
# Greek and what follows it, but for Latin letters between, symbols, and lone Greek letters, which `symbols` names.
_OTHER = (
    r"(?:(?=[^\W\d_])(?!(?<![\u0370-\u03ff\u1f00-\u1fff])[αβγδΔεθλμπσφωΩ](?![\u0370-\u03ff\u1f00-\u1fff]))"
    r"[\u0370-\u1dbf\u1f00-\u1fff\u2c80-\ua71f\ua800-\uab2f\uab70-\ufaff\ufb13-\ufeff\uff66-\uffdc\U00010000-\U0003ffff])"
)
_NOT_LATIN = rf"(?:(?!{_LATIN})[^\n])"

RUN = re.compile(
    # Digits and marks between two letters of another script, before the first and after the last, belong to them.
    rf"(?:^{_NOT_LATIN}*?|(?<![\d.,:])\d[\d.,:]*)?{_OTHER}(?:{_NOT_LATIN}*{_OTHER})?(?:\d[\d.,:]*\d|\d|{_NOT_LATIN}*$)?"
)

RULES = (Rule(RUN, lambda match: match.group()),)
