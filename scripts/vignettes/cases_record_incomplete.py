"""R02 itb-record-incomplete."""

from __future__ import annotations

from build import case
from patient import device
from patient import itb_statement
from patient import pump_data
from patient import quantity
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
    lacking("complete", "A complete record is not asked for", cards=[QUIET]),
    lacking("no-device", "The pump stands in no device list: the record is incomplete", ["the pump as a device", "record suggests"], drop=("pump-1",)),
    lacking("no-drug", "A refilled pump without a current drug entry", ["a current entry of the drug", "daily dose"], drop=("itb-1",)),
    lacking("no-concentration", "The concentration is missing", ["concentration"], drop=("concentration-1",)),
    lacking("no-dose", "The daily dose is missing", ["daily dose"], swap=[itb_statement(dose=None)]),
    lacking("no-implant-date", "The implant date is missing", ["implant date"], drop=("implant-1",)),
    lacking("no-alarm-date", "Without an alarm date and a fill volume the refill date cannot be told", ["low-reservoir date", "cannot be told"], drop=("alarm-1", "volume-1")),
    lacking("alarm-date-computable", "The alarm date can be computed: nothing is missing", cards=[QUIET], drop=("alarm-1",)),
    lacking("alarm-date-before-refill", "An alarm date from before the last refill is obsolete; without a fill volume none is known", ["low-reservoir date"],
        swap=[pump_data("alarm-1", "low-reservoir-alarm-date", "2026-03-01", "@2026-09-20")], drop=("volume-1",)),
    lacking("dose-changed-since-refill", "After a change of dose the alarm date can no longer be computed", ["low-reservoir date"],
        more=[pump_data("dose-1", "daily-dose", "2026-05-20", quantity(450, "ug/d"))], drop=("alarm-1",)),
    lacking("unit-unreadable", "A dose in an unknown unit is not guessed", ["unit"], swap=[itb_statement(unit="drops/d")]),
    lacking("unit-missing", "A dose without a unit is not guessed", ["unit"],
        swap=[itb_entry({"doseAndRate": [{"rateQuantity": {"value": 400}}]})]),
    lacking("two-entries", "Two current entries with different doses contradict each other", ["different doses"], more=[itb_statement("itb-2", 500, start="2026-06-01")]),
    lacking("two-equal-entries", "Two current entries of the same dose do not", cards=[QUIET], more=[itb_statement("itb-2", 400, start="2026-06-01")]),
    lacking("two-concentrations", "Two current entries with different concentrations contradict each other", ["different doses or concentrations"], more=[
        itb_statement("itb-2", 400, start="2026-01-10", medicationCodeableConcept={"text": "Baclofen 500 mcg/mL intrathecal"}),
        itb_statement("itb-3", 400, start="2026-01-10", medicationCodeableConcept={"text": "Baclofen 2000 mcg/mL intrathecal"})]),
    lacking("new-pump", "In the first 7 days after implant records are still arriving", cards=[QUIET], swap=[implant("2026-06-08")], drop=("concentration-1",)),
    lacking("new-pump-eight-days", "After 8 days they should be there", ["concentration"], swap=[implant("2026-06-07")], drop=("concentration-1",)),
    lacking("disused", "A pump whose baclofen ended long ago: does it still hold drug?", ["still hold drug"], cards=[INFO],
        swap=[itb_statement(end="2026-04-01", status="completed")], drop=("refill-1",)),
    lacking("ended-fourteen-days", "Baclofen that ended 14 days ago is a stop, not a disused pump", cards=["itb-intrathecal-stop critical", QUIET],
        swap=[itb_statement(end="2026-06-01", status="completed")], drop=("refill-1",)),
    lacking("ended-fifteen-days", "Baclofen that ended 15 days ago without a refill since: a disused pump", ["still hold drug"], cards=[INFO],
        swap=[itb_statement(end="2026-05-31", status="completed")], drop=("refill-1",)),
    lacking("refilled-since", "After a refill since, the pump is in use; the current entry is missing", ["a current entry of the drug"],
        swap=[itb_statement(end="2026-04-01", status="completed")]),
    lacking("withdrawal-critical", "A critical withdrawal card leaves no room for paperwork", cards=["itb-withdrawal-suspected critical", QUIET],
        more=[temperature(38.6), itch()], drop=("concentration-1",)),
    lacking("withdrawal-warning", "Beside a withdrawal warning the record is still asked for", cards=["itb-withdrawal-suspected warning", INFO, QUIET],
        more=[itch()], drop=("concentration-1",)),
    lacking("overdose-critical", "A critical overdose card leaves no room for paperwork", cards=["itb-overdose-suspected critical", QUIET],
        more=[tone("flaccid"), pump_data("drowsy", "consciousness", "2026-06-15T09:00:00Z", "coma")], drop=("concentration-1",)),
    lacking("stopped", "A stop of the drug has its own card", cards=["itb-intrathecal-stop critical", QUIET], swap=[itb_statement(end="2026-06-10", status="stopped")]),
    lacking("observations-not-delivered", "What stands in a list that was not delivered is unknown, not missing", cards=["itb-not-assessed info", QUIET], withhold=("Observation",)),
    lacking("procedures-not-delivered", "Without procedures the implant date is unknown, not missing", cards=[QUIET], withhold=("Procedure",)),
    lacking("device-list-not-delivered", "A pump known by its drug alone is asked for, also when the device list did not arrive", ["record suggests"], withhold=("Device",)),
    lacking("all-in-words", "Dose and concentration in the entry's words are enough; the record suggests them", cards=[QUIET], drop=("concentration-1",), swap=[
        itb_entry({"text": "400 mcg/day"}, {"text": "Baclofen 2000 mcg/mL intrathecal"})]),
    lacking("implant-date-in-note", "An implant date in the device's note is enough", cards=[QUIET], swap=[device(note=[{"text": "implanted 2023-05-10"}])], drop=("implant-1",)),
]
