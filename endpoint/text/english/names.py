"""Names with a number, in the plural: F-16s, A350s, 737s, under-18s, 49ers. Their s counts no seconds."""

from __future__ import annotations

import re

from text.english.rule import Rule
from text.english.words import alphanumeric, cardinal, name_of, plural

_MODELS = re.compile(r"(?<![\w'.-])(?P<name>[A-Z]{1,4}-?\d{1,4})s(?!\w)")
_AIRLINERS = re.compile(r"(?<![\w.,-])(?P<name>7[0-8]7)s(?!\w)")
_PEOPLE = re.compile(r"(?:(?<=on-)|(?<=[Uu]nder-)|(?<=[Oo]ver-))(?P<number>\d{1,2})s(?!\w)")
_TEAMS = re.compile(r"(?<!\w)(?P<number>[2-9][1-9])ers(?!\w)")
_PLANS = re.compile(r"(?<!\w)(?P<number>401|403)\s?(?:\((?P<letter>[kb])\)|(?P<bare>[kb]))(?!\w)")

RULES = (
    Rule(_MODELS, lambda match: plural(alphanumeric(match["name"]))),
    Rule(_AIRLINERS, lambda match: plural(name_of(match["name"]))),
    Rule(_PEOPLE, lambda match: plural(cardinal(int(match["number"])))),
    # An American's pension, and no thousands.
    Rule(_PLANS, lambda match: f"{name_of(match['number'])} {(match['letter'] or match['bare']).upper()}"),
    Rule(_TEAMS, lambda match: cardinal(int(match["number"])).removesuffix("e") + "ers"),
)
