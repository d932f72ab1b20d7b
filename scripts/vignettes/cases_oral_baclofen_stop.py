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
    *[ordered(status, f"An order with status {status} stops them", WARNING, draft(status), taking()) for status in ("cancelled", "on-hold")],
    ordered("do-not-perform", "An order not to give them stops them", WARNING, draft("active", doNotPerform=True), taking()),
    ordered("dose-zero", "A dose of 0 stops them", WARNING, draft("draft", how=dosage(0)), taking()),
    ordered("as-needed", "A stop of tablets taken as needed only is not alerted", [], draft(how=dosage(10, None, prn=True))),
    ordered("as-needed-on-the-list", "Nor one without a schedule, where the list knows tablets as needed only", [], draft(how={"route": ORAL})),
    ordered("rescue-remains", "Tablets as needed do not replace the scheduled ones", WARNING, draft(), taking()),
    ordered("half-goes-on", "Half the dose goes on: an allowed step", [], [draft(), draft("draft", "oral-2", how=dosage(10))], taking()),
    ordered("less-than-half-goes-on", "Less than half goes on: a warning", WARNING, [draft(how=dosage(30)), draft("draft", "oral-2", how=dosage(14))], taking(milligrams=30), says=["more than half"]),
    ordered("enteral-instead", "Nothing by mouth, but an enteral order instead: no abrupt stop; the new order has its own card", ["itb-oral-baclofen-added info"], [draft(), draft("draft", "oral-2", how=dosage(20, route={"text": "via nasogastric tube"}))], taking()),
    ordered("end-of-taper", "The last step of a taper is not alerted", [], draft(how=dosage(5)), gone("2026-06-08", milligrams=20, status="completed", id="oral-0"), taking(milligrams=5, since="2026-06-08")),
    ordered("allergy", "Stopped for an allergy: information, the pump holds the same drug", [f"{RULE} info"], draft(statusReason={"text": "Allergy"}), taking(), says=["allergy"]),
    ordered("intrathecal-stop", "A stop of the pump's drug has its own card", ["itb-intrathecal-stop critical"], draft(how={"route": {"text": "intrathecal"}}), taking()),
    ordered("new-order", "A new order of tablets is no stop", ["itb-oral-baclofen-added info"], draft("draft")),
    ordered("in-words", "A stop in words alone counts", WARNING, draft(drug={"text": "Baclofen 20 mg tablet"}, how={"text": "1 tablet three times daily", "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}), taking()),
    ordered("probable-pump", "Beside a probable pump as well; the record suggests the pump", WARNING, draft(), taking(), drop=("pump-1",), says=["record suggests"]),
    case(RULE, "oral-only-order", "A patient without a pump never gets this card", ordering([patient(), taking()], [draft()]), []),
    case(RULE, "while-signing", "At signing the same answer is given", ordering(pump_chart(taking()), [draft()], hook="order-sign"), WARNING),
    # Chart opening
    at_opening("opening-stopped", "Tablets stopped three days ago without a taper: a warning", True, gone(), says=["12 Jun 2026", "without a taper"]),
    at_opening("opening-on-hold", "Tablets put on hold yesterday: a warning", True, gone("2026-06-14", status="on-hold")),
    at_opening("opening-asserted", "Without an end the day of the statement counts", True, gone(None, dateAsserted="2026-06-12")),
    at_opening("opening-seven-days", "Stopped 7 days ago counts", True, gone("2026-06-08")),
    at_opening("opening-eight-days", "Stopped 8 days ago does not", False, gone("2026-06-07")),
    at_opening("opening-taken-fourteen-days", "Taken for 14 days before counts", True, gone("2026-06-12", "2026-05-29")),
    at_opening("opening-taken-thirteen-days", "Taken for 13 days does not", False, gone("2026-06-12", "2026-05-30")),
    at_opening("opening-tapered", "A lower dose in the two weeks before is a taper", False, gone("2026-06-05", status="completed", id="oral-0"), gone("2026-06-12", "2026-06-05", 10)),
    at_opening("opening-tapered-long-ago", "A lower dose 15 days before is no taper of this stop", True, gone("2026-05-28", status="completed", id="oral-0"), gone("2026-06-12", "2026-05-28", 10)),
    at_opening("opening-as-needed", "Tablets as needed that were stopped are not alerted", False, statement("oral", TABLET, "stopped", "2026-03-01", "2026-06-12", dosage(10, None, prn=True))),
    at_opening("opening-half-goes-on", "Half the dose went on after the stop: an allowed step", False, gone(), taking("oral-2", 10, "2026-06-12")),
    at_opening("opening-less-than-half", "Less than half went on after the stop: a warning", True, gone(milligrams=30), taking("oral-2", 14, "2026-06-12"), says=["more than half"]),
    at_opening("opening-allergy", "Stopped for an allergy: information", [f"{RULE} info"], gone(statusReason=ALLERGY_CODE)),
    at_opening("opening-in-error", "An entry entered in error was never there", False, gone(status="entered-in-error")),
    at_opening("opening-in-words", "Tablets in words alone count; the record suggests it", True,
        statement("oral", {"text": "Baclofen 20 mg oral tablet"}, "stopped", "2026-03-01", "2026-06-12", dosage()), says=["record suggests"]),
    case(RULE, "opening-oral-only", "A patient without a pump never gets this card at chart opening either", opened(gone(), drop=("pump-1", "itb-1", "refill-1", "alarm-1", "concentration-1", "volume-1", "implant-1")), []),
    case(RULE, "opening-medications-missing", "Without the medication lists no stop is seen, and that is said", opened(gone(), withhold=("MedicationStatement", "MedicationRequest")), ["itb-not-assessed info", QUIET]),
]
