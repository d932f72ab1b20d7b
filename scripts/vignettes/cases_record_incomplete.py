"""R02 itb-record-incomplete."""

from __future__ import annotations

from build import case
from patient import chart_opening
from patient import device
from patient import itb_statement
from patient import patient
from patient import pump_data
from patient import quantity
from patient import statement
from telemetry import QUIET
from telemetry import implant
from telemetry import itb_entry
from telemetry import itch
from telemetry import opened
from telemetry import temperature
from telemetry import tone

RULE = "itb-record-incomplete"
INFO = f"{RULE} info"


def lacking(name, title, words=(), cards=(INFO, QUIET), more=(), **how):
    return case(RULE, name, title, opened(*more, **how), list(cards), says=list(words))


CASES = [
    lacking("complete", "A complete pump record is not asked for", cards=[QUIET]),
    lacking("no-device", "A pump that stands in no device list is asked for", ["the pump as a device", "record suggests"], drop=("pump-1",)),
    lacking("no-drug", "A refilled pump without a current drug entry is asked about", ["a current entry of the drug", "daily dose"], drop=("itb-1",)),
    lacking("no-concentration", "A missing concentration is asked for", ["concentration"], drop=("concentration-1",)),
    lacking("no-dose", "A missing daily dose is asked for", ["daily dose"], swap=[itb_statement(dose=None)]),
    lacking("no-implant-date", "A missing implant date is asked for", ["implant date"], drop=("implant-1",)),
    lacking("no-alarm-date", "A missing low-reservoir date is asked for when no fill volume is known", ["low-reservoir date", "cannot be told"], drop=("alarm-1", "volume-1")),
    lacking("alarm-date-computable", "A low-reservoir date that can be computed is not asked for", cards=[QUIET], drop=("alarm-1",)),
    lacking("alarm-date-before-refill", "A low-reservoir date from before the last refill is asked for anew when no fill volume is known", ["low-reservoir date"],
        swap=[pump_data("alarm-1", "low-reservoir-alarm-date", "2026-03-01", "@2026-09-20")], drop=("volume-1",)),
    lacking("dose-changed-since-refill", "A low-reservoir date can no longer be computed after a change of dose and is asked for", ["low-reservoir date"],
        more=[pump_data("dose-1", "daily-dose", "2026-05-20", quantity(450, "ug/d"))], drop=("alarm-1",)),
    lacking("unit-unreadable", "A dose in an unknown unit is not guessed but asked for", ["unit"], swap=[itb_statement(unit="drops/d")]),
    lacking("unit-missing", "A dose without a unit is not guessed but asked for", ["unit"],
        swap=[itb_entry({"doseAndRate": [{"rateQuantity": {"value": 400}}]})]),
    lacking("two-entries", "Two current drug entries with different doses contradict each other", ["different doses"], more=[itb_statement("itb-2", 500, start="2026-06-01")]),
    lacking("two-equal-entries", "Two current entries of the same dose do not contradict each other", cards=[QUIET], more=[itb_statement("itb-2", 400, start="2026-06-01")]),
    lacking("two-concentrations", "Two current drug entries with different concentrations contradict each other", ["different doses or concentrations"], more=[
        itb_statement("itb-2", 400, start="2026-01-10", medicationCodeableConcept={"text": "Baclofen 500 mcg/mL intrathecal"}),
        itb_statement("itb-3", 400, start="2026-01-10", medicationCodeableConcept={"text": "Baclofen 2000 mcg/mL intrathecal"})]),
    lacking("new-pump", "A pump implanted 7 days ago is not asked about, since records are still arriving", cards=[QUIET], swap=[implant("2026-06-08")], drop=("concentration-1",)),
    lacking("new-pump-eight-days", "A pump implanted 8 days ago is asked about", ["concentration"], swap=[implant("2026-06-07")], drop=("concentration-1",)),
    lacking("disused", "A pump whose baclofen ended long ago brings the question whether it still holds drug", ["still hold drug"], cards=[INFO],
        swap=[itb_statement(end="2026-04-01", status="completed")], drop=("refill-1",)),
    lacking("ended-fourteen-days", "Baclofen that ended 14 days ago is a stop, not a disused pump", cards=["itb-intrathecal-stop critical", QUIET],
        swap=[itb_statement(end="2026-06-01", status="completed")], drop=("refill-1",)),
    lacking("ended-fifteen-days", "Baclofen that ended 15 days ago without a refill since is a disused pump", ["still hold drug"], cards=[INFO],
        swap=[itb_statement(end="2026-05-31", status="completed")], drop=("refill-1",)),
    lacking("refilled-since", "A pump refilled since its drug ended is in use, and the current entry is asked for", ["a current entry of the drug"],
        swap=[itb_statement(end="2026-04-01", status="completed")]),
    lacking("withdrawal-critical", "A critical withdrawal card leaves no room for paperwork", cards=["itb-withdrawal-suspected critical", QUIET],
        more=[temperature(38.6), itch()], drop=("concentration-1",)),
    lacking("withdrawal-warning", "A withdrawal warning still leaves room to ask for the record", cards=["itb-withdrawal-suspected warning", INFO, QUIET],
        more=[itch()], drop=("concentration-1",)),
    lacking("overdose-critical", "A critical overdose card leaves no room for paperwork", cards=["itb-overdose-suspected critical", QUIET],
        more=[tone("flaccid"), pump_data("drowsy", "consciousness", "2026-06-15T09:00:00Z", "coma")], drop=("concentration-1",)),
    lacking("stopped", "A stop of the drug has its own card and no question about the record", cards=["itb-intrathecal-stop critical", QUIET], swap=[itb_statement(end="2026-06-10", status="stopped")]),
    lacking("observations-not-delivered", "A value from a list that was not delivered is unknown, not missing", cards=["itb-not-assessed info", QUIET], withhold=("Observation",)),
    lacking("procedures-not-delivered", "An implant date is unknown, not missing, without the list of procedures", cards=[QUIET], withhold=("Procedure",)),
    lacking("device-list-not-delivered", "A pump known by its drug alone is asked for, even when the device list did not arrive", ["record suggests"], withhold=("Device",)),
    lacking("all-in-words", "A dose and a concentration in the words of the drug entry are enough", cards=[QUIET], drop=("concentration-1",), swap=[
        itb_entry({"text": "400 mcg/day"}, {"text": "Baclofen 2000 mcg/mL intrathecal"})]),
    lacking("implant-date-in-note", "An implant date in the note of the device is enough", cards=[QUIET], swap=[device(note=[{"text": "implanted 2023-05-10"}])], drop=("implant-1",)),
    case(RULE, "drug-named-it-pump", "A medication list that names baclofen “(IT pump)” tells of a pump whose record is missing",
         chart_opening([patient(), statement("itb-1", {"text": "Baclofen (IT pump)"}, "active", "2025-01-10")]),
         [INFO, "itb-rescue-baclofen-missing info", QUIET], says=["record suggests", "the pump as a device"]),
]
