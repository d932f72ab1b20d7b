"""The ladder of a restart after a pause (R34): how high the ordered dose is against the last one before the pause."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from rules.chart import Chart, answer
from rules.definitions.pauses import Pause, dose_before, pause
from rules.definitions.state import State, patient_state
from rules.definitions.therapy import Step
from rules.definitions.withdrawal import withdrawal, yields_to_overdose
from rules.phrases import counted


@answer
class Restart:
    """A dose that is ordered after a pause."""

    indicator: str | None
    pause: Pause
    before: Step | None
    share: Decimal | None = None
    """Percent of the dose before the pause."""
    screened: Decimal | None = None
    """The effective screening dose, where it decided."""

    @property
    def length(self) -> str | None:
        """``24 days``, ``60 hours``; None where it is not known."""
        held = self.pause.length
        if held is None:
            return None
        days = -(-held // timedelta(days=1))
        return counted(days, "day") if held > timedelta(hours=72) else counted(held // timedelta(hours=1), "hour")


def pause_before_order(chart: Chart) -> Pause | None:
    """A pause of {pause-hours} hours or more, or of unknown length, in a patient with a pump."""
    state = patient_state(chart)
    if not state.pump and state.kind is not State.PUMP_DORMANT:
        return None
    held = pause(chart)
    if held is None:
        return Pause(None, None, ()) if state.kind is State.PUMP_DORMANT else None
    shortest = timedelta(hours=int(chart.parameter("pause-hours")))
    return held if held.length is None or held.length >= shortest else None


def judged(held: Pause, dose: Decimal, screened: Decimal | None, chart: Chart) -> Restart:
    """The row of the ladder that the ordered dose falls in."""
    before = dose_before(held, chart)
    starting = None if screened is None else screened * Decimal(chart.parameter("restart-screening-factor"))
    if before is None:
        return Restart("warning" if starting is None or dose > starting else None, held, None, None, screened)
    share = dose * 100 / before.amount
    long = held.length is not None and held.length >= timedelta(days=int(chart.parameter("pause-long-days")))
    indicator = None
    if share > chart.parameter("restart-share"):
        indicator = "critical" if long and not _withdrawing(chart) else "warning"
    elif long and share > chart.parameter("restart-share-long") and not (starting is not None and dose <= starting):
        indicator = "warning"
    return Restart(indicator, held, before, share)


def _withdrawing(chart: Chart) -> bool:
    """Withdrawal is suspected at critical: restoring delivery is the treatment, only its size is in question."""
    return withdrawal(chart).indicator == "critical" and not yields_to_overdose(chart)
