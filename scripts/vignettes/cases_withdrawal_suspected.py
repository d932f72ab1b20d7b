"""R09 itb-withdrawal-suspected."""

from __future__ import annotations

from build import case
from drugs import EPILEPSY
from drugs import PROPOFOL
from drugs import SEIZURE
from patient import SNOMED
from patient import administration
from patient import concept
from patient import condition
from patient import itb_statement
from patient import observation
from patient import patient
from patient import procedure
from patient import pump_data
from telemetry import HOUR_AGO
from telemetry import OVERDUE
from telemetry import QUIET
from telemetry import REMOVE
from telemetry import REPROGRAM
from telemetry import ashworth
from telemetry import body_value
from telemetry import coma_score
from telemetry import fault
from telemetry import heart_rate
from telemetry import ill
from telemetry import itch
from telemetry import kinase
from telemetry import of_text
from telemetry import opened
from telemetry import symptom
from telemetry import systolic
from telemetry import temperature
from telemetry import tone

RULE = "itb-withdrawal-suspected"
CRITICAL, WARNING = [f"{RULE} critical", QUIET], [f"{RULE} warning", QUIET]
MIMIC = ["itb-withdrawal-mimic info", QUIET]
CATHETER = ill("T85.610A", "Breakdown (mechanical) of cranial or spinal infusion catheter", id="catheter")
RASH = ill("L50.9", "Urticaria, unspecified", id="rash")
ITCHING = ("L29.9", "Pruritus, unspecified")


