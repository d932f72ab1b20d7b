"""R53 itb-pregnancy."""

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

RULE = "itb-pregnancy"
INFO, QUIET = f"{RULE} info", "itb-pump-summary info"


def c(name, title, resources, cards, **more):
    return case(RULE, name, title, chart_opening(resources, **more.pop("request", {})), cards, **more)


def pregnant(code="Z33.1", text="Pregnant state, incidental", onset="2026-04-01", id="pregnancy", **more):
    return condition(id, concept(ICD10, code, text), onset=onset, **more)


def status(value, at="2026-06-01"):
    code = {"positive": ("77386006", "Pregnant"), "negative": ("60001007", "Not pregnant")}[value]
    return observation("status-1", concept(LOINC, "82810-3", "Pregnancy status"), at, (SNOMED, *code))


def due(date):
    return observation("edd-1", concept(LOINC, "11778-8", "Delivery date Estimated"), "2026-06-01", f"@{date}")


CASES = [
    c("on-the-problem-list", "Pregnancy on the problem list of a pump patient is a note", pump_chart(pregnant()), [INFO, QUIET], says=["delivery"]),
    c("supervision-code", "A visit to supervise a pregnancy is a note", pump_chart(pregnant("Z34.00", "Supervision of normal first pregnancy")), [INFO, QUIET]),
    c("status-positive", "A pregnancy status of pregnant is a note", pump_chart(status("positive")), [INFO, QUIET]),
    c("status-negative", "A pregnancy status of not pregnant brings no card", pump_chart(status("negative")), [QUIET]),
    c("due-today", "An estimated date of delivery that is today is a note", pump_chart(due("2026-06-15")), [INFO, QUIET]),
    c("due-yesterday", "An estimated date of delivery that was yesterday brings no card when nothing else tells of pregnancy", pump_chart(due("2026-06-14")), [QUIET]),
    c("due-later", "An estimated date of delivery in autumn is shown on the note", pump_chart(due("2026-10-20")), [INFO, QUIET], says=["20 Oct 2026"]),
    c("ended", "A pregnancy that has ended brings no card", pump_chart(pregnant(abatementDateTime="2026-06-01")), [QUIET]),
    c("delivered-since", "A pregnancy with a delivery on the list since then brings no card", pump_chart(pregnant(), pregnant("O80", "Encounter for full-term uncomplicated delivery", "2026-06-10", "delivery")), [QUIET]),
    c("delivered-before", "A delivery years ago does not end this pregnancy", pump_chart(pregnant(), pregnant("O80", "Encounter for full-term uncomplicated delivery", "2022-06-10", "delivery")), [INFO, QUIET]),
    c("negative-since", "A later status of not pregnant silences the pregnancy on the list", pump_chart(pregnant(), status("negative")), [QUIET]),
    c("300-days-ago", "A pregnancy entered 300 days ago still counts", pump_chart(pregnant(onset="2025-08-19")), [INFO, QUIET]),
    c("301-days-ago", "A pregnancy entered 301 days ago is over", pump_chart(pregnant(onset="2025-08-18")), [QUIET]),
    c("in-words", "A pregnancy written in words only is a note", pump_chart(condition("pregnancy", {"text": "Pregnancy, second trimester"}, onset="2026-04-01")), [INFO, QUIET], says=["record suggests"]),
    c("no-pump", "A pregnancy in a patient without a pump brings no card", [patient(), pregnant()], []),
    c("conditions-withheld", "Without the condition list no pregnancy is claimed, and the answer says what was not seen", pump_chart(), ["itb-not-assessed info", QUIET], request={"withhold": ("Condition",)}),
]  # fmt: skip
