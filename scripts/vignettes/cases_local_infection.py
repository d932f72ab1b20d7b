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
    c("cellulitis-of-the-back", "Cellulitis of the back is critical before insertion", ill("L03.312", "Cellulitis of back"), [CRITICAL], says=["Cellulitis of back"], seeds=[SEED_INSERTION]),
    c("abscess-of-the-abdominal-wall", "An abscess of the abdominal wall, where the pump lies, is critical", ill("L02.211", "Cutaneous abscess of abdominal wall"), [CRITICAL]),
    c("lumbar-osteomyelitis", "A bone infection of a lumbar vertebra is critical", ill("M46.26", "Osteomyelitis of vertebra, lumbar region"), [CRITICAL]),
    c("long-standing", "A local infection counts while it is active, whatever its date", ill("L03.312", "Cellulitis of back", "2025-06-10"), [CRITICAL]),
    c("suspected", "A local infection that is only suspected is a warning", ill("L03.312", "Cellulitis of back", verification="differential"), [WARNING], says=["record suggests"]),
    c("resolved", "A resolved cellulitis of the back is not alerted", ill("L03.312", "Cellulitis of back", clinical="resolved"), []),
    c("site-not-recorded", "Cellulitis whose place is not recorded is a warning", ill("L03.90", "Cellulitis, unspecified"), [WARNING], says=["site"]),
    c("site-in-body-site", "Cellulitis whose place, the back, stands in its own field is critical", ill("L03.90", "Cellulitis, unspecified", bodySite=[{"text": "lumbar region"}]), [CRITICAL]),
    c("limb-site-in-body-site", "Cellulitis of a limb, the place in its own field, is left to the card on infections elsewhere", ill("L03.90", "Cellulitis, unspecified", bodySite=[{"text": "left leg"}]), ["itb-ci-systemic-infection warning"]),
    c("body-site-not-understood", "Cellulitis of the back stays critical when the field for its place says only the side", ill("L03.312", "Cellulitis of back", bodySite=[{"text": "left"}]), [CRITICAL]),
    c("sacral-pressure-injury-2", "A sacral pressure injury of stage 2 is a warning", ill("L89.152", "Pressure ulcer of sacral region, stage 2"), [WARNING]),
    c("sacral-pressure-injury-1", "A sacral pressure injury of stage 1 brings no card", ill("L89.151", "Pressure ulcer of sacral region, stage 1"), []),
    c("sacral-pressure-injury-unstaged", "A sacral pressure injury of unknown stage is a warning", ill("L89.159", "Pressure ulcer of sacral region, unspecified stage"), [WARNING]),
    c("heel-pressure-injury", "A pressure injury of the heel brings no card", ill("L89.613", "Pressure ulcer of right heel, stage 3"), []),
    c("discitis-of-the-neck", "A disc infection of the neck is far from the site and left to the card on infections elsewhere", said("Cervical discitis"), ["itb-ci-systemic-infection warning"]),
    c("dehiscence", "A surgical wound that has come open is a warning, also without its place", ill("T81.31XA", "Disruption of external operation wound"), [WARNING]),
    c("wound-of-the-abdominal-wall", "An open wound of the abdominal wall is a warning", ill("S31.109A", "Unspecified open wound of abdominal wall"), [WARNING]),
    c("healed", "A pressure ulcer that the words call healed brings no card", said("Healed sacral pressure ulcer"), []),
    c("in-words", "An abscess of the lumbar region written in words only is critical", said("Abscess of lumbar region"), [CRITICAL], says=["record suggests"]),
    c("abdomen-by-code-alone", "An abscess of the abdominal wall is critical when its code alone tells the place", snomed("80437003"), [CRITICAL]),
    c("back-by-code-alone", "An abscess of the back is critical when its code alone tells the place", snomed("309083007"), [CRITICAL]),
    c("back-suspected-by-code-alone", "A suspected abscess of the back is a warning when its code alone tells the place", snomed("309083007", verification="differential"), [WARNING], says=["record suggests"]),
    c("leg-by-code-alone", "Cellulitis of the leg is an infection elsewhere when its code alone tells the place", snomed("449710006"), ["itb-ci-systemic-infection warning"]),
    c("sepsis-too", "Sepsis beside a local abscess gives two cards for two infections",
      inserting(condition("local", concept(ICD10, "L02.212", "Cutaneous abscess of back"), onset="2026-06-10"), condition("sepsis", concept(ICD10, "A41.9", "Sepsis"), onset="2026-06-12")),
      ["itb-ci-systemic-infection critical", CRITICAL]),
    c("spine-disease-is-no-site", "A spine disease on the list does not tell the place of an infection", ill("M41.26", "Other idiopathic scoliosis, lumbar region"), ["itb-ci-spine-anatomy warning"]),
    c("infected-pump-exchanged", "A new catheter ordered while the pump pocket is infected is critical",
      ordering(pump_chart(platelets(250), inr(1.0), condition("local", concept(ICD10, "T85.738A", "Infection of nervous system device"), onset="2026-06-10")), [order("catheter-order", CATHETER)]),
      [CRITICAL]),
    c("at-opening", "A local infection with a standing insertion order is critical when the chart is opened", standing(condition("local", concept(ICD10, "L03.312", "Cellulitis of back"), onset="2026-06-10")), [CRITICAL]),
    c("nothing-ordered", "Cellulitis of the back with nothing ordered brings no card", chart_opening(candidate(condition("local", concept(ICD10, "L03.312", "Cellulitis of back"), onset="2026-06-10"))), []),
    c("conditions-withheld", "Without the condition list there is no card on local infection and no reassurance", inserting(withhold=("Condition",)), []),
]  # fmt: skip
