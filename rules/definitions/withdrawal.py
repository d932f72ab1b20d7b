"""The grades of R09 and R20 and the withdrawal context, which exempts treatment from interaction rules."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Grade
from rules.chart import Order
from rules.chart import answer
from rules.definitions.findings import Sign
from rules.definitions.findings import sedated
from rules.definitions.interruption import Interruption
from rules.definitions.interruption import catheter_out
from rules.definitions.interruption import interruption
from rules.definitions.interruption import pump_changes
from rules.definitions.orders import removal_orders
from rules.definitions.overdose_signs import overdose_signs
from rules.definitions.patient import comfort_care
from rules.definitions.patient import conditions
from rules.definitions.remember import remember
from rules.definitions.signs import domains
from rules.definitions.signs import signs
from rules.definitions.state import WITHOUT
from rules.definitions.state import State
from rules.definitions.state import patient_state
from rules.definitions.status import given
from rules.definitions.therapy import is_screening
from rules.definitions.times import within_hours
from rules.recommendation import INDICATORS
from rules.recommendation import step_down

BACLOFEN_WITHDRAWAL = vocabulary.condition("baclofen-withdrawal")
EPILEPSY = vocabulary.condition("epilepsy")
SCREENING_DOSE = vocabulary.observation("screening-dose")
STATUS_EPILEPTICUS = vocabulary.condition("status-epilepticus")
SEIZURES = vocabulary.conditions("seizure", "sign_seizure")


@answer
class Overdose:
    """R20: None when there is no such picture."""

    indicator: str | None
    signs: tuple[Sign, ...] = ()
    changes: tuple[object, ...] = ()


@remember
def boluses(chart: Chart) -> tuple[object, ...]:
    """Single doses of intrathecal baclofen recorded as given in the last {pump-change-hours} hours: a screening dose,
    or a bolus of a patient who has a pump.
    """
    state = patient_state(chart)
    if not state.pump and state.kind not in WITHOUT:
        return ()
    hours = chart.parameter("pump-change-hours")
    doses = [
        m for m in chart.medications if given(m) and is_screening(m, chart) and within_hours(m.given, hours, chart)
    ]
    recorded = [
        o
        for o in chart.observations
        if o.concept == SCREENING_DOSE and o.number is not None and within_hours(o.time, hours, chart)
    ]
    return (*doses, *recorded)


def _overdose_grade(found: frozenset[str], changed: bool) -> str | None:
    if not found & {"T2", "T3"}:
        return None
    return "critical" if changed or found & {"T1", "T4"} else "warning"


@remember
def overdose(chart: Chart) -> Overdose:
    """R20: T2 or T3, graded by T1, T4 and a recent change; silent under anaesthesia, sedation and comfort care."""
    changes = boluses(chart) + (pump_changes(chart) if patient_state(chart).pump else ())
    if not (patient_state(chart).pump or changes) or sedated(chart) or comfort_care(chart):
        return Overdose(None)
    found = overdose_signs(chart)
    if not found:
        return Overdose(None, (), changes)
    sure = _overdose_grade(domains(found, confirmed=True), bool(changes))
    any_sign = _overdose_grade(domains(found), bool(changes))
    indicator = _better(sure, any_sign)
    if indicator == "critical" and not changes and all(sign.fact.grade is Grade.FREE_TEXT for sign in found):
        indicator = "warning"
    return Overdose(indicator, found, changes) if indicator else Overdose(None, found, changes)


def _better(sure: str | None, suspected: str | None) -> str | None:
    """What confirmed facts say, or one step below what suspected facts would say, whichever is higher."""
    lowered = step_down(suspected) if suspected else None
    return max((g for g in (sure, lowered) if g), key=INDICATORS.index, default=None)


@answer
class Withdrawal:
    """R09: None when it does not fire."""

    indicator: str | None
    signs: tuple[Sign, ...] = ()
    interruption: Interruption = Interruption()

    @property
    def domains(self) -> frozenset[str]:
        return domains(self.signs)


def _withdrawal_grade(found: frozenset[str], flag: Interruption) -> str | None:
    """Rules 1 to 5 of R09. Dose never lowers the grade (C1)."""
    if not found:
        return None
    if flag.hard:
        return "critical"
    if flag.soft:
        return "warning" if found == {"D2"} else "critical"
    acute, tonic = found & {"D2", "D3", "D4"}, found & {"D1", "D4", "D5"}
    if any(one != other for one in acute for other in tonic):
        return "critical"
    if found == {"D2", "D3"} or found <= {"D1", "D5"}:
        return "warning"
    return None


@remember
def withdrawal(chart: Chart) -> Withdrawal:
    """The grade of R09 before it gives way to an overdose picture."""
    if not patient_state(chart).pump_or_recent_explant:
        return Withdrawal(None)
    found = signs(chart)
    if not found:
        return Withdrawal(None)
    flag = interruption(chart)
    sure = _withdrawal_grade(domains(found, confirmed=True), flag)
    indicator = _better(sure, _withdrawal_grade(domains(found), flag))
    deciding = [sign.fact for sign in found] + [entry for entry in flag.basis if hasattr(entry, "grade")]
    if indicator == "critical" and all(fact.grade is Grade.FREE_TEXT for fact in deciding):
        indicator = "warning"
    return Withdrawal(indicator, found, flag) if indicator else Withdrawal(None, found, flag)


def yields_to_overdose(chart: Chart) -> bool:
    """A critical overdose picture explains the signs unless tone is raised (D1)."""
    return overdose(chart).indicator == "critical" and "D1" not in domains(signs(chart))


@remember
def _withdrawal_of_patient(chart: Chart) -> bool:
    """The part of the context that does not depend on the order."""
    state = patient_state(chart)
    if withdrawal(chart).indicator == "critical" and not yields_to_overdose(chart):
        return True
    if conditions(chart, {BACLOFEN_WITHDRAWAL}) or state.kind is State.EXPLANTED or catheter_out(chart):
        return True
    encounter = chart.encounter
    if encounter is not None and encounter.current and BACLOFEN_WITHDRAWAL in encounter.reasons:
        return True
    return bool(removal_orders(chart))


def for_seizure(reasons: frozenset[str]) -> bool:
    """The reasons name a seizure or status epilepticus. Established epilepsy is no acute seizure, though its codes
    carry both concepts.
    """
    return STATUS_EPILEPTICUS in reasons or bool(reasons & SEIZURES and EPILEPSY not in reasons)


def withdrawal_context(order: Order | None, chart: Chart) -> bool:
    """WITHDRAWAL_CONTEXT for a draft (None: for the patient as a whole), in a pump patient or after a recent removal:
    withdrawal is suspected at critical and no critical overdose explains it; baclofen withdrawal is on the problem list
    or a reason of the encounter or of the draft; the draft is for a seizure or status epilepticus; the removal of the
    pump or catheter is ordered, or was done within {stop-window-days} days.
    """
    if not patient_state(chart).pump_or_recent_explant:
        return False
    entry = (order.medication or order.event) if order is not None else None
    if entry is not None and (BACLOFEN_WITHDRAWAL in entry.reasons or for_seizure(entry.reasons)):
        return True
    return _withdrawal_of_patient(chart)
