"""Initials, initialisms, words in capitals, single letters, and what mixes letters and digits."""

from __future__ import annotations

import re

from text.english.rule import Rule, ahead, behind, like, with_stop, words_of
from text.english.words import alphanumeric, cardinal, letters, pronounceable

INITIALISMS = words_of(
    """
    AAA ABC AC AD ADC ADHD AED AF AFK AGI AH AI AKA AM AMA AMD AOE AOL AP API APM APR APY AR ASAP ATM ATX AWS BA BBC
    BBQ BMI BMW BRB BTC CAD CBS CC CD CEO CFO CIA CLI CNN CPI CPR CPU CS CSS CTO CV DIY DJ DLC DM DNA DOA DOB
    DOI DOS DPI DPS DUI DVD EA EDM EEG EKG EP EPS ER ESG ESL ESPN EST ETA EU EUNE EUR EUW EV EXP FAQ FBI FPS FYI GDP GED
    GF GPA GPS GPU GUI HBO HIV HP HQ HR IBM ICU ID IDE IDF IDK IEEE IIRC IMDB IMF IMO INR IOT IP IPA IPO IQ IRA
    IRC IRL IRS ISBN ISO ISP IUD IV IVF JPEG KDA KGB KO LA LAN LCD LCK LCS LEC LED LGBT LLC LLM LOL LP LPL MBA
    MC MD MIT MMO MMR MP MPH MR MS MVP NA NAACP NBA NBC NFL NHL NHS NPC NSA NYC OCD OK OMG OP OS OTP PA PBE PC
    PDA PDF PE PHP PM POV POW PR PSA PTA PVE PVP QA QWER RNA RNG ROI RPG RPM RSVP RV SEO SMS SOS SQL SSD SUV TBA
    AEDT AEST CEST TBD TCP TNT TV UAE UFO UI UK UN UPS URL US USA USB USD USSR UTC UX VIP VR WASD WHO WTO XML XP YMCA
    """
)
"""Said letter by letter, though some could be said as words."""

ACRONYMS = {
    "NASA": "Nasa",
    "NATO": "Nato",
    "UNESCO": "Unesco",
    "UNICEF": "Unicef",
    "OPEC": "Opec",
    "FIFA": "Fifa",
    "UEFA": "Uefa",
    "COVID": "Covid",
    "AIDS": "Aids",
    "RAM": "ram",
    "ROM": "rom",
    "LASER": "laser",
    "PIN": "pin",
    "GIF": "gif",
    "JSON": "Jason",
    "NASDAQ": "Nasdaq",
    "SWAT": "Swat",
    "ASCII": "Askey",
    "NSFW": "N S F W",
    "CAPTCHA": "captcha",
    "MOBA": "moba",
    "ELO": "Elo",
    "FOMO": "fomo",
    "YOLO": "yolo",
    "GOAT": "goat",
    "SIM": "sim",
    "WIFI": "wifi",
    "AWOL": "awol",
    "CUDA": "Cuda",
    "JPEG": "J peg",
    "NAFTA": "Nafta",
    "IKEA": "Ikea",
    "LEGO": "Lego",
    "PHD": "P H D",
    "NVIDIA": "Nvidia",
}
"""Said as words, or in a way of their own."""

MIXED = {
    "PhD": "P H D",
    "LoL": "L O L",
    "IoT": "I O T",
    "DoT": "D O T",
    "AoE": "A O E",
    "YoY": "year over year",
    "QoQ": "quarter over quarter",
    "eSports": "E sports",
}
"""Initialisms with small letters."""

