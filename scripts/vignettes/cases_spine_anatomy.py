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
    c("scoliosis", "Scoliosis before insertion is a warning to plan the route", ill("M41.9", "Scoliosis, unspecified"), [WARNING], says=["Scoliosis", "not an absolute stop"], seeds=[SEED_INSERTION]),
    c("spinal-fusion", "A spinal fusion before insertion is a warning", ill("Z98.1", "Arthrodesis status"), [WARNING]),
    c("spina-bifida", "Spina bifida before insertion is a warning", ill("Q05.9", "Spina bifida, unspecified"), [WARNING]),
    c("lumbar-stenosis", "A narrow lumbar spinal canal is a warning before insertion", ill("M48.061", "Spinal stenosis, lumbar region"), [WARNING]),
    c("scoliosis-snomed", "Scoliosis coded another way is a warning before insertion", ill("298382003", "Scoliosis deformity of spine", SNOMED), [WARNING]),
    c("in-words", "A tethered cord written in words only is a warning", inserting(condition("spine", {"text": "Tethered cord"}, onset="2012-01-01")), [WARNING], says=["record suggests"]),
    c("tumour-in-words", "A spinal tumour written in words only is a warning", inserting(condition("spine", {"text": "Lumbar spinal tumor"}, onset="2026-01-01")), [WARNING], says=["record suggests"]),
    c("blocked-flow", "A blocked flow of spinal fluid is a warning that names it a contraindication to a pump",
      inserting(condition("spine", {"text": "CSF flow obstruction"}, onset="2025-01-01")), [WARNING], says=["contraindication"]),
    c("neck-only", "A narrow spinal canal in the neck alone is a note", ill("M48.02", "Spinal stenosis, cervical region"), [INFO]),
    c("neck-and-scoliosis", "A narrow spinal canal in the neck together with scoliosis is a warning",
      inserting(condition("neck", concept(ICD10, "M48.02", "Spinal stenosis, cervical region"), onset="2012-01-01"), condition("spine", concept(ICD10, "M41.9", "Scoliosis"), onset="2012-01-01")), [WARNING]),
    c("suspected", "A scoliosis that is only suspected is a note", ill("M41.9", "Scoliosis", verification="unconfirmed"), [INFO], says=["record suggests"]),
    c("back-pain", "Back pain is no anatomical hindrance and brings no card", ill("M54.50", "Low back pain, unspecified"), []),
    c("resolved", "A resolved lumbar strain brings no card", inserting(condition("spine", {"text": "Acute lumbar strain"}, onset="2026-05-01", clinical="resolved")), []),
    c("at-opening", "A difficult spine is told when ordering, not when the chart is opened", standing(condition("spine", concept(ICD10, "M41.9", "Scoliosis"), onset="2012-01-01")), []),
    c("conditions-withheld", "Without the condition list there is no card on the spine and no reassurance", inserting(withhold=("Condition",)), []),
]  # fmt: skip
