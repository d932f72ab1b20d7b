"""R36 itb-order-screening."""

from __future__ import annotations

from build import case
from insertion import bolus
from insertion import itb_draft
from patient import device
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity

RULE = "itb-order-screening"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"
SEED = "screening 50 µg, 4–8 h observation, doubling; titration 10–30 % / 5–15 %; 90–703 and 300–800 µg/day; lowest effective dose"
YESTERDAY = "2026-06-14T10:00:00Z"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def screening(number, *more, birth="1980-03-02", **draft):
    return ordering([patient(birth=birth), *more], [itb_draft(single=number, **draft)])


def with_timing(number, timing):
    draft = itb_draft(single=number)
    draft["dosageInstruction"][0]["timing"] = timing
    return draft


def in_words(text):
    draft = itb_draft()
    draft["dosageInstruction"][0]["text"] = text
    return draft


CASES = [
    c("first-50", "A first test bolus of 50 µg brings no card", screening(50), []),
    c("first-51", "A first test bolus above 50 µg is a warning", screening(51), [WARNING], says=["starts with 50"]),
    c("100-is-not-above", "A test bolus of 100 µg that follows the steps brings no card", screening(100, bolus(50, "2026-06-12T09:00:00Z", "b1"), bolus(75, "2026-06-13T09:00:00Z", "b2")), []),
    c("above-100", "A test bolus of more than 100 µg is critical", screening(101, bolus(50, "2026-06-12T09:00:00Z", "b1"), bolus(75, "2026-06-13T09:00:00Z", "b2")), [CRITICAL], says=["101"]),
    c("500", "A test bolus ten times too high is critical", screening(500), [CRITICAL], seeds=[SEED]),
    c("half-a-milligram", "A test bolus of 0.5 mg is read as 500 µg and critical", screening(0.5, unit="mg"), [CRITICAL], says=["500"]),
    c("75-after-50", "A test bolus of 75 µg a day after 50 µg brings no card", screening(75, bolus(50, YESTERDAY)), [], seeds=[SEED]),
    c("75-after-25", "A test bolus of 75 µg after 25 µg alone is a warning", screening(75, bolus(25, YESTERDAY)), [WARNING], says=["50"]),
    c("100-after-50", "A test bolus of 100 µg after 50 µg alone is a warning", screening(100, bolus(50, YESTERDAY)), [WARNING], says=["75"]),
    c("planned-50-does-not-count", "An earlier test bolus that was not given does not count", screening(75, bolus(50, YESTERDAY, status="not-done")), [WARNING]),
    c("24-hours-exactly", "A test bolus exactly 24 hours after the previous one is allowed", screening(75, bolus(50, YESTERDAY)), []),
    c("less-than-24-hours", "A test bolus less than 24 hours after the previous one is a warning", screening(75, bolus(50, "2026-06-14T10:01:00Z")), [WARNING], says=["24 hours"]),
    c("planned-in-time", "A test bolus planned for 24 hours after the previous one is allowed", screening(75, bolus(50, "2026-06-15T08:00:00Z"), event="2026-06-16T08:00:00Z"), []),
    c("planned-too-early", "A test bolus planned for 23 hours after the previous one is a warning", screening(75, bolus(50, "2026-06-15T08:00:00Z"), event="2026-06-16T07:00:00Z"), [WARNING]),
    c("age-3", "A test bolus for a child of three years is a warning", screening(25, birth="2022-06-16"), [WARNING], says=["under 4"]),
    c("age-4", "A test bolus for a child of four years brings no card", screening(25, birth="2022-06-15"), []),
    c("earlier-dose-in-pump-data", "An earlier test bolus of 50 µg known from the pump data counts", screening(75, pump_data("dose-1", "screening-dose", "2026-06-13T09:00:00Z", quantity(50, "ug"))), []),
    c("once-in-words", "A bolus ordered once, in words, is critical above 100 µg", ordering([patient()], [with_timing(500, {"code": {"text": "once"}})]), [CRITICAL]),
    c("once-as-count", "A bolus ordered with a count of one is critical above 100 µg",
      ordering([patient()], [with_timing(500, {"repeat": {"count": 1, "frequency": 1, "period": 1, "periodUnit": "d"}})]), [CRITICAL]),
    c("dose-in-words", "A test bolus whose dose is written in words is critical above 100 µg", ordering([patient()], [in_words("250 mcg intrathecal once")]), [CRITICAL]),
    c("in-millilitres", "A bolus of 2 mL of the 50 µg/mL product is read as 100 µg",
      ordering([patient()], [itb_draft(single=2, unit="mL", medication={"text": "baclofen 50 mcg/mL intrathecal"})]), [WARNING], says=["100 µg"]),
    c("no-dose-yet", "A test bolus order that has no dose yet brings no card", ordering([patient()], [itb_draft(medication={"text": "baclofen 50 mcg/mL intrathecal"})]), []),
    c("external-infusion", "A continuous infusion from outside is no test bolus", ordering([patient()], [itb_draft(50)]), []),
    c("pump-in-place", "A dose for a patient with a pump is pump therapy and no test bolus", ordering(pump_chart(), [itb_draft(single=150)]), []),
    c("unit-missing", "A test bolus in an unknown unit is told, and no number is guessed", screening(50, unit="drops"), ["itb-order-dose info"]),
    c("after-explant", "A rescue bolus after the pump was taken out is judged by its size only",
      ordering([patient(), device(status="inactive"), procedure("out", {"text": "Explant of intrathecal pump"}, "2026-06-10")], [itb_draft(single=75)]), []),
    c("after-explant-large", "A rescue bolus above 100 µg after the pump was taken out is critical",
      ordering([patient(), device(status="inactive"), procedure("out", {"text": "Explant of intrathecal pump"}, "2026-06-10")], [itb_draft(single=150)]), [CRITICAL]),
    c("name-only", "A test bolus whose drug is named in words only is judged all the same", ordering([patient()], [itb_draft(single=200, medication={"text": "Baclofen intrathecal screening"})]), [CRITICAL]),
]  # fmt: skip
