"""Diagnoses that look like baclofen withdrawal (R10, R19)."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import new_conditions

MIMICS = vocabulary.conditions(
    "sepsis_systemic_infection",
    "meningitis_cns_infection",
    "nms",
    "serotonin-syndrome",
    "malignant-hyperthermia",
    "autonomic-dysreflexia",
    "thyrotoxicosis",
    "alcohol-withdrawal",
    "sedative-withdrawal",
    "delirium",
    "sympathomimetic-toxicity",
    "status-epilepticus",
    "rhabdomyolysis",
)


@once_a_chart
def recent_mimics(chart: Chart) -> tuple[Condition, ...]:
    """Mimics that began in the last days, confirmed ones first."""
    found = [c for c in new_conditions(chart) if c.concepts & MIMICS]
    return tuple(sorted(found, key=lambda c: (c.suspected, c.key)))
