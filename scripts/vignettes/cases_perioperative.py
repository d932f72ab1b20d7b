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
    c("hip-replacement", "A hip replacement, the pump is full: information", HIP, [INFO], order=PLANNED, says=["anaesthesia"]),
    c("by-category", "Surgery known by the category of the order", {"text": "Procedure as discussed"}, [INFO], order={**PLANNED, "category": [{"coding": [{"system": SNOMED, "code": "387713003", "display": "Surgical procedure"}]}]}),
    c("general-anaesthesia", "General anaesthesia: information", concept(SNOMED, "50697003", "General anesthesia"), [INFO], order=PLANNED),
    c("alarm-13-days-after", "Low-reservoir date 13 days after the operation: refill first, warning", HIP, [WARNING], chart=alarm("2026-07-14"), order=PLANNED, says=["14 Jul 2026", "refill"]),
    c("alarm-14-days-after", "Low-reservoir date 14 days after the operation: information", HIP, [INFO], chart=alarm("2026-07-15"), order=PLANNED),
    c("undated", "An undated operation is taken as today", HIP, [WARNING], chart=alarm("2026-06-28")),
    c("planned-refill-only", "Only a booked refill is known, soon after the operation: warning", HIP, [WARNING],
      chart=pump_chart(booking("b", event("pump-refill"), "2026-07-05T09:00:00Z"), drop=("alarm-1", "volume-1")), order=PLANNED),
    c("lumbar-fusion", "Lumbar fusion near the catheter: warning", {"text": "Lumbar spinal fusion L4-L5"}, [WARNING], order=PLANNED),
    c("inguinal-hernia", "Inguinal hernia repair near the pump: warning", {"text": "Inguinal hernia repair"}, [WARNING], order=PLANNED),
    c("pump-removal", "A pump removal has its own card", concept(CPT, "62365", text="Removal of intrathecal pump"), ["itb-explant-planned critical"], order=PLANNED),
    c("mri", "An MRI has its own card", {"text": "MRI brain"}, ["itb-mri-order warning"], order=PLANNED),
    c("spinal-needle", "A spinal needle has its own card", {"text": "Spinal anaesthesia"}, ["itb-neuraxial-near-catheter warning"], order=PLANNED),
    c("x-ray", "An X-ray is no operation", {"text": "X-ray hip"}, []),
    c("consult", "A surgical consult is no operation", {"text": "Surgery consult"}, []),
    c("no-pump", "An operation without a pump", HIP, [], chart=[patient()]),
    c("pump-by-text", "The pump is known by its drug only: the record suggests it", HIP, [INFO], chart=[patient(), itb_statement()], order=PLANNED, says=["record suggests"]),
]  # fmt: skip
