"""R43 itb-ci-local-infection."""

from __future__ import annotations

from build import case
from insertion import CATHETER
from insertion import SEED_INSERTION
from insertion import candidate
from insertion import inr
from insertion import inserting
from insertion import platelets
from insertion import standing
from patient import ICD10
from patient import SNOMED
from patient import chart_opening
from patient import concept
from patient import condition
from patient import order
from patient import ordering
from patient import pump_chart

RULE = "itb-ci-local-infection"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def snomed(code, **more):
    return inserting(condition("local", {"coding": [{"system": SNOMED, "code": code}]}, onset="2026-06-10", **more))


def ill(code, text, onset="2026-06-10", **more):
    return inserting(condition("local", concept(ICD10, code, text), onset=onset, **more))


def said(text, **more):
    return inserting(condition("local", {"text": text}, onset="2026-06-10", **more))


CASES = [
    c("cellulitis-of-the-back", "Cellulitis of the back: critical", ill("L03.312", "Cellulitis of back"), [CRITICAL], says=["Cellulitis of back"], seeds=[SEED_INSERTION]),
    c("abscess-of-the-abdominal-wall", "Abscess of the abdominal wall, where the pump lies: critical", ill("L02.211", "Cutaneous abscess of abdominal wall"), [CRITICAL]),
    c("lumbar-osteomyelitis", "Osteomyelitis of a lumbar vertebra: critical", ill("M46.26", "Osteomyelitis of vertebra, lumbar region"), [CRITICAL]),
    c("long-standing", "It counts while it is active, whatever its date", ill("L03.312", "Cellulitis of back", "2025-06-10"), [CRITICAL]),
    c("suspected", "Only suspected: one step lower", ill("L03.312", "Cellulitis of back", verification="differential"), [WARNING], says=["record suggests"]),
    c("resolved", "Resolved cellulitis of the back", ill("L03.312", "Cellulitis of back", clinical="resolved"), []),
    c("site-not-recorded", "Cellulitis without a site: warning", ill("L03.90", "Cellulitis, unspecified"), [WARNING], says=["site"]),
    c("site-in-body-site", "The site stands in bodySite", ill("L03.90", "Cellulitis, unspecified", bodySite=[{"text": "lumbar region"}]), [CRITICAL]),
    c("limb-site-in-body-site", "A limb in bodySite: the systemic card has it", ill("L03.90", "Cellulitis, unspecified", bodySite=[{"text": "left leg"}]), ["itb-ci-systemic-infection warning"]),
    c("sacral-pressure-injury-2", "Sacral pressure injury of stage 2: warning", ill("L89.152", "Pressure ulcer of sacral region, stage 2"), [WARNING]),
    c("sacral-pressure-injury-1", "Sacral pressure injury of stage 1: nothing", ill("L89.151", "Pressure ulcer of sacral region, stage 1"), []),
    c("sacral-pressure-injury-unstaged", "Sacral pressure injury of unknown stage: warning", ill("L89.159", "Pressure ulcer of sacral region, unspecified stage"), [WARNING]),
    c("heel-pressure-injury", "Pressure injury of the heel: nothing", ill("L89.613", "Pressure ulcer of right heel, stage 3"), []),
    c("discitis-of-the-neck", "Discitis of the neck is remote: the systemic card has it", said("Cervical discitis"), ["itb-ci-systemic-infection warning"]),
    c("dehiscence", "Wound dehiscence: warning", ill("T81.31XA", "Disruption of external operation wound"), [WARNING]),
    c("wound-of-the-abdominal-wall", "Open wound of the abdominal wall: warning", ill("S31.109A", "Unspecified open wound of abdominal wall"), [WARNING]),
    c("healed", "A healed pressure ulcer in words: nothing", said("Healed sacral pressure ulcer"), []),
    c("in-words", "Abscess of the lumbar region in words only", said("Abscess of lumbar region"), [CRITICAL], says=["record suggests"]),
    c("abdomen-by-code-alone", "Abscess of the abdominal wall by SNOMED code alone: the code says the place", snomed("80437003"), [CRITICAL]),
    c("back-by-code-alone", "Abscess of the back by SNOMED code alone", snomed("309083007"), [CRITICAL]),
    c("back-suspected-by-code-alone", "Suspected abscess of the back: one step lower", snomed("309083007", verification="differential"), [WARNING], says=["record suggests"]),
    c("leg-by-code-alone", "Cellulitis of the leg by SNOMED code alone is an infection elsewhere", snomed("449710006"), ["itb-ci-systemic-infection warning"]),
    c("sepsis-too", "Sepsis beside a local abscess: two infections, two cards",
      inserting(condition("local", concept(ICD10, "L02.212", "Cutaneous abscess of back"), onset="2026-06-10"), condition("sepsis", concept(ICD10, "A41.9", "Sepsis"), onset="2026-06-12")),
      ["itb-ci-systemic-infection critical", CRITICAL]),
    c("spine-disease-is-no-site", "A spine disease is no infection site", ill("M41.26", "Other idiopathic scoliosis, lumbar region"), ["itb-ci-spine-anatomy warning"]),
    c("infected-pump-exchanged", "The pump pocket is infected and a new catheter is ordered: critical",
      ordering(pump_chart(platelets(250), inr(1.0), condition("local", concept(ICD10, "T85.738A", "Infection of nervous system device"), onset="2026-06-10")), [order("catheter-order", CATHETER)]),
      [CRITICAL]),
    c("at-opening", "At chart opening with a standing order", standing(condition("local", concept(ICD10, "L03.312", "Cellulitis of back"), onset="2026-06-10")), [CRITICAL]),
    c("nothing-ordered", "Cellulitis of the back with nothing ordered: no card", chart_opening(candidate(condition("local", concept(ICD10, "L03.312", "Cellulitis of back"), onset="2026-06-10"))), []),
    c("conditions-withheld", "Without the condition list there is no card and no reassurance", inserting(withhold=("Condition",)), []),
]  # fmt: skip
