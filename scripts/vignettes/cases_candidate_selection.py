"""R47 itb-candidate-selection."""

from __future__ import annotations

from build import case
from insertion import CATHETER
from insertion import PUMP
from insertion import candidate
from insertion import inr
from insertion import platelets
from patient import ICD10
from patient import concept
from patient import condition
from patient import event
from patient import order
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity

RULE = "itb-candidate-selection"
WARNING, INFO = f"{RULE} warning", f"{RULE} info"
SEED = "indications, first-line therapies, stroke 3–6 months, trial before implant, expected benefits"
TRIAL = event("itb-screening-trial")


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def testing(*more, code=TRIAL, drop=(), swap=(), note=None, **options):
    extra = {"note": [{"text": note}]} if note else {}
    return ordering(candidate(*more, drop=drop, swap=swap), [order("trial-order", code, at="2026-06-25", **extra)], **options)


def ill(code, text, onset, **more):
    return condition("reason", concept(ICD10, code, text), onset=onset, **more)


TBI = ("S06.2X9A", "Diffuse traumatic brain injury with loss of consciousness")
STROKE = ("I63.9", "Cerebral infarction, unspecified")

CASES = [
    c("nothing-to-settle", "A candidate who tried oral baclofen and has nothing else on the list gets no card", testing(), []),
    c("brain-injury-364-days", "A brain injury 364 days before the implant order is a warning", testing(ill(*TBI, "2025-06-16")), [WARNING], says=["brain injury"]),
    c("brain-injury-365-days", "A brain injury 365 days before the implant order brings no card", testing(ill(*TBI, "2025-06-15")), []),
    c("stroke-89-days", "A stroke 89 days before the implant order is a note", testing(ill(*STROKE, "2026-03-18")), [INFO], says=["stroke"], seeds=[SEED]),
    c("stroke-90-days", "A stroke 90 days before the implant order brings no card", testing(ill(*STROKE, "2026-03-17")), []),
    c("age-3", "A pump ordered for a child of three years is a warning", testing(swap=[patient(birth="2022-06-16")]), [WARNING], says=["under 4"]),
    c("age-4", "A pump ordered for a child of four years brings no card", testing(swap=[patient(birth="2022-06-15")]), []),
    c("prometra-21", "A Prometra pump ordered at 21 years of age is a warning",
      testing(procedure("trial-1", TRIAL, "2026-05-01"), code={"text": "Implantation of Prometra intrathecal pump"}, swap=[patient(birth="2004-06-16")]), [WARNING], says=["Prometra"]),
    c("prometra-22", "A Prometra pump ordered at 22 years of age brings no card",
      testing(procedure("trial-1", TRIAL, "2026-05-01"), code={"text": "Implantation of Prometra intrathecal pump"}, swap=[patient(birth="2004-06-15")]), []),
    c("nothing-tried", "A candidate with no antispastic drug, botulinum toxin or physical therapy on record gets a note", testing(drop=("oral-baclofen",)), [INFO], says=["antispastic"]),
    c("physical-therapy", "Physical therapy on record is enough as an earlier treatment", testing(procedure("pt", {"text": "Physical therapy"}, "2025-05-01"), drop=("oral-baclofen",)), []),
    c("botulinum", "Botulinum toxin on record is enough as an earlier treatment", testing(procedure("btx", {"text": "Botulinum toxin injection"}, "2025-05-01"), drop=("oral-baclofen",)), []),
    c("medication-lists-withheld", "Without the medication lists no treatment is claimed to be missing, and the pump status is not established",
      testing(drop=("oral-baclofen",), withhold=("MedicationStatement", "MedicationRequest")), [], status=412),
    c("epilepsy-uncontrolled", "Uncontrolled epilepsy in a candidate is a note", testing(ill("G40.919", "Epilepsy, unspecified, intractable, without status epilepticus", "2020-01-01")), [INFO]),
    c("shunt", "A shunt of spinal fluid in a candidate is a note and no contraindication", testing(ill("Z98.2", "Presence of cerebrospinal fluid drainage device", "2020-01-01")), [INFO], says=["not a contraindication"]),
    c("dysreflexia-history", "An autonomic dysreflexia in the past is told as a note", testing(ill("G90.4", "Autonomic dysreflexia", "2020-01-01", clinical="resolved")), [INFO]),
    c("suicidality-in-words", "Suicidal thoughts written in words only are a note", testing(condition("reason", {"text": "Suicidal ideation"}, onset="2026-06-01")), [INFO], says=["record suggests"]),
    c("depth-over-the-limit", "A pump planned deeper than 2.5 cm is a note", testing(pump_data("depth", "implant-depth", "2026-06-01", quantity(2.6, "cm"))), [INFO], says=["2.6"]),
    c("depth-at-the-limit", "A pump planned at a depth of 2.5 cm brings no card", testing(pump_data("depth", "implant-depth", "2026-06-01", quantity(2.5, "cm"))), []),
    c("several-points", "Several points about a candidate make one card as urgent as the gravest", testing(ill(*TBI, "2026-01-01"), drop=("oral-baclofen",)), [WARNING], says=["antispastic", "brain injury"]),
    c("brain-injury-suspected", "A brain injury that is only suspected is a note instead of a warning", testing(ill(*TBI, "2026-01-01", verification="unconfirmed")), [INFO], says=["record suggests"]),
    c("catheter-implant", "An order to implant the catheter is judged like an order of the pump", testing(ill(*TBI, "2026-01-01"), code=CATHETER), [WARNING]),
    c("replacement", "A replacement of the pump is not judged like a first implant", ordering(pump_chart(platelets(250), inr(1.0), ill(*TBI, "2026-01-01")), [order("pump-order", PUMP, at="2026-06-25")]), []),
]  # fmt: skip
