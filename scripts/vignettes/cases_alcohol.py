"""R31 itb-alcohol."""

from __future__ import annotations

from build import case
from patient import ICD10
from patient import LOINC
from patient import SNOMED
from patient import chart_opening
from patient import concept
from patient import condition
from patient import observation
from patient import patient
from patient import pump_chart

RULE = "itb-alcohol"
QUIET = "itb-pump-summary info"


def opened(name, title, entries, fires, **more):
    swap = more.pop("swap", ())
    return case(RULE, name, title, chart_opening(pump_chart(*entries, swap=swap)), [*([f"{RULE} info"] if fires else []), QUIET], **more)


def dependence(code="F10.20", words="Alcohol dependence, uncomplicated", **more):
    return condition("alcohol", concept(ICD10, code, words), onset="2019-01-01", **more)


def score(number, at="2026-03-01"):
    return observation("audit", concept(LOINC, "75626-2"), at, number)


MAN, UNKNOWN = patient(gender="male"), patient(gender="unknown")

CASES = [
    opened("dependence", "Alcohol dependence on the list is a note", [dependence()], True, says=["alcohol dependence"]),
    opened("snomed", "Alcoholism on the list, coded another way, is a note", [condition("alcohol", concept(SNOMED, "7200002", "Alcoholism"), onset="2019-01-01")], True),
    opened(
        "in-words",
        "Alcohol dependence written in words only is a note, and the card says that the record suggests it",
        [condition("alcohol", {"text": "Alcohol dependence"}, onset="2019-01-01")],
        True,
        says=["record suggests"],
    ),
    opened("remission-code", "Alcohol dependence in remission is not alerted", [dependence("F10.21", "Alcohol dependence, in remission")], False),
    opened("remission-status", "Alcohol dependence whose status is remission is not alerted", [dependence(clinical="remission")], False),
    opened("resolved", "A resolved alcohol dependence is not alerted", [dependence(clinical="resolved")], False),
    opened("refuted", "An alcohol dependence that was refuted is not alerted", [dependence(verification="refuted")], False),
    opened("woman-3", "An AUDIT-C of 3 in a woman is a note", [score(3)], True, says=["AUDIT-C 3"]),
    opened("woman-2", "An AUDIT-C of 2 in a woman brings no card", [score(2)], False),
    opened("man-4", "An AUDIT-C of 4 in a man is a note", [score(4)], True, swap=[MAN]),
    opened("man-3", "An AUDIT-C of 3 in a man brings no card", [score(3)], False, swap=[MAN]),
    opened("unknown-3", "An AUDIT-C of 3 in a person of unknown sex brings no card", [score(3)], False, swap=[UNKNOWN]),
    opened("twelve-months", "An AUDIT-C of twelve months ago counts", [score(6, "2025-06-15")], True),
    opened("older-than-twelve-months", "An AUDIT-C of twelve months and a day ago does not count", [score(6, "2025-06-14")], False),
    opened(
        "newer-low-score",
        "A newer low AUDIT-C score silences the older high one",
        [{**score(8), "id": "audit-old", "effectiveDateTime": "2025-12-01"}, score(1)],
        False,
    ),
    opened("social-drinker", "A social drinker is not alerted", [condition("alcohol", {"text": "Social drinker"}, onset="2019-01-01")], False),
    case(
        RULE,
        "conditions-missing",
        "Without the condition list nothing is said of alcohol, but the card says what was not seen",
        chart_opening(pump_chart(dependence()), withhold=("Condition",)),
        ["itb-not-assessed info", QUIET],
    ),
]
