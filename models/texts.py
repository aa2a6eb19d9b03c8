"""What the teacher is given to read: WordNet's example sentences and lines of a coach."""

from __future__ import annotations

import random
import re
from pathlib import Path

# A slot's choices stand in for its name in braces; {number} and {small} are numbers.
SLOTS = {
    "name": (
        "Ahri|Ashe|Braum|Darius|Diana|Draven|Ekko|Fiora|Garen|Irelia|Janna|Jinx|Katarina|Leona|Lux|Malphite|Morgana|"
        "Nami|Orianna|Riven|Senna|Sona|Syndra|Talon|Teemo|Thresh|Vayne|Vi|Yasuo|Zed"
    ),
    "place": (
        "the top lane|the middle lane|the bottom lane|the river|the jungle|the enemy jungle|their base|our base|"
        "the dragon pit|the tower|the brush|the side lane|the far camp|the choke point"
    ),
    "thing": (
        "the dragon|the baron|the herald|the tower|the ward|the wave|the blue buff|the red buff|the inhibitor|"
        "the nexus|the cannon minion|the shield|the bounty"
    ),
    "item": "boots|a ward|a potion|a shield|armor|magic resist|a longer sword|the last item|a cloak",
    "spell": "your flash|your shield|your ultimate|your heal|your hook|your stun|your dash",
    "verb": "push|hold|leave|defend|attack|watch|give up|clear|take|walk to|run from|scout",
    "praise": "Well done|Good eye|Nice try|Much better|Beautiful|That was clean|Clever play|Not bad",
    "when": (
        "before the next fight|after this wave|once they are gone|when nobody is looking|in the late game|"
        "as soon as you can|while your team is near|if you have enough mana|until help comes|right away"
    ),
}
PATTERNS = (
    "{praise}, {name}, now {verb} {place}.",
    "{praise}! You were {number} gold ahead.",
    "{verb} {thing} {when}.",
    "{verb} {place} {when}, and keep {spell}.",
    "Do not {verb} {place} without {name}.",
    "{name} is in {place}!",
    "{name} has {number} gold, you have {number}.",
    "You were caught in {place} {small} times.",
    "Buy {item} {when}.",
    "{verb} {thing}, then {verb} {place}.",
    "Why did you {verb} {place}?",
    "Where was {name} at minute {small}?",
    "Use {spell} only {when}.",
    "Keep {spell} for {name}.",
    "Can you {verb} {thing} {when}?",
    "We lost {thing}, {name}.",
    "{name} and {name} are missing.",
    "They have {small} kills, we have {small}.",
    "Your score was {small} to {small}.",
    "In {small} seconds {thing} is back.",
    "Ping {place} when you see {name}.",
    "{when}, {verb} {thing}.",
    "{number} damage, and {name} is still alive!",
    "You killed {small} minions in {small} minutes.",
    "Go, {name}, go!",
    "Stop! {name} is behind {place}.",
    "Wait.",
    "Now!",
    "Back!",
    "Careful!",
    "Again.",
    "Good.",
    "Listen to me.",
    "Yes, {name}.",
    "No, not {place}.",
    "{thing} is worth more than {name}.",
    "Two of them are in {place}, the rest is at {thing}.",
    "I saw you {verb} {place} with {small} health left.",
    "What would {name} do in {place}?",
    "It is level {small} already.",
)
ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def examples(wordnet: Path) -> list[str]:
    """WordNet's example sentences that can be read aloud as they stand, each once.

    Args:
        wordnet: the folder of data.noun and the others: wordnet.princeton.edu, a licence like MIT's.
    """
    found: dict[str, str] = {}
    for part in ("noun", "verb", "adj", "adv"):
        for line in (wordnet / f"data.{part}").read_text(encoding="ascii", errors="ignore").splitlines():
            for quoted in re.findall(r'"([^"]+)"', line.partition("|")[2]):
                text = " ".join(quoted.replace("`", "'").strip(" ;,.-").split())
                if is_readable(text):
                    found.setdefault(text.lower(), text)
    return list(found.values())


def is_readable(text: str) -> bool:
    """Whether a text is a short one of words alone: no figures, abbreviations or names in capitals."""
    strange = re.search(r"[^A-Za-z',!?. -]|\.\w|[A-Z]{2}", text)
    return strange is None and 4 <= len(text.split()) <= 15


def coach(draw: random.Random) -> str:
    """Something that a coach might say, or nearly."""

    def filled(slot: re.Match[str]) -> str:
        if slot[1] == "number":
            return spelt(draw.randrange(20, 10_000))
        return spelt(draw.randrange(2, 60)) if slot[1] == "small" else draw.choice(SLOTS[slot[1]].split("|"))

    return re.sub(r"\{(\w+)\}", filled, draw.choice(PATTERNS))


def spelt(number: int) -> str:
    """A number below a million in words."""
    if number < len(ONES):
        return ONES[number]
    for size, name, joint in ((1000, " thousand", " "), (100, " hundred", " and ")):
        if number >= size:
            rest = number % size
            return spelt(number // size) + name + (joint + spelt(rest) if rest else "")
    return TENS[number // 10 - 2] + ("" if number % 10 == 0 else f" {ONES[number % 10]}")
