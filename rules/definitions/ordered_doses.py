"""Doses of an intrathecal baclofen order, as the order checks judge them (docs/fhir-mapping.md S4)."""

from __future__ import annotations

from rules.chart import Chart, DailyDose, Interval, Medication, must
from rules.definitions.therapy import concentration_in_force, daily_doses, dose_unread


def single_dose(draft: Medication, chart: Chart) -> Interval | None:
    """µg of one dose: the mass, else the volume times the concentration of the order, else of the reservoir.

    A volume of {fill-volume-least} mL or more is what the pump is filled with, not a dose.
    """
    if draft.single_dose is not None:
        return Interval(draft.single_dose if draft.single_low is None else draft.single_low, draft.single_dose)
    volume = draft.dose_volume
    if volume is None or volume >= chart.parameter("fill-volume-least"):
        return None
    held = concentration_in_force(chart)
    strength = draft.concentration if draft.concentration is not None else held.amount if held is not None else None
    return None if strength is None else Interval(volume * strength, volume * strength)


def whole_dose(dose: DailyDose) -> Interval:
    """All that is given in a day, as-needed boluses included."""
    return Interval(dose.low, dose.high + (dose.as_needed or 0))


def comparable_parts(old: DailyDose, new: DailyDose) -> tuple[Interval, Interval] | None:
    """The parts of two doses that can be compared: continuous with continuous, boluses only where both have them."""
    both_boluses = old.boluses is not None and new.boluses is not None
    if old.continuous is not None and new.continuous is not None:
        if both_boluses:
            return Interval(old.low, old.high), Interval(new.low, new.high)
        return old.continuous, new.continuous
    if both_boluses and old.continuous is new.continuous is None:
        return must(old.boluses), must(new.boluses)
    return None


__all__ = ["comparable_parts", "daily_doses", "dose_unread", "single_dose", "whole_dose"]
