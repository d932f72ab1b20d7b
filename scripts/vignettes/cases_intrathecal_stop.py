"""R13 itb-intrathecal-stop."""

from __future__ import annotations

from build import case
from drugs import select
from patient import BACLOFEN
from patient import INTRATHECAL
from patient import ORAL
from patient import administration
from patient import chart_opening
from patient import itb_statement
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity
from patient import request
from patient import statement
from telemetry import HOUR_AGO
from telemetry import QUIET
from telemetry import REMOVE
from telemetry import TABLET
from telemetry import itb_entry
from telemetry import opened
from telemetry import tablets
from telemetry import temperature

RULE = "itb-intrathecal-stop"
CRITICAL = [f"{RULE} critical"]
LISTED = {"route": INTRATHECAL, "doseAndRate": [{"rateQuantity": quantity(400, "ug/d")}]}
COMA = pump_data("coma", "consciousness", HOUR_AGO, "coma")
FLOPPY = pump_data("tone", "tone-change", HOUR_AGO, "flaccid")


def stop(status="stopped", dose=400, id="order-1", drug=BACLOFEN, **more):
    """A draft that ends intrathecal baclofen."""
    dosage = {"route": INTRATHECAL, "doseAndRate": [{"rateQuantity": quantity(dose, "ug/d")}]} if dose is not None else {"route": INTRATHECAL}
    return request(id, drug, status, "2026-06-15", dosage, **more)


def listed(id="order-1", dose=400, authored="2026-01-10", status="active"):
    """An order of intrathecal baclofen on the server."""
    return request(id, BACLOFEN, status, authored, {"route": INTRATHECAL, "doseAndRate": [{"rateQuantity": quantity(dose, "ug/d")}]})


def ordered(name, title, cards, drafts, *more, says=(), **how):
    return case(RULE, name, title, select(drafts, *more, **how), cards, says=says)


def at_opening(name, title, cards, *more, says=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says)


def ended(day, status="stopped", **more):
    return itb_statement(end=day, status=status, **more)


