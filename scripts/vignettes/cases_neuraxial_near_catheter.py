"""R50 itb-neuraxial-near-catheter."""

from __future__ import annotations

from build import case
from insertion import dose
from insertion import drug
from insertion import inr
from insertion import platelets
from patient import CPT
from patient import SNOMED
from patient import SUBJECT
from patient import concept
from patient import event
from patient import itb_statement
from patient import order
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import pump_data

RULE = "itb-neuraxial-near-catheter"
WARNING = f"{RULE} warning"


def c(name, title, code, cards, chart=None, **more):
    made = ordering(chart if chart is not None else pump_chart(), [order("needle-1", code, **more.pop("order", {}))])
    return case(RULE, name, title, made, cards, **more)


EPIDURAL_DRUG = {"resourceType": "MedicationRequest", "id": "epi", "status": "draft", "intent": "order", "subject": SUBJECT,
                 "medicationCodeableConcept": drug("1815", "bupivacaine"), "dosageInstruction": [{"route": {"text": "epidural"}, "doseAndRate": dose(10, "mg")["doseAndRate"]}]}  # fmt: skip

CASES = [
    c("lumbar-puncture", "A lumbar puncture in a pump patient is a warning", concept(CPT, "62270", text="Lumbar puncture, diagnostic"), [WARNING], says=["Lumbar puncture", "locate"]),
    c("lumbar-puncture-snomed", "A lumbar puncture coded another way is a warning", concept(SNOMED, "277762005", "Lumbar puncture"), [WARNING]),
    c("epidural-block", "An epidural injection in a pump patient is a warning", concept(CPT, "62323", text="Lumbar epidural injection with imaging"), [WARNING]),
    c("spinal-anaesthesia-in-words", "Spinal anaesthesia named in words only is a warning", {"text": "Spinal anaesthesia"}, [WARNING]),
    c("myelogram-in-words", "A myelogram named in words only is a warning", {"text": "CT myelogram lumbar"}, [WARNING]),
    c("ct-guided-epidural", "A CT-guided epidural injection is a warning", {"text": "CT-guided epidural steroid injection"}, [WARNING]),
    c("mri-of-an-epidural-lesion", "An MRI whose name mentions the epidural space has the MRI card only", {"text": "MRI lumbar spine, epidural lesion"}, ["itb-mri-order warning"]),
    c("tip-level-shown", "The warning on a lumbar puncture shows the level of the catheter tip", {"text": "Lumbar puncture"}, [WARNING],
      chart=pump_chart(pump_data("tip", "catheter-tip-level", "2024-01-10", None, valueString="T10")), says=["T10"]),
    c("insertion-order", "A catheter revision by the ITB team brings no card on the spinal needle", event("catheter-revision"), [], chart=pump_chart(platelets(250), inr(1.0))),
    c("no-pump", "A lumbar puncture in a patient without a pump is not alerted", {"text": "Lumbar puncture"}, [], chart=[patient()]),
    c("blood-draw", "A blood draw is no spinal needle and not alerted", {"text": "Venous blood draw"}, []),
    c("already-done", "A lumbar puncture that is already done is not alerted", {"text": "Lumbar puncture"}, [], order={"status": "completed"}),
    c("not-to-be-done", "A lumbar puncture that is not to be done is not alerted", {"text": "Lumbar puncture"}, [], order={"doNotPerform": True}),
    c("pump-by-text", "A lumbar puncture is a warning when only the drug tells of the pump, and the record suggests it", {"text": "Lumbar puncture"}, [WARNING], chart=[patient(), itb_statement()], says=["record suggests"]),
    case(RULE, "epidural-drug-alone", "An epidural drug order alone brings no card on the spinal needle", ordering(pump_chart(), [EPIDURAL_DRUG]), []),
]  # fmt: skip
