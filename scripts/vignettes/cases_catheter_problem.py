"""R07 itb-catheter-problem."""

from __future__ import annotations

from build import case
from patient import CPT
from patient import ICD10
from patient import PUMP_DATA
from patient import SUBJECT
from patient import concept
from patient import condition
from patient import event
from patient import itb_statement
from patient import procedure
from patient import pump_data
from telemetry import QUIET
from telemetry import ill
from telemetry import itch
from telemetry import opened

RULE = "itb-catheter-problem"
CRITICAL, WARNING = [f"{RULE} critical", QUIET], [f"{RULE} warning", QUIET]
BROKEN = ("T85.610A", "Breakdown (mechanical) of cranial or spinal infusion catheter")
REVISION = event("catheter-revision", "Intrathecal catheter revision")


def stands(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def seen(code, at="2026-06-12", id="seen", **more):
    return pump_data(id, "catheter-finding", at, code, **more)


def report(status="final", at="2026-06-12"):
    return {"resourceType": "DiagnosticReport", "id": "report", "status": status, "subject": SUBJECT, "code": {"text": "X-ray of the spine"}, "effectiveDateTime": at,
            "conclusionCode": [concept(PUMP_DATA, "disconnection", "Catheter disconnection")]}


CASES = [
    stands("broken", "A broken catheter found a week ago is critical", CRITICAL, ill(*BROKEN, onset="2026-06-08"), says=["8 Jun 2026", "third of malfunctions"],
        seeds=["catheter dislodgement, kink, leak, migration (commoner than pump faults)", "imaging (X-ray, fluoroscopy, CT) and consultants early",
               "complications: infection, wound dehiscence, seroma, CSF leak"]),
    stands("eight-days", "Found 8 days ago and still active: a warning", WARNING, ill(*BROKEN, onset="2026-06-07")),
    *[stands(name, f"{words} of the catheter is critical", CRITICAL, ill(code, f"{words} of cranial or spinal infusion catheter"))
      for name, code, words in (("displaced", "T85.620A", "Displacement"), ("leaking", "T85.630A", "Leakage"), ("other-mechanical", "T85.690A", "Other mechanical complication"))],
    stands("recorded-only", "Without an onset the recorded date counts", CRITICAL, ill(*BROKEN, onset=None, recorded="2026-06-10")),
    stands("old-onset-recorded-now", "With an old onset the recorded date does not count", WARNING, ill(*BROKEN, onset="2026-03-01", recorded="2026-06-10")),
    stands("undated", "Without any date it is not known to be recent: a warning", WARNING, ill(*BROKEN, onset=None)),
    stands("undated-old-revision", "An undated problem is not settled by a revision of unknown order", WARNING, ill(*BROKEN, onset=None), procedure("rev", REVISION, "2024-02-01")),
    stands("resolved", "A resolved problem is not alerted", [QUIET], ill(*BROKEN, clinical="resolved")),
    stands("refuted", "A refuted one is not alerted", [QUIET], ill(*BROKEN, verification="refuted")),
    stands("suspected", "A suspected problem is a warning, never critical; the record suggests it", WARNING, ill(*BROKEN, verification="unconfirmed"), says=["suspected, not confirmed"]),
    stands("suspected-old", "An older suspected problem is a warning too", WARNING, ill(*BROKEN, onset="2026-05-01", verification="differential")),
    stands("revised-since", "The catheter was revised since: settled", [QUIET], ill(*BROKEN, onset="2026-05-20"), procedure("rev", REVISION, "2026-06-01")),
    stands("revised-by-cpt", "A new catheter (CPT) since settles it as well", [QUIET], ill(*BROKEN, onset="2026-05-20"),
        procedure("rev", concept(CPT, "62350", text="Implantation or revision of intrathecal catheter"), "2026-06-01")),
    stands("revised-before", "A revision before the problem does not settle it", WARNING, ill(*BROKEN, onset="2026-05-20"), procedure("rev", REVISION, "2026-05-01")),
    stands("in-words", "A kinked catheter in words alone is critical; the record suggests it", CRITICAL, condition("kink", {"text": "Kinked intrathecal catheter"}, onset="2026-06-12"), says=["record suggests"]),
    *[stands(f"finding-{code}", f"Pump data “{code}” of the catheter is critical", CRITICAL, seen(code), says=[code]) for code in ("disconnection", "fracture", "kink", "occlusion", "migration", "leak")],
    stands("finding-intact", "An intact catheter is not alerted", [QUIET], seen("intact")),
    stands("intact-since", "A later finding says that it is intact", [QUIET], seen("kink", "2026-06-10"), seen("intact", "2026-06-13", "seen-2")),
    stands("report", "A report that concludes a disconnection counts", CRITICAL, report()),
    stands("report-cancelled", "A cancelled report does not", [QUIET], report("cancelled")),
    stands("other-catheter", "A urinary catheter problem is another matter", [QUIET], condition("urinary", concept(ICD10, "T83.098A", "Other mechanical complication of other urinary catheter"), onset="2026-06-12")),
    stands("with-itch", "A catheter problem and itch: withdrawal is suspected as well", [f"{RULE} critical", "itb-withdrawal-suspected critical", QUIET], ill(*BROKEN), itch()),
    stands("hides-loss-of-effect", "Beside a catheter problem, thoughts on a high dose can wait", CRITICAL, ill(*BROKEN), swap=[itb_statement(dose=1100)]),
    stands("conditions-missing", "Without the condition list none is seen, and that is said", ["itb-not-assessed info", QUIET], ill(*BROKEN), withhold=("Condition",)),
]
