"""Directions in text that give several amounts: boluses beside a rate, rates for parts of a day (docs/fhir-mapping.md
S4).

Each amount is read by the words around it, as far as the amounts before and after it. What belongs to no plain pattern
is *unread*: it is never left out without a word.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from cdshooks.fhir import timings
from cdshooks.fhir.dose_text import LONGEST, DoseText, amounts
from rules.chart import Interval

_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)", re.IGNORECASE)
_STRONG = re.compile(r"[;+&(\n]|\.(?=\s|$)|\b(?:and|with|then|plus|followed by)\b", re.IGNORECASE)
_BOLUS = re.compile(
    r"(?<!no )(?<!without )\b(?:bolus(?:es)?|ptm)\b|\bpatient[\s-](?:activat(?:ed|ions?)|controlled)\b|\bpatient therapy manager\b|\bon[\s-]demand\b",
    re.I,
)
_AS_NEEDED = re.compile(r"\bptm\b|\bpatient[\s-]|\bon[\s-]demand\b|\bprn\b|\bas needed\b|\bup to\b|\bmax", re.I)
_ONCE = re.compile(
    r"\bonce\b(?! (?:a|per|each|every|daily)\b)|\bone[\s-]time\b|\bbridg|\bprim(?:e|ing)\b|\bsingle\b|\bnow\b|\bstat\b"
    r"|\bx\s?1(?!\s?[/\d.]|\s(?:per|an?|daily|every)\b)",
    re.IGNORECASE,
)
_FILLS = re.compile(r"\b(?:re)?fill|\breservoir|\bvial|\bsyringe|\bampul|\bcartridge|\bkit\b|\bstrength|\bin \d", re.I)
_TOTAL = re.compile(r"\b(?:total|tdd)\b", re.IGNORECASE)
_BASAL = re.compile(r"\bbas(?:al|e)\b|\bcontinuous|\bbackground\b", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|apiece)\b", re.IGNORECASE)
_COUNT_BEFORE = re.compile(
    r"(\d{1,2}) ?(?:x|×|\*|times)(?: of)?\s*$|(\d{1,2}) (?:[a-z]+ )?(?:bolus(?:es)?|doses?)(?: of)?\s*$", re.I
)
_COUNT_AFTER = re.compile(
    r"(\d{1,3})\s?(?:x|times|bolus(?:es)?|doses|activations)?\s?(?:/|per |a |in |every )\s?(?:24\s?h(?:ou)?rs?|24\s?h|day|d)\b",
    re.I,
)
_HOURS = re.compile(r"(?:\bx|×|\*|\bfor|\bover)\s?(\d{1,2})\s?(?:h|hrs?|hours?)\b", re.IGNORECASE)
_CLOCK = r"(\d{1,2})(?::([0-5]\d)(?:\s?([ap]m))?|\s?([ap]m))\b"
_FROM_TO = re.compile(rf"\b{_CLOCK}\s?(?:-|–|to|until|till)\s?{_CLOCK}", re.IGNORECASE)


class AddedBolus(NamedTuple):
    """An amount that is given beside the rate. `daily`: what it adds in a day; none where it is given once."""

    single: Interval | None = None
    daily: Interval | None = None
    as_needed: bool = False
    two_readings: bool = False
    unread: bool = False


UNREAD = AddedBolus(as_needed=True, unread=True)
"""An amount of which nobody can tell what it adds."""


class Program(NamedTuple):
    """What a text with several amounts gives. `rate`: µg/day; None where the rates say no more than was read of
    them."""

    rate: Interval | None
    two_readings: bool
    boluses: list[AddedBolus]


class _Said(NamedTuple):
    """An amount, and the words that belong to it."""

    amount: DoseText
    before: str
    after: str
    behind: str
    """What stands behind the amount, whomever it belongs to."""

    @property
    def words(self) -> str:
        return f"{self.before} {self.after}"


def program(text: str) -> Program | None:
    """The rate and the boluses of a text with a rate in it; None where the amounts are rates of a whole day alone."""
    words = _TIMES.sub(" x ", text[:LONGEST])
    said, rest = _with_words(words, amounts(words))
    rates = [one for one in said if _is_rate(one)]
    beside = [one for one in said if one.amount.kind in ("mass", "mass/day") and not _is_rate(one)]
    known = frozenset(one.amount.high for one in rates)
    beside = [one for one in beside if not _FILLS.search(one.words + one.behind) and not _says_again(one, known)]
    untold = any(_BOLUS.search(piece) and re.search(r"\d", piece) for piece in rest)
    if not (rates or any(one.amount.kind == "volume/day" for one in said)):
        return None
    whole = next((one for one in rates if _TOTAL.search(one.words)), None)
    boluses = [_bolus(one) for one in beside] + [UNREAD] * untold
    if whole is not None and len(rates) + len(beside) > 1:
        if _is_sum(whole, [one for one in rates if one is not whole], boluses):
            parts = [one._replace(daily=None, unread=False) for one in boluses]
            return Program(_interval(whole.amount), whole.amount.either, parts)
        boluses.append(UNREAD)
    hours = [_hours(one) for one in rates]
    told = [length for length in hours if length is not None]
    if len(rates) > 1 and told:
        if len(told) == len(rates) and sum(told) == 24:
            return Program(_over_the_day(rates, told), any(one.amount.either for one in rates), boluses)
        boluses.append(UNREAD)
    if not boluses:
        return None
    return Program(_joined(rates), any(one.amount.either for one in rates), boluses)


def _is_rate(one: _Said) -> bool:
    """An amount a day, or one that is said to be the basal one: pump doses are often stated so."""
    if _BOLUS.search(one.words):
        return False
    return one.amount.kind == "mass/day" or (one.amount.kind == "mass" and _BASAL.search(one.words) is not None)


def _is_sum(whole: _Said, rates: list[_Said], boluses: list[AddedBolus]) -> bool:
    """The total may be that of the others: beside it stand a basal rate, rates for some hours and boluses, and they are
    not more than it. Another rate of a day is no part of it: "was 400 mcg/day in total, now 2400 mcg/day"."""
    added = sum((one.daily.high for one in boluses if one.daily is not None), Decimal(0))
    if not rates:
        return added < whole.amount.high
    all_day = [one for one in rates if _hours(one) is None]
    basal = sum((one.amount.high for one in all_day), Decimal(0))
    return all(_BASAL.search(one.words) for one in all_day) and basal + added <= whole.amount.high


def _says_again(one: _Said, rates: frozenset[Decimal]) -> bool:
    """An amount without a word of a bolus that is a rate in other words: "10 mg TID (30 mg/day)"."""
    if _BOLUS.search(one.words):
        return False
    often = timings.doses_a_day(one.words.lower())
    whole = one.amount.high * (often.high if often is not None else 1)
    return whole in rates


def _interval(amount: DoseText) -> Interval:
    return Interval(amount.low, amount.high)


def _joined(rates: list[_Said]) -> Interval | None:
    """The interval over the rates."""
    if not rates:
        return None
    return Interval(min(one.amount.low for one in rates), max(one.amount.high for one in rates))


def _over_the_day(rates: list[_Said], hours: list[Decimal]) -> Interval:
    """Each rate for as long as it runs."""
    shares = [(one.amount, length) for one, length in zip(rates, hours, strict=True)]
    low = sum((amount.low * length for amount, length in shares), Decimal(0))
    high = sum((amount.high * length for amount, length in shares), Decimal(0))
    return Interval(low / 24, high / 24)


def _bolus(said: _Said) -> AddedBolus:
    """What an amount beside the rate adds in a day. One of which no word tells that it is a bolus, or not how often it
    is given, is unread."""
    amount, needed = said.amount, _AS_NEEDED.search(said.words) is not None
    one = _interval(amount)
    if not _BOLUS.search(said.words):
        return UNREAD
    if _ONCE.search(said.words):
        return AddedBolus(one, two_readings=amount.either)
    before = _COUNT_BEFORE.search(said.before)
    if amount.kind == "mass/day":
        if before is not None and not _EACH.search(said.after):
            return UNREAD
        often = Decimal(before[1] or before[2]) if before else Decimal(1)
        return AddedBolus(one, Interval(one.low * often, one.high * often), needed, amount.either)
    after = _COUNT_AFTER.search(said.after)
    count = after[1] if after else (before[1] or before[2]) if before else None
    times = Interval(Decimal(count), Decimal(count)) if count else timings.doses_a_day(said.words.lower())
    if times is None:
        return AddedBolus(one, None, as_needed=True, two_readings=amount.either, unread=True)
    return AddedBolus(one, Interval(one.low * times.low, one.high * times.high), needed, amount.either)


def _hours(said: _Said) -> Decimal | None:
    """How long of a day the rate runs."""
    if (lasting := _HOURS.search(said.after)) is not None:
        return Decimal(lasting[1])
    span = _FROM_TO.search(said.after) or _FROM_TO.search(said.before)
    if span is None:
        return None
    start, end = _minutes(*span.group(1, 2, 3, 4)), _minutes(*span.group(5, 6, 7, 8))
    return Decimal((end - start) % 1440 or 1440) / 60


def _minutes(hour: str, minute: str | None, *halves: str | None) -> int:
    """Since midnight."""
    half = next((one.lower() for one in halves if one), None)
    hours = int(hour) if half is None else int(hour) % 12 + 12 * (half == "pm")
    return hours * 60 + int(minute or 0)


def _with_words(words: str, found: list[DoseText]) -> tuple[list[_Said], list[str]]:
    """Each amount with the words that belong to it; and the words that belong to none."""
    if not found:
        return [], []
    head, tail = words[: found[0].start], words[found[-1].end :]
    befores, afters = [_last(head)], []
    for one, other in pairwise(found):
        left, right = _split(words[one.end : other.start])
        afters.append(left)
        befores.append(right)
    cut = _STRONG.search(tail)
    afters.append(tail[: cut.start()] if cut else tail)
    rest = [head[: len(head) - len(befores[0])], tail[cut.start() :] if cut else ""]
    behind = [words[one.end : one.end + 16] for one in found]
    return [_Said(*parts) for parts in zip(found, befores, afters, behind, strict=True)], rest


def _last(head: str) -> str:
    """What stands behind the last break."""
    cuts = [*_STRONG.finditer(head)]
    return head[cuts[-1].end() :] if cuts else head


def _split(gap: str) -> tuple[str, str]:
    """The words between two amounts: what belongs to the first, and to the second."""
    cut = _STRONG.search(gap)
    if cut is not None:
        return gap[: cut.start()], gap[cut.end() :]
    place = gap.rfind(",")
    return (gap[:place], gap[place + 1 :]) if place >= 0 else ("", gap)
