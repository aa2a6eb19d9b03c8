"""States of America behind a city, their postal codes, and the side of a street: 250 W. 57th St."""

from __future__ import annotations

import re

from text.english.context import counts_something
from text.english.phones import groups
from text.english.rule import Rule, word_before, words_of
from text.english.units import way

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
    rf"(?<=[a-z], )(?P<state>{'|'.join(STATES)})"
    r"(?:\s(?P<code>\d{5}(?:-\d{4})?)(?![\w-]|[.,]\d)|(?=[.,;:)]|\s*$|\s[a-z])(?!\.\w))"
)
_SIDE = re.compile(r"(?<=\d )(?P<side>[NSEW])\.?(?=\s\d{1,3}(?:st|nd|rd|th)\b)")


def _state(match: re.Match[str]) -> str | None:
    sure = match["state"] in SURE or (match["code"] and not counts_something(match))
    if not sure or not word_before(match)[:1].isupper():
        return None
    code = match["code"] or ""
    return f"{STATES[match['state']]} {groups(code)}".strip()


RULES = (Rule(_STATE, _state), Rule(_SIDE, lambda match: way(match["side"]).capitalize()))
