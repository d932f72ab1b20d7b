"""R08 itb-recent-pump-change."""

from __future__ import annotations

from build import case
from patient import administration
from patient import event
from patient import procedure
from patient import pump_data
from patient import quantity
from telemetry import HOUR_AGO
from telemetry import QUIET
from telemetry import REPROGRAM
from telemetry import alarm
from telemetry import implant
from telemetry import itch
from telemetry import opened
from telemetry import refill
from telemetry import volume

RULE = "itb-recent-pump-change"
INFO = [f"{RULE} info", QUIET]
LATER = alarm("2026-09-20", "2026-06-15")


def changed(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def reprogrammed(at, **more):
    return procedure("program", REPROGRAM, at, **more)


CASES = [
    changed("refilled", "A pump that was refilled brings a note to watch for overdose and withdrawal", INFO, swap=[refill("2026-06-13"), volume("2026-06-13"), LATER],
        says=["refill", "13 Jun 2026", "within minutes"],
        seeds=["overdose picture; pump leak/refill overdose within minutes", "causes: programming error, battery failure, wrong concentration"]),
    changed("seventy-two-hours", "A pump reprogrammed 72 hours ago is still watched", INFO, reprogrammed("2026-06-12T10:00:00Z")),
    changed("more-than-seventy-two-hours", "A pump reprogrammed a minute more than 72 hours ago is not watched any more", [QUIET], reprogrammed("2026-06-12T09:59:00Z")),
    changed("three-days-ago", "A pump change three days ago, known by its day only, counts", INFO, reprogrammed("2026-06-12")),
    changed("four-days-ago", "A pump change four days ago, known by its day only, does not count", [QUIET], reprogrammed("2026-06-11")),
    changed("concentration-changed", "A pump refilled with another concentration brings a question about the bridge bolus", INFO, procedure("change", event("concentration-change"), "2026-06-14"), says=["bridge bolus"]),
    changed("catheter-revised", "A catheter revision counts as a recent change", INFO, procedure("rev", event("catheter-revision", "Intrathecal catheter revision"), "2026-06-14"), says=["catheter revision"]),
    changed("pump-replaced", "A new pump counts as a recent change", INFO, swap=[implant("2026-06-14")], says=["pump implant", "8 hours"]),
    changed("refill-administered", "A refill known from the list of given drugs counts", INFO,
        administration("given", {"text": "Baclofen intrathecal injection 2000 mcg/mL"}, "2026-06-13T09:00:00Z", dosage={"route": {"text": "intrathecal"}, "dose": quantity(40, "mL")}), swap=[LATER]),
    changed("not-done", "A pump change that was not done does not count", [QUIET], reprogrammed("2026-06-14", status="not-done")),
    changed("planned", "A pump change that is still being prepared does not count", [QUIET], reprogrammed("2026-06-14", status="preparation")),
    changed("undated", "A pump change without a date is not known to be recent", [QUIET], reprogrammed(None)),
    changed("in-words", "A reprogramming written in words counts, and the record suggests it", INFO, procedure("program", {"text": "Pump reprogramming"}, "2026-06-14"), says=["record suggests"]),
    changed("withdrawal-warning", "A recent pump change is told on the withdrawal card where withdrawal is suspected", ["itb-withdrawal-suspected critical", QUIET], reprogrammed("2026-06-14"), itch()),
    changed("overdose-suspected", "A recent pump change is told on the overdose card where overdose is suspected", ["itb-overdose-suspected critical", QUIET],
        reprogrammed("2026-06-14"), pump_data("drowsy", "consciousness", HOUR_AGO, "coma"), pump_data("tone", "tone-change", HOUR_AGO, "normal")),
    changed("procedures-missing", "Without procedures no pump change is seen, and the summary names the missing list", [QUIET], reprogrammed("2026-06-14"), withhold=("Procedure",)),
]
