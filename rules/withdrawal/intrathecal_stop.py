"""R13 Intrathecal baclofen is stopped.

Who: patients with a (probable) intrathecal baclofen pump; on the order hooks also a pump whose drug no list names.
When: an order that stops intrathecal baclofen (stopped, canceled, on hold, do not perform, dose 0); at chart opening
    an entry that was stopped, paused or completed within {stop-window-days} days, the pump in place, no current entry
    and no removal of the pump: critical. A stop of baclofen of which neither the order nor the entry that it rewrites
    tells whether the pump or tablets are meant: warning.
Unless: another current entry or draft takes its place (new dose or concentration); a critical overdose picture
    (stopping is then right); a finished screening dose. An overdose suspected at warning does not silence it: the card
    then says that low tone would make stopping right, and high tone or fever would make it lethal.
If data are missing: without the medication lists a stop cannot be seen at chart opening.
Why: boxed warning: abrupt stop leads to fever, altered mental state, rebound spasticity, rhabdomyolysis, organ
    failure and death (P1).
"""

from __future__ import annotations

from dataclasses import replace

from rules.chart import Chart, Order, must
from rules.definitions.interruption import stopped_therapy
from rules.definitions.state import WITHOUT, PatientState, patient_state, pump_devices
from rules.definitions.status import stopped_on
from rules.definitions.stops import instead, stops
from rules.definitions.therapy import (
    BACLOFEN,
    dose_in_force,
    is_intrathecal_baclofen,
    is_oral_baclofen,
    is_unrouted_baclofen,
)
from rules.definitions.withdrawal import overdose
from rules.phrases import per_day
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    NO_PUMP_IN_USE,
    ORDER,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    each_order,
    finding,
)

CONSULT = Suggest("consult", "ServiceRequest", priority="urgent")
SAID = {"on-hold": "held", "completed": "ended"}
"""How the card says what happened to the entry; all else is *stopped*."""
ROUTE_NOT_TOLD = "the order does not tell the route"
OVERDOSE = "overdose picture: stopping is right, itb-overdose-suspected speaks"
ORDERS = OfOrders(frozenset({BACLOFEN}), NoAction("no stop of intrathecal baclofen"))


def _dose(chart: Chart) -> str | None:
    dose = dose_in_force(chart)
    return per_day(dose.amount) if dose is not None and dose.amount else None


def _overdose(chart: Chart) -> dict[str, object]:
    """What the chart says of an overdose that is suspected at less than critical, and what speaks against it."""
    picture = overdose(chart)
    doubtful = picture.indicator is not None
    against = list(dict.fromkeys(sign.words for sign in picture.against)) if doubtful else None
    return {"overdose": doubtful, "against": against}


def _holds_what_is_stopped(state: PatientState, chart: Chart) -> bool:
    """A pump without any drug on the lists: the stop itself says what it holds."""
    return state.kind in WITHOUT and bool(pump_devices(chart))


def _route_not_told(order: Order, chart: Chart) -> bool:
    """Baclofen is stopped, and neither the draft nor the entry that it rewrites tells by which route."""
    if order.medication is None or order.medication.prn or stops(order, chart, is_oral_baclofen):
        return False
    return stops(order, chart, is_unrouted_baclofen)


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    unrouted = not stops(order, chart, is_intrathecal_baclofen)
    if unrouted and not _route_not_told(order, chart):
        return ORDERS.otherwise
    state = patient_state(chart)
    if not (state.pump or (not unrouted and _holds_what_is_stopped(state, chart))):
        return NO_PUMP_IN_USE
    if overdose(chart).indicator == "critical":
        return NoAction(OVERDOSE)
    if instead(order, chart, is_intrathecal_baclofen):
        return NoAction("another entry of intrathecal baclofen takes its place")
    values = {"order": True, "dose": _dose(chart), "time": None, "how": None, **_overdose(chart)}
    if unrouted:
        values |= {"unrouted": True}
        found = finding("warning", order.key, (), probable=state.by_text, values=values, order=order)
        return replace(found, lowered=ROUTE_NOT_TOLD)
    keep = (Suggest("keep", "delete", order=order.reference),) if order.reference else ()
    return finding(
        "critical",
        order.key,
        (),
        probable=state.by_text or not state.pump,
        values=values,
        order=order,
        suggestions=(*keep, CONSULT),
    )


def _of_patient(chart: Chart) -> Outcome:
    ended = stopped_therapy(chart)
    if not ended:
        seen = chart.delivered("MedicationStatement", "MedicationRequest")
        return (
            NoAction("no recent stop of intrathecal baclofen")
            if seen
            else CannotAssess(("MedicationStatement", "MedicationRequest"))
        )
    if overdose(chart).indicator == "critical":
        return NoAction(OVERDOSE)
    last = max(ended, key=lambda m: (must(stopped_on(m)).start, m.key))
    how = SAID.get(last.status, "stopped")
    values = {"order": False, "dose": _dose(chart), "time": stopped_on(last), "how": how, **_overdose(chart)}
    state = patient_state(chart)
    return Recommendation(
        (finding("critical", last.key, (last,), probable=state.by_text, values=values, suggestions=(CONSULT,)),)
    )


_of_orders = each_order(judge)


def evaluate(chart: Chart) -> Outcome:
    return _of_orders(chart) if chart.hook == ORDER else _of_patient(chart)


RULE = Rule(
    id="itb-intrathecal-stop",
    number=13,
    title="Intrathecal baclofen stopped",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE, ORDER),
    tier="SAFE",
    purpose="An abrupt stop of intrathecal baclofen can be fatal.",
    evidence=(
        Evidence("P1", "boxed warning on abrupt stop"),
        Evidence("P2", "boxed warning on abrupt stop"),
        Evidence("S1", "withdrawal after the drug stops can be fatal"),
        Evidence("S4", "withdrawal evolves over one to three days"),
        Evidence("P16", "stopped in the belief of an overdose: withdrawal"),
        Evidence("C1", "dose never lowers the severity"),
        Evidence("C25", "overdose or withdrawal: tone first"),
        Evidence("A", "window of 14 days", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
    ),
    overrides=("supervised-wean", "pump-removed-or-inactive", "overdose-being-treated"),
    evaluate=evaluate,
    without_pump=NO_PUMP_IN_USE,
    orders=ORDERS,
    gives=("order", "unrouted", "dose", "time", "how", "overdose", "against"),
    offers=("consult", "keep"),
    parameters=("stop-window-days",),
)
