"""States of America behind a city, their postal codes, and the side of a street: 250 W. 57th St."""

from __future__ import annotations

import re

from text.english.rule import Rule, word_before, words_of
from text.english.words import digits

STATES = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "IA": "Iowa",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "MA": "Massachusetts",
    "MD": "Maryland",
    "ME": "Maine",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MO": "Missouri",
    "MS": "Mississippi",
    "MT": "Montana",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "NE": "Nebraska",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NV": "Nevada",
    "NY": "New York",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VA": "Virginia",
    "VT": "Vermont",
    "WA": "Washington",
    "WI": "Wisconsin",
    "WV": "West Virginia",
    "WY": "Wyoming",
    "DC": "D C",
}
SURE = frozenset(STATES) - words_of("AL AR CA CT HI IN LA MA MD ME MS OH OK OR PA")
"""Those that are nothing else behind a name and a comma, even without a postal code."""

_STATE = re.compile(
    rf"(?<=[a-z], )(?P<state>{'|'.join(STATES)})(?P<code>\s\d{{5}}(?:-\d{{4}})?)?(?=[.,;:)]|\s*$|\s[a-z])(?!\.\w)"
)


def _state(match: re.Match[str]) -> str | None:
    if not word_before(match)[:1].isupper() or not (match["code"] or match["state"] in SURE):
        return None
    code = ", ".join(digits(group) for group in (match["code"] or "").split("-") if group)
    return f"{STATES[match['state']]} {code}".strip()


_SIDES = {"N": "North", "S": "South", "E": "East", "W": "West"}
_SIDE = re.compile(r"(?<=\d )(?P<side>[NSEW])\.?(?=\s\d{1,3}(?:st|nd|rd|th)\b)")

RULES = (Rule(_STATE, _state), Rule(_SIDE, lambda match: _SIDES[match["side"]]))
