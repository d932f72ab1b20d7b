"""Generated charts: random selections from a pool of resources that the rules care about, plus some that they do
not."""

from __future__ import annotations

import copy
import json
import re
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from benchmarks import resources as p

TODAY = date(2026, 6, 15)


def days_ago(number: int) -> str:
    return (TODAY - timedelta(days=number)).isoformat()


def hours_ago(number: int) -> str:
    return (datetime(2026, 6, 15, 10) - timedelta(hours=number)).isoformat() + "Z"


recent = st.sampled_from([0, 1, 3, 6, 7, 8, 13, 14, 15, 29, 30, 31, 60, 90, 200, 400, 2600])
hours = st.sampled_from([0, 1, 5, 23, 24, 25, 47, 71, 72, 73, 100, 200])
clinical = st.sampled_from(["active", "active", "active", "recurrence", "resolved", "inactive", "remission"])
verification = st.sampled_from(["confirmed", "confirmed", "provisional", "unconfirmed", "refuted"])

CONDITIONS = [
    (p.ICD10, "G35", "Multiple sclerosis"), (p.ICD10, "G80.0", "Cerebral palsy"), (p.ICD10, "A41.9", "Sepsis"), (p.ICD10, "R56.9", "Seizure"),
    (p.ICD10, "L29.9", "Pruritus"), (p.ICD10, "L50.9", "Urticaria"), (p.ICD10, "M62.82", "Rhabdomyolysis"), (p.ICD10, "T85.735A", "Infection of device"),
    (p.ICD10, "T85.610A", "Catheter breakdown"), (p.ICD10, "F10.20", "Alcohol dependence"), (p.ICD10, "D69.3", "ITP"), (p.ICD10, "M41.9", "Scoliosis"),
    (p.ICD10, "G21.0", "NMS"), (p.ICD10, "Z51.5", "Palliative care"), (p.ICD10, "N39.0", "UTI"), (p.ICD10, "Z33.1", "Pregnant"),
    (p.SNOMED, "56731001", "Increased muscle tone"),
]  # fmt: skip
VITALS = [
    ("8310-5", "Cel", [36.6, 37.9, 38.0, 39.5, 34.9]), ("8867-4", "/min", [49, 70, 119, 120, 150]), ("8480-6", "mm[Hg]", [89, 90, 120, 179, 180]),
    ("9279-1", "/min", [8, 10, 16]), ("59408-5", "%", [85, 90, 98]), ("9269-2", "{score}", [6, 12, 13, 14, 15]), ("2157-6", "U/L", [200, 999, 1000, 20000]),
    ("777-3", "10*3/uL", [40, 50, 99, 100, 250]),
]  # fmt: skip
DRUGS = [
    ("7804", "oxycodone"), ("3322", "diazepam"), ("39993", "zolpidem"), ("57258", "tizanidine"), ("3498", "diphenhydramine"), ("25480", "gabapentin"),
    ("5093", "haloperidol"), ("11289", "warfarin"), ("1364430", "apixaban"), ("32968", "clopidogrel"), ("723", "amoxicillin"), ("1292", "baclofen"),
]  # fmt: skip
EVENTS = [
    "pump-refill",
    "pump-reprogramming",
    "pump-interrogation",
    "pump-explant",
    "pump-implant",
    "catheter-revision",
    "concentration-change",
]
ORDERS = ["pump-explant", "pump-implant", "catheter-implant", "itb-screening-trial", "itb-wean", "pump-refill"]
TONES = ["increased", "rigidity", "normal", "decreased", "flaccid"]


@st.composite
def a_condition(draw: Any, id: str) -> dict:
    code = draw(st.sampled_from(CONDITIONS))
    return p.condition(
        id, p.concept(*code), onset=days_ago(draw(recent)), clinical=draw(clinical), verification=draw(verification)
    )


@st.composite
def a_measurement(draw: Any, id: str) -> dict:
    code, unit, numbers = draw(st.sampled_from(VITALS))
    return p.lab(id, code, hours_ago(draw(hours)), draw(st.sampled_from(numbers)), unit)