CASES = [
    # Orders
    ordered("stopped", "An order that stops intrathecal baclofen is critical", CRITICAL, stop(), says=["abrupt stop", "400 µg/day", "baclofen"]),
    *[ordered(status, f"An order with status {status} stops it", CRITICAL, stop(status)) for status in ("cancelled", "on-hold")],
    ordered("do-not-perform", "An order not to give it stops it", CRITICAL, stop("active", doNotPerform=True)),
    ordered("dose-zero", "A dose of 0 stops it: one card, not three", CRITICAL, stop("draft", 0)),
    ordered("new-dose-order", "An order of a new dose is no stop", [], stop("draft", 410)),
    case(RULE, "while-signing", "At signing the same answer is given", ordering(pump_chart(), [stop()], hook="order-sign"), CRITICAL),
    case(RULE, "not-selected", "A stop that is not selected is not judged", ordering(pump_chart(), [stop(), request("other", TABLET, "draft", "2026-06-15", {"route": ORAL, "asNeededBoolean": True})], ["MedicationRequest/other"]), []),
    ordered("replaced-by-draft", "A new order beside it replaces the stopped one", [], [stop(), stop("draft", 420, "order-2")]),
    ordered("replaced-by-listed-order", "Another active order of a new dose replaces it", [], stop(), listed(), listed("order-2", 420, "2026-06-14")),
    ordered("older-order-listed", "An older order that nobody closed does not replace it", CRITICAL, stop(), listed(), listed("order-2", 300, "2024-06-14")),
    ordered("pump-without-drug", "A pump whose drug no list names: the stop itself says what it holds", CRITICAL, stop(), drop=("itb-1", "refill-1", "ms"), says=["record suggests"]),
    ordered("own-order-listed", "The order that is stopped does not replace itself", CRITICAL, stop(), listed()),
    ordered("replaced-by-later-statement", "A later statement of another dose replaces an old order", [], stop(authoredOn="2026-01-10"), drop=("itb-1",),
        swap=[itb_statement("itb-2", 420, start="2026-06-14")]),
    ordered("same-dose-statement", "A statement of the same therapy does not replace the stopped order", CRITICAL, stop(authoredOn="2026-01-10"), swap=[itb_statement(start="2026-06-01")]),
    ordered("replacement-stopped-too", "A second stop is no replacement: one card for both", CRITICAL, [stop(), stop("on-hold", 420, "order-2")]),
    ordered("overdose-critical", "In a critical overdose stopping is right: no card", [], stop(), COMA, FLOPPY),
    ordered("overdose-warning", "A mere overdose warning does not make it right", CRITICAL, stop(), pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent")),
    ordered("oral-stop", "A stop of tablets has its own card", ["itb-oral-baclofen-stop warning"], request("oral", TABLET, "stopped", "2026-06-15", {"route": ORAL, "timing": {
        "repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseQuantity": quantity(10, "mg")}]})),
    ordered("route-missing", "A stop without a route that rewrites the intrathecal order counts", CRITICAL, request("order-1", BACLOFEN, "stopped", "2026-06-15"), listed()),
    ordered("drug-in-words", "A stop in words alone counts", CRITICAL, stop(dose=None, drug={"text": "Baclofen intrathecal infusion 2000 mcg/mL"})),
    ordered("route-in-words", "The route in words alone counts", CRITICAL, request("order-1", BACLOFEN, "stopped", "2026-06-15", {"route": {"text": "intrathecal"}})),
    ordered("probable-pump", "In a probable pump it is critical as well; the record suggests the pump", CRITICAL, stop(), drop=("pump-1",), says=["record suggests"]),
    case(RULE, "no-pump", "Without a pump there is nothing to stop", ordering([patient(), tablets("oral", 10, "2026-01-10")], [stop()]), []),
    ordered("taken-out", "After the pump was taken out the list is only cleaned up", [], stop(), procedure("out", REMOVE, "2026-06-10")),
    # Chart opening
    at_opening("opening-stopped", "An entry stopped last week with nothing in its place is critical", [*CRITICAL, QUIET], swap=[ended("2026-06-10")], says=["stopped", "10 Jun 2026", "400 µg/day"]),
    at_opening("opening-on-hold", "An entry put on hold is critical", [*CRITICAL, QUIET], swap=[itb_statement(status="on-hold", dateAsserted="2026-06-12")], says=["on hold"]),
    at_opening("opening-completed", "A completed entry is critical", [*CRITICAL, QUIET], swap=[ended("2026-06-10", "completed")], says=["completed"]),
    at_opening("opening-order-stopped", "A stopped order on the list counts like a statement", [*CRITICAL, QUIET],
        request("order-1", BACLOFEN, "stopped", "2026-01-10", {**LISTED, "timing": {"repeat": {"boundsPeriod": {"start": "2026-01-10", "end": "2026-06-10"}}}}), drop=("itb-1",)),
    at_opening("opening-fourteen-days", "Ended 14 days ago is critical", [*CRITICAL, QUIET], swap=[ended("2026-06-01")]),
    at_opening("opening-fifteen-days", "Ended 15 days ago, refilled before: the pump is disused, the record is asked for", ["itb-record-incomplete info"], swap=[ended("2026-05-31")]),
    at_opening("opening-replaced", "A new dose in its place is no stop", [QUIET], itb_statement("itb-2", 420, start="2026-06-10"), swap=[ended("2026-06-10", "completed")]),
    at_opening("opening-taken-out", "Where the pump was taken out the explant card speaks", ["itb-recent-explant warning"], procedure("out", REMOVE, "2026-06-10"), swap=[ended("2026-06-10")]),
    at_opening("opening-overdose", "In a critical overdose stopping was right", ["itb-overdose-suspected critical", QUIET], COMA, FLOPPY, swap=[ended("2026-06-14")]),
    at_opening("opening-overdose-warning", "A mere overdose warning does not hide the stop; drowsiness may be withdrawal as well",
        ["itb-withdrawal-suspected critical", *CRITICAL, "itb-overdose-suspected warning", QUIET],
        pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent"), swap=[ended("2026-06-14")]),
    at_opening("opening-with-fever", "A stop and fever: withdrawal is suspected as well", ["itb-withdrawal-suspected critical", *CRITICAL, QUIET], temperature(38.6), swap=[ended("2026-06-12")]),
    at_opening("opening-no-device", "Without a pump device the recent stop tells of no pump in place", [], swap=[ended("2026-06-10")], drop=("pump-1", "refill-1", "alarm-1", "volume-1", "concentration-1")),
    at_opening("opening-in-error", "An entry entered in error was never there", ["itb-record-incomplete info", QUIET], swap=[itb_statement(status="entered-in-error", end="2026-06-10")]),
    at_opening("opening-in-words", "A stopped entry in words alone is critical; the record suggests it", [*CRITICAL, QUIET],
        swap=[itb_entry({}, {"text": "Baclofen intrathecal infusion"}, status="stopped", end="2026-06-10")], says=["record suggests"]),
    case(RULE, "screening-over", "A screening dose that is over is no stop", chart_opening([patient(),
        administration("bolus", BACLOFEN, "2026-06-10T09:00:00Z", dosage={"route": INTRATHECAL, "dose": quantity(50, "ug")})]), []),
    at_opening("opening-medications-missing", "Without the medication lists no stop is seen, and that is said", ["itb-not-assessed info", QUIET], swap=[ended("2026-06-10")],
        withhold=("MedicationStatement", "MedicationRequest")),
    case(RULE, "opening-statement-goes-on", "A stopped order beside a current statement is no stop", chart_opening(pump_chart(
        request("order-1", BACLOFEN, "stopped", "2026-01-10", {**LISTED, "timing": {"repeat": {"boundsPeriod": {"end": "2026-06-10"}}}}))), [QUIET]),
    case(RULE, "tablets-go-on", "Tablets in its place do not replace it", chart_opening(pump_chart(statement("oral", TABLET, "active", "2026-06-10", dosage={"route": ORAL}), swap=[ended("2026-06-10")])), [*CRITICAL, QUIET]),
]
