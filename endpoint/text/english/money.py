"""Money, with its magnitude: what is written says whether it is read with cents, as a decimal or as a range."""

from __future__ import annotations

import re
from dataclasses import dataclass

from text.english.rule import Rule, behind, with_stop, word_after, words_of
from text.english.words import NUMBER, cardinal, number


@dataclass(frozen=True)
class Currency:
    """What one and several are called, and the hundredth part, where prices are said with it."""

    one: str
    several: str
    cent: str = ""
    cents: str = ""


DOLLAR = Currency("dollar", "dollars", "cent", "cents")
EURO = Currency("euro", "euros", "cent", "cents")
POUND = Currency("pound", "pounds", "penny", "pence")
YEN = Currency("yen", "yen")
YUAN = Currency("yuan", "yuan")
WON = Currency("won", "won")
RUPEE = Currency("rupee", "rupees")
BITCOIN = Currency("bitcoin", "bitcoins")


def _dollars_of(country: str) -> Currency:
    return Currency(f"{country} dollar", f"{country} dollars", "cent", "cents")


SYMBOLS = {
    "$": DOLLAR,
    "€": EURO,
    "£": POUND,
    "¥": YEN,
    "₹": RUPEE,
    "Rs.": RUPEE,
    "Rs": RUPEE,
    "₩": WON,
    "₿": BITCOIN,
    "₽": Currency("ruble", "rubles"),
    "₺": Currency("lira", "lira"),
    "₫": Currency("dong", "dong"),
    "₱": Currency("peso", "pesos"),
    "₴": Currency("hryvnia", "hryvnias"),
    "₪": Currency("shekel", "shekels"),
    "US$": _dollars_of("U S"),
    "CA$": _dollars_of("Canadian"),
    "C$": _dollars_of("Canadian"),
    "AU$": _dollars_of("Australian"),
    "A$": _dollars_of("Australian"),
    "NZ$": _dollars_of("New Zealand"),
    "HK$": _dollars_of("Hong Kong"),
    "S$": _dollars_of("Singapore"),
    "R$": Currency("real", "reais"),
}
CODES = {
    "USD": _dollars_of("U S"),
    "EUR": EURO,
    "GBP": POUND,
    "JPY": YEN,
    "CNY": YUAN,
    "RMB": YUAN,
    "KRW": WON,
    "INR": RUPEE,
    "BTC": BITCOIN,
    "CAD": _dollars_of("Canadian"),
    "AUD": _dollars_of("Australian"),
    "NZD": _dollars_of("New Zealand"),
    "CHF": Currency("Swiss franc", "Swiss francs"),
    "SEK": Currency("Swedish krona", "Swedish kronor"),
    "MXN": Currency("Mexican peso", "Mexican pesos"),
}
MAGNITUDES = {
    "k": "thousand",
    "m": "million",
    "mm": "million",
    "mn": "million",
    "mil": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
    "trn": "trillion",
}
PRICED = words_of(
    """
    bill bid bond bonus bounty budget bailout business campaign check cheque company contract credit deal debt deficit
    deposit donation estate facility fee fine fund funding gap gift grant home house industry investment jackpot
    lawsuit limit loan mansion market meal merger minimum offer package penalty plan price prize program programme
    project purchase question refund rescue reward round salary sale scheme settlement shortfall stake startup
    stimulus surplus takeover tax ticket upgrade valuation verdict
    """
)
"""What has a sum before it as another has an adjective: the $64,000 question."""

_MAGNITUDE_WORDS = ("hundred", "thousand", "lakh", "crore", "million", "billion", "trillion")

