"""What is on record of a pump patient and cannot be read: dates, results, and entries without a readable date.

"Present and not readable" is neither *none* nor a value (docs/fhir-mapping.md S5, S6): the cards that depend on it name
it.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Condition, Medication, Observation, answer
from rules.definitions.faults import FAULTS
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values, newest_or_undated, without_time
from rules.definitions.prodrome import SIGNS as PRODROME
from rules.definitions.refills import fills
from rules.definitions.results import unread, unread_by_concept, unread_words
from rules.definitions.signs import D2_CONDITIONS, D3_CONDITIONS, D4_CONDITIONS
from rules.definitions.status import began, done, given, holds, standing
from rules.definitions.therapy import current_therapy, therapy_entries
from rules.definitions.times import happened
from rules.definitions.tone import HIGH
from rules.definitions.unsettled_signs import unsettled_signs
from rules.vocabulary.spoken import name_of

VITAL_SIGNS = (
    vocabulary.observation("body_temperature"),
    vocabulary.observation("heart_rate"),
    vocabulary.observation("bp_systolic"),
    vocabulary.observation("respiratory_rate"),
    vocabulary.observation("spo2"),
    vocabulary.observation("gcs_total"),
)
KINASE = vocabulary.observation("creatine_kinase")
CONCENTRATION = vocabulary.observation("concentration")
DAILY_DOSE = vocabulary.observation("daily-dose")
REPLACEMENT = vocabulary.observation("elective-replacement-date")
MONTHS = vocabulary.observation("months-to-replacement")
PUMP_DATES = (
    vocabulary.observation("low-reservoir-alarm-date"),
    REPLACEMENT,
    MONTHS,
    vocabulary.observation("implant-date"),
)
PUMP_ALARM = vocabulary.observation("pump-alarm")
FINDINGS = (
    vocabulary.observation("tone-change"),
    vocabulary.observation("itch"),
    vocabulary.observation("symptom"),
    vocabulary.observation("consciousness"),
    PUMP_ALARM,
    vocabulary.observation("interrogation-result"),
    vocabulary.observation("catheter-finding"),
)
PUMP_IMPLANT = vocabulary.event("pump-implant")
PUMP_REFILL = vocabulary.event("pump-refill")
PUMP_REPLACEMENT = vocabulary.event("pump-replacement")
SIGNS = frozenset({*VITAL_SIGNS, KINASE, *FINDINGS})
PROBLEMS = (
    D2_CONDITIONS
    | D3_CONDITIONS
    | D4_CONDITIONS
    | HIGH
    | PRODROME
    | vocabulary.conditions(
        "decreased-consciousness",
        "hypotonia",
        "lethargy",
        "muscle-spasm",
        "pump-alarm-complaint",
        "pump-mechanical",
        "respiratory-arrest",
        "respiratory-failure",
        "sign_bradycardia_hypotension_hypothermia",
    )
)
"""Signs and alarms as a diagnosis or a finding."""
NO_SIGN = vocabulary.conditions("spasm-elsewhere", "respiratory-failure-chronic")
ABSENT = vocabulary.value("finding", "absent")
_EVENTS = ((PUMP_REFILL, "last refill"), (PUMP_IMPLANT, "implant date"), (PUMP_REPLACEMENT, "implant date"))


@answer
class UnreadFact:
    """A fact of the pump's record that cannot be read."""

    name: str
    sent: str
    """As it was sent; may be empty."""

    @property
    def words(self) -> str:
        """``low-reservoir date («06/10/2026»)``."""
        return f"{self.name} («{self.sent}»)" if self.sent else self.name


@once_a_chart
def pump_dates(chart: Chart) -> tuple[UnreadFact, ...]:
    """Dates of the pump (alarm, replacement, implant, refill) that are on record and cannot be read, each name once."""
    found: dict[str, UnreadFact] = {}
    for concept, sent in _newest_unread(chart, PUMP_DATES):
        name = name_of("observations", (REPLACEMENT if concept == MONTHS else concept,))
        found.setdefault(name, UnreadFact(name, sent))
    for entry, name in _events(chart):
        found.setdefault(name, UnreadFact(name, entry.unread_date or ""))
    return tuple(found.values())


def _newest_unread(chart: Chart, concepts: tuple[str, ...]) -> list[tuple[str, str]]:
    """The concepts of which the newest value cannot be read, each with what was sent."""
    unread_ones = unread_by_concept(chart)
    if not unread_ones:
        return []
    newest = [(concept, newest_or_undated(chart, concept)) for concept in concepts if concept in unread_ones]
    return [(concept, one.unread) for concept, one in newest if one is not None and one.unread is not None]


