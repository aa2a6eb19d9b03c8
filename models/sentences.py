"""The sentences that the small model learns from, and those it is judged by."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

# A slot's words stand in for its name in braces; slots may name other slots.
SLOTS: dict[str, str] = {
    "who": "you|we|they|the enemy|your team|the jungler|your support|the carry|the tank|the mage|my friend|{name}|"
    "{name}|{name}",
    "name": "Yasuo|Ahri|Jinx|Thresh|Garen|Lux|Leona|Annie|Ashe|Sona|Vi|Darius|Fiora|Morgana|Riven|Talon|Diana|Kayle",
    "place": "{lane}|the river|the jungle|the base|the bush|the wall|the gate|the bridge|the hill|the pit|the corner|"
    "the forest|the village|the house|the valley|the tower|the shop|the harbour|the north|the south|the east|the west|"
    "a safe place|the next camp",
    "lane": "the lane|the top lane|the bottom lane|the middle lane|the middle",
    "thing": "the ward|the wave|the tower|the dragon|the baron|the buff|the shield|the sword|the potion|the gold|"
    "the map|the minion|the camp|the fight|the flag|the gate|the bow|the stone|the crown|the horse|the lamp|the door",
    "item": "a ward|a sword|a shield|a potion|boots|a cloak|a hammer|a bow|a ring|armor|more health|more damage|"
    "a helmet",
    "verb": "{act} {thing}|push {lane}|hold {place}|leave {place}|follow {name}|protect {name}|attack {name}|"
    "help {name}|wait for {name}|look at the map|go home|walk back|stay together|buy {item}|use your {spell}|"
    "save your {spell}|clear {place}|watch {place}|run to {place}|meet in {place}|return to {place}|"
    "stay behind {thing}|kill {thing}|come to {place}|go into {place}|win this {noun}|walk with {whom}|{act} {whom}",
    "whom": "him|her|them|us|me|every {noun}|the next {noun}|his {noun}|our {noun}|someone|all of them",
    "act": "take|hit|leave|watch|guard|find|hold|bring|carry|lose|break|want|need|see|trade|touch|forget|reach|drop",
    "spell": "flash|shield|spell|mana|hook|stun|blade|arrow|heal|power|energy|magic|strength|courage",
    "adverb": "now|again|slowly|quickly|together|alone|early|late|first|later|tonight|today|quietly|safely|at once|"
    "right away|very soon|one more time|with care|without fear",
    "when": "when {who} can see {thing}|before the dragon comes|after this wave|while {name} is gone|"
    "until your team is ready|as soon as it is clear|if nobody is watching|in {number} seconds|in a minute|"
    "when the night comes|before the game ends|if {name} is missing|after you come back|once {thing} is down",
    "number": "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|"
    "fifty|sixty|ninety|a hundred|twenty five|thirty two|sixty four",
    "unit": "seconds|minutes|points|minions|waves|steps|games|kills|gold pieces|days|times|friends|champions",
    "adjective": "good|bad|strong|weak|fast|slow|safe|dangerous|low|high|ready|lost|free|open|close|far|big|small|"
    "new|old|cold|warm|bright|dark|easy|hard|long|short|quiet|loud|brave|clever|patient|calm|angry|happy|tired",
    "opener": "well done|nice work|good job|be careful|stay calm|listen|come on|not yet|no problem|well|remember|"
    "do not worry|all right|take your time|very good|look out|trust me|hello|good morning|thank you|yes|no|okay",
    "must": "must|can|should|will|could|would|may|might",
    "noun": "plan|story|river|mountain|game|wind|night|morning|song|road|garden|window|letter|light|water|fire|"
    "child|captain|teacher|doctor|farmer|market|ship|winter|summer|colour|question|answer|moment|music|shadow|voice",
    "past": "found|lost|saw|heard|took|made|brought|opened|closed|watched|remembered|wanted|followed|built|asked for",
    "present": "is|was|looks|seems|feels|becomes|stays",
}

TEMPLATES = (
    "{verb}.",
    "{verb} {adverb}.",
    "{verb} {when}.",
    "{verb} and {verb}.",
    "{verb}, and then {verb}.",
    "{verb}, but do not {verb}.",
    "do not {verb}.",
    "do not {verb} {when}.",
    "never {verb} {adverb}.",
    "always {verb} {when}.",
    "please {verb} {adverb}.",
    "{opener}, {verb}.",
    "{opener}, {name}. {verb}.",
    "{opener}, {verb} {adverb}.",
    "{when}, {verb}.",
    "{who} {must} {verb}.",
    "{who} {must} {verb} {adverb}.",
    "{who} {must} not {verb}.",
    "{name} is near {place}.",
    "{name} is in {place}, so {verb}.",
    "{name} is {adjective}, and {name} is {adjective}.",
    "{thing} {present} {adjective} {adverb}.",
    "{number} enemies are in {place}.",
    "{number} {unit} are enough.",
    "you have {number} {unit}.",
    "there are {number} {unit} left.",
    "in {number} {unit} we go to {place}.",
    "I think {who} {must} {verb}.",
    "this {noun} {present} {adjective}, but the {noun} {present} {adjective}.",
    "the {adjective} {noun} {present} {adjective} {adverb}.",
    "they {past} the {noun} near {place}.",
    "she {past} a {adjective} {noun} and he {past} the {noun}.",
    "we {past} the {adjective} {noun} in {place}.",
    "it was a {adjective} {noun}, and everyone {past} it.",
    "my {noun} is {adjective}, your {noun} is {adjective}.",
    "where is the {noun}, and who {past} {thing}?",
    "can you {verb} {adverb}?",
    "will {name} {verb} {when}?",
    "how many {unit} do we have?",
    "what a {adjective} {noun}!",
    "that is {adjective} and {adjective}, {name}.",
    "{number} {unit} are coming.",
    "{name} {past} {whom} behind {place}.",
    "every {noun} {present} {adjective} with {whom}.",
)

# Eight for each of the seven champions, written by hand. No sentence of the corpus is one of these.
HELD_OUT = (
    "Wait for the wave, then walk back to the tower.",
    "The jungler is in the river, so stay together.",
    "Push the middle lane and look at the map.",
    "Do not follow Ahri into the jungle.",
    "Save your flash until the dragon comes.",
    "Well done, that was a very good fight.",
    "Three enemies are missing, be careful.",
    "Buy a ward and return to the lane.",
    "Hold the gate until your team is ready.",
    "Never walk alone when the night comes.",
    "You have twenty seconds to take the tower.",
    "Garen is strong, but his shield is gone.",
    "Listen, the wind is cold in the north.",
    "The old captain found a letter near the bridge.",
    "Use your hook as soon as you can see Lux.",
    "We will meet at the shop in five minutes.",
    "Please bring more gold to the market.",
    "The baron is open, hit it right away.",
    "Stay calm, the game is long and you are patient.",
    "Come on, help your support in the bottom lane.",
    "A small light was in the window tonight.",
    "They lost the fight, and we took the base.",
    "My teacher asked a hard question today.",
    "Leave the camp and clear the bush first.",
    "Nobody is watching the top lane now.",
    "It is dark in the forest, take a lamp.",
    "Your mana is low, go home and buy a potion.",
    "Jinx can hit the tower while you guard her.",
    "Twelve minions are in the middle, push slowly.",
    "Remember the plan, and do not forget the ward.",
    "Thresh will wait for you behind the wall.",
    "What a bright morning for a long game!",
    "If they attack, break the bridge and run.",
    "The tank is tired, so trade with the mage.",
    "Kill the minion, then touch the stone.",
    "She opened the door and heard a quiet song.",
    "Attack the carry, I will protect you.",
    "One more time, and this tower is down.",
    "Where is Yasuo, and who is with him?",
    "The water is warm and the road is free.",
    "Forty points are enough to win today.",
    "Drop the sword and carry the flag.",
    "Good morning, my friend, are you ready?",
    "The shadow on the hill looks dangerous.",
    "Heal your team after the next wave.",
    "No problem, we can lose this tower.",
    "Trust me, the enemy is far away.",
    "Guard the east gate, I will watch the west.",
    "The farmer saw a ship in the harbour.",
    "In one minute the dragon will be back.",
    "Take your time and find a safe place.",
    "Vi is close, use your shield now.",
    "Every child in the village wanted a horse.",
    "Thank you, that was clever and brave.",
    "Two waves are coming, clear them quickly.",
    "Do not be angry, the next game is new.",
)


def plain(text: str) -> str:
    """A sentence's words alone, in lower case: what two sentences have to share to be the same."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def sentences(seed: int) -> Iterator[str]:
    """Endless sentences drawn from TEMPLATES, none of them one of HELD_OUT; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 (nothing secret)
    held_out = {plain(sentence) for sentence in HELD_OUT}

    def fill(match: re.Match[str]) -> str:
        return expand(draw.choice(SLOTS[match[1]].split("|")))

    def expand(text: str) -> str:
        return re.sub(r"\{(\w+)\}", fill, text)

    while True:
        text = expand(draw.choice(TEMPLATES))
        text = re.sub(r"(^|[.?!] )([a-z])", lambda match: match[1] + match[2].upper(), text)
        if plain(text) not in held_out:
            yield text
