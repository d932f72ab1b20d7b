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
    ("meningitis", "G03.9", "Meningitis, unspecified"),
    ("nms", "G21.0", "Malignant neuroleptic syndrome"),
    ("malignant-hyperthermia", "T88.3XXA", "Malignant hyperthermia due to anesthesia"),
    ("autonomic-dysreflexia", "G90.4", "Autonomic dysreflexia"),
    ("thyroid-storm", "E05.91", "Thyrotoxicosis, unspecified with thyrotoxic crisis or storm"),
    ("sedative-withdrawal", "F13.230", "Sedative, hypnotic or anxiolytic dependence with withdrawal, uncomplicated"),
    ("delirium", "F05", "Delirium due to known physiological condition"),
    ("status-epilepticus", "G40.901", "Epilepsy, unspecified, not intractable, with status epilepticus"),
    ("rhabdomyolysis", "M62.82", "Rhabdomyolysis"),
)

CASES = [
    like("sepsis", "Sepsis in a pump patient: check the pump as well", WARNING, ill(*SEPSIS), says=["Sepsis", "tone", "Itch without rash"],
        seeds=["mimics (alcohol withdrawal, delirium, sympathomimetics, NMS, serotonin, thyrotoxicosis, rhabdomyolysis, sepsis, status epilepticus; MH, autonomic dysreflexia, meningitis)"]),
    *[like(name, f"{words.split(',')[0]}: check the pump as well", WARNING, ill(code, words)) for name, code, words in MIMICS],
    like("alcohol-withdrawal", "Alcohol withdrawal: check the pump as well, and alcohol has its own card", [f"{RULE} warning", "itb-alcohol info", QUIET],
        ill("F10.230", "Alcohol dependence with withdrawal, uncomplicated")),
    like("serotonin-syndrome", "Serotonin syndrome in words: check the pump as well; the record suggests it", WARNING, condition("ill", {"text": "Serotonin syndrome"}, onset="2026-06-14"), says=["record suggests"]),
    like("sympathomimetic", "Sympathomimetic toxicity in words: check the pump as well", WARNING, condition("ill", {"text": "Sympathomimetic toxicity"}, onset="2026-06-14"), says=["record suggests"]),
    like("seven-days", "A look-alike that began 7 days ago counts", WARNING, ill(*SEPSIS, onset="2026-06-08")),
    like("eight-days", "8 days ago does not", [QUIET], ill(*SEPSIS, onset="2026-06-07")),
    like("recorded-only", "Without an onset the recorded date counts", WARNING, ill(*SEPSIS, onset=None, recorded="2026-06-10")),
    like("encounter-reason", "An older one that is the reason of this encounter counts", WARNING, ill(*SEPSIS, onset="2026-05-20"),
        encounter(diagnosis=[{"condition": {"reference": "Condition/ill"}}]), encounter="visit"),
    like("encounter-reason-code", "A reason of the encounter counts without a diagnosis on the list", WARNING,
        encounter(reasonCode=[{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "A41.9", "display": "Sepsis, unspecified organism"}]}]), encounter="visit"),
    like("encounter-over", "The reason of a finished encounter does not", [QUIET],
        encounter(status="finished", reasonCode=[{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "A41.9"}]}]), encounter="visit"),
    like("resolved", "A resolved look-alike is none", [QUIET], ill(*SEPSIS, clinical="resolved")),
    like("resolved-reason", "Nor when it was the reason of the encounter", [QUIET], ill(*SEPSIS, onset="2026-06-10", clinical="resolved"),
        encounter(diagnosis=[{"condition": {"reference": "Condition/ill"}}]), encounter="visit"),
    like("refuted", "A refuted one is none", [QUIET], ill(*SEPSIS, verification="refuted")),
    like("suspected", "A suspected one is information; the record suggests it", INFO, ill(*SEPSIS, verification="differential"), says=["record suggests"]),
    like("kinase-alone", "High creatine kinase alone is a warning", WARNING, kinase(1000), says=["creatine kinase 1000"]),
    like("kinase-below", "A creatine kinase of 999 says nothing", [QUIET], kinase(999)),
    like("fever-alone", "Fever alone is information", INFO, temperature(38.0), says=["38 °C"]),
    like("no-fever", "37.9 °C says nothing", [QUIET], temperature(37.9)),
    like("confusion-alone", "Confusion alone is information", INFO, symptom("confusion")),
    like("sepsis-and-fever", "Sepsis with its fever stays a warning", WARNING, ill(*SEPSIS), temperature(39.1)),
    like("pump-normal-sepsis", "A normal pump check within 24 hours lowers the warning to information", INFO, ill(*SEPSIS), checked(), says=["normal pump interrogation"]),
    like("pump-normal-long-ago", "A minute more than 24 hours ago it does not", WARNING, ill(*SEPSIS), checked("2026-06-14T09:59:00Z")),
    like("pump-normal-fever", "With a normal pump check fever alone says nothing", [QUIET], temperature(38.6), checked()),
    like("pump-normal-suspected", "With a normal pump check a suspected look-alike says nothing", [QUIET], ill(*SEPSIS, verification="differential"), checked()),
    like("pump-abnormal", "An abnormal pump check lowers nothing", WARNING, ill(*SEPSIS), checked(result="abnormal")),
    like("pump-normal-then-abnormal", "Nor does a normal one that an abnormal one followed", WARNING, ill(*SEPSIS), checked(), {**checked("2026-06-14T20:00:00Z", "abnormal"), "id": "looked-2"}),
    like("outcome-normal", "A normal outcome of an interrogation procedure counts", INFO, ill(*SEPSIS),
        procedure("check", event("pump-interrogation", "Pump interrogation"), "2026-06-15T08:00:00Z", outcome={"text": "normal"})),
    like("interrogation-ordered", "With an interrogation ordered the card stays", WARNING, ill(*SEPSIS), order("look", event("pump-interrogation", "Pump interrogation"), "active")),
    like("withdrawal-suspected", "Where withdrawal is suspected, that card speaks alone", ["itb-withdrawal-suspected warning", QUIET], ill(*SEPSIS), itch()),
    like("overdose-critical", "Where a critical overdose is suspected, that card speaks alone", ["itb-overdose-suspected critical", QUIET],
        ill(*SEPSIS), tone("flaccid"), pump_data("coma", "consciousness", HOUR_AGO, "coma")),
    like("overdose-warning", "An overdose warning hides nothing", [f"{RULE} warning", "itb-overdose-suspected warning", QUIET], ill(*SEPSIS), pump_data("sleepy", "consciousness", HOUR_AGO, "somnolent")),
    like("after-removal", "Sepsis after the pump was taken out", [f"{RULE} warning", "itb-recent-explant warning"], ill(*SEPSIS), procedure("out", REMOVE, "2026-06-10"), says=["after removal"]),
    like("no-pump", "Without a pump there is nothing to check", [], ill(*SEPSIS), drop=("pump-1", "itb-1", "refill-1", "alarm-1", "concentration-1", "volume-1", "implant-1")),
    like("conditions-missing", "Without conditions only measured signs are seen, and that is said", ["itb-not-assessed info", QUIET], ill(*SEPSIS), withhold=("Condition",)),
]
