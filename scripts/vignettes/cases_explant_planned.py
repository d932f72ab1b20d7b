"""R16 itb-explant-planned."""

from __future__ import annotations

from build import case
from drugs import draft
from drugs import select
from patient import BACLOFEN
from patient import CPT
from patient import INTRATHECAL
from patient import PUMP_DATA
from patient import SUBJECT
from patient import chart_opening
from patient import concept
from patient import event
from patient import itb_statement
from patient import lab
from patient import order
from patient import procedure
from patient import pump_chart
from patient import quantity

RULE = "itb-explant-planned"
QUIET = "itb-pump-summary info"
REMOVE = concept(CPT, "62365", text="Removal of intrathecal pump")
REMOVE_CATHETER = concept(CPT, "62355", text="Removal of intrathecal catheter")
REPLACE = concept(CPT, "62362", text="Implantation of programmable intrathecal pump")
LABS = (lab("platelets", "777-3", "2026-06-10", 250, "10*3/uL"), lab("inr", "6301-6", "2026-06-10", 1.0, "{INR}"))
PLAN = {
    "resourceType": "CarePlan",
    "id": "plan",
    "status": "active",
    "intent": "plan",
    "subject": SUBJECT,
    "category": [concept(PUMP_DATA, "itb-wean", text="Wean of intrathecal baclofen")],
    "title": "Wean before removal of the pump",
}


def removal(id="out", code=REMOVE, **more):
    return order(id, code, **more)


def standing(at=None, authored=None, status="active", code=REMOVE):
    return removal(code=code, status=status, at=at, authored=authored)


def step(id, dose, start):
    timing = {"repeat": {"boundsPeriod": {"start": start}}}
    return draft(id, BACLOFEN, {"route": INTRATHECAL, "timing": timing, "doseAndRate": [{"rateQuantity": quantity(dose, "ug/d")}]}, status="active")


def ordered(name, title, drafts, entries, indicator, **more):
    return case(RULE, name, title, select(drafts, *entries), [f"{RULE} {indicator}"], **more)


def opened(name, title, entries, indicator=None, **more):
    cards = [f"{RULE} {indicator}"] if indicator else []
    return case(RULE, name, title, chart_opening(pump_chart(*entries)), [*cards, QUIET], **more)


CASES = [
    ordered("no-plan", "Removal of the pump ordered without a plan is critical", removal(), [], "critical", says=["wean", "260 µg/day"]),
    ordered("catheter", "Removal of the catheter without a plan is critical", removal(code=REMOVE_CATHETER), [], "critical", says=["catheter"]),
    ordered("in-words", "Removal of the pump ordered in words alone is critical", removal(code={"text": "Removal of intrathecal pump"}), [], "critical"),
    ordered("care-plan", "Removal of the pump with a care plan to wean is a warning", removal(), [PLAN], "warning", says=["wean"]),
    ordered(
        "plan-in-words",
        "A care plan to wean that only its title tells counts",
        removal(),
        [{**PLAN, "category": [{"text": "care"}], "title": "Wean intrathecal baclofen"}],
        "warning",
        says=["record suggests"],
    ),
    ordered("ended-plan", "A care plan to wean that was revoked does not count", removal(), [{**PLAN, "status": "revoked"}], "critical"),
    ordered(
        "wean-order",
        "An active order to wean counts as a plan for the removal",
        removal(),
        [order("wean", event("itb-wean", "Wean"), "active", authored="2026-06-12")],
        "warning",
    ),
    ordered(
        "two-descending-doses",
        "Two descending intrathecal dose orders are a documented wean",
        removal(),
        [step("a", 320, "2026-06-16"), step("b", 250, "2026-06-18")],
        "warning",
    ),
    ordered("one-lower-dose", "A single lower dose order is not a documented wean", removal(), [step("a", 320, "2026-06-16")], "critical"),
    ordered("rising-doses", "Intrathecal dose orders that rise are no wean", removal(), [step("a", 250, "2026-06-16"), step("b", 320, "2026-06-18")], "critical"),
    ordered("replacement-selected", "Removal of the pump ordered together with a replacement is a note", [removal(), removal("in", REPLACE)], LABS, "info", says=["replace"]),
    ordered(
        "replacement-on-order", "Removal of the pump with an active replacement order is a note", removal(), [*LABS, order("in", REPLACE, "active", at="2026-06-20")], "info"
    ),
    ordered(
        "stale-replacement-order",
        "A replacement order left over from last year does not make the removal less urgent",
        removal(),
        [order("in", REPLACE, "active", authored="2025-06-01")],
        "critical",
    ),
    case(
        RULE,
        "replacement-not-selected",
        "A replacement that is drafted but not selected does not make the removal less urgent",
        select([removal(), removal("in", REPLACE)], selections=["ServiceRequest/out"]),
        [f"{RULE} critical"],
    ),
    case(RULE, "withdrawn", "An order that withdraws the removal of the pump is not alerted", select(removal(status="revoked")), []),
    case(
        RULE,
        "disused-pump",
        "A pump without baclofen for more than two weeks may be taken out",
        select(removal(), drop=("refill-1", "alarm-1"), swap=[itb_statement(end="2026-05-20", status="stopped")]),
        [],
    ),
    opened(
        "standing-order", "A standing order for removal within 30 days is critical at chart opening", [standing("2026-07-15")], "critical", says=["15 Jul 2026"]
    ),
    opened("in-31-days", "A standing order for removal in 31 days is not yet alerted at chart opening", [standing("2026-07-16")]),
    opened("undated-30-days", "An undated removal ordered 30 days ago is alerted", [standing(None, "2026-05-16")], "critical"),
    opened("undated-31-days", "An undated removal ordered 31 days ago is not alerted", [standing(None, "2026-05-15")]),
    opened("cancelled-order", "A removal order that was revoked is not alerted", [standing("2026-06-20", status="revoked")]),
    opened("proposal", "A removal that is only proposed is not alerted at chart opening", [order("out", REMOVE, "active", intent="proposal", at="2026-06-20")]),
    opened("planned-procedure", "A removal procedure in preparation counts as planned", [procedure("out", REMOVE, "2026-06-20", status="preparation")], "critical"),
    opened(
        "standing-order-in-words",
        "A standing removal order in words alone is critical, and the record suggests it",
        [standing("2026-06-20", code={"text": "Removal of intrathecal pump"})],
        "critical",
        says=["record suggests"],
    ),
    case(
        RULE,
        "service-requests-missing",
        "Without the list of orders nothing is said of a removal",
        chart_opening(pump_chart(standing("2026-06-20")), withhold=("ServiceRequest",)),
        [QUIET],
    ),
    case(
        RULE,
        "already-removed",
        "A pump that is already out brings the card on the removal itself instead",
        chart_opening(pump_chart(standing("2026-06-12"), procedure("done", REMOVE, "2026-06-12"))),
        ["itb-recent-explant warning"],
    ),
]
