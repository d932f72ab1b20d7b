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
    rescue("none-at-home", "No oral baclofen at home and the refill due in 30 days: a rescue supply is asked for", INFO, says=["15 Jul 2026", "does not replace the pump"],
        seeds=["rescue oral baclofen at home"]),
    rescue("thirty-one-days", "With the date 31 days ahead nothing is said", [QUIET], swap=(alarm("2026-07-16"),)),
    rescue("date-unknown", "With the date unknown it is asked for", ["itb-record-incomplete info", *INFO], swap=(), drop=("alarm-1", "volume-1"), says=["not known"]),
    rescue("computed-date", "A computed date far ahead is known", [QUIET], swap=(), drop=("alarm-1",)),
    rescue("as-needed", "Oral baclofen as needed is a rescue supply", [QUIET], statement("prn", TABLET, "active", "2026-01-10", dosage=oral(None, 10, prn=True))),
    rescue("scheduled", "Scheduled oral baclofen counts", [QUIET], tablets("oral", 10, "2026-01-10")),
    rescue("ordered", "An order of oral baclofen counts like a statement", [QUIET], request("oral", TABLET, "active", "2026-01-10", oral(None, 10, prn=True))),
    rescue("in-words", "Oral baclofen in words alone counts", [QUIET], statement("oral", {"text": "Baclofen 10 mg oral tablet"}, "active", "2026-01-10")),
    rescue("no-longer-taken", "An entry that ended long ago is no supply", INFO, tablets("oral", 10, "2025-01-10", "2025-12-01", "completed")),
    rescue("inpatient", "An inpatient has the hospital's pharmacy", [QUIET], encounter(), encounter="visit"),
    rescue("outpatient", "An outpatient does not", INFO, encounter("AMB"), encounter="visit"),
    rescue("stay-over", "Nor one whose stay is over", INFO, encounter(status="finished"), encounter="visit"),
    rescue("allergy", "With a baclofen allergy tablets are not asked for", [QUIET], allergy("a1", BACLOFEN_ALLERGY)),
    rescue("intolerance", "Nor with an intolerance", [QUIET], allergy("a1", BACLOFEN_ALLERGY, type="intolerance")),
    rescue("allergy-refuted", "A refuted allergy is none", INFO, allergy("a1", BACLOFEN_ALLERGY, verification="refuted")),
    rescue("kidneys-29", "With an eGFR of 29 tablets are not asked for", [QUIET], egfr(29)),
    rescue("kidneys-30", "With an eGFR of 30 they are", INFO, egfr(30)),
    rescue("kidneys-long-ago", "An eGFR of four months ago says nothing", INFO, egfr(20, "2026-02-10")),
    rescue("dialysis", "In dialysis tablets are not asked for", [QUIET], ill("Z99.2", "Dependence on renal dialysis", onset="2024-01-01")),
    rescue("comfort-care", "Nor in comfort care", [QUIET], COMFORT),
    rescue("overdue", "Once overdue, the refill card alone speaks", ["itb-refill-due critical", QUIET], swap=(alarm("2026-06-14"),)),
    rescue("stopped", "Where the pump's drug was stopped that card alone speaks", ["itb-intrathecal-stop critical", QUIET], swap=(SOON, itb_statement(end="2026-06-10", status="stopped"))),
    rescue("removal-planned", "Where removal is planned that card alone speaks", ["itb-explant-planned critical", QUIET], order("out", REMOVE, "active", at="2026-06-25")),
    rescue("probable-pump", "A probable pump is asked alike; the record suggests it", ["itb-record-incomplete info", *INFO], drop=("pump-1",), says=["record suggests"]),
    rescue("medications-missing", "Without the medication lists nothing can be said, and that is", ["itb-not-assessed info", QUIET], withhold=("MedicationStatement", "MedicationRequest")),
]
