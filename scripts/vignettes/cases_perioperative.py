"""R51 itb-perioperative."""

from __future__ import annotations

from build import case
from patient import CPT
from patient import SNOMED
from patient import booking
from patient import concept
from patient import event
from patient import itb_statement
from patient import order
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import pump_data

RULE = "itb-perioperative"
WARNING, INFO = f"{RULE} warning", f"{RULE} info"
HIP = {"text": "Total hip arthroplasty"}


def c(name, title, code, cards, chart=None, **more):
    made = ordering(chart if chart is not None else pump_chart(), [order("operation-1", code, **more.pop("order", {}))])
    return case(RULE, name, title, made, cards, **more)


def alarm(date):
    return pump_chart(swap=[pump_data("alarm-1", "low-reservoir-alarm-date", "2026-05-01", f"@{date}")])


PLANNED = {"at": "2026-07-01"}

CASES = [
    c("hip-replacement", "A hip replacement for a patient with a full pump is a note", HIP, [INFO], order=PLANNED, says=["anaesthesia"]),
    c("by-category", "Surgery known only by the category of the order is a note", {"text": "Procedure as discussed"}, [INFO], order={**PLANNED, "category": [{"coding": [{"system": SNOMED, "code": "387713003", "display": "Surgical procedure"}]}]}),
    c("general-anaesthesia", "General anaesthesia for a pump patient is a note", concept(SNOMED, "50697003", "General anesthesia"), [INFO], order=PLANNED),
    c("alarm-13-days-after", "A low-reservoir date 13 days after the operation is a warning to refill first", HIP, [WARNING], chart=alarm("2026-07-14"), order=PLANNED, says=["14 Jul 2026", "refill"]),
    c("alarm-14-days-after", "A low-reservoir date 14 days after the operation is a note", HIP, [INFO], chart=alarm("2026-07-15"), order=PLANNED),
    c("undated", "An operation without a date is judged as if it were today", HIP, [WARNING], chart=alarm("2026-06-28")),
    c("planned-refill-only", "A booked refill soon after the operation is a warning when no low-reservoir date is known", HIP, [WARNING],
      chart=pump_chart(booking("b", event("pump-refill"), "2026-07-05T09:00:00Z"), drop=("alarm-1", "volume-1")), order=PLANNED),
    c("lumbar-fusion", "A lumbar fusion near the catheter is a warning", {"text": "Lumbar spinal fusion L4-L5"}, [WARNING], order=PLANNED),
    c("inguinal-hernia", "An inguinal hernia repair near the pump is a warning", {"text": "Inguinal hernia repair"}, [WARNING], order=PLANNED),
    c("pump-removal", "A removal of the pump has its own card and no card on surgery", concept(CPT, "62365", text="Removal of intrathecal pump"), ["itb-explant-planned critical"], order=PLANNED),
    c("mri", "An MRI has its own card and no card on surgery", {"text": "MRI brain"}, ["itb-mri-order warning"], order=PLANNED),
    c("spinal-needle", "A spinal needle has its own card and no card on surgery", {"text": "Spinal anaesthesia"}, ["itb-neuraxial-near-catheter warning"], order=PLANNED),
    c("x-ray", "An X-ray is no operation and brings no card", {"text": "X-ray hip"}, []),
    c("consult", "A surgical consult is no operation and brings no card", {"text": "Surgery consult"}, []),
    c("no-pump", "An operation on a patient without a pump is not alerted", HIP, [], chart=[patient()]),
    c("pump-by-text", "An operation is a note when only the drug tells of the pump, and the record suggests it", HIP, [INFO], chart=[patient(), itb_statement()], order=PLANNED, says=["record suggests"]),
]  # fmt: skip
