"""R14 itb-oral-baclofen-stop."""

from __future__ import annotations

from build import case
from drugs import select
from patient import ORAL
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import quantity
from patient import request
from patient import statement
from telemetry import QUIET
from telemetry import TABLET
from telemetry import opened
from telemetry import tablets

RULE = "itb-oral-baclofen-stop"
WARNING = [f"{RULE} warning"]
ALLERGY_CODE = [{"text": "Allergy"}]


def dosage(milligrams=20, per_day=3, prn=False, route=ORAL):
    """Three times 20 mg a day if nothing else is said."""
    made = {"route": route, "doseAndRate": [{"doseQuantity": quantity(milligrams, "mg")}]}
    if per_day:
        made["timing"] = {"repeat": {"frequency": per_day, "period": 1, "periodUnit": "d"}}
    return {**made, "asNeededBoolean": True} if prn else made


def draft(status="stopped", id="oral-order", drug=TABLET, how=None, **more):
    return request(id, drug, status, "2026-06-15", how if how is not None else dosage(), **more)


def taking(id="oral", milligrams=20, since="2026-03-01", **more):
    return tablets(id, milligrams, since, **more)


def gone(end="2026-06-12", since="2026-03-01", milligrams=20, status="stopped", id="oral", **more):
    return tablets(id, milligrams, since, end, status, **more)


def ordered(name, title, cards, drafts, *more, says=(), **how):
    return case(RULE, name, title, select(drafts, *more, **how), cards, says=says)


def at_opening(name, title, fires, *more, says=(), **how):
    return case(RULE, name, title, opened(*more, **how), [*(WARNING if fires is True else fires or []), QUIET], says=says)


