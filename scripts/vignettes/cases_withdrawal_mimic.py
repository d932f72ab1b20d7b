"""R10 itb-withdrawal-mimic."""

from __future__ import annotations

from build import case
from patient import condition
from patient import event
from patient import order
from patient import procedure
from patient import pump_data
from telemetry import HOUR_AGO
from telemetry import QUIET
from telemetry import REMOVE
from telemetry import encounter
from telemetry import ill
from telemetry import itch
from telemetry import kinase
from telemetry import opened
from telemetry import symptom
from telemetry import temperature
from telemetry import tone

RULE = "itb-withdrawal-mimic"
WARNING, INFO = [f"{RULE} warning", QUIET], [f"{RULE} info", QUIET]
SEPSIS = ("A41.9", "Sepsis, unspecified organism")


def like(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def checked(at="2026-06-14T10:00:00Z", result="normal"):
    return pump_data("looked", "interrogation-result", at, result)


MIMICS = (
    ("meningitis", "Meningitis", "G03.9", "Meningitis, unspecified"),
    ("nms", "Neuroleptic malignant syndrome", "G21.0", "Malignant neuroleptic syndrome"),
    ("malignant-hyperthermia", "Malignant hyperthermia", "T88.3XXA", "Malignant hyperthermia due to anesthesia"),
    ("autonomic-dysreflexia", "Autonomic dysreflexia", "G90.4", "Autonomic dysreflexia"),
    ("thyroid-storm", "Thyroid storm", "E05.91", "Thyrotoxicosis, unspecified with thyrotoxic crisis or storm"),
    ("sedative-withdrawal", "Withdrawal of a sedative", "F13.230", "Sedative, hypnotic or anxiolytic dependence with withdrawal, uncomplicated"),
    ("delirium", "Delirium", "F05", "Delirium due to known physiological condition"),
    ("status-epilepticus", "Status epilepticus", "G40.901", "Epilepsy, unspecified, not intractable, with status epilepticus"),
    ("rhabdomyolysis", "Rhabdomyolysis", "M62.82", "Rhabdomyolysis"),
)

CASES = [
    like("sepsis", "Sepsis in a pump patient is a warning to check the pump as well", WARNING, ill(*SEPSIS), says=["Sepsis", "tone", "Itch without rash"],
        seeds=["mimics (alcohol withdrawal, delirium, sympathomimetics, NMS, serotonin, thyrotoxicosis, rhabdomyolysis, sepsis, status epilepticus; MH, autonomic dysreflexia, meningitis)"]),
    *[like(name, f"{plain} is a warning to check the pump as well", WARNING, ill(code, words)) for name, plain, code, words in MIMICS],
    like("alcohol-withdrawal", "Alcohol withdrawal is a warning to check the pump as well, and alcohol has its own card", [f"{RULE} warning", "itb-alcohol info", QUIET],
        ill("F10.230", "Alcohol dependence with withdrawal, uncomplicated")),
    like("serotonin-syndrome", "Serotonin syndrome written in words is a warning to check the pump as well, and the record suggests it", WARNING, condition("ill", {"text": "Serotonin syndrome"}, onset="2026-06-14"), says=["record suggests"]),
    like("sympathomimetic", "Sympathomimetic toxicity written in words is a warning to check the pump as well", WARNING, condition("ill", {"text": "Sympathomimetic toxicity"}, onset="2026-06-14"), says=["record suggests"]),
    like("seven-days", "A look-alike of withdrawal that began 7 days ago is a warning", WARNING, ill(*SEPSIS, onset="2026-06-08")),
    like("eight-days", "A look-alike of withdrawal that began 8 days ago is not alerted", [QUIET], ill(*SEPSIS, onset="2026-06-07")),
    like("recorded-only", "A look-alike without an onset counts from the day it was recorded", WARNING, ill(*SEPSIS, onset=None, recorded="2026-06-10")),
    like("encounter-reason", "An older look-alike that is the reason of this visit is a warning", WARNING, ill(*SEPSIS, onset="2026-05-20"),
        encounter(diagnosis=[{"condition": {"reference": "Condition/ill"}}]), encounter="visit"),
    like("encounter-reason-code", "A look-alike named as the reason of the visit counts without a diagnosis on the list", WARNING,
        encounter(reasonCode=[{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "A41.9", "display": "Sepsis, unspecified organism"}]}]), encounter="visit"),
    like("encounter-over", "A look-alike that was the reason of a finished visit does not count", [QUIET],
        encounter(status="finished", reasonCode=[{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "A41.9"}]}]), encounter="visit"),
    like("resolved", "A look-alike that is resolved is not alerted", [QUIET], ill(*SEPSIS, clinical="resolved")),
    like("resolved-reason", "A resolved look-alike is not alerted when it was the reason of the visit either", [QUIET], ill(*SEPSIS, onset="2026-06-10", clinical="resolved"),
        encounter(diagnosis=[{"condition": {"reference": "Condition/ill"}}]), encounter="visit"),
    like("refuted", "A look-alike that was refuted is not alerted", [QUIET], ill(*SEPSIS, verification="refuted")),
    like("suspected", "A look-alike that is only suspected is a note, and the record suggests it", INFO, ill(*SEPSIS, verification="differential"), says=["record suggests"]),
    like("kinase-alone", "A high creatine kinase alone is a warning", WARNING, kinase(1000), says=["creatine kinase 1000"]),
    like("kinase-below", "A creatine kinase of 999 is not alerted", [QUIET], kinase(999)),
    like("fever-alone", "Fever alone in a pump patient is a note", INFO, temperature(38.0), says=["38 °C"]),
    like("no-fever", "A temperature of 37.9 °C is not alerted", [QUIET], temperature(37.9)),
    like("confusion-alone", "New confusion alone in a pump patient is a note", INFO, symptom("confusion")),
    like("sepsis-and-fever", "Sepsis together with its fever stays a warning", WARNING, ill(*SEPSIS), temperature(39.1)),
    like("pump-normal-sepsis", "A normal pump check within 24 hours makes sepsis a note instead of a warning", INFO, ill(*SEPSIS), checked(), says=["normal pump interrogation"]),
    like("pump-normal-long-ago", "A normal pump check a minute more than 24 hours ago leaves sepsis a warning", WARNING, ill(*SEPSIS), checked("2026-06-14T09:59:00Z")),
    like("pump-normal-fever", "Fever alone is not alerted after a normal pump check", [QUIET], temperature(38.6), checked()),
    like("pump-normal-suspected", "A suspected look-alike is not alerted after a normal pump check", [QUIET], ill(*SEPSIS, verification="differential"), checked()),
    like("pump-abnormal", "An abnormal pump check leaves sepsis a warning", WARNING, ill(*SEPSIS), checked(result="abnormal")),
    like("pump-normal-then-abnormal", "A normal pump check that an abnormal one followed leaves sepsis a warning", WARNING, ill(*SEPSIS), checked(), {**checked("2026-06-14T20:00:00Z", "abnormal"), "id": "looked-2"}),
    like("outcome-normal", "A procedure that checked the pump with a normal outcome makes sepsis a note", INFO, ill(*SEPSIS),
        procedure("check", event("pump-interrogation", "Pump interrogation"), "2026-06-15T08:00:00Z", outcome={"text": "normal"})),
    like("interrogation-ordered", "A pump check that is only ordered leaves sepsis a warning", WARNING, ill(*SEPSIS), order("look", event("pump-interrogation", "Pump interrogation"), "active")),
    like("withdrawal-suspected", "Sepsis beside suspected withdrawal is left to the withdrawal card", ["itb-withdrawal-suspected warning", QUIET], ill(*SEPSIS), itch()),
    like("overdose-critical", "Sepsis beside a critical overdose is left to the overdose card", ["itb-overdose-suspected critical", QUIET],
        ill(*SEPSIS), tone("flaccid"), pump_data("coma", "consciousness", HOUR_AGO, "coma")),
    like("overdose-warning", "Sepsis beside a mere overdose warning is told as well", [f"{RULE} warning", "itb-overdose-suspected warning", QUIET], ill(*SEPSIS), pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent")),
    like("after-removal", "Sepsis days after the pump was taken out is a warning to think of withdrawal", [f"{RULE} warning", "itb-recent-explant warning"], ill(*SEPSIS), procedure("out", REMOVE, "2026-06-10"), says=["after removal"]),
    like("no-pump", "Sepsis in a patient without a pump is not alerted", [], ill(*SEPSIS), drop=("pump-1", "itb-1", "refill-1", "alarm-1", "concentration-1", "volume-1", "implant-1")),
    like("conditions-missing", "Without conditions only measured signs are seen, and that is said", ["itb-not-assessed info", QUIET], ill(*SEPSIS), withhold=("Condition",)),
]
