"""Coagulation results before the insertion of a catheter: which can be used, and what is on record and cannot (R41)."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Observation, answer
from rules.definitions.limits import exceeds, falls_below, shown_number
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.results import undated, unread
from rules.definitions.status import done
from rules.definitions.times import happened, later, within_days
from rules.phrases import day

APTT = vocabulary.observation("aptt")
INR = vocabulary.observation("inr")
PLATELETS = vocabulary.observation("platelets")
TRANSFUSION = vocabulary.event("transfusion")
TESTS = ((PLATELETS, "Platelets", "are"), (INR, "INR", "is"), (APTT, "aPTT", "is"))
UNITS = {PLATELETS: " × 10⁹/L", APTT: " s", INR: ""}


def _transfused_after(observation: Observation, chart: Chart) -> bool:
    return any(
        TRANSFUSION in e.concepts and done(e) and happened(e.time, chart) and later(e.time, observation.time)
        for e in chart.events
    )


def _must_be_repeated(found: Observation, chart: Chart) -> bool:
    return found.clumped or _transfused_after(found, chart)


def _newest(chart: Chart, concept: str) -> Observation | None:
    return next((o for o in dated_values(chart, concept) if o.number is not None), None)


def usable(chart: Chart, concept: str) -> Observation | None:
    """The newest value that can be read, if it is recent and need not be repeated."""
    newest = _newest(chart, concept)
    if newest is None or not within_days(newest.time, chart.parameter("coagulation-days"), chart):
        return None
    return None if _must_be_repeated(newest, chart) else newest


@once_a_chart
def discarded(chart: Chart) -> tuple[str, ...]:
    """Results that must be repeated: clumped platelets, samples from before a transfusion."""
    found = []
    for concept, name in ((PLATELETS, "platelet count"), (INR, "INR")):
        newest = _newest(chart, concept)
        if newest is not None and _must_be_repeated(newest, chart):
            found.append(name)
    return tuple(found)


@answer
class NotUsable:
    """A result that is on record and cannot be used as it stands."""

    concept: str
    words: str
    """A sentence without its full stop."""
    entry: Observation


@once_a_chart
def not_readable(chart: Chart) -> tuple[NotUsable, ...]:
    """Results of the last {coagulation-days} days, or without a date, that cannot be read, newest of each test."""
    found = []
    for concept, name, verb in TESTS:
        hidden = unread(chart, concept, days=chart.parameter("coagulation-days"))
        if hidden:
            one = hidden[0]
            found.append(_sentence(concept, name, verb, one.entry, one.entry.unread, dated=one.dated))
        elif (open_one := _unsettled(chart, concept)) is not None:
            found.append(_sentence(concept, name, verb, open_one, shown_number(open_one), dated=True))
    return tuple(found)


def _sentence(concept: str, name: str, verb: str, entry: Observation, sent: str | None, *, dated: bool) -> NotUsable:
    when = f" of {day(entry.time)}" if dated and entry.time is not None else ""
    said = f" («{sent}»)" if sent else ""
    return NotUsable(concept, f"{name}{when} {verb} on record but could not be read{said}", entry)


def _unsettled(chart: Chart, concept: str) -> Observation | None:
    """A bound, or a number with two readings, that does not settle the test."""
    found = usable(chart, concept)
    if found is None:
        return None
    if concept == PLATELETS:
        settled = falls_below(found, chart.parameter("platelets-warning"))
    elif concept == INR:
        settled = exceeds(found, chart.parameter("inr-warning"))
    else:
        limit = found.upper_limit
        settled = False if limit is None else exceeds(found, limit + chart.parameter("aptt-warning-seconds"))
    return found if settled is None else None


@once_a_chart
def undated_results(chart: Chart) -> tuple[NotUsable, ...]:
    """Results whose date is missing or cannot be read, where no dated one stands beside them."""
    found = []
    for concept, name, _ in TESTS:
        if usable(chart, concept) is not None:
            continue
        for one in chart.observations:
            if one.concept == concept and one.number is not None and undated(one, chart) and _matters(one, chart):
                found.append(NotUsable(concept, f"{name} {shown_number(one)}{UNITS[concept]}, date not readable", one))
                break
    return tuple(found)


def _matters(found: Observation, chart: Chart) -> bool:
    """Of an aPTT only a long one is asked for."""
    if found.concept != APTT:
        return True
    return (
        found.upper_limit is not None
        and exceeds(found, found.upper_limit + chart.parameter("aptt-warning-seconds")) is True
    )


def missing_counts(chart: Chart) -> list[str]:
    """Which of platelets and INR is not on record in the last {coagulation-days} days, or must be repeated."""
    present = {one.concept for one in (*not_readable(chart), *undated_results(chart))}
    tests = ((PLATELETS, "platelet count"), (INR, "INR"))
    return [name for concept, name in tests if usable(chart, concept) is None and concept not in present]