def seen(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def with_itch(name, title, counts, *more, **how):
    """Beside itch, a sign that counts makes the picture critical; one that does not leaves the warning for itch."""
    return seen(name, title, CRITICAL if counts else WARNING, itch(), *more, **how)


def child(birth):
    return {"swap": [patient(birth=birth)]}


REPROGRAMMED = procedure("program", REPROGRAM, "2026-06-14")
SCANNED = procedure("mri", concept(SNOMED, "113091000", "Magnetic resonance imaging"), "2026-06-14T09:00:00Z")

CASES = [
    # Rule 1: delivery is interrupted
    seen("overdue-and-fever", "An overdue refill with fever is critical", ["itb-refill-due critical", *CRITICAL], temperature(38.6), swap=[OVERDUE], says=["refill overdue", "38.6 °C"]),
    seen("overdue-and-itch", "An overdue refill with itch is critical", ["itb-refill-due critical", *CRITICAL], itch(), swap=[OVERDUE], says=["itch without rash"]),
    seen("fault-and-confusion", "A stopped pump motor with new confusion is critical", ["itb-device-fault critical", *CRITICAL], fault("motor-stall"), symptom("confusion"), says=["pump fault"]),
    seen("catheter-and-tone", "A broken catheter with rising muscle tone is critical", ["itb-catheter-problem critical", *CRITICAL], CATHETER, tone(), says=["catheter problem"]),
    seen("end-of-service-and-kinase", "A pump past its service life with a high creatine kinase is critical", ["itb-pump-end-of-service critical", *CRITICAL],
        pump_data("eri", "elective-replacement-date", "2026-06-01", "@2026-03-01"), kinase(2400), says=["end of its service"]),
    seen("stopped-and-itch", "Stopped intrathecal baclofen with itch is critical", [f"{RULE} critical", "itb-intrathecal-stop critical", QUIET], itch(),
        swap=[itb_statement(end="2026-06-12", status="stopped")]),
    seen("taken-out-and-seizure", "A pump taken out 14 days ago with a seizure is critical", [f"{RULE} critical", "itb-recent-explant warning"],
        procedure("out", REMOVE, "2026-06-01"), condition("seizure", SEIZURE, onset="2026-06-14"), says=["taken out"]),
    seen("taken-out-fifteen-days", "A patient whose pump was taken out 15 days ago is no pump patient any more", [], procedure("out", REMOVE, "2026-05-31"), temperature(38.6), drop=("itb-1",)),
    seen("reprogrammed-and-fever", "Fever alone after work on the pump is a warning, as it is common then", WARNING, REPROGRAMMED, temperature(38.6)),
    seen("reprogrammed-and-itch", "Itch after work on the pump is critical", CRITICAL, REPROGRAMMED, itch()),
    seen("reprogrammed-fever-and-confusion", "Fever and confusion after work on the pump are critical", CRITICAL, REPROGRAMMED, temperature(38.6), symptom("confusion")),
    seen("scanned-and-confused", "Confusion after an MRI without a pump check is critical", [f"{RULE} critical", "itb-post-mri-check warning", QUIET], SCANNED, symptom("confusion"), says=["MRI"]),
    seen("fault-and-reprogrammed-and-fever", "Fever alone after work on the pump is critical when the pump has a fault as well", ["itb-device-fault critical", *CRITICAL],
        fault("motor-stall", "2026-06-14T20:00:00Z"), REPROGRAMMED, temperature(38.6)),
    # Rule 2: two kinds of signs
    seen("fever-and-itch", "Fever with itch without rash is critical, though nothing is wrong with the pump on record", CRITICAL, temperature(39.4), itch(),
        says=["39.4 °C", "itch without rash", "benzodiazepine", "lumbar puncture", "bridge that often fails", "6 deaths among 27 reports by April 2002", "X-ray"],
        seeds=["mild/severe symptom grades, cardiomyopathy, rhabdomyolysis, 43 °C, DIC, arrest",
               "treatment ladder: ABC, restore ITB, high-dose benzodiazepine, enteral baclofen, dexmedetomidine, tizanidine, LP rescue, intubation/ICU",
               "imaging (X-ray, fluoroscopy, CT) and consultants early", "death reports 6/27, FDA warning April 2002"]),
    seen("confusion-and-tone", "New confusion with rising muscle tone is critical", CRITICAL, symptom("confusion"), tone()),
    seen("kinase-and-fever", "A high creatine kinase with fever is critical", CRITICAL, kinase(5000), temperature(38.6)),
    seen("cardiomyopathy-and-fever", "A new cardiomyopathy with fever is critical", CRITICAL, ill("I42.9", "Cardiomyopathy, unspecified"), temperature(38.6)),
    seen("clotting-and-seizure", "Disseminated clotting with a seizure is critical", CRITICAL, ill("D65", "Disseminated intravascular coagulation"), condition("seizure", SEIZURE, onset="2026-06-14")),
    seen("extreme-fever", "A temperature of 43 °C with rigidity is critical", CRITICAL, temperature(43), tone("rigidity")),
    seen("low-dose", "A low dose never makes suspected withdrawal less urgent", CRITICAL, temperature(38.6), itch(), swap=[itb_statement(dose=60)]),
    # Rules 3 to 5
    seen("fever-and-confusion", "Fever with confusion and no other sign is a warning", WARNING, temperature(38.6), symptom("confusion")),
    seen("itch-only", "Itch without rash as the only sign is a warning of early withdrawal or loss of effect", WARNING, itch(), says=["early baclofen withdrawal"]),
    seen("tone-only", "Rising muscle tone as the only sign is a warning", WARNING, tone()),
    seen("tone-and-anxiety", "Rising muscle tone with anxiety is a warning", WARNING, tone(), symptom("anxiety")),
    seen("fever-only", "Fever as the only sign is left to the card on look-alikes", MIMIC, temperature(38.6)),
    seen("confusion-only", "Confusion as the only sign is left to the card on look-alikes", MIMIC, symptom("confusion")),
    seen("kinase-only", "A high creatine kinase as the only sign is left to the card on look-alikes", ["itb-withdrawal-mimic warning", QUIET], kinase(5000)),
    # Boundaries
    with_itch("fever-38-0", "A temperature of 38.0 °C is fever", True, temperature(38.0)),
    with_itch("fever-37-9", "A temperature of 37.9 °C is no fever", False, temperature(37.9)),
    with_itch("fever-fahrenheit", "A temperature of 100.4 °F is read as 38.0 °C", True, temperature(100.4, unit="[degF]")),
    with_itch("fever-without-unit", "A temperature without a unit is not taken as fever", False, temperature(39, unit=None)),
    with_itch("heart-rate-120", "A heart rate of 120 from 12 years on is a sign of withdrawal", True, heart_rate(120)),
    with_itch("heart-rate-119", "A heart rate of 119 is no sign of withdrawal", False, heart_rate(119)),
    with_itch("heart-rate-at-twelve", "A heart rate of 120 on the twelfth birthday is a sign of withdrawal", True, heart_rate(120), **child("2014-06-15")),
    with_itch("heart-rate-before-twelve", "A heart rate of 120 on the day before the twelfth birthday is no sign of withdrawal", False, heart_rate(129), **child("2014-06-16")),
    with_itch("heart-rate-child-130", "A heart rate of 130 from 6 to 11 years is a sign of withdrawal", True, heart_rate(130), **child("2018-01-10")),
    with_itch("heart-rate-small-child-139", "A heart rate of 139 from 4 to 5 years is no sign of withdrawal", False, heart_rate(139), **child("2021-01-10")),
    with_itch("heart-rate-small-child-140", "A heart rate of 140 from 4 to 5 years is a sign of withdrawal", True, heart_rate(140), **child("2021-01-10")),
    with_itch("systolic-180", "A systolic pressure of 180 is a sign of withdrawal", True, systolic(180)),
    with_itch("systolic-179", "A systolic pressure of 179 is no sign of withdrawal", False, systolic(179)),
    with_itch("systolic-89", "A systolic pressure of 89 is a sign of withdrawal", True, systolic(89)),
    with_itch("systolic-90", "A systolic pressure of 90 is no sign of withdrawal", False, systolic(90)),
    with_itch("kinase-1000", "A creatine kinase of 1000 is a sign of withdrawal", True, kinase(1000)),
    with_itch("kinase-999", "A creatine kinase of 999 is no sign of withdrawal", False, kinase(999)),
    with_itch("coma-score-14", "A coma score of 14 without an earlier value is a sign of withdrawal", True, coma_score(14)),
    with_itch("coma-score-15", "A coma score of 15 is no sign of withdrawal", False, coma_score(15)),
    with_itch("coma-score-fall-of-two", "A coma score 2 below the earlier value is a sign of withdrawal", True, coma_score(13), coma_score(15, "2026-06-10", "gcs-before")),
    with_itch("coma-score-fall-of-one", "A coma score 1 below the earlier value is no sign of withdrawal", False, coma_score(13), coma_score(14, "2026-06-10", "gcs-before")),
    with_itch("fever-24-hours", "A fever of 24 hours ago counts", True, temperature(38.6, "2026-06-14T10:00:00Z")),
    with_itch("fever-before-24-hours", "A fever a minute older than 24 hours does not count", False, temperature(38.6, "2026-06-14T09:59:00Z")),
    with_itch("fever-gone", "A later normal temperature silences an older fever", False, temperature(38.6, "2026-06-15T06:00:00Z"), {**temperature(37.0), "id": "temperature-2"}),
    with_itch("kinase-72-hours", "A creatine kinase of 72 hours ago counts", True, kinase(2000, "2026-06-12T10:00:00Z")),
    with_itch("kinase-before-72-hours", "A creatine kinase a minute older than 72 hours does not count", False, kinase(2000, "2026-06-12T09:59:00Z")),
    seen("itch-72-hours", "Itch of 72 hours ago counts", WARNING, itch(at="2026-06-12T10:00:00Z")),
    seen("itch-before-72-hours", "Itch a minute older than 72 hours does not count", [QUIET], itch(at="2026-06-12T09:59:00Z")),
    seen("condition-seven-days", "A diagnosis of itch 7 days old counts", WARNING, ill(*ITCHING, onset="2026-06-08")),
    seen("condition-eight-days", "A diagnosis of itch 8 days old does not count", [QUIET], ill(*ITCHING, onset="2026-06-07")),
    seen("condition-old-onset", "A diagnosis of itch that began long ago does not count, though it was recorded now", [QUIET], ill(*ITCHING, onset="2025-06-07", recorded="2026-06-14")),
    seen("condition-undated", "A diagnosis of itch without a date is not known to be new", [QUIET], ill(*ITCHING, onset=None)),
    seen("ashworth-one-grade", "Spasticity one Modified Ashworth grade above a value 7 days older is a warning", WARNING, ashworth(3, "2026-06-14", "mas-2"), ashworth(2, "2026-06-07", "mas-1"), says=["Modified Ashworth"]),
    seen("ashworth-half-grade", "Spasticity half a Modified Ashworth grade above an earlier value is no sign", [QUIET], ashworth(2.5, "2026-06-14", "mas-2"), ashworth(2, "2026-06-07", "mas-1")),
    seen("ashworth-six-days", "A Modified Ashworth value only 6 days older is too near to compare", [QUIET], ashworth(3, "2026-06-14", "mas-2"), ashworth(2, "2026-06-08", "mas-1")),
    # What does not count
    seen("heart-rate-alone-110", "A heart rate of 110 alone is no sign of withdrawal", [QUIET], heart_rate(110)),
    seen("liver-enzyme", "A raised liver enzyme alone is no sign of withdrawal", [QUIET], body_value("ast", "1920-8", HOUR_AGO, 300, "U/L")),
    seen("long-standing-spasticity", "Long-standing spasticity is no sign of withdrawal", [QUIET], condition("spastic", concept(SNOMED, "221360009", "Spasticity"), onset="2015-04-01")),
    seen("contracture", "A contracture is no sign of withdrawal", [QUIET], condition("contracture", {"text": "Contracture of ankle"}, onset="2026-06-14")),
    seen("tone-seen-today", "Increased muscle tone seen today counts, even with spasticity on the list", WARNING,
        condition("spastic", concept(SNOMED, "221360009", "Spasticity"), onset="2015-04-01"), observation("hypertonia", concept(SNOMED, "56731001", "Increased muscle tone"), HOUR_AGO)),
    seen("itch-with-urticaria", "Itch with hives on the list is explained and does not count", [QUIET], itch(), RASH),
    seen("itch-with-rash", "Itch recorded with a rash is explained and does not count", [QUIET], itch("with-rash")),
    seen("itch-after-old-rash", "A rash of last month does not explain itch now", WARNING, itch(), ill("L50.9", "Urticaria, unspecified", onset="2026-05-10", id="rash")),
    seen("known-epilepsy", "A seizure in known epilepsy is explained and does not count", [QUIET], condition("epilepsy", EPILEPSY, onset="2010-01-01"), observation("fit", concept(SNOMED, "91175000", "Seizure"), HOUR_AGO)),
    seen("symptom-gone", "A later entry of no symptom silences the older symptom", [QUIET], symptom("paraesthesia", "2026-06-14T09:00:00Z"), symptom("none", id="symptom-2")),
    seen("under-sedation", "Confusion under a running propofol infusion does not count, but fever does", MIMIC,
        administration("propofol", PROPOFOL, "2026-06-15T07:00:00Z", "in-progress"), symptom("confusion"), temperature(38.6)),
    seen("finding-absent", "Itch that is recorded as absent does not count", [QUIET], itch("absent")),
    seen("in-error", "A temperature entered in error does not count", WARNING, itch(), temperature(39, status="entered-in-error")),
    # Suspected, text, other representations
    seen("suspected-itch-and-fever", "Fever with an itch that is only suspected is a warning instead of critical", WARNING, ill(*ITCHING, verification="unconfirmed"), temperature(38.6), says=["suspected, not confirmed", "record suggests"]),
    seen("suspected-itch-only", "Itch that is only suspected is a note when it is the only sign", [f"{RULE} info", QUIET], ill(*ITCHING, verification="differential")),
    seen("suspected-beside-confirmed", "A suspected sign beside two confirmed ones leaves the card critical", CRITICAL, itch(), temperature(38.6), ill("F05", "Delirium", verification="unconfirmed")),
    seen("itch-in-words", "Itch that only words name is a warning, and the record suggests it", WARNING, of_text("itching", "Pruritus"), says=["record suggests"]),
    seen("itch-by-snomed", "Itch coded another way is a warning", WARNING, observation("itching", concept(SNOMED, "418363000", "Itching of skin"), HOUR_AGO)),
    seen("free-text-only", "Signs in free text alone never make a critical card", WARNING,
        pump_data("s1", "symptom", HOUR_AGO, None, valueString="confusion"), pump_data("s2", "symptom", HOUR_AGO, None, valueString="paraesthesia"), says=["record suggests"]),
    seen("free-text-and-fever", "Signs in free text together with a measured fever may make a critical card", CRITICAL, pump_data("s2", "symptom", HOUR_AGO, None, valueString="paraesthesia"), temperature(38.6), says=["record suggests"]),
    seen("probable-pump", "Fever with itch in a patient with a probable pump is critical, and the record suggests the pump", CRITICAL, itch(), temperature(38.6), drop=("pump-1",), says=["record suggests"]),
    # Suppression
    seen("overdose-explains", "A floppy, unrousable patient with fever gets the overdose card instead", ["itb-overdose-suspected critical", QUIET],
        tone("flaccid"), pump_data("coma", "consciousness", HOUR_AGO, "coma"), temperature(38.6)),
    seen("overdose-with-clonus", "A patient with signs of overdose and clonus gets both cards, since muscle tone decides", [f"{RULE} critical", "itb-overdose-suspected critical", QUIET],
        tone("clonus"), pump_data("coma", "consciousness", HOUR_AGO, "coma"), heart_rate(45)),
    seen("overdose-warning", "A mere overdose warning does not hide suspected withdrawal", [f"{RULE} warning", "itb-overdose-suspected warning", QUIET],
        pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent"), temperature(38.6)),
    seen("hides-mimic", "Sepsis beside fever and itch is left to the withdrawal card", CRITICAL, itch(), temperature(38.6), ill("A41.9", "Sepsis, unspecified organism")),
    seen("hides-loss-of-effect", "A warning of withdrawal leaves no room for thoughts on a high dose", WARNING, itch(), swap=[itb_statement(dose=1100)]),
    seen("nothing-delivered", "Without conditions and observations no sign of withdrawal is seen, and that is said", ["itb-not-assessed info", QUIET], itch(), temperature(38.6), withhold=("Condition", "Observation")),
    seen("oral-only", "A patient who takes baclofen tablets and has no pump gets no card", [], itch(), temperature(38.6), drop=("pump-1", "itb-1", "refill-1", "alarm-1", "concentration-1", "volume-1", "implant-1")),
]
