"""R34 itb-order-dose-step."""

from __future__ import annotations

from build import case
from insertion import bolus
from insertion import itb_draft
from patient import BACLOFEN
from patient import CPT
from patient import ICD10
from patient import INTRATHECAL
from patient import concept
from patient import condition
from patient import device
from patient import event
from patient import itb_statement
from patient import order
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity
from patient import request

RULE = "itb-order-dose-step"
CRITICAL, WARNING, INFO = (f"{RULE} {level}" for level in ("critical", "warning", "info"))
CEREBRAL = condition("ms", concept(ICD10, "G80.0", "Spastic quadriplegic cerebral palsy"), onset="2001-01-01")
STEPS = "screening 50 µg, 4–8 h observation, doubling; titration 10–30 % / 5–15 %; 90–703 and 300–800 µg/day; lowest effective dose"
WEAN = "infected pump, externalised wean 20–50 %/day, 6.2 ± 1.3 d, 260 µg/day, no dose relation"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def step(new, old=400, *more, swap=(), start="2026-01-10"):
    return ordering(pump_chart(*more, swap=[itb_statement(dose=old, start=start), *swap]), [itb_draft(new)])


def standing(dose):
    """A dose order on the server since today."""
    return request("standing", BACLOFEN, "active", "2026-06-15", {"route": INTRATHECAL, "doseAndRate": [{"rateQuantity": quantity(dose, "ug/d")}]})


def implanted(date):
    return procedure("implant-1", concept(CPT, "62362", text="Implantation of programmable intrathecal pump"), date)


def raised(start, first=350, second=400):
    """The dose in force began at `start` and is higher than the one before."""
    return [itb_statement("itb-0", first, start="2025-06-01", end=start, status="completed"), itb_statement(dose=second, start=start)]


def early(start, new=410, **draft):
    before, now_in_force = raised(start)
    return ordering(pump_chart(before, swap=[now_in_force]), [itb_draft(new, **draft)])


def first_order(dose, *more):
    """A pump just recorded, no dose on record."""
    return ordering([patient(), device(), condition("ms", concept(ICD10, "G35", "Multiple sclerosis"), onset="2015-04-01"), *more], [itb_draft(dose)])


def screened(dose=50, code="positive"):
    return [bolus(dose, "2026-05-20T09:00:00Z"), pump_data("response-1", "screening-response", "2026-05-20T13:00:00Z", code)]


def lasted(hours):
    return pump_data("duration-1", "screening-effect-duration", "2026-05-20T20:00:00Z", quantity(hours, "h"))


DROWSY = pump_data("c", "consciousness", "2026-06-15T08:00:00Z", "somnolent")