SHORT_WORDS = words_of(
    """
    A I AH AM AN AS AT BE BY DO EH GO HA HE HI IF IN IS IT ME MY NO OF OH ON OR OW OX SO TO UP US WE YA YE YO
    ACE ACT ADD AGE AGO AID AIM AIR ALL AND ANT ANY APE ARE ARM ART ASH ASK ATE AXE BAD BAG BAN BAR BAT BED BEE
    BEG BET BIG BIT BOT BOW BOX BOY BUG BUS BUT BUY BYE CAN CAP CAR CAT COP COW CRY CUP CUT DAD DAY DEN DID DIE
    DIG DIM DOG DON DRY DUE DUO EAR EAT EGG EGO ELF END EVE EYE FAN FAR FAT FED FEE FEW FIX FLY FOE FOG FOR FOX
    FUN FUR GAP GAS GEM GET GOD GOT GUN GUY HAD HAS HAT HER HEY HID HIM HIP HIS HIT HOT HOW HUG HUT ICE ILL INK
    INN ITS JAM JAR JAW JET JOB JOG JOY KEY KID KIN KIT LAB LAD LAP LAW LAY LEG LET LID LIE LIP LOG LOT LOW MAD
    MAN MAP MAY MEN MET MID MIX MOB MOM MUD NAP NET NEW NOD NOR NOT NOW NUT OAK ODD OFF OIL OLD ONE ORB ORE OUR
    OUT OWE OWL OWN PAN PAY PEN PET PIE PIG PIN PIT POP POT PUT RAN RAT RAW RED RID RIP ROB ROD ROT ROW RUB RUG
    RUN SAD SAW SAY SEA SEE SET SHE SHY SIN SIP SIR SIT SIX SKY SON SPY SUM SUN TAG TAP TAX TEA TEN THE TIE TIN
    TIP TOE TON TOO TOP TOY TRY TWO UGH ULT USE VAN VAR VEX VOW WAR WAS WAX WAY WEB WED WET WHO WHY WIG WIN WIT
    WON WOW YEA YES YET YOU ZAC ZAP ZED ZIP ZOE LUX JAX VI YI NAR
    """
)
"""Words of up to three letters; others of that length in capitals are spelt."""

SPECIES = words_of(
    "coli aureus difficile pylori rex elegans melanogaster sapiens cerevisiae thaliana pneumoniae albicans"
)
"""What follows the initial of a genus: E. coli."""

BOTH = words_of("AM ER ID IT OP OR PA PR US WHO")
"""Spelt among words in small letters, words among words in capitals."""

_KEYS = frozenset("bcdefghjklmnpqrstuvwxyz")
_INTERJECTIONS = re.compile(r"(?:h?m+|hm+|sh+|ps+t|pf+t|tsk|br+|gr+|z+|nth|th|st|nd|rd|ll|ve|re|zzz)", re.IGNORECASE)

_DOTTED = re.compile(
    r"(?<![\w'.])(?:[BM]\.\s?Sc|LL\.\s?[BMD]|[BM]\.Ed|Ed\.D)\.?(?!\w)|(?<![\w'.])(?:[A-Za-z]\.){2,}(?![\w])|(?<![\w'.])Ph\.\s?D\.?(?!\w)|(?<![\w'.])(?:[A-Z]\.){2,}(?=[A-Z][a-z])"
)
_INITIAL = re.compile(
    rf"(?<![\w'.-])(?P<letter>[A-Z])\.(?=\s+(?:[A-Z]\.|[A-Z][\w']|(?:{'|'.join(sorted(SPECIES))})\b))"
)
_AMPERSAND = re.compile(r"(?<![\w'])(?P<left>[A-Z]{1,3})&(?P<right>[A-Z]{1,3})(?!\w)")
_CAPITALS = re.compile(
    r"(?<![\w'’])(?P<word>I(?=['’](?:M|LL|VE|D)\b)|[A-Z]{2,}(?:['’][A-Z]{2,})?)(?P<ending>['’](?:s|S|T|M|LL|RE|VE|D)\b|s)?(?![\w])"
)
_MIXED = re.compile(r"(?<![\w'])(?:" + "|".join(MIXED) + r")(?![\w])")
_LATIN = r"[A-Za-zÀ-ÖØ-öø-ɏ\d]"
_ALPHANUMERIC = re.compile(rf"(?<![\w'])(?={_LATIN}*\d)(?={_LATIN}*[A-Za-z]){_LATIN}+")
_EPISODE = re.compile(r"(?<!\w)[Ss](?P<season>\d{1,2})\s?[Ee](?P<episode>\d{1,3})(?!\w)")
_HYPHEN = re.compile(r"(?<=\w)-(?=\d)|(?<![A-Za-z'][A-Z])(?<=[A-Z])-(?=[A-Z]\b)")
_ENDS_WITH_NAME = re.compile(r"(?:(?<![\w'])[A-Z]\w*|\d)$")
_LETTER = re.compile(r"(?<![\w'’.])(?<!\s[:;=])(?<!\s[:;=]-)[a-z](?![\w'’]|\.\w)")
# A telephone writes the first letter of a sentence as a capital.
_NO_VOWEL = re.compile(
    r"(?<![\w'’.@-])(?:[bcdfghjklmnpqrstvwxz]|^[BCDFGHJKLMNPQRSTVWXZ])[bcdfghjklmnpqrstvwxz]{1,4}"
    r"(?=['’](?:d|s|ed|ing)\b|(?![\w'’@-](?<![²³⁴⁵])))"
)
_CAPITAL_WORD = re.compile(r"[A-Z]{2,}")
_LETTERS_ONLY = re.compile(r"[A-Za-z][\w'’]*")


