"""The patient's intrathecal baclofen therapy over time: doses, reservoir, procedures, signs, orders.

What there is to show is found here; where it stands in the picture is worked out in `cdshooks.console.drawing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdshooks.cards.values import date_text, spoken
from cdshooks.console.drawing import ALARM_WORDS, Mark, Picture, drawn, scale_of
from rules import vocabulary
from rules.chart import Chart, When
from rules.definitions.low_reservoir import KnownBy, LowReservoir, low_reservoir
from rules.definitions.overdose_signs import overdose_signs
from rules.definitions.patient import dated_values
from rules.definitions.refills import refill_bookings, refills
from rules.definitions.signs import signs
from rules.definitions.status import booked, done, ordered
from rules.definitions.therapy import dose_steps

LONGEST_LABEL = 40
"""So that half of the narrowest picture holds a label; the table and the tooltip have all of it."""
REFILL = vocabulary.event("pump-refill")
FAULTS = tuple(map(vocabulary.observation, ("pump-alarm", "interrogation-result", "catheter-finding")))
PROCEDURES = tuple(map(vocabulary.event, (
    "pump-implant", "pump-replacement", "catheter-implant", "catheter-revision", "pump-explant", "catheter-explant", "pump-reprogramming",
    "concentration-change", "pump-interrogation", "itb-screening-trial", "external-itb-infusion", "itb-wean", "mri", "hyperbaric", "diathermy",
    "lumbar_puncture", "neuraxial", "surgery-near-pump", "surgery", "anaesthesia",
)))  # fmt: skip
"""Event concepts that the picture shows; the first that an event carries is its name."""


def picture(chart: Chart) -> Picture | None:
    """None when the chart tells nothing of the therapy."""
    steps = [step for step in dose_steps(chart) if step.start is not None]
    low = low_reservoir(chart)
    found = {
        "Reservoir": _reservoir(chart, low),
        "Procedures": _procedures(chart),
        "Alarms, signs": _signs(chart),
        "Orders": _orders(chart),
    }
    groups = {name: list(dict.fromkeys(marks)) for name, marks in found.items()}
    if not steps and not any(groups[name] for name in ("Reservoir", "Procedures", "Alarms, signs")):
        return None
    dates = [step.start.date for step in steps if step.start is not None]
    dates += [mark.when for marks in groups.values() for mark in marks]
    return drawn(steps, groups, low, scale_of(dates, chart.now), chart.now)


def _mark(when: When | None, label: str, look: str, more: str = "") -> Iterator[Mark]:
    if when is not None:
        yield Mark(when.date, _short(label), look, f"{spoken(when)}: {label}{f' ({more})' if more else ''}")


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def _reservoir(chart: Chart, low: LowReservoir | None) -> Iterator[Mark]:
    for refill in refills(chart):
        yield from _mark(refill.time, "refill", "refill")
    for event in refill_bookings(chart):
        yield from _mark(event.time, "refill planned", "planned")
    if low is not None and low.known_by <= KnownBy.COMPUTED:
        yield Mark(
            low.date,
            f"{ALARM_WORDS[low.known_by]} {date_text(low.date)}",
            "alarm",
            f"{date_text(low.date)}: {ALARM_WORDS[low.known_by]}",
        )


def _procedures(chart: Chart) -> Iterator[Mark]:
    for event in chart.events:
        concept = next((name for name in PROCEDURES if name in event.concepts), None)
        if concept is None or REFILL in event.concepts:
            continue
        planned = booked(event) or ordered(event)
        if planned or (done(event) and event.kind in ("procedure", "imaging")):
            label = concept.replace("-", " ").replace("_", " ") + (" planned" if planned else "")
            yield from _mark(event.time, label, "planned" if planned else "done", event.name)


def _signs(chart: Chart) -> Iterator[Mark]:
    for sign in dict.fromkeys((*signs(chart), *overdose_signs(chart))):
        yield from _mark(sign.time, sign.words, "sign")
    for concept in FAULTS:
        for found in dated_values(chart, concept):
            yield from _mark(
                found.time,
                f"{concept.replace('-', ' ')}: {(found.code or found.words or 'recorded').replace('-', ' ')}",
                "alarm",
            )
    for alert in chart.alerts:
        yield from _mark(alert.time, alert.name, "alarm")


def _orders(chart: Chart) -> Iterator[Mark]:
    for order in chart.judged:
        verb = "stop" if order.stop else "order"
        planned = order.event.time if order.event else order.medication.planned if order.medication else None
        when = planned.date if planned else chart.now.date()
        yield Mark(when, _short(f"{verb}: {order.name}"), "order", f"{date_text(when)}: {verb}: {order.name}")