CASES = [
    c("plus-40-spinal", "Maintenance, spinal origin: plus 40 % is at the limit", step(560), []),
    c("plus-41-spinal", "Maintenance, spinal origin: above plus 40 %: warning", step(561), [WARNING], says=["40", "561 µg/day"], seeds=[STEPS]),
    c("plus-20-cerebral", "Maintenance, cerebral origin: plus 20 % is at the limit", step(480, swap=[CEREBRAL]), []),
    c("plus-21-cerebral", "Maintenance, cerebral origin: above plus 20 %: warning", step(481, swap=[CEREBRAL]), [WARNING]),
    c("plus-21-unknown-origin", "Origin unknown: the stricter limit holds", step(481, swap=[condition("ms", concept(ICD10, "M62.838", "Other muscle spasm"), onset="2001-01-01")]), [WARNING]),
    c("plus-21-under-18", "Under 18 years the stricter limit holds", step(481, swap=[patient(birth="2008-06-16")]), [WARNING]),
    c("plus-21-at-18", "At 18 years with spinal origin the wider limit holds", step(481, swap=[patient(birth="2008-06-15")]), []),
    c("titration-plus-30", "Sixty days after implant, spinal: plus 30 % is at the limit", step(520, swap=[implanted("2026-04-16")]), []),
    c("titration-plus-31", "Sixty days after implant, spinal: above plus 30 %: warning", step(521, swap=[implanted("2026-04-16")]), [WARNING], says=["first 60 days"]),
    c("maintenance-from-day-61", "Sixty-one days after implant the maintenance limit holds", step(521, swap=[implanted("2026-04-15")]), []),
    c("titration-plus-15-cerebral", "Sixty days after implant, cerebral: plus 15 % is at the limit", step(460, swap=[implanted("2026-04-16"), CEREBRAL]), []),
    c("titration-plus-16-cerebral", "Sixty days after implant, cerebral: above plus 15 %: warning", step(461, swap=[implanted("2026-04-16"), CEREBRAL]), [WARNING]),
    c("plus-99", "Plus 99 %: warning", step(796), [WARNING]),
    c("doubled", "Doubled: critical", step(800), [CRITICAL]),
    c("exact-decimals", "0.1 to 0.14 mg a day is exactly plus 40 %: no rounding error", ordering(pump_chart(swap=[itb_statement(dose=0.1, unit="mg/d")]), [itb_draft(0.14, "mg/d")]), []),
    c("minus-20", "Minus 20 %: nothing", step(320), []),
    c("minus-21", "Above minus 20 %: warning", step(319), [WARNING], says=["withdrawal"]),
    c("minus-50", "Minus 50 %: warning", step(200), [WARNING], seeds=[WEAN]),
    c("minus-51", "Above minus 50 %: critical", step(199), [CRITICAL]),
    c("minus-50-with-a-wean-plan", "Minus 50 % under a documented wean plan: information",
      step(200, 400, {"resourceType": "CarePlan", "id": "wean", "status": "active", "intent": "plan", "subject": {"reference": "Patient/itb-patient-1"}, "title": "Wean of intrathecal baclofen"}), [INFO], seeds=[WEAN]),
    c("minus-50-with-a-wean-order", "Minus 50 % under an active wean order: information", step(200, 400, order("wean", event("itb-wean"), "active", authored="2026-06-14")), [INFO]),
    c("minus-51-with-a-wean-plan", "Above minus 50 % stays critical under a wean plan", step(199, 400, order("wean", event("itb-wean"), "active", authored="2026-06-14")), [CRITICAL]),
    c("minus-50-in-overdose", "Overdose is suspected: a decrease is right", step(100, 400, DROWSY), []),
    c("same-dose", "The same dose again: nothing", step(400), []),
    c("raised-23-hours-ago", "Any increase within 24 hours of the last increase: warning", early("2026-06-14T10:01:00Z"), [WARNING], says=["last increase"]),
    c("raised-24-hours-ago", "Exactly 24 hours after the last increase a small step is allowed", early("2026-06-14T10:00:00Z"), []),
    c("planned-after-24-hours", "The order is planned for 24 hours after the last increase", early("2026-06-14T10:01:00Z", event="2026-06-15T10:01:00Z"), []),
    c("lowered-yesterday", "A decrease yesterday is no last increase",
      ordering(pump_chart(itb_statement("itb-0", 500, start="2025-06-01", end="2026-06-14", status="completed"), swap=[itb_statement(dose=400, start="2026-06-14T12:00:00Z")]), [itb_draft(410)]), []),
    c("implanted-today", "Any increase in the first 24 hours after pump start: warning", step(410, 400, swap=[implanted("2026-06-15T08:00:00Z")], start="2026-06-15T08:30:00Z"), [WARNING], says=["pump start"]),
    c("first-order", "A first order with neither dose nor screening on record: nothing to compare", first_order(150), []),
    c("first-dose-double", "First pump dose of twice the effective screening dose: allowed", first_order(100, *screened(50)), []),
    c("first-dose-above-double", "First pump dose above twice the effective screening dose: warning", first_order(101, *screened(50)), [WARNING], says=["screening dose"], seeds=[STEPS]),
    c("first-dose-long-effect", "The screening effect lasted more than 8 hours: not doubled", first_order(51, *screened(50), lasted(9)), [WARNING], says=["8 hours"]),
    c("first-dose-8-hours", "The screening effect lasted 8 hours: doubling is allowed", first_order(100, *screened(50), lasted(8)), []),
    c("first-dose-adverse", "The screening dose had adverse effects: not doubled", first_order(51, *screened(50, "adverse-effect")), [WARNING]),
    c("first-dose-single", "After an adverse effect the screening dose itself is allowed", first_order(50, *screened(50, "adverse-effect")), []),
    c("dose-from-pump-data", "The dose in force is known from the pump data", ordering(pump_chart(pump_data("dose-1", "daily-dose", "2026-05-01", quantity(300, "ug/d"))), [itb_draft(425)]), [WARNING]),
    c("signed-again-today", "An order that is signed again stands on the list since today: it is compared with the dose before, not with itself",
      ordering(pump_chart(standing(800)), [{**itb_draft(800), "id": "standing", "status": "active"}], hook="order-sign"), [CRITICAL]),
    c("signed-again-within-limits", "Signed again within the limits: the order itself is no earlier increase",
      ordering(pump_chart(standing(440)), [{**itb_draft(440), "id": "standing", "status": "active"}], hook="order-sign"), []),
    c("pump-by-text", "The pump is known by its drug only: the record suggests it", ordering([patient(), itb_statement(dose=400)], [itb_draft(800)]), [CRITICAL], says=["record suggests"]),
    c("no-dose-on-record", "Without a dose on record a large order is judged by its size only", ordering(pump_chart(swap=[itb_statement(dose=None)]), [itb_draft(900)]), ["itb-order-dose info"]),
    c("stop-order", "A dose of 0 is a stop and has its own card", ordering(pump_chart(), [itb_draft(0)]), ["itb-intrathecal-stop critical"]),
]  # fmt: skip
