"""R20 itb-overdose-suspected."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import INTRAVENOUS
from drugs import PROPOFOL
from drugs import RIGID
from drugs import TEXT_PUMP
from patient import BACLOFEN
from patient import CPT
from patient import ICD10
from patient import INTRATHECAL
from patient import LOINC
from patient import administration
from patient import chart_opening
from patient import concept
from patient import condition
from patient import observation
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity

RULE = "itb-overdose-suspected"
QUIET = "itb-pump-summary info"
MIMIC = "itb-withdrawal-mimic info"
TODAY = "2026-06-15T08:00:00Z"


def vital(id, code, number, unit, at=TODAY):
    return observation(id, concept(LOINC, code), at, quantity(number, unit))


def breaths(number, at=TODAY):
    return vital("breaths", "9279-1", number, "/min", at)


def saturation(number):
    return vital("saturation", "59408-5", number, "%")


def coma_score(number, at=TODAY, id="gcs"):
    return vital(id, "9269-2", number, "{score}", at)


def reprogrammed(at):
    return procedure("change", concept(CPT, "62368", text="Pump reprogramming"), at)


FLOPPY = pump_data("tone", "tone-change", TODAY, "flaccid")
SLEEPY = pump_data("awake", "consciousness", TODAY, "stupor")
BOLUS_DOSE = {"route": INTRATHECAL, "dose": quantity(50, "ug")}


def opened(name, title, entries, cards, **more):
    swap = more.pop("swap", ())
    return case(RULE, name, title, chart_opening(pump_chart(*entries, swap=swap)), [*cards, QUIET], **more)


def tested(name, title, at, cards, dosage=BOLUS_DOSE, **more):
    bolus = administration("bolus", BACLOFEN, at, dosage=dosage)
    return case(RULE, name, title, chart_opening([patient(), bolus, breaths(8)]), cards, **more)


WARNING, CRITICAL = [f"{RULE} warning"], [f"{RULE} critical"]

CASES = [
    case(
        RULE,
        "screening-bolus-as-pump-data",
        "Coma a day after a screening bolus that only the pump data record is critical, without any pump",
        chart_opening([patient(), pump_data("bolus", "screening-dose", "2026-06-14T10:00:00Z", quantity(50, "ug")), pump_data("coma", "consciousness", "2026-06-15T08:00:00Z", "coma")]),
        [f"{RULE} critical"],
    ),
    opened("slow-breathing", "Slow breathing alone is a warning of overdose", [breaths(9)], WARNING, says=["respiratory rate 9"]),
    opened("breathing-10", "A respiratory rate of 10 is not slow", [breaths(10)], []),
    opened("saturation-89", "An oxygen saturation of 89 % is a warning of overdose", [saturation(89)], WARNING),
    opened("saturation-90", "An oxygen saturation of 90 % is not low", [saturation(90)], []),
    opened("coma-score-12", "A coma score of 12 is a warning of overdose, and of look-alikes too", [coma_score(12)], [*WARNING, MIMIC]),
    opened("coma-score-13", "A coma score of 13 is no overdose picture", [coma_score(13)], [MIMIC]),
    opened(
        "coma-score-as-always",
        "A coma score that equals its baseline is no overdose picture",
        [coma_score(10), coma_score(10, "2026-06-01T08:00:00Z", "gcs-old")],
        [],
    ),
    opened(
        "breathing-and-floppy",
        "Slow breathing and floppy muscles are critical",
        [breaths(8), FLOPPY],
        CRITICAL,
        says=["30 to 40 mL", "no antidote"],
        seeds=["overdose picture; pump leak/refill overdose within minutes"],
    ),
    opened("breathing-and-slow-heart", "Slow breathing and a heart rate of 49 are critical", [breaths(8), vital("heart", "8867-4", 49, "/min")], CRITICAL),
    opened("breathing-and-heart-50", "A heart rate of 50 does not make slow breathing critical", [breaths(8), vital("heart", "8867-4", 50, "/min")], WARNING),
    opened(
        "breathing-and-low-pressure",
        "Slow breathing and a systolic pressure of 89 are critical",
        [breaths(8), vital("pressure", "8480-6", 89, "mm[Hg]")],
        CRITICAL,
    ),
    opened("breathing-and-pressure-90", "A systolic pressure of 90 does not make slow breathing critical", [breaths(8), vital("pressure", "8480-6", 90, "mm[Hg]")], WARNING),
    opened("breathing-and-cold", "Slow breathing and a temperature of 34.9 °C are critical", [breaths(8), vital("cold", "8310-5", 34.9, "Cel")], CRITICAL),
    opened("breathing-and-35", "A temperature of exactly 35.0 °C does not make slow breathing critical", [breaths(8), vital("cold", "8310-5", 35.0, "Cel")], WARNING),
    opened("floppy-alone", "Floppy muscles alone are no overdose picture", [FLOPPY], []),
    opened(
        "after-reprogramming",
        "Slow breathing 72 hours after reprogramming is critical",
        [breaths(8), reprogrammed("2026-06-12T10:00:00Z")],
        CRITICAL,
        says=["72 hours"],
    ),
    opened("reprogramming-73-hours", "Reprogramming 73 hours ago does not make slow breathing critical", [breaths(8), reprogrammed("2026-06-12T09:00:00Z")], WARNING),
    opened("old-sign", "Slow breathing of 25 hours ago does not count", [breaths(8, "2026-06-14T09:00:00Z")], []),
    opened("sign-24-hours", "Slow breathing of 24 hours ago counts", [breaths(8, "2026-06-14T10:00:00Z")], WARNING),
    opened(
        "newer-normal", "A newer normal respiratory rate silences the slow one", [breaths(8, "2026-06-15T06:00:00Z"), vital("better", "9279-1", 16, "/min")], []
    ),
    opened(
        "hides-withdrawal",
        "Stupor and floppy muscles after reprogramming are an overdose, and withdrawal is not told",
        [SLEEPY, FLOPPY, reprogrammed("2026-06-14")],
        CRITICAL,
    ),
    opened(
        "raised-tone-shows-both",
        "Slow breathing with rigid muscles after reprogramming brings both cards, since muscle tone decides",
        [breaths(8), RIGID, reprogrammed("2026-06-14")],
        ["itb-withdrawal-suspected critical", *CRITICAL],
        says=["withdrawal"],
    ),
    opened(
        "coded-respiratory-failure",
        "Respiratory failure as a diagnosis of today is a warning",
        [condition("failure", concept(ICD10, "J96.00", "Acute respiratory failure"), onset="2026-06-15")],
        WARNING,
    ),
    opened(
        "suspected-respiratory-failure",
        "A suspected respiratory failure alone is a note, and the record suggests it",
        [condition("failure", concept(ICD10, "J96.00", "Acute respiratory failure"), onset="2026-06-15", verification="unconfirmed")],
        [f"{RULE} info"],
        says=["record suggests"],
    ),
    opened(
        "in-words",
        "Stupor written in words alone is a warning, and the record suggests it",
        [condition("stupor", {"text": "Stupor"}, onset="2026-06-15")],
        [*WARNING, MIMIC],
        says=["record suggests"],
    ),
    opened("pump-by-words", "A pump known from words only brings the warning of overdose, and the record suggests the pump", [breaths(8)], WARNING, swap=[TEXT_PUMP], says=["record suggests"]),
    opened(
        "sedated",
        "Slow breathing under a running propofol infusion is not alerted",
        [breaths(8), FLOPPY, administration("propofol", PROPOFOL, "2026-06-15T06:00:00Z", status="in-progress", dosage=INTRAVENOUS)],
        [],
    ),
    opened("comfort-care", "Slow breathing in comfort care is not alerted", [breaths(8), FLOPPY, COMFORT], []),
    opened("child", "A child of six who breathes 9 times a minute is judged by oxygen saturation, not by rate", [breaths(9)], [], swap=[patient(birth="2020-03-02")]),
    tested("screening-bolus", "Slow breathing after a screening dose is critical even without a pump", "2026-06-14T10:00:00Z", CRITICAL, says=["test dose"]),
    tested("screening-72-hours", "A screening dose of 72 hours ago makes slow breathing critical", "2026-06-12T10:00:00Z", CRITICAL),
    tested("screening-73-hours", "A screening dose of 73 hours ago does not count any more", "2026-06-12T09:00:00Z", []),
    case(
        RULE,
        "signs-missing",
        "Without conditions and observations no sign of overdose can be seen, and that is said",
        chart_opening(pump_chart(breaths(8)), withhold=("Condition", "vitalSigns", "laboratory", "pumpObservations")),
        ["itb-not-assessed info", QUIET],
    ),
    opened(
        "bolus-in-a-pump-patient",
        "A bolus given through the pump since yesterday makes slow breathing critical",
        [administration("bolus", BACLOFEN, "2026-06-14T12:00:00Z", dosage=BOLUS_DOSE), breaths(9)],
        CRITICAL,
        says=["bolus"],
    ),
    opened(
        "bolus-four-days-ago",
        "A bolus of four days ago does not make slow breathing critical any more",
        [administration("bolus", BACLOFEN, "2026-06-11T09:00:00Z", dosage=BOLUS_DOSE), breaths(9)],
        WARNING,
    ),
]
