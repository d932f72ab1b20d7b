"""What a refill found in the reservoir against what should have been left there (R06, R07).

The difference counts above {residual-difference} mL and above {residual-share} % of the volume that was programmed
since the refill before; where that volume is not known, above {residual-difference-alone} mL. It is looked at for
{residual-days} days. The newest measurement with a known expectation decides: one with a smaller difference ends an
older one, and so does a new pump; a normal interrogation does not.
"""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Observation, When, answer, must
from rules.definitions.implants import implants
from rules.definitions.low_reservoir import fill_volume, within_a_day
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.refills import Refill, refills
from rules.definitions.state import patient_state
from rules.definitions.therapy import Step, concentration_steps, dose_steps
from rules.definitions.times import later, within_days
from rules.phrases import decimal_text

EXPECTED = vocabulary.observation("expected-residual-volume")
MEASURED = vocabulary.observation("residual-volume")
WHOLE = 100
NO_VOLUMES: dict[str, object] = {"measured": None, "expected": None, "computed": False}


@answer
class Residual:
    """A difference that counts."""

    more: bool
    """More was left than expected: too little was delivered. Else too much was."""
    measured: Decimal
    expected: Decimal
    entry: Observation
    basis: tuple[object, ...]
    computed: bool
    """The expected volume was computed from the refill before, not read from the pump."""
    half: bool
    """More than half of the programmed volume had not been delivered."""

    @property
    def time(self) -> When:
        return must(self.entry.time)


@answer
class Expectation:
    """What should have been left, and what should have been given since the refill before."""

    left: Decimal
    given: Decimal | None
    basis: tuple[object, ...]
    computed: bool = False


def _readable(found: Observation) -> bool:
    return found.number is not None and found.high is None and not found.bound and not found.two_readings


def _refill_before(measured: Observation, chart: Chart) -> Refill | None:
    day = must(measured.time).date
    return next((r for r in refills(chart) if r.time.exact and r.time.date < day), None)


def _held_throughout(steps: tuple[Step, ...], since: When, until: When) -> Step | None:
    """The amount that was in force from one day to another, if it did not change in between."""
    before = [step for step in steps if not later(step.start, since)]
    between = [s for s in steps if later(s.start, since) and s.start is not None and s.start.date < until.date]
    return before[-1] if before and not between else None


def _programmed(
    measured: Observation, before: Refill | None, chart: Chart
) -> tuple[Decimal, tuple[object, ...]] | None:
    """mL that the pump should have given since the refill before: dose by days, over the concentration."""
    if before is None:
        return None
    now = must(measured.time)
    dose = _held_throughout(dose_steps(chart), before.time, now)
    strength = _held_throughout(concentration_steps(chart), before.time, now)
    if dose is None or strength is None or strength.amount <= 0:
        return None
    days = (now.date - before.time.date).days
    return dose.amount * days / strength.amount, (dose, strength)


def _expectation(measured: Observation, chart: Chart) -> Expectation | None:
    """Pump data of the same refill, else computed from the refill before."""
    before = _refill_before(measured, chart)
    given = _programmed(measured, before, chart)
    filled = fill_volume(before, chart) if before is not None else None
    told = next(
        (o for o in dated_values(chart, EXPECTED) if _readable(o) and within_a_day(must(o.time), must(measured.time))),
        None,
    )
    if told is not None:
        volume = filled[0] - must(told.number) if filled is not None else given[0] if given is not None else None
        return Expectation(must(told.number), volume if volume is not None and volume > 0 else None, (told,))
    if before is None or filled is None or given is None:
        return None
    left = max(filled[0] - given[0], Decimal(0))
    return Expectation(left, given[0], (before, filled[1], *given[1]), computed=True)


def _judged(measured: Observation, expected: Expectation, chart: Chart) -> Residual | None:
    found = must(measured.number)
    difference = abs(found - expected.left)
    least = chart.parameter("residual-difference" if expected.given is not None else "residual-difference-alone")
    if difference <= least:
        return None
    if expected.given is not None and difference * WHOLE <= chart.parameter("residual-share") * expected.given:
        return None
    more = found > expected.left
    half = (
        more
        and expected.given is not None
        and difference * WHOLE > chart.parameter("pause-residual-share") * expected.given
    )
    return Residual(more, found, expected.left, measured, (measured, *expected.basis), expected.computed, half)


@once_a_chart
def residual(chart: Chart) -> Residual | None:
    """The difference at the newest refill of the last {residual-days} days that was fully charted, if it counts."""
    days = chart.parameter("residual-days")
    recent = [o for o in dated_values(chart, MEASURED) if _readable(o) and within_days(o.time, days, chart)]
    if not recent or not patient_state(chart).pump:
        return None
    new_pump = implants(chart)
    for measured in recent:
        if new_pump and later(must(new_pump[0].time), measured.time):
            return None
        expected = _expectation(measured, chart)
        if expected is not None:
            return _judged(measured, expected, chart)
    return None


def volumes(left: Residual) -> dict[str, object]:
    """What was measured and what was expected, as the cards say it."""
    return {
        "measured": f"{decimal_text(left.measured)} mL",
        "expected": f"{decimal_text(round(left.expected, 1))} mL",
        "computed": left.computed,
    }
