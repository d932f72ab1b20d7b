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
    *[ordered(status, f"An intrathecal baclofen order that is set to {status} is a critical stop", CRITICAL, stop(status)) for status in ("cancelled", "on-hold")],
    ordered("do-not-perform", "An order not to give intrathecal baclofen stops it and is critical", CRITICAL, stop("active", doNotPerform=True)),
    ordered("dose-zero", "An intrathecal dose of 0 is one critical stop and not three cards", CRITICAL, stop("draft", 0)),
    ordered("new-dose-order", "An order of a new intrathecal dose is no stop", [], stop("draft", 410)),
    case(RULE, "while-signing", "An order that stops intrathecal baclofen is critical when it is signed, too", ordering(pump_chart(), [stop()], hook="order-sign"), CRITICAL),
    case(RULE, "not-selected", "An order that stops intrathecal baclofen but is not selected is not judged", ordering(pump_chart(), [stop(), request("other", TABLET, "draft", "2026-06-15", {"route": ORAL, "asNeededBoolean": True})], ["MedicationRequest/other"]), []),
    ordered("replaced-by-draft", "A stopped intrathecal order is replaced by a new order beside it", [], [stop(), stop("draft", 420, "order-2")]),
    ordered("replaced-by-listed-order", "A stopped intrathecal order is replaced by another active order of a new dose", [], stop(), listed(), listed("order-2", 420, "2026-06-14")),
    ordered("older-order-listed", "An older intrathecal order that nobody closed does not replace the stopped one", CRITICAL, stop(), listed(), listed("order-2", 300, "2024-06-14")),
    ordered("pump-without-drug", "A stop for a pump whose drug no list names is critical, since the stop itself names the drug", CRITICAL, stop(), drop=("itb-1", "refill-1", "ms"), says=["record suggests"]),
    ordered("own-order-listed", "An intrathecal order that is stopped does not replace itself", CRITICAL, stop(), listed()),
    ordered("replaced-by-later-statement", "An old intrathecal order is replaced by a later entry of another dose", [], stop(authoredOn="2026-01-10"), drop=("itb-1",),
        swap=[itb_statement("itb-2", 420, start="2026-06-14")]),
    ordered("same-dose-statement", "An entry of the same intrathecal dose does not replace the stopped order", CRITICAL, stop(authoredOn="2026-01-10"), swap=[itb_statement(start="2026-06-01")]),
    ordered("replacement-stopped-too", "Two intrathecal orders stopped together give one critical card", CRITICAL, [stop(), stop("on-hold", 420, "order-2")]),
    ordered("overdose-critical", "A stop in a critical overdose is right and brings no stop card", [], stop(), COMA, FLOPPY),
    ordered("overdose-warning", "A stop is critical when the overdose is a mere warning", CRITICAL, stop(), pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent")),
    ordered("oral-stop", "A stop of baclofen tablets has its own card", ["itb-oral-baclofen-stop warning"], request("oral", TABLET, "stopped", "2026-06-15", {"route": ORAL, "timing": {
        "repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseQuantity": quantity(10, "mg")}]})),
    ordered("route-missing", "A stop without a route that rewrites the intrathecal order is critical", CRITICAL, request("order-1", BACLOFEN, "stopped", "2026-06-15"), listed()),
    ordered("drug-in-words", "A stop whose drug is written in words alone is critical", CRITICAL, stop(dose=None, drug={"text": "Baclofen intrathecal infusion 2000 mcg/mL"})),
    ordered("route-in-words", "A stop whose route is written in words alone is critical", CRITICAL, request("order-1", BACLOFEN, "stopped", "2026-06-15", {"route": {"text": "intrathecal"}})),
    ordered("probable-pump", "A stop for a probable pump is critical as well, and the record suggests the pump", CRITICAL, stop(), drop=("pump-1",), says=["record suggests"]),
    case(RULE, "no-pump", "A stop for a patient without a pump is not alerted", ordering([patient(), tablets("oral", 10, "2026-01-10")], [stop()]), []),
    ordered("taken-out", "A stop after the pump was taken out only cleans up the list and is not alerted", [], stop(), procedure("out", REMOVE, "2026-06-10")),
    # Chart opening
    at_opening("opening-stopped", "Intrathecal baclofen that was stopped last week with nothing in its place is critical", [*CRITICAL, QUIET], swap=[ended("2026-06-10")], says=["stopped", "10 Jun 2026", "400 µg/day"]),
    at_opening("opening-on-hold", "Intrathecal baclofen that was put on hold is critical", [*CRITICAL, QUIET], swap=[itb_statement(status="on-hold", dateAsserted="2026-06-12")], says=["on hold"]),
    at_opening("opening-completed", "Intrathecal baclofen that is marked completed is critical", [*CRITICAL, QUIET], swap=[ended("2026-06-10", "completed")], says=["completed"]),
    at_opening("opening-order-stopped", "A stopped intrathecal order on the list is critical like a stopped entry", [*CRITICAL, QUIET],
        request("order-1", BACLOFEN, "stopped", "2026-01-10", {**LISTED, "timing": {"repeat": {"boundsPeriod": {"start": "2026-01-10", "end": "2026-06-10"}}}}), drop=("itb-1",)),
    at_opening("opening-fourteen-days", "Intrathecal baclofen that ended 14 days ago is critical", [*CRITICAL, QUIET], swap=[ended("2026-06-01")]),
    at_opening("opening-fifteen-days", "Intrathecal baclofen that ended 15 days ago means a disused pump, and the record is asked for", ["itb-record-incomplete info"], swap=[ended("2026-05-31")]),
    at_opening("opening-replaced", "Intrathecal baclofen with a new dose in its place was not stopped", [QUIET], itb_statement("itb-2", 420, start="2026-06-10"), swap=[ended("2026-06-10", "completed")]),
    at_opening("opening-taken-out", "Intrathecal baclofen stopped because the pump was taken out brings the card on the removal instead", ["itb-recent-explant warning"], procedure("out", REMOVE, "2026-06-10"), swap=[ended("2026-06-10")]),
    at_opening("opening-overdose", "A recent stop in a critical overdose was right and brings no stop card", ["itb-overdose-suspected critical", QUIET], COMA, FLOPPY, swap=[ended("2026-06-14")]),
    at_opening("opening-overdose-warning", "A recent stop is critical in a mere overdose warning, since drowsiness may be withdrawal as well",
        ["itb-withdrawal-suspected critical", *CRITICAL, "itb-overdose-suspected warning", QUIET],
        pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent"), swap=[ended("2026-06-14")]),
    at_opening("opening-with-fever", "A recent stop with fever brings the card of suspected withdrawal as well", ["itb-withdrawal-suspected critical", *CRITICAL, QUIET], temperature(38.6), swap=[ended("2026-06-12")]),
    at_opening("opening-no-device", "A recent stop without any pump on the device list means that no pump is in place", [], swap=[ended("2026-06-10")], drop=("pump-1", "refill-1", "alarm-1", "volume-1", "concentration-1")),
    at_opening("opening-in-error", "An intrathecal baclofen entry made in error was never there", ["itb-record-incomplete info", QUIET], swap=[itb_statement(status="entered-in-error", end="2026-06-10")]),
    at_opening("opening-in-words", "A stopped intrathecal entry in words alone is critical, and the record suggests it", [*CRITICAL, QUIET],
        swap=[itb_entry({}, {"text": "Baclofen intrathecal infusion"}, status="stopped", end="2026-06-10")], says=["record suggests"]),
    case(RULE, "screening-over", "A screening dose that is over is no stop of intrathecal baclofen", chart_opening([patient(),
        administration("bolus", BACLOFEN, "2026-06-10T09:00:00Z", dosage={"route": INTRATHECAL, "dose": quantity(50, "ug")})]), []),
    at_opening("opening-medications-missing", "Without the medication lists no stop is seen, and that is said", ["itb-not-assessed info", QUIET], swap=[ended("2026-06-10")],
        withhold=("MedicationStatement", "MedicationRequest")),
    case(RULE, "opening-statement-goes-on", "A stopped intrathecal order beside a current entry is no stop", chart_opening(pump_chart(
        request("order-1", BACLOFEN, "stopped", "2026-01-10", {**LISTED, "timing": {"repeat": {"boundsPeriod": {"end": "2026-06-10"}}}}))), [QUIET]),
    case(RULE, "tablets-go-on", "Baclofen tablets in the place of intrathecal baclofen do not replace it", chart_opening(pump_chart(statement("oral", TABLET, "active", "2026-06-10", dosage={"route": ORAL}), swap=[ended("2026-06-10")])), [*CRITICAL, QUIET]),
]