_SYMBOL = "|".join(re.escape(symbol) for symbol in sorted(SYMBOLS, key=len, reverse=True))
_CODE = "|".join(CODES)
_MAGNITUDE = (
    rf"(?:\s?(?P<magnitude>(?i:{'|'.join(sorted(MAGNITUDES, key=len, reverse=True))}))(?![\w])"
    rf"|\s(?P<word>{'|'.join(_MAGNITUDE_WORDS)})\b)?"
)
# As the continent of Europe writes it: 1.250,00.
_AMOUNT = rf"(?:\d{{1,3}}(?:\.\d{{3}})+|\d+),\d\d(?!\d)|{NUMBER}"
_BEFORE = re.compile(
    rf"(?<![\w])(?:(?P<symbol>{_SYMBOL})\s?|(?P<code>{_CODE})\s)(?P<number>{_AMOUNT})"
    rf"(?:\s?[-–]\s?(?P<to>{NUMBER}))?{_MAGNITUDE}(?![\d]|[.,]\d)"
)
_AFTER = re.compile(
    rf"(?<![\w.,])(?P<number>{_AMOUNT}){_MAGNITUDE}\s?(?:(?P<symbol>[€£¥₹₩₿₽₺₫₱₴₪$])|(?P<code>{_CODE})\b)(?![\d])"
)
_EACH = re.compile(r"(?<=\d)\s?(?:p\.\s?p\.|pp)(?!\w)")
_YEARLY = re.compile(r"(?<![\w.])p\.\s?a\.(?!\w)|(?<=[\d%kmn])\s?pa(?!\w)")
_ENDS_WITH_PRICE = re.compile(rf"(?:{_SYMBOL})\s?[\d.,]+\s?(?:k|m|bn)?$")
_ENDS_WITH_PRICE_OR_SHARE = re.compile(rf"(?:(?:{_SYMBOL})\s?[\d.,]+\s?(?:k|m|bn)?|\d\s?%)$")
_CENTS = re.compile(rf"(?<![\w.,])(?P<number>{NUMBER})\s?¢")
_COMMA_CENTS = re.compile(r"[\d.]+,\d\d")
_DETERMINED = re.compile(
    r"\b(?:the|this|that|its|their|his|her|our|my|your|another|new|first|each|an? [\w-]+\.?,)\s$", re.IGNORECASE
)
_CENTS_WRITTEN = re.compile(r"(?P<whole>[\d,]*)\.(?P<cents>\d\d)")


def _money(match: re.Match[str]) -> str:
    groups = match.groupdict()
    currency = SYMBOLS[match["symbol"]] if match["symbol"] else CODES[match["code"]]
    written = match["number"]
    if _COMMA_CENTS.fullmatch(written):
        written = written.replace(".", "").replace(",", ".")
    magnitude = groups.get("word") or MAGNITUDES.get((groups.get("magnitude") or "").lower(), "")
    adjective = re.search(r"\b[Aa]n?\s$", behind(match)) or (
        _DETERMINED.search(behind(match)) and word_after(match) in PRICED
    )
    cents = _CENTS_WRITTEN.fullmatch(written)
    whole = int(cents["whole"].replace(",", "") or 0) if cents else 0
    rate = groups["code"] and not whole  # 1 USD = 0.92 EUR
    if cents and currency.cent and not magnitude and not rate and not groups.get("to"):
        return _with_cents(whole, int(cents["cents"]), currency)
    said = [number(written), *(["to", number(groups["to"])] if groups.get("to") else []), magnitude]
    single = adjective or (written == "1" and not magnitude and not groups.get("to"))
    return " ".join(filter(None, [*said, currency.one if single else currency.several]))


def _with_cents(whole: int, cents: int, currency: Currency) -> str:
    said = [f"{cardinal(whole)} {currency.one if whole == 1 else currency.several}"] if whole or not cents else []
    said += [f"{cardinal(cents)} {currency.cent if cents == 1 else currency.cents}"] if cents else []
    return " and ".join(said)


def _each(match: re.Match[str]) -> str | None:
    return with_stop(match, " per person") if _ENDS_WITH_PRICE.search(behind(match)) else None


def _yearly(match: re.Match[str]) -> str | None:
    sure = "." in match.group() or _ENDS_WITH_PRICE_OR_SHARE.search(behind(match))
    return with_stop(match, " per annum") if sure else None


RULES = (
    Rule(_BEFORE, _money),
    Rule(_AFTER, _money),
    Rule(_EACH, _each),
    Rule(_YEARLY, _yearly),
    Rule(_CENTS, lambda match: f"{number(match['number'])} {'cent' if match['number'] == '1' else 'cents'}"),
)
