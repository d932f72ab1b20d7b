"""The grades of R09 and R20 and the withdrawal context, which exempts treatment from interaction rules."""

from __future__ import annotations

from collections.abc import Sequence

from rules import vocabulary
from rules.chart import Chart, Condition, Grade, Order, answer
from rules.definitions.breathing import low_oxygen
from rules.definitions.changes import changes
from rules.definitions.direction import against_overdose, confusion, looks_calm
from rules.definitions.findings import Sign, sedated
from rules.definitions.infections import fever_cause
from rules.definitions.interruption import Interruption, catheter_out, interruption
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import removal_orders
from rules.definitions.overdose_signs import lethargy, overdose_signs
from rules.definitions.patient import comfort_care, conditions
from rules.definitions.signs import BODY_TEMPERATURE, HEART_RATE, domains_of, signs
from rules.definitions.state import State, patient_state
from rules.definitions.tone import low_tone
from rules.recommendation import FREE_TEXT_ALONE, INDICATORS, NOT_CONFIRMED, step_down

BACLOFEN_WITHDRAWAL = vocabulary.condition("baclofen-withdrawal")
EPILEPSY = vocabulary.condition("epilepsy")
STATUS_EPILEPTICUS = vocabulary.condition("status-epilepticus")
EARLY_OVERDOSE = "these signs after a pump change can also be an early overdose"
NOT_LIKE_OVERDOSE = "fever, high tone or muscle breakdown argues against overdose"
INFECTION = "a localized infection can explain the fever"
SEIZURES = vocabulary.conditions("seizure", "sign_seizure")


@answer
class Overdose:
    """R20: None when there is no such picture."""

    indicator: str | None
    signs: tuple[Sign, ...] = ()
    changes: tuple[object, ...] = ()
    against: tuple[Sign, ...] = ()
    """What argues against it (SA), where low tone is not recorded."""
    early: bool = False
    """The picture after a CHANGE, without T2 and T3."""
    soft: bool = False
    """Without what is suspected or free text the indicator would be lower: the card says *record suggests*."""
    lowered: str = ""
    """Why the indicator is lower than all signs together would make it."""


def _firm(found: Sequence[Sign]) -> tuple[Sign, ...]:
    """The signs that are confirmed, and coded, measured or named."""
    return tuple(sign for sign in found if not sign.suspected and sign.fact.grade is not Grade.FREE_TEXT)


def _below(one: str | None, other: str | None) -> bool:
    """The first is a lower indicator than the second; none is the lowest."""
    return other is not None and (one is None or INDICATORS.index(one) < INDICATORS.index(other))


def _overdose_grade(found: Sequence[Sign], changed: bool, against: bool, chart: Chart) -> str | None:
    """R20 of these signs, T2 or T3 among them."""
    seen = domains_of(tuple(found))
    drowsy = [sign for sign in found if sign.domain == "T2"]
    if not seen & {"T2", "T3"}:
        return None
    if not (changed or seen & {"T1", "T4"}) or (against and "T1" not in seen):
        return "warning"
    if seen == {"T3"} and all(sign in low_oxygen(chart) for sign in found):
        return "warning"
    if seen == {"T2"} and all(sign in lethargy(chart) for sign in drowsy):
        return "warning"
    return "critical"


def _early(found: Sequence[Sign], chart: Chart, *, confirmed: bool) -> tuple[Sign, ...]:
    """The signs of an overdose that begins after a CHANGE, without T2 and T3, which decide by themselves."""
    seen = domains_of(tuple(found))
    confused = tuple(sign for sign in confusion(chart) if not (confirmed and sign.suspected))
    low = [sign for sign in found if sign.domain == "T1"]
    if confused and (low or looks_calm(chart)):
        return (*low, *confused, *(sign for sign in found if sign.domain == "T4"))
    return tuple(found) if seen >= {"T1", "T4"} else ()


@once_a_chart
def overdose(chart: Chart) -> Overdose:
    """R20: T2 or T3, graded by T1, T4 and a recent change, capped where SA stands without low tone; after a change also
    an early picture. Silent under anesthesia, sedation and comfort care.
    """
    changed = changes(chart)
    if not (patient_state(chart).pump or changed) or sedated(chart) or comfort_care(chart):
        return Overdose(None)
    found = overdose_signs(chart)
    if not (found or (changed and confusion(chart))):
        return Overdose(None, (), changed)
    against = () if "T1" in domains_of(found) else against_overdose(chart)
    confirmed = tuple(sign for sign in found if not sign.suspected)
    full = _overdose_grade(found, bool(changed), bool(against), chart)
    indicator = _better(_overdose_grade(confirmed, bool(changed), bool(against), chart), full)
    if indicator is None and changed:
        return _early_overdose(found, confirmed, changed, against, chart)
    lowered = NOT_CONFIRMED if _below(indicator, full) else ""
    if not lowered and _below(indicator, _overdose_grade(found, bool(changed), against=False, chart=chart)):
        lowered = NOT_LIKE_OVERDOSE
    if indicator == "critical" and not changed and all(sign.fact.grade is Grade.FREE_TEXT for sign in found):
        indicator, lowered = "warning", FREE_TEXT_ALONE
    soft = _below(_overdose_grade(_firm(found), bool(changed), bool(against), chart), indicator)
    return Overdose(indicator, found, changed, against, soft=soft, lowered=lowered)


