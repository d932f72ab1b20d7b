"""R42 itb-ci-systemic-infection."""

from __future__ import annotations

from build import case
from insertion import SEED_INSERTION
from insertion import inserting
from insertion import standing
from insertion import taken
from patient import ICD10
from patient import SNOMED
from patient import concept
from patient import condition
from patient import lab

RULE = "itb-ci-systemic-infection"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def ill(code, text, onset="2026-06-10", system=ICD10, **more):
    return condition("infection", concept(system, code, text), onset=onset, **more)


UTI = ("N39.0", "Urinary tract infection")


def fever(celsius, at="2026-06-14T10:00:00Z"):
    return lab("temperature", "8310-5", at, celsius, "Cel")


def wbc(number, at="2026-06-14T10:00:00Z"):
    return lab("wbc", "6690-2", at, number, "10*9/L")


def crp(number, unit="mg/L"):
    return lab("crp", "1988-5", "2026-06-14T10:00:00Z", number, unit)


def antibiotic(start, **more):
    return taken("723", "amoxicillin", start=start, **more)


CASES = [
    c("sepsis", "Active sepsis before insertion is critical", inserting(ill("A41.9", "Sepsis, unspecified organism")), [CRITICAL], says=["Sepsis"], seeds=[SEED_INSERTION]),
    c("sepsis-of-last-year", "Sepsis that is still listed as active counts whatever its date", inserting(ill("A41.9", "Sepsis", "2025-06-10")), [CRITICAL]),
    c("sepsis-suspected", "Sepsis that is only suspected is a warning", inserting(ill("A41.9", "Sepsis", verification="unconfirmed")), [WARNING], says=["record suggests"]),
    c("sepsis-resolved", "Sepsis that is resolved is not alerted", inserting(ill("A41.9", "Sepsis", clinical="resolved")), []),
    c("meningitis", "Active meningitis before insertion is critical", inserting(ill("G00.9", "Bacterial meningitis, unspecified")), [CRITICAL]),
    c("urinary-infection-30-days", "A urinary infection that began 30 days ago is a warning", inserting(ill(*UTI, "2026-05-16")), [WARNING]),
    c("urinary-infection-31-days", "A urinary infection that began 31 days ago and is not treated brings no card", inserting(ill(*UTI, "2026-05-15")), []),
    c("old-infection-antibiotic-14-days", "An older infection with an antibiotic started 14 days ago is a warning", inserting(ill(*UTI, "2026-03-01"), antibiotic("2026-06-01")), [WARNING]),
    c("old-infection-antibiotic-15-days", "An older infection with an antibiotic started 15 days ago brings no card", inserting(ill(*UTI, "2026-03-01"), antibiotic("2026-05-31")), []),
    c("old-infection-prophylaxis", "An older infection with an antibiotic given to prevent infection brings no card",
      inserting(ill(*UTI, "2026-03-01"), antibiotic("2026-06-10", reasonCode=[{"text": "prophylaxis"}])), []),
    c("antibiotic-alone", "An antibiotic without an infection on the list brings no card", inserting(antibiotic("2026-06-10")), []),
    c("undated-infection", "An infection without a date and without treatment brings no card", inserting(condition("infection", concept(ICD10, *UTI))), []),
    c("covid", "COVID-19 of a week ago is a warning", inserting(ill("U07.1", "COVID-19", "2026-06-08")), [WARNING]),
    c("cellulitis-of-the-leg", "Cellulitis of the leg is far from the site and a warning on this card, not on the local one", inserting(ill("L03.115", "Cellulitis of right lower limb")), [WARNING]),
    c("cellulitis-of-the-back", "Cellulitis of the back is left to the card on local infection", inserting(ill("L03.312", "Cellulitis of back")), ["itb-ci-local-infection critical"]),
    c("fever-and-wbc", "A temperature of 38.3 °C with white cells of 12.1 is a warning", inserting(fever(38.3), wbc(12.1)), [WARNING], says=["38.3"]),
    c("fever-below", "A temperature of 38.2 °C with white cells of 12.1 brings no card", inserting(fever(38.2), wbc(12.1)), []),
    c("wbc-at-the-limit", "A temperature of 38.3 °C with white cells of 12.0 brings no card", inserting(fever(38.3), wbc(12)), []),
    c("fever-and-crp", "A temperature of 38.3 °C with a C-reactive protein of 51 is a warning", inserting(fever(38.3), crp(51)), [WARNING]),
    c("crp-at-the-limit", "A temperature of 38.3 °C with a C-reactive protein of 50 brings no card", inserting(fever(38.3), crp(50)), []),
    c("crp-in-mg-per-dl", "A C-reactive protein of 5.1 mg/dL is read as 51 mg/L", inserting(fever(38.3), crp(5.1, "mg/dL")), [WARNING]),
    c("fever-in-fahrenheit", "A temperature of 101 °F is read as 38.3 °C", inserting(lab("temperature", "8310-5", "2026-06-14T10:00:00Z", 101, "[degF]"), wbc(15)), [WARNING]),
    c("fever-alone", "Fever alone before insertion brings no card", inserting(fever(39)), []),
    c("fever-73-hours-ago", "A fever of 73 hours ago brings no card", inserting(fever(39, "2026-06-12T09:00:00Z"), wbc(15)), []),
    c("fever-72-hours-ago", "A fever of 72 hours ago still counts and is a warning", inserting(fever(39, "2026-06-12T10:00:00Z"), wbc(15)), [WARNING]),
    c("bacteriuria", "Bacteria in the urine without symptoms do not count as an infection", inserting(condition("infection", {"text": "Chronic asymptomatic bacteriuria"}, onset="2026-06-10")), []),
    c("wart", "A viral wart does not count as an infection", inserting(condition("infection", {"text": "Viral wart of finger"}, onset="2026-06-10")), []),
    c("in-words", "An infection written in words only is a warning", inserting(condition("infection", {"text": "Pneumonia"}, onset="2026-06-10")), [WARNING], says=["record suggests"]),
    c("in-snomed", "Sepsis coded another way is critical", inserting(ill("91302008", "Sepsis (disorder)", system=SNOMED)), [CRITICAL]),
    c("at-opening", "Sepsis with a standing insertion order is critical when the chart is opened", standing(ill("A41.9", "Sepsis")), [CRITICAL]),
    c("conditions-withheld", "Without the condition list there is no card on infection and no reassurance", inserting(withhold=("Condition",)), []),
]  # fmt: skip
