"""Conditions, observations and allergies of a chart."""

from __future__ import annotations

from decimal import Decimal

from rules.chart.parts import Grade, When, entry


@entry
class Condition:
    key: str
    name: str
    concepts: frozenset[str]
    grade: Grade
    clinical: str | None
    """``active``, ``recurrence``, ``relapse``, ``inactive``, ``remission``, ``resolved`` or None."""
    verification: str | None
    """``confirmed``, ``provisional``, ``unconfirmed``, ``differential``, ``refuted`` or None."""
    onset: When | None = None
    recorded: When | None = None
    onset_unknown: bool = False
    """Onset is an age, a range or a string: history only, never recent."""
    unread_date: str | None = None
    """An onset is present and cannot be read: it, as it was sent."""
    abated: bool = False
    """Abatement in the past (as of the evaluation time)."""
    sites: frozenset[str] = frozenset()
    """Infections and wounds: ``back``, ``lumbar``, ``sacral``, ``abdomen``, ``pump``, ``spine``, ``limb``, ``head``,
    ``other``; empty when no site is given.
    """
    stage: int | None = None
    """Pressure injury stage 1–4, when the code or text tells."""
    severity: str | None = None
    """``mild``, ``moderate``, ``severe`` or None."""
    healed: bool = False
    """Its name or a note says so."""
    encounter_reason: bool = False
    """Reason or diagnosis of the current encounter."""
    text: str = ""

    @property
    def suspected(self) -> bool:
        return self.verification in ("unconfirmed", "differential")


@entry
class Observation:
    """One value. A panel yields one entry a component."""

    key: str
    concept: str
    """``body_temperature``, ``heart_rate``, ``bp_systolic``, ``bp_diastolic``, ``respiratory_rate``, ``spo2``,
    ``gcs_total``, ``creatine_kinase``, ``platelets``, ``inr``, ``aptt``, ``wbc``, ``crp``, ``egfr``, ``body_weight``,
    ``audit_c``, ``pregnancy_status``, ``estimated_delivery_date``, ``fibrinogen``; the pump-data codes of
    docs/fhir-mapping.md §2 (``daily-dose``, ``pump-alarm`` …); or a finding given as an Observation: the condition
    concept (``pruritus``, ``rash`` …).
    """
    grade: Grade
    time: When | None
    number: Decimal | None = None
    """In the concept's unit: °C, /min, mmHg, %, U/L, 10⁹/L, s, mg/L, mL/min/1.73 m², kg, µg/day, µg/mL, mL, µg, h,
    cm, months.
    """
    code: str | None = None
    """Value code of a pump-data concept (``motor-stall``, ``increased`` …), or ``present`` / ``absent`` for a
    finding.
    """
    moment: When | None = None
    """valueDateTime."""
    words: str | None = None
    """valueString, or the text of a coded value."""
    upper_limit: Decimal | None = None
    """referenceRange.high, same unit."""
    limit_unread: bool = False
    """referenceRange.high is present and cannot be read."""
    high: Decimal | None = None
    """The upper end of a range, or the second of two readings; `number` is then the lower end or the first."""
    two_readings: bool = False
    """`number` and `high` are two readings of one text, of which one is true."""
    bound: str = ""
    """``>``, ``>=``, ``<`` or ``<=``: the true value lies on that side of `number`."""
    suspected: bool = False
    """A finding told by a Condition that is itself only suspected."""
    unread: str | None = None
    """A value is present and cannot be read: it, as it was sent (may be empty). `number`, `code`, `moment` are None."""
    unread_date: str | None = None
    """A date is present and cannot be read: it, as it was sent."""
    encounter: str | None = None
    group: str = ""
    """Key of the Observation or panel it came from: components of one panel share it."""
    parts: tuple[str, ...] = ()
    """Keys of the Procedures this is ``partOf``."""
    clumped: bool = False
    """A count of clumped platelets, as its value or a note says."""
    text: str = ""


@entry
class Allergy:
    key: str
    name: str
    ingredients: frozenset[str]
    grade: Grade
    clinical: str | None
    verification: str | None
    type: str | None
    """``allergy``, ``intolerance`` or None."""
    criticality: str | None
    """``low``, ``high``, ``unable-to-assess`` or None."""
    manifestations: frozenset[str] = frozenset()
    """``anaphylaxis``, ``angioedema``, ``side-effect`` (sedation, nausea, dizziness …), ``other``."""
