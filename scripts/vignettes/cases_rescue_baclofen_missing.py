"""R12 itb-rescue-baclofen-missing."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import egfr
from patient import RXNORM
from patient import allergy
from patient import concept
from patient import itb_statement
from patient import oral
from patient import order
from patient import request
from patient import statement
from telemetry import QUIET
from telemetry import REMOVE
from telemetry import TABLET
from telemetry import alarm
from telemetry import encounter
from telemetry import ill
from telemetry import opened
from telemetry import tablets

RULE = "itb-rescue-baclofen-missing"
INFO = [f"{RULE} info", QUIET]
SOON = alarm("2026-07-15")
BACLOFEN_ALLERGY = concept(RXNORM, "1292", "baclofen")


def rescue(name, title, cards, *more, says=(), seeds=(), swap=(SOON,), drop=(), **how):
    """The quiet patient without oral baclofen, low-reservoir date in 30 days."""
    return case(RULE, name, title, opened(*more, swap=swap, drop=("oral-rescue", *drop), **how), cards, says=says, seeds=seeds)


CASES = [
    rescue("none-at-home", "A patient without oral baclofen whose refill is due in 30 days is asked for a rescue supply", INFO, says=["15 Jul 2026", "does not replace the pump"],
        seeds=["rescue oral baclofen at home"]),
    rescue("thirty-one-days", "A missing rescue supply is not told when the refill is due in 31 days", [QUIET], swap=(alarm("2026-07-16"),)),
    rescue("date-unknown", "A missing rescue supply is told when the refill date is unknown", ["itb-record-incomplete info", *INFO], swap=(), drop=("alarm-1", "volume-1"), says=["not known"]),
    rescue("computed-date", "A missing rescue supply is not told when a computed refill date is far ahead", [QUIET], swap=(), drop=("alarm-1",)),
    rescue("as-needed", "Oral baclofen as needed is a rescue supply", [QUIET], statement("prn", TABLET, "active", "2026-01-10", dosage=oral(None, 10, prn=True))),
    rescue("scheduled", "Scheduled oral baclofen counts as a rescue supply", [QUIET], tablets("oral", 10, "2026-01-10")),
    rescue("ordered", "An order of oral baclofen counts as a rescue supply", [QUIET], request("oral", TABLET, "active", "2026-01-10", oral(None, 10, prn=True))),
    rescue("in-words", "Oral baclofen written in words alone counts as a rescue supply", [QUIET], statement("oral", {"text": "Baclofen 10 mg oral tablet"}, "active", "2026-01-10")),
    rescue("by-mouth-in-dosage-words", "Baclofen that the words of its dosage alone say is taken by mouth counts as a rescue supply", [QUIET],
        statement("oral", BACLOFEN_ALLERGY, "active", "2026-01-10", dosage={"text": "10 mg by mouth three times a day"})),
    rescue("two-ways-in-dosage-words", "Baclofen whose dosage speaks of the mouth and of the pump is not known to be a rescue supply", INFO,
        statement("oral", BACLOFEN_ALLERGY, "active", "2026-01-10", dosage={"text": "10 mg by mouth if the IT pump fails"})),
    rescue("no-longer-taken", "Oral baclofen that ended long ago is no rescue supply", INFO, tablets("oral", 10, "2025-01-10", "2025-12-01", "completed")),
    rescue("inpatient", "An inpatient needs no rescue supply, since the hospital has a pharmacy", [QUIET], encounter(), encounter="visit"),
    rescue("outpatient", "A patient at an outpatient visit is asked for a rescue supply", INFO, encounter("AMB"), encounter="visit"),
    rescue("stay-over", "A patient whose hospital stay is over is asked for a rescue supply", INFO, encounter(status="finished"), encounter="visit"),
    rescue("allergy", "A patient with a baclofen allergy is not asked for tablets", [QUIET], allergy("a1", BACLOFEN_ALLERGY)),
    rescue("intolerance", "A patient with a baclofen intolerance is not asked for tablets", [QUIET], allergy("a1", BACLOFEN_ALLERGY, type="intolerance")),
    rescue("allergy-refuted", "A patient whose baclofen allergy was refuted is asked for tablets", INFO, allergy("a1", BACLOFEN_ALLERGY, verification="refuted")),
    rescue("kidneys-29", "A patient with an eGFR of 29 is not asked for tablets", [QUIET], egfr(29)),
    rescue("kidneys-30", "A patient with an eGFR of 30 is asked for tablets", INFO, egfr(30)),
    rescue("kidneys-long-ago", "A low eGFR of four months ago does not keep the card from asking for tablets", INFO, egfr(20, "2026-02-10")),
    rescue("dialysis", "A patient on dialysis is not asked for tablets", [QUIET], ill("Z99.2", "Dependence on renal dialysis", onset="2024-01-01")),
    rescue("comfort-care", "A patient in comfort care is not asked for tablets", [QUIET], COMFORT),
    rescue("overdue", "A missing rescue supply is not told once the refill is overdue", ["itb-refill-due critical", QUIET], swap=(alarm("2026-06-14"),)),
    rescue("stopped", "A missing rescue supply is not told where the pump's drug was stopped", ["itb-intrathecal-stop critical", QUIET], swap=(SOON, itb_statement(end="2026-06-10", status="stopped"))),
    rescue("removal-planned", "A missing rescue supply is not told where removal of the pump is planned", ["itb-explant-planned critical", QUIET], order("out", REMOVE, "active", at="2026-06-25")),
    rescue("probable-pump", "A patient with a probable pump is asked for a rescue supply, and the record suggests the pump", ["itb-record-incomplete info", *INFO], drop=("pump-1",), says=["record suggests"]),
    rescue("medications-missing", "Without the medication lists no supply is called missing, and that is said", ["itb-not-assessed info", QUIET], withhold=("MedicationStatement", "MedicationRequest")),
]
