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
    c("sepsis", "Active sepsis: critical", inserting(ill("A41.9", "Sepsis, unspecified organism")), [CRITICAL], says=["Sepsis"], seeds=[SEED_INSERTION]),
    c("sepsis-of-last-year", "Sepsis that is still listed as active counts whatever its date", inserting(ill("A41.9", "Sepsis", "2025-06-10")), [CRITICAL]),
    c("sepsis-suspected", "Sepsis is only suspected: one step lower", inserting(ill("A41.9", "Sepsis", verification="unconfirmed")), [WARNING], says=["record suggests"]),
    c("sepsis-resolved", "Resolved sepsis", inserting(ill("A41.9", "Sepsis", clinical="resolved")), []),
    c("meningitis", "Active meningitis: critical", inserting(ill("G00.9", "Bacterial meningitis, unspecified")), [CRITICAL]),
    c("urinary-infection-30-days", "Urinary infection that began 30 days ago: warning", inserting(ill(*UTI, "2026-05-16")), [WARNING]),
    c("urinary-infection-31-days", "Urinary infection that began 31 days ago and is not treated: nothing", inserting(ill(*UTI, "2026-05-15")), []),
    c("old-infection-antibiotic-14-days", "An older infection with an antibiotic started 14 days ago: warning", inserting(ill(*UTI, "2026-03-01"), antibiotic("2026-06-01")), [WARNING]),
    c("old-infection-antibiotic-15-days", "An older infection with an antibiotic started 15 days ago: nothing", inserting(ill(*UTI, "2026-03-01"), antibiotic("2026-05-31")), []),
    c("old-infection-prophylaxis", "An older infection with a prophylactic antibiotic: nothing",
      inserting(ill(*UTI, "2026-03-01"), antibiotic("2026-06-10", reasonCode=[{"text": "prophylaxis"}])), []),
    c("antibiotic-alone", "An antibiotic without an infection on the list: nothing", inserting(antibiotic("2026-06-10")), []),
    c("undated-infection", "An infection without a date and without treatment: nothing", inserting(condition("infection", concept(ICD10, *UTI))), []),
    c("covid", "COVID-19 a week ago: warning", inserting(ill("U07.1", "COVID-19", "2026-06-08")), [WARNING]),
    c("cellulitis-of-the-leg", "Cellulitis of the leg is remote: this card, not the local one", inserting(ill("L03.115", "Cellulitis of right lower limb")), [WARNING]),
    c("cellulitis-of-the-back", "Cellulitis of the back belongs to the local card alone", inserting(ill("L03.312", "Cellulitis of back")), ["itb-ci-local-infection critical"]),
    c("fever-and-wbc", "38.3 °C with white cells 12.1: warning", inserting(fever(38.3), wbc(12.1)), [WARNING], says=["38.3"]),
    c("fever-below", "38.2 °C with white cells 12.1: nothing", inserting(fever(38.2), wbc(12.1)), []),
    c("wbc-at-the-limit", "38.3 °C with white cells 12.0: nothing", inserting(fever(38.3), wbc(12)), []),
    c("fever-and-crp", "38.3 °C with C-reactive protein 51: warning", inserting(fever(38.3), crp(51)), [WARNING]),
    c("crp-at-the-limit", "38.3 °C with C-reactive protein 50: nothing", inserting(fever(38.3), crp(50)), []),
    c("crp-in-mg-per-dl", "C-reactive protein 5.1 mg/dL is 51 mg/L", inserting(fever(38.3), crp(5.1, "mg/dL")), [WARNING]),
    c("fever-in-fahrenheit", "101 °F is above 38.3 °C", inserting(lab("temperature", "8310-5", "2026-06-14T10:00:00Z", 101, "[degF]"), wbc(15)), [WARNING]),
    c("fever-alone", "Fever alone: nothing", inserting(fever(39)), []),
    c("fever-73-hours-ago", "Fever of 73 hours ago: nothing", inserting(fever(39, "2026-06-12T09:00:00Z"), wbc(15)), []),
    c("fever-72-hours-ago", "Fever of 72 hours ago: warning", inserting(fever(39, "2026-06-12T10:00:00Z"), wbc(15)), [WARNING]),
    c("bacteriuria", "Asymptomatic bacteriuria does not count", inserting(condition("infection", {"text": "Chronic asymptomatic bacteriuria"}, onset="2026-06-10")), []),
    c("wart", "A viral wart does not count", inserting(condition("infection", {"text": "Viral wart of finger"}, onset="2026-06-10")), []),
    c("in-words", "An infection in words only", inserting(condition("infection", {"text": "Pneumonia"}, onset="2026-06-10")), [WARNING], says=["record suggests"]),
    c("in-snomed", "Sepsis in SNOMED CT", inserting(ill("91302008", "Sepsis (disorder)", system=SNOMED)), [CRITICAL]),
    c("at-opening", "At chart opening with a standing order", standing(ill("A41.9", "Sepsis")), [CRITICAL]),
    c("conditions-withheld", "Without the condition list there is no card and no reassurance", inserting(withhold=("Condition",)), []),
]  # fmt: skip