CASES = [
    # Orders
    ordered("stopped", "An order that stops scheduled tablets beside the pump is a warning", WARNING, draft(), taking(), says=["taper", "25 to 50 %"]),
    *[ordered(status, f"An order of baclofen tablets that is set to {status} is a stop and a warning", WARNING, draft(status), taking()) for status in ("cancelled", "on-hold")],
    ordered("do-not-perform", "An order not to give baclofen tablets is a stop and a warning", WARNING, draft("active", doNotPerform=True), taking()),
    ordered("dose-zero", "A dose of 0 stops baclofen tablets and is a warning", WARNING, draft("draft", how=dosage(0)), taking()),
    ordered("as-needed", "A stop of tablets taken as needed only is not alerted", [], draft(how=dosage(10, None, prn=True))),
    ordered("as-needed-on-the-list", "A stop without a schedule is not alerted where the list knows the tablets as needed only", [], draft(how={"route": ORAL})),
    ordered("rescue-remains", "Tablets as needed do not replace the scheduled tablets that are stopped", WARNING, draft(), taking()),
    ordered("half-goes-on", "A stop of tablets is an allowed step when half the dose goes on", [], [draft(), draft("draft", "oral-2", how=dosage(10))], taking()),
    ordered("less-than-half-goes-on", "A stop of tablets is a warning when less than half the dose goes on", WARNING, [draft(how=dosage(30)), draft("draft", "oral-2", how=dosage(14))], taking(milligrams=30), says=["more than half"]),
    ordered("enteral-instead", "A change from tablets to a feeding tube is no abrupt stop, and the new order has its own card", ["itb-oral-baclofen-added info"], [draft(), draft("draft", "oral-2", how=dosage(20, route={"text": "via nasogastric tube"}))], taking()),
    ordered("end-of-taper", "The last step of a taper of tablets is not alerted", [], draft(how=dosage(5)), gone("2026-06-08", milligrams=20, status="completed", id="oral-0"), taking(milligrams=5, since="2026-06-08")),
    ordered("allergy", "A stop of tablets for an allergy is a note, since the pump holds the same drug", [f"{RULE} info"], draft(statusReason={"text": "Allergy"}), taking(), says=["allergy"]),
    ordered("intrathecal-stop", "A stop of the pump's drug is no stop of tablets and has its own card", ["itb-intrathecal-stop critical"], draft(how={"route": {"text": "intrathecal"}}), taking()),
    ordered("new-order", "A new order of baclofen tablets is no stop", ["itb-oral-baclofen-added info"], draft("draft")),
    ordered("in-words", "A stop of tablets written in words alone is a warning", WARNING, draft(drug={"text": "Baclofen 20 mg tablet"}, how={"text": "1 tablet three times daily", "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}), taking()),
    ordered("probable-pump", "A stop of tablets beside a probable pump is a warning, and the record suggests the pump", WARNING, draft(), taking(), drop=("pump-1",), says=["record suggests"]),
    case(RULE, "oral-only-order", "A patient without a pump never gets this card when tablets are stopped", ordering([patient(), taking()], [draft()]), []),
    case(RULE, "while-signing", "A stop of tablets is the same warning when the order is signed", ordering(pump_chart(taking()), [draft()], hook="order-sign"), WARNING),
    # Chart opening
    at_opening("opening-stopped", "Tablets stopped three days ago without a taper are a warning when the chart is opened", True, gone(), says=["12 Jun 2026", "without a taper"]),
    at_opening("opening-on-hold", "Tablets put on hold yesterday are a warning when the chart is opened", True, gone("2026-06-14", status="on-hold")),
    at_opening("opening-asserted", "A stopped entry of tablets without an end counts from the day it was made", True, gone(None, dateAsserted="2026-06-12")),
    at_opening("opening-seven-days", "Tablets stopped 7 days ago are a warning when the chart is opened", True, gone("2026-06-08")),
    at_opening("opening-eight-days", "Tablets stopped 8 days ago are not alerted any more", False, gone("2026-06-07")),
    at_opening("opening-taken-fourteen-days", "Tablets that were taken for 14 days before the stop are a warning", True, gone("2026-06-12", "2026-05-29")),
    at_opening("opening-taken-thirteen-days", "Tablets that were taken for only 13 days before the stop are not alerted", False, gone("2026-06-12", "2026-05-30")),
    at_opening("opening-tapered", "A lower dose of tablets in the two weeks before the stop is a taper", False, gone("2026-06-05", status="completed", id="oral-0"), gone("2026-06-12", "2026-06-05", 10)),
    at_opening("opening-tapered-long-ago", "A lower dose of tablets 15 days before the stop is no taper", True, gone("2026-05-28", status="completed", id="oral-0"), gone("2026-06-12", "2026-05-28", 10)),
    at_opening("opening-as-needed", "Tablets as needed that were stopped are not alerted", False, statement("oral", TABLET, "stopped", "2026-03-01", "2026-06-12", dosage(10, None, prn=True))),
    at_opening("opening-half-goes-on", "Tablets of which half the dose went on after the stop are not alerted", False, gone(), taking("oral-2", 10, "2026-06-12")),
    at_opening("opening-less-than-half", "Tablets of which less than half the dose went on after the stop are a warning", True, gone(milligrams=30), taking("oral-2", 14, "2026-06-12"), says=["more than half"]),
    at_opening("opening-allergy", "Tablets that were stopped for an allergy are a note when the chart is opened", [f"{RULE} info"], gone(statusReason=ALLERGY_CODE)),
    at_opening("opening-in-error", "A stopped entry of tablets made in error was never there", False, gone(status="entered-in-error")),
    at_opening("opening-in-words", "A stopped entry of tablets in words alone is a warning, and the record suggests it", True,
        statement("oral", {"text": "Baclofen 20 mg oral tablet"}, "stopped", "2026-03-01", "2026-06-12", dosage()), says=["record suggests"]),
    case(RULE, "opening-oral-only", "A patient without a pump never gets this card when the chart is opened", opened(gone(), drop=("pump-1", "itb-1", "refill-1", "alarm-1", "concentration-1", "volume-1", "implant-1")), []),
    case(RULE, "opening-medications-missing", "Without the medication lists no stop is seen, and that is said", opened(gone(), withhold=("MedicationStatement", "MedicationRequest")), ["itb-not-assessed info", QUIET]),
]
