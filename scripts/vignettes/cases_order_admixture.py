"""R38 itb-order-admixture."""

from __future__ import annotations

from build import case
from insertion import drug
from patient import CPT
from patient import INTRATHECAL
from patient import SNOMED
from patient import SUBJECT
from patient import concept
from patient import itb_statement
from patient import order
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import quantity

RULE = "itb-order-admixture"
WARNING = f"{RULE} warning"


def c(name, title, chart, order, cards, **more):
    return case(RULE, name, title, ordering(chart, order if isinstance(order, list) else [order]), cards, **more)


def spinal(medication, rate=None, single=None, unit="mg", by=INTRATHECAL):
    dosage = {"route": by}
    if rate is not None:
        dosage["doseAndRate"] = [{"rateQuantity": quantity(rate, "ug/d")}]
    if single is not None:
        dosage["doseAndRate"] = [{"doseQuantity": quantity(single, unit)}]
    return {"resourceType": "MedicationRequest", "id": "spinal-1", "status": "draft", "intent": "order", "subject": SUBJECT, "medicationCodeableConcept": medication, "dosageInstruction": [dosage]}


CLONIDINE, BUPIVACAINE, MORPHINE = drug("2599", "clonidine"), drug("1815", "bupivacaine"), drug("7052", "morphine")

CASES = [
    c("clonidine", "Clonidine ordered for the baclofen pump is a warning", pump_chart(), spinal(CLONIDINE, 100), [WARNING], says=["clonidine"]),
    c("bupivacaine-infusion", "A bupivacaine infusion ordered for the pump is a warning", pump_chart(), spinal(BUPIVACAINE, 5000), [WARNING]),
    c("ziconotide", "Ziconotide ordered for the pump is a warning", pump_chart(), spinal(drug("68503", "ziconotide"), 2), [WARNING]),
    c("mixture-in-words", "A compounded mixture written in words is a warning", pump_chart(), spinal({"text": "Baclofen / clonidine intrathecal compounded"}), [WARNING]),
    c("opioid", "Intrathecal morphine brings the opioid card and no admixture card", pump_chart(), spinal(MORPHINE, 500), ["itb-cns-opioid critical"]),
    c("spinal-anaesthetic", "A single dose of bupivacaine is a spinal anaesthetic and no admixture",
      pump_chart(), [spinal(BUPIVACAINE, single=12.5), order("spinal-order", concept(CPT, "62322", text="Spinal anaesthesia"))], ["itb-neuraxial-near-catheter warning"]),
    c("baclofen", "Intrathecal baclofen by itself is no admixture", pump_chart(), spinal(drug("1292", "baclofen"), 420), []),
    c("no-drug-named", "An intrathecal order that names no drug yet is not taken for another drug",
      pump_chart(), {key: value for key, value in spinal(CLONIDINE, 100).items() if key != "medicationCodeableConcept"}, []),
    c("by-mouth", "Clonidine by mouth does not go into the pump", pump_chart(), spinal(CLONIDINE, single=0.1, by=concept(SNOMED, "26643006")), []),
    c("epidural", "Bupivacaine into the epidural space does not go into the pump", pump_chart(), spinal(BUPIVACAINE, 5000, by={"text": "epidural"}), []),
    c("no-pump", "Intrathecal clonidine for a patient without a pump is not alerted", [patient()], spinal(CLONIDINE, 100), []),
    c("unknown-single-drug", "A single intrathecal dose of chemotherapy is not taken for a pump fill", pump_chart(), spinal({"text": "Methotrexate preservative free"}, single=12), []),
    c("pump-by-text", "An admixture is a warning when only the drug tells of the pump, and the record suggests it", [patient(), itb_statement()], spinal(CLONIDINE, 100), [WARNING], says=["record suggests"]),
]  # fmt: skip
