"""R11 itb-loss-of-effect."""

from __future__ import annotations

from build import case
from patient import PUMP_DATA
from patient import SUBJECT
from patient import concept
from patient import itb_statement
from patient import pump_data
from patient import quantity
from telemetry import QUIET
from telemetry import ashworth
from telemetry import doses
from telemetry import ill
from telemetry import implant
from telemetry import itb_entry
from telemetry import itch
from telemetry import opened
from telemetry import temperature

RULE = "itb-loss-of-effect"
WARNING, INFO = [f"{RULE} warning", QUIET], [f"{RULE} info", QUIET]


def fading(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def risen(name, title, cards, *rows, more=(), **how):
    """Doses by start; the last one is in force."""
    return fading(name, title, cards, *doses(*rows), *more, drop=("itb-1",), **how)


def scored(name, title, cards, before, after, *more, **how):
    """Two mean Modified Ashworth scores: (score, date) each."""
    return fading(name, title, cards, ashworth(*before, "mas-1"), ashworth(*after, "mas-2"), *more, **how)


def dosed(name, title, cards, dose, *more, **how):
    return fading(name, title, cards, *more, swap=[itb_statement(dose=dose)], **how)


PROGRAMME = {"resourceType": "CarePlan", "id": "plan", "status": "active", "intent": "plan", "subject": SUBJECT, "title": "Planned change of concentration",
             "category": [concept(PUMP_DATA, "concentration-change")]}
STABLE, SECOND = (400, "2025-12-01"), (460, "2026-04-20")

CASES = [
    # Dose
    risen("two-rises-thirty-percent", "Two rises of dose by 30 % in all after a stable time are a warning", WARNING, STABLE, SECOND, (520, "2026-06-01"),
        says=["30 %", "400 to 520 µg/day", "diagnosis of exclusion", "13 months"],
        seeds=["failure at 13 months after gradual loss of effect", "tolerance; concentration influences control/refill interval"]),
    risen("two-rises-below-thirty", "Two rises of dose by 29.75 % in all are not enough for a card", [QUIET], STABLE, SECOND, (519, "2026-06-01")),
    risen("one-rise", "A single rise of dose, however large, is not enough for a card", [QUIET], STABLE, (560, "2026-06-01")),
    risen("ninety-days", "A first rise of dose 90 days ago counts", WARNING, STABLE, (460, "2026-03-17"), (520, "2026-06-01")),
    risen("ninety-one-days", "A first rise of dose 91 days ago does not count", [QUIET], STABLE, (460, "2026-03-16"), (520, "2026-06-01")),
    risen("stable-ninety-days", "A dose that was stable for 90 days before the rises is enough for a warning", WARNING, (400, "2026-01-20"), SECOND, (520, "2026-06-01")),
    risen("stable-eighty-nine-days", "A dose that was stable for 89 days before the rises is not enough for a card", [QUIET], (400, "2026-01-21"), SECOND, (520, "2026-06-01")),
    risen("rises-in-pump-data", "Two rises of the dose programmed in the pump are a warning, too", WARNING, (400, "2025-12-01"), more=[
        pump_data("d1", "daily-dose", "2026-04-20", quantity(460, "ug/d")), pump_data("d2", "daily-dose", "2026-06-01", quantity(0.52, "mg/d"))]),
    risen("planned-programme", "A documented programme of dose changes explains the rises", [QUIET], STABLE, SECOND, (520, "2026-06-01"), more=[PROGRAMME]),
    risen("lowered", "A lower dose is no loss of effect", [QUIET], STABLE, (360, "2026-04-20"), (300, "2026-06-01")),
    risen("urine-infection", "A urinary infection that may explain the rises is told, and the warning stays", WARNING, STABLE, SECOND, (520, "2026-06-01"),
        more=[ill("N39.0", "Urinary tract infection, site not specified", onset="2026-05-20")], says=["Urinary tract infection"]),
    risen("pressure-injury", "A pressure injury that may explain the rises is told, and the warning stays", WARNING, STABLE, SECOND, (520, "2026-06-01"),
        more=[ill("L89.152", "Pressure ulcer of sacral region, stage 2", onset="2026-05-01")], says=["Pressure ulcer"]),
    # Tone
    scored("one-grade", "Spasticity one Modified Ashworth grade above the best of the year is a warning", WARNING, (1, "2025-12-01"), (2, "2026-06-01"), says=["1 to 2"]),
    scored("below-one-grade", "Spasticity half a Modified Ashworth grade worse is not enough for a card", [QUIET], (1, "2025-12-01"), (1.5, "2026-06-01")),
    scored("thirty-days-apart", "Modified Ashworth values 30 days apart are far enough apart to compare", WARNING, (1, "2026-05-02"), (2, "2026-06-01")),
    scored("twenty-nine-days-apart", "Modified Ashworth values 29 days apart are too near to compare", [QUIET], (1, "2026-05-03"), (2, "2026-06-01")),
    scored("a-year-before", "The best Modified Ashworth value may lie a year back", WARNING, (1, "2025-06-01"), (2, "2026-06-01")),
    scored("more-than-a-year-before", "A best Modified Ashworth value of more than a year ago is too old", [QUIET], (1, "2025-05-31"), (2, "2026-06-01")),
    scored("better-value-between", "The best of several Modified Ashworth values is the one compared", WARNING, (2, "2025-12-01"), (2, "2026-06-01"), ashworth(1, "2026-02-01", "mas-3")),
    scored("several-muscles", "Modified Ashworth values of several muscles on one day are averaged", [QUIET], (1, "2025-12-01"), (2, "2026-06-01"), ashworth(1, "2026-06-01", "mas-3")),
    scored("with-fever", "Worse spasticity with fever is no slow loss of effect", ["itb-withdrawal-mimic info", QUIET], (1, "2025-12-01"), (2, "2026-06-01"), temperature(38.6)),
    scored("rise-of-today", "Spasticity that rose today belongs to suspected withdrawal", ["itb-withdrawal-suspected warning", QUIET], (1, "2025-12-01"), (2, "2026-06-15T09:00:00Z")),
    # High dose
    dosed("above-thousand", "A dose of more than 1000 µg a day is a note", INFO, 1001, says=["1001 µg/day"]),
    dosed("thousand", "A dose of exactly 1000 µg a day brings no card", [QUIET], 1000),
    fading("above-thousand-in-milligrams", "A dose of 1.1 mg a day is read as more than 1000 µg", INFO, swap=[itb_statement(dose=1.1, unit="mg/d")], says=["1100 µg/day"]),
    fading("dose-in-words", "A high dose written in words is a note, and the record suggests it", INFO, swap=[itb_entry({"text": "1200 mcg/day"})], says=["record suggests"]),
    # Exclusions
    fading("sixty-days-after-implant", "A high dose in the first 60 days after implant brings no card, as the right dose is still sought", [QUIET], swap=[itb_statement(dose=1100), implant("2026-04-16")]),
    fading("sixty-one-days-after-implant", "A high dose 61 days after implant is a note", INFO, swap=[itb_statement(dose=1100), implant("2026-04-15")]),
    dosed("withdrawal-suspected", "A high dose is not told where withdrawal is suspected", ["itb-withdrawal-suspected warning", QUIET], 1100, itch()),
    fading("dose-missing", "Without a dose there is no card on loss of effect, and the record is asked for", ["itb-record-incomplete info", QUIET], swap=[itb_statement(dose=None)]),
    fading("lists-missing", "Without observations the high dose on the medication list is still told, and what was not seen is said", ["itb-loss-of-effect info", "itb-not-assessed info", QUIET],
        swap=[itb_statement(dose=1100)], withhold=("Observation",)),
]
