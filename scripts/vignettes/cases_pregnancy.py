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
    c("on-the-problem-list", "Pregnancy on the problem list: information", pump_chart(pregnant()), [INFO, QUIET], says=["delivery"]),
    c("supervision-code", "Supervision of pregnancy: information", pump_chart(pregnant("Z34.00", "Supervision of normal first pregnancy")), [INFO, QUIET]),
    c("status-positive", "Pregnancy status positive: information", pump_chart(status("positive")), [INFO, QUIET]),
    c("status-negative", "Pregnancy status negative: nothing", pump_chart(status("negative")), [QUIET]),
    c("due-today", "Estimated date of delivery is today: information", pump_chart(due("2026-06-15")), [INFO, QUIET]),
    c("due-yesterday", "Estimated date of delivery was yesterday and nothing else says pregnant", pump_chart(due("2026-06-14")), [QUIET]),
    c("due-later", "Estimated date of delivery in autumn is shown", pump_chart(due("2026-10-20")), [INFO, QUIET], says=["20 Oct 2026"]),
    c("ended", "The pregnancy ended", pump_chart(pregnant(abatementDateTime="2026-06-01")), [QUIET]),
    c("delivered-since", "A delivery is on the list since", pump_chart(pregnant(), pregnant("O80", "Encounter for full-term uncomplicated delivery", "2026-06-10", "delivery")), [QUIET]),
    c("delivered-before", "A delivery years ago does not end this pregnancy", pump_chart(pregnant(), pregnant("O80", "Encounter for full-term uncomplicated delivery", "2022-06-10", "delivery")), [INFO, QUIET]),
    c("negative-since", "A later negative status silences the entry", pump_chart(pregnant(), status("negative")), [QUIET]),
    c("300-days-ago", "An entry of 300 days ago still counts", pump_chart(pregnant(onset="2025-08-19")), [INFO, QUIET]),
    c("301-days-ago", "An entry of 301 days ago is over", pump_chart(pregnant(onset="2025-08-18")), [QUIET]),
    c("in-words", "Pregnancy in words only", pump_chart(condition("pregnancy", {"text": "Pregnancy, second trimester"}, onset="2026-04-01")), [INFO, QUIET], says=["record suggests"]),
    c("no-pump", "Pregnancy without a pump", [patient(), pregnant()], []),
    c("conditions-withheld", "Conditions were not delivered: nothing is claimed, and the answer says what was not seen", pump_chart(), ["itb-not-assessed info", QUIET], request={"withhold": ("Condition",)}),
]  # fmt: skip