@st.composite
def some_pump_data(draw: Any, id: str) -> dict:
    at = days_ago(draw(recent))
    kind = draw(st.sampled_from(["alarm", "dose", "tone", "itch", "fault", "eri", "consciousness"]))
    if kind == "alarm":
        return p.pump_data(
            id, "low-reservoir-alarm-date", at, "@" + (TODAY + timedelta(days=draw(st.integers(-20, 100)))).isoformat()
        )
    if kind == "dose":
        return p.pump_data(
            id, "daily-dose", at, p.quantity(draw(st.sampled_from([90, 350, 703, 1000, 1001, 2500])), "ug/d")
        )
    if kind == "eri":
        return p.pump_data(
            id,
            "elective-replacement-date",
            at,
            "@" + (TODAY + timedelta(days=draw(st.integers(-120, 300)))).isoformat(),
        )
    code, values = {
        "tone": ("tone-change", TONES),
        "itch": ("itch", ["without-rash", "with-rash", "absent"]),
        "fault": ("pump-alarm", ["motor-stall", "critical-alarm", "recovered", "none"]),
        "consciousness": ("consciousness", ["alert", "somnolent", "coma"]),
    }[kind]
    return p.pump_data(id, code, hours_ago(draw(hours)), draw(st.sampled_from(values)))


@st.composite
def a_drug(draw: Any, id: str) -> dict:
    code, name = draw(st.sampled_from(DRUGS))
    status = draw(st.sampled_from(["active", "active", "stopped", "completed", "on-hold"]))
    end = days_ago(draw(recent)) if status in ("stopped", "completed") else None
    return p.statement(
        id, p.concept(p.RXNORM, code, name), status, days_ago(400), end, p.oral(10, 2, prn=draw(st.booleans()))
    )


@st.composite
def an_event(draw: Any, id: str) -> dict:
    return p.procedure(id, p.event(draw(st.sampled_from(EVENTS))), days_ago(draw(recent)))


@st.composite
def an_order(draw: Any, id: str) -> dict:
    at = (TODAY + timedelta(days=draw(st.integers(-5, 40)))).isoformat()
    return p.order(id, p.event(draw(st.sampled_from(ORDERS))), "active", at=at, authored=days_ago(2))


IRRELEVANT = [
    {"resourceType": "Practitioner", "id": "irrelevant-1"},
    p.observation("irrelevant-2", p.concept(p.LOINC, "8302-2", "Body height"), "2026-06-01", p.quantity(170, "cm")),
    p.condition("irrelevant-3", p.concept(p.ICD10, "H52.1", "Myopia"), onset="2001-01-01"),
    p.statement("irrelevant-4", p.concept(p.RXNORM, "29046", "lisinopril"), "active", "2020-01-01"),
    p.procedure("irrelevant-5", p.concept(p.SNOMED, "80146002", "Appendectomy"), "1999-05-01"),
    {"resourceType": "Coverage", "id": "irrelevant-6", "status": "active"},
]


@st.composite
def charts(draw: Any, pump: bool = True) -> list[dict]:
    """A chart of up to about twenty resources, usually of a pump patient."""
    makers = [a_condition, a_measurement, some_pump_data, a_drug, an_event, an_order]
    picked = draw(st.lists(st.sampled_from(makers), max_size=10))
    extra = [draw(maker(f"x{number}")) for number, maker in enumerate(picked)]
    if not pump:
        return [p.patient(), *extra]
    drop = draw(
        st.sets(
            st.sampled_from(["alarm-1", "refill-1", "ms", "oral-rescue", "implant-1", "concentration-1"]), max_size=3
        )
    )
    return p.pump_chart(*extra, drop=drop)


DATE = re.compile(r"^(\d{4})(-\d{2}-\d{2}.*)$")


def moved(value: Any, years: int = 0, days: int = 0) -> Any:
    """A copy with every date and dateTime shifted."""
    if isinstance(value, dict):
        return {key: moved(item, years, days) for key, item in value.items()}
    if isinstance(value, list):
        return [moved(item, years, days) for item in value]
    if isinstance(value, str) and DATE.match(value):
        return _moved_text(value, years, days)
    return copy.copy(value)


def _moved_text(text: str, years: int, days: int) -> str:
    if years:
        return f"{int(text[:4]) + years:04}{text[4:]}"
    return (date.fromisoformat(text[:10]) + timedelta(days=days)).isoformat() + text[10:]


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
