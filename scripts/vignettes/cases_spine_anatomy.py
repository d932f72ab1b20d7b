"""R44 itb-ci-spine-anatomy."""

from __future__ import annotations

from build import case
from insertion import SEED_INSERTION
from insertion import inserting
from insertion import standing
from patient import ICD10
from patient import SNOMED
from patient import concept
from patient import condition

RULE = "itb-ci-spine-anatomy"
WARNING, INFO = f"{RULE} warning", f"{RULE} info"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def ill(code, text, system=ICD10, **more):
    return inserting(condition("spine", concept(system, code, text), onset="2012-01-01", **more))


CASES = [
    c("scoliosis", "Scoliosis: warning, plan the route", ill("M41.9", "Scoliosis, unspecified"), [WARNING], says=["Scoliosis", "not an absolute stop"], seeds=[SEED_INSERTION]),
    c("spinal-fusion", "Spinal fusion: warning", ill("Z98.1", "Arthrodesis status"), [WARNING]),
    c("spina-bifida", "Spina bifida: warning", ill("Q05.9", "Spina bifida, unspecified"), [WARNING]),
    c("lumbar-stenosis", "Lumbar spinal stenosis: warning", ill("M48.061", "Spinal stenosis, lumbar region"), [WARNING]),
    c("scoliosis-snomed", "Scoliosis in SNOMED CT", ill("298382003", "Scoliosis deformity of spine", SNOMED), [WARNING]),
    c("in-words", "Tethered cord in words only", inserting(condition("spine", {"text": "Tethered cord"}, onset="2012-01-01")), [WARNING], says=["record suggests"]),
    c("tumour-in-words", "A spinal tumour in words only", inserting(condition("spine", {"text": "Lumbar spinal tumor"}, onset="2026-01-01")), [WARNING], says=["record suggests"]),
    c("blocked-flow", "Blocked flow of spinal fluid: the card says that it is a contraindication to a pump",
      inserting(condition("spine", {"text": "CSF flow obstruction"}, onset="2025-01-01")), [WARNING], says=["contraindication"]),
    c("neck-only", "Stenosis of the neck alone: information", ill("M48.02", "Spinal stenosis, cervical region"), [INFO]),
    c("neck-and-scoliosis", "Stenosis of the neck and scoliosis: warning",
      inserting(condition("neck", concept(ICD10, "M48.02", "Spinal stenosis, cervical region"), onset="2012-01-01"), condition("spine", concept(ICD10, "M41.9", "Scoliosis"), onset="2012-01-01")), [WARNING]),
    c("suspected", "Scoliosis only suspected: one step lower", ill("M41.9", "Scoliosis", verification="unconfirmed"), [INFO], says=["record suggests"]),
    c("back-pain", "Back pain is no anatomical hindrance", ill("M54.50", "Low back pain, unspecified"), []),
    c("resolved", "A resolved lumbar strain", inserting(condition("spine", {"text": "Acute lumbar strain"}, onset="2026-05-01", clinical="resolved")), []),
    c("at-opening", "This rule speaks when ordering, not at chart opening", standing(condition("spine", concept(ICD10, "M41.9", "Scoliosis"), onset="2012-01-01")), []),
    c("conditions-withheld", "Without the condition list there is no card and no reassurance", inserting(withhold=("Condition",)), []),
]  # fmt: skip
