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
    stands("eight-days", "A broken catheter found 8 days ago and still active is a warning", WARNING, ill(*BROKEN, onset="2026-06-07")),
    *[stands(name, f"{words} of the pump catheter is critical", CRITICAL, ill(code, f"{words} of cranial or spinal infusion catheter"))
      for name, code, words in (("displaced", "T85.620A", "Displacement"), ("leaking", "T85.630A", "Leakage"), ("other-mechanical", "T85.690A", "Other mechanical complication"))],
    stands("recorded-only", "A broken catheter without an onset counts from the day it was recorded", CRITICAL, ill(*BROKEN, onset=None, recorded="2026-06-10")),
    stands("old-onset-recorded-now", "A broken catheter of long ago that was only recorded now is a warning", WARNING, ill(*BROKEN, onset="2026-03-01", recorded="2026-06-10")),
    stands("undated", "A broken catheter without any date is not known to be recent and a warning", WARNING, ill(*BROKEN, onset=None)),
    stands("undated-old-revision", "An undated catheter problem is not settled by a revision that may have come before it", WARNING, ill(*BROKEN, onset=None), procedure("rev", REVISION, "2024-02-01")),
    stands("resolved", "A resolved catheter problem is not alerted", [QUIET], ill(*BROKEN, clinical="resolved")),
    stands("refuted", "A catheter problem that was refuted is not alerted", [QUIET], ill(*BROKEN, verification="refuted")),
    stands("suspected", "A suspected catheter problem is a warning, never critical, and the record suggests it", WARNING, ill(*BROKEN, verification="unconfirmed"), says=["suspected, not confirmed"]),
    stands("suspected-old", "An older suspected catheter problem is a warning too", WARNING, ill(*BROKEN, onset="2026-05-01", verification="differential")),
    stands("revised-since", "A catheter problem is settled once the catheter was revised", [QUIET], ill(*BROKEN, onset="2026-05-20"), procedure("rev", REVISION, "2026-06-01")),
    stands("revised-by-cpt", "A catheter problem is settled once a new catheter was placed", [QUIET], ill(*BROKEN, onset="2026-05-20"),
        procedure("rev", concept(CPT, "62350", text="Implantation or revision of intrathecal catheter"), "2026-06-01")),
    stands("revised-before", "A revision before the catheter problem does not settle it", WARNING, ill(*BROKEN, onset="2026-05-20"), procedure("rev", REVISION, "2026-05-01")),
    stands("in-words", "A kinked catheter written in words only is critical, and the record suggests it", CRITICAL, condition("kink", {"text": "Kinked intrathecal catheter"}, onset="2026-06-12"), says=["record suggests"]),
    stands("in-bare-words", "A broken catheter named without saying which one is critical in a pump patient, and the record suggests it", CRITICAL,
        condition("kink", {"text": "Catheter fracture"}, onset="2026-06-12"), says=["record suggests"]),
    stands("dialysis-catheter-in-words", "A blocked catheter of the dialysis, written in words, is another matter", [QUIET], condition("kink", {"text": "Hemodialysis catheter occlusion"}, onset="2026-06-12")),
    *[stands(f"finding-{code}", f"A catheter {code} found in the pump data is critical", CRITICAL, seen(code), says=[code]) for code in ("disconnection", "fracture", "kink", "occlusion", "migration", "leak")],
    stands("finding-intact", "A catheter that was found intact is not alerted", [QUIET], seen("intact")),
    stands("intact-since", "A catheter found intact later is not alerted", [QUIET], seen("kink", "2026-06-10"), seen("intact", "2026-06-13", "seen-2")),
    stands("report", "An X-ray report that concludes a disconnected catheter is critical", CRITICAL, report()),
    stands("report-cancelled", "A cancelled report of a disconnected catheter does not count", [QUIET], report("cancelled")),
    stands("other-catheter", "A problem of a urinary catheter is another matter", [QUIET], condition("urinary", concept(ICD10, "T83.098A", "Other mechanical complication of other urinary catheter"), onset="2026-06-12")),
    stands("with-itch", "A catheter problem with itch brings the card of suspected withdrawal as well", [f"{RULE} critical", "itb-withdrawal-suspected critical", QUIET], ill(*BROKEN), itch()),
    stands("hides-loss-of-effect", "A catheter problem leaves no room for thoughts on a high dose", CRITICAL, ill(*BROKEN), swap=[itb_statement(dose=1100)]),
    stands("conditions-missing", "Without the condition list no catheter problem is seen, and that is said", ["itb-not-assessed info", QUIET], ill(*BROKEN), withhold=("Condition",)),
    stands("report-of-another-catheter", "A report on a urinary catheter is another matter", [QUIET], {**report(), "conclusionCode": [{"text": "Urinary catheter occlusion"}]}),
    stands("report-of-a-vein-catheter", "A report whose words speak of a central venous catheter is another matter", [QUIET],
        {**report(), "conclusionCode": [], "conclusion": "Central venous catheter displaced."}),
]