@once_a_chart
def _events(chart: Chart) -> list[tuple[CareEvent | Medication, str]]:
    """Refills and implants that took place at a time that cannot be read."""
    undated_ones = [e for e in chart.events if e.unread_date is not None and e.kind == "procedure" and done(e)]
    found: list[tuple[CareEvent | Medication, str]] = [
        (event, name) for concept, name in _EVENTS for event in undated_ones if concept in event.concepts
    ]
    found += [
        (m, "last refill")
        for m in therapy_entries(chart)
        if m.unread_date is not None and m.status == "completed" and fills(m, chart)
    ]
    return found


@once_a_chart
def unread_concentration(chart: Chart) -> UnreadFact | None:
    """The concentration in the pump, where it is on record and cannot be read."""
    measured = [sent for _, sent in _newest_unread(chart, (CONCENTRATION,))]
    listed = [m.unread_concentration for m in current_therapy(chart) if m.unread_concentration is not None]
    for sent in (*measured, *listed):
        return UnreadFact(name_of("observations", (CONCENTRATION,)), sent)
    return None


def signs_unread(chart: Chart) -> list[str]:
    """Vital signs and creatine kinase of the time that counts that cannot be read, or whose bound settles no test, as a
    card names them."""
    found = unread_words(chart, VITAL_SIGNS, hours=chart.parameter("vital-sign-hours"))
    found += unread_words(chart, (KINASE,), hours=chart.parameter("symptom-hours"))
    return found + [one.words for one in unsettled_signs(chart)]


@once_a_chart
def results_unread(chart: Chart) -> tuple[str, ...]:
    """Names of the vital signs, findings and pump data that cannot be read, or whose bound settles no test, one a
    result."""
    unsettled = [one.name for one in unsettled_signs(chart)]
    if not unread_by_concept(chart):
        return tuple(unsettled)
    vital, symptom = chart.parameter("vital-sign-hours"), chart.parameter("symptom-hours")
    found = [one.name for concept in VITAL_SIGNS for one in unread(chart, concept, hours=vital)]
    found += [one.name for concept in (KINASE, *FINDINGS) for one in unread(chart, concept, hours=symptom)]
    pump_data = _newest_unread(chart, (*PUMP_DATES, DAILY_DOSE, CONCENTRATION))
    return (*found, *unsettled, *[name_of("observations", (concept,)) for concept, _ in pump_data])


@once_a_chart
def undated_facts(chart: Chart) -> tuple[str, ...]:
    """Signs, alarms and refills whose time is missing or cannot be read, each name once; a refill with what is written
    there stands among the `pump_dates`.
    """
    names = [
        name_of("observations", (o.concept,)) or o.words or name_of("conditions", (o.concept,))
        for o in without_time(chart)
        if (o.concept in SIGNS and _counts(o) and not _newer(o, chart)) or (o.concept in PROBLEMS and o.code != ABSENT)
    ]
    names += [
        c.name
        for c in chart.conditions
        if not PROBLEMS.isdisjoint(c.concepts) and NO_SIGN.isdisjoint(c.concepts) and holds(c) and _dateless(c, chart)
    ]
    alarm = name_of("observations", (PUMP_ALARM,))
    names += [
        alarm for a in chart.alerts if a.concepts & FAULTS and a.kind != "report" and standing(a) and a.time is None
    ]
    if _undated_refill(chart):
        names.append("refill")
    return tuple(dict.fromkeys(names))


def _dateless(problem: Condition, chart: Chart) -> bool:
    """Neither its onset nor the day it was recorded is known; an onset in words or as an age is history."""
    return not problem.onset_unknown and not happened(began(problem), chart)


def _undated_refill(chart: Chart) -> bool:
    """A refill took place, and nothing is written of when."""
    return any(
        PUMP_REFILL in e.concepts and e.kind == "procedure" and done(e) and e.unread_date is None and e.time is None
        for e in chart.events
    ) or any(
        m.status == "completed" and given(m) and m.given is None and m.unread_date is None and fills(m, chart)
        for m in therapy_entries(chart)
    )


def _counts(found: Observation) -> bool:
    """It has a value."""
    return found.number is not None or found.code is not None


def _newer(found: Observation, chart: Chart) -> bool:
    """A dated value of the same kind stands beside it, which is what counts."""
    return found.concept not in FINDINGS and bool(dated_values(chart, found.concept))
