"""Who the patient is, and the encounter of the hook."""

from __future__ import annotations

from rules.chart.parts import Grade, When, entry


@entry
class Patient:
    birth: When | None = None
    sex: str | None = None
    """``male``, ``female``, ``other``, ``unknown`` or None."""
    deceased: bool = False


@entry
class Encounter:
    """The encounter of the hook, when it was given."""

    key: str
    status: str
    inpatient: bool
    """The patient stays, in the emergency department too."""
    reasons: frozenset[str] = frozenset()
    """Condition concepts of its reasons and diagnoses."""
    start: When | None = None
    hospice: bool = False
    study: bool = False
    emergency: bool = False
    grade: Grade = Grade.CODE
    """NAME where a reason is known by its words."""

    @property
    def current(self) -> bool:
        return self.status in ("in-progress", "arrived", "triaged", "onleave")
