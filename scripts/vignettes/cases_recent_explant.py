"""R17 itb-recent-explant."""

from __future__ import annotations

from build import case
from drugs import DIAZEPAM
from drugs import FEVER
from drugs import taking
from patient import CPT
from patient import RXNORM
from patient import chart_opening
from patient import concept
from patient import device
from patient import procedure
from patient import pump_chart
from patient import statement

RULE = "itb-recent-explant"
QUIET = "itb-pump-summary info"
REMOVE = concept(CPT, "62365", text="Removal of intrathecal pump")
REMOVE_CATHETER = concept(CPT, "62355", text="Removal of intrathecal catheter")
NEW_CATHETER = concept(CPT, "62350", text="Implantation of intrathecal catheter")
IMPLANT = concept(CPT, "62362", text="Implantation of programmable intrathecal pump")


def out(at="2026-06-10", **more):
    return procedure("out", REMOVE, at, **more)


def catheter_out(at="2026-06-10"):
    return procedure("catheter-out", REMOVE_CATHETER, at)


def opened(name, title, entries, cards, **more):
    swap, drop = more.pop("swap", ()), more.pop("drop", ())
    return case(RULE, name, title, chart_opening(pump_chart(*entries, swap=swap, drop=drop)), cards, **more)


WARNING = [f"{RULE} warning"]

CASES = [
    opened("five-days", "A pump taken out five days ago is a warning that asks for bridging drugs", [out()], WARNING, says=["10 Jun 2026", "5 days ago"]),
    opened("today", "A pump taken out today is a warning", [out("2026-06-15")], WARNING, says=["today"]),
    opened("fourteen-days", "A pump taken out 14 days ago is still a warning", [out("2026-06-01")], WARNING),
    opened("fifteen-days", "A pump taken out 15 days ago brings no card any more", [out("2026-05-31")], []),
    opened("bridging-named", "A warning after removal names the bridging drugs on the list", [out(), taking("bzd", DIAZEPAM, "2026-06-10")], WARNING, says=["diazepam"]),
    opened("with-fever", "A fever after removal of the pump brings the card of suspected withdrawal as well", [out(), FEVER], ["itb-withdrawal-suspected critical", *WARNING]),
    opened("new-pump-same-day", "A new pump on the same day leaves nothing to watch for", [out("2026-06-01"), procedure("in", IMPLANT, "2026-06-01")], [QUIET]),
    opened("not-done", "A removal of the pump that was not done brings no card", [out(status="not-done")], [QUIET]),
    opened("entered-in-error", "A removal of the pump entered in error brings no card", [out(status="entered-in-error")], [QUIET]),
    opened(
        "device-says-so",
        "A pump on the device list with a day of removal counts as taken out",
        [],
        WARNING,
        swap=[device(status="inactive", statusReason=[{"text": "explanted"}], note=[{"text": "explanted 2026-06-10"}])],
        says=["record suggests"],
    ),
    opened(
        "in-words",
        "A removal written in words alone is a warning, and the record suggests it",
        [procedure("out", {"text": "Removal of intrathecal pump"}, "2026-06-10")],
        WARNING,
        says=["record suggests"],
    ),
    opened(
        "other-drug",
        "A removed pump that held morphine only brings no card",
        [out(), statement("it-morphine", concept(RXNORM, "7052", "morphine"), "active", "2026-01-10", dosage={"route": {"text": "intrathecal"}})],
        [],
        drop=("itb-1", "oral-rescue"),
    ),
    case(
        RULE,
        "medication-lists-missing",
        "Without the medication lists the warning says that bridging could not be seen",
        chart_opening(pump_chart(out()), withhold=("MedicationStatement", "MedicationRequest")),
        [*WARNING, "itb-not-assessed info"],
        says=["could not be seen"],
    ),
    opened("catheter-out", "A catheter taken out and not replaced is a warning, since the drug cannot reach the spine", [catheter_out()], [*WARNING, QUIET], says=["catheter", "10 Jun 2026"]),
    opened("catheter-day-fourteen", "A catheter taken out 14 days ago is still a warning", [catheter_out("2026-06-01")], [*WARNING, QUIET]),
    opened("catheter-day-fifteen", "A catheter taken out 15 days ago brings no card any more", [catheter_out("2026-05-31")], [QUIET]),
    opened("catheter-exchanged", "A new catheter on the same day makes the removal a revision", [catheter_out(), procedure("in", NEW_CATHETER, "2026-06-10")], [QUIET]),
    opened("catheter-out-with-fever", "A fever after removal of the catheter brings the card of suspected withdrawal as well", [catheter_out(), FEVER],
           ["itb-withdrawal-suspected critical", *WARNING, QUIET]),
]