def _early_overdose(
    found: Sequence[Sign],
    confirmed: Sequence[Sign],
    changed: tuple[object, ...],
    against: tuple[Sign, ...],
    chart: Chart,
) -> Overdose:
    sure, suspected = _early(confirmed, chart, confirmed=True), _early(found, chart, confirmed=False)
    indicator = "warning" if sure else "info" if suspected else None
    told = sure or suspected or tuple(found)
    lowered = NOT_CONFIRMED if suspected and not sure else ""
    soft = indicator is not None and len(_firm(told)) < len(told)
    early = bool(sure or suspected)
    return Overdose(indicator, told, changed, against, early=early, soft=soft, lowered=lowered)


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
    fever_cause: Condition | None = None
    """The localized infection that keeps itch or anxiety with fever at a warning."""
    soft: bool = False
    """Without what is suspected or free text the indicator would be lower: the card says *record suggests*."""
    lowered: str = ""
    """Why the indicator is lower than all signs together would make it."""

    @property
    def domains(self) -> frozenset[str]:
        return domains_of(self.signs)


def _withdrawal_grade(found: frozenset[str], flag: Interruption, explained: bool) -> str | None:
    """Rules 1 to 5 of R09. Dose never lowers the grade (C1)."""
    if not found:
        return None
    if flag.hard:
        return "critical"
    if flag.soft:
        return "warning" if found in ({"D2"}, {"D5"}) else "critical"
    acute, tonic = found & {"D2", "D3", "D4"}, found & {"D1", "D4", "D5"}
    if any(one != other for one in acute for other in tonic):
        return "warning" if explained and found == {"D2", "D5"} else "critical"
    if found == {"D2", "D3"} or found <= {"D1", "D5"}:
        return "warning"
    return None


def _by_numbers(found: Sequence[Sign]) -> bool:
    """The autonomic signs are temperature and heart rate only: what an infection brings too."""
    return all(getattr(s.fact, "concept", "") in (BODY_TEMPERATURE, HEART_RATE) for s in found if s.domain == "D2")


@once_a_chart
def withdrawal(chart: Chart) -> Withdrawal:
    """The grade of R09 before it gives way to an overdose picture."""
    if not patient_state(chart).pump_or_recent_explant:
        return Withdrawal(None)
    found = signs(chart)
    if not found:
        return Withdrawal(None)
    flag = interruption(chart)
    cause = fever_cause(chart) if _by_numbers(found) and not flag else None
    sure = _withdrawal_grade(domains_of(found, confirmed=True), flag, cause is not None)
    full = _withdrawal_grade(domains_of(found), flag, cause is not None)
    indicator = _better(sure, full)
    lowered = NOT_CONFIRMED if _below(indicator, full) else ""
    deciding = [sign.fact for sign in found] + [entry for entry in flag.basis if hasattr(entry, "grade")]
    if indicator == "critical" and all(fact.grade is Grade.FREE_TEXT for fact in deciding):
        indicator, lowered = "warning", FREE_TEXT_ALONE
    soft = _below(_withdrawal_grade(domains_of(_firm(found)), _firm_flag(flag), cause is not None), indicator)
    whole, indicator = indicator, _after_change(indicator, chart)
    cause = cause if indicator == "warning" and domains_of(found) == {"D2", "D5"} else None
    if not lowered:
        lowered = EARLY_OVERDOSE if _below(indicator, whole) else INFECTION if cause is not None else ""
    return Withdrawal(indicator, found, flag, cause, soft, lowered)


def _firm_flag(flag: Interruption) -> Interruption:
    """The flag, unless free text alone tells of it."""
    soft = [getattr(entry, "grade", None) is Grade.FREE_TEXT for entry in flag.basis]
    return Interruption() if soft and all(soft) else flag


def _after_change(indicator: str | None, chart: Chart) -> str | None:
    """Rule 6: beside the early picture of an overdose at most a warning, and nothing where low tone is recorded and
    neither fever nor high tone nor muscle breakdown.
    """
    if indicator is None or not overdose(chart).early:
        return indicator
    if low_tone(chart) and not against_overdose(chart):
        return None
    return min(indicator, "warning", key=INDICATORS.index)


def yields_to_overdose(chart: Chart) -> bool:
    """A critical overdose picture explains the signs unless tone is raised (D1)."""
    return overdose(chart).indicator == "critical" and "D1" not in domains_of(signs(chart))


@once_a_chart
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
    """The reasons name a seizure or status epilepticus. Established epilepsy is not an acute seizure, though its codes
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