def _dotted(match: re.Match[str]) -> str:
    return with_stop(match, letters(match.group()))


def is_word(match: re.Match[str]) -> bool:
    """Whether capitals are a word that is shouted or stressed, rather than an initialism."""
    word = match["word"].replace("’", "'")
    if "'" in word or word in BOTH:
        return "'" in word or _among_capitals(match)
    if word in INITIALISMS or not pronounceable(word):
        return False
    return len(word) > 3 or word in SHORT_WORDS or (len(word) == 3 and _among_capitals(match))


def _among_capitals(match: re.Match[str]) -> bool:
    """Whether a neighbour is a word in capitals, and not an initialism."""
    before, after = _LETTERS_ONLY.findall(behind(match)), _LETTERS_ONLY.findall(ahead(match))
    neighbours = [*before[-1:], *after[:1]]
    return any(
        len(each) > 1
        and each.isupper()
        and not any(map(str.isdecimal, each))
        and each not in INITIALISMS
        and pronounceable(each)
        for each in neighbours
    )


def _capitals(match: re.Match[str]) -> str | None:
    word, ending = match["word"], (match["ending"] or "").replace("’", "'")
    if word in ACRONYMS and not ending:
        return ACRONYMS[word]
    contracted = ending.isupper() and pronounceable(word + "a")
    if is_word(match) or (contracted and word not in INITIALISMS and ending != "'S"):
        starts = not behind(match).strip(" \"'“‘(")
        said = (word + ending).lower()
        return like("A", said) if starts or word in {"I"} else said
    spelt = letters(word)
    return f"{spelt}'s" if ending in {"s", "'s", "'S"} else f"{spelt}{ending.lower()}"


def _letter(match: re.Match[str]) -> str | None:
    return match.group().upper() if match.group() in _KEYS or ahead(match).startswith(")") else None


def _no_vowel(match: re.Match[str]) -> str | None:
    return None if _INTERJECTIONS.fullmatch(match.group()) else letters(match.group())


RULES = (
    Rule(_DOTTED, _dotted),
    Rule(_INITIAL, lambda match: match["letter"]),
    Rule(_AMPERSAND, lambda match: f"{letters(match['left'])} and {letters(match['right'])}"),
    Rule(_MIXED, lambda match: MIXED[match.group()]),
    Rule(_CAPITALS, _capitals),
    Rule(_EPISODE, lambda match: f"season {cardinal(int(match['season']))} episode {cardinal(int(match['episode']))}"),
    Rule(_ALPHANUMERIC, lambda match: alphanumeric(match.group())),
    # GPT-4, E-Q, but best-of-5
    Rule(_HYPHEN, lambda match: " " if _ENDS_WITH_NAME.search(behind(match)) else None),
    Rule(_NO_VOWEL, _no_vowel),
    Rule(_LETTER, _letter),
)
