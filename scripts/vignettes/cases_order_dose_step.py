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
    c("plus-40-spinal", "A rise by 40 % in spinal origin is just allowed and brings no card", step(560), []),
    c("plus-41-spinal", "A rise by more than 40 % in spinal origin is a warning", step(561), [WARNING], says=["40", "561 µg/day"], seeds=[STEPS]),
    c("plus-20-cerebral", "A rise by 20 % in cerebral origin is just allowed and brings no card", step(480, swap=[CEREBRAL]), []),
    c("plus-21-cerebral", "A rise by more than 20 % in cerebral origin is a warning", step(481, swap=[CEREBRAL]), [WARNING]),
    c("plus-21-unknown-origin", "A rise by more than 20 % in unknown origin is a warning by the stricter limit", step(481, swap=[condition("ms", concept(ICD10, "M62.838", "Other muscle spasm"), onset="2001-01-01")]), [WARNING]),
    c("plus-21-under-18", "A rise by more than 20 % under 18 years is a warning by the stricter limit", step(481, swap=[patient(birth="2008-06-16")]), [WARNING]),
    c("plus-21-at-18", "A rise by more than 20 % at 18 years in spinal origin is allowed by the wider limit", step(481, swap=[patient(birth="2008-06-15")]), []),
    c("titration-plus-30", "A rise by 30 % within sixty days of implant in spinal origin is just allowed", step(520, swap=[implanted("2026-04-16")]), []),
    c("titration-plus-31", "A rise by more than 30 % within sixty days of implant in spinal origin is a warning", step(521, swap=[implanted("2026-04-16")]), [WARNING], says=["first 60 days"]),
    c("maintenance-from-day-61", "A rise sixty-one days after implant is judged by the limit of long-term treatment", step(521, swap=[implanted("2026-04-15")]), []),
    c("titration-plus-15-cerebral", "A rise by 15 % within sixty days of implant in cerebral origin is just allowed", step(460, swap=[implanted("2026-04-16"), CEREBRAL]), []),
    c("titration-plus-16-cerebral", "A rise by more than 15 % within sixty days of implant in cerebral origin is a warning", step(461, swap=[implanted("2026-04-16"), CEREBRAL]), [WARNING]),
    c("plus-99", "A rise by 99 % is a warning", step(796), [WARNING]),
    c("doubled", "A dose that is doubled is critical", step(800), [CRITICAL]),
    c("exact-decimals", "A rise from 0.1 to 0.14 mg a day is read as exactly 40 %, without a rounding error", ordering(pump_chart(swap=[itb_statement(dose=0.1, unit="mg/d")]), [itb_draft(0.14, "mg/d")]), []),
    c("minus-20", "A fall of the dose by 20 % brings no card", step(320), []),
    c("minus-21", "A fall of the dose by more than 20 % is a warning", step(319), [WARNING], says=["withdrawal"]),
    c("minus-50", "A fall of the dose by 50 % is a warning", step(200), [WARNING], seeds=[WEAN]),
    c("minus-51", "A fall of the dose by more than 50 % is critical", step(199), [CRITICAL]),
    c("minus-50-with-a-wean-plan", "A fall of the dose by 50 % under a documented wean plan is a note",
      step(200, 400, {"resourceType": "CarePlan", "id": "wean", "status": "active", "intent": "plan", "subject": {"reference": "Patient/itb-patient-1"}, "title": "Wean of intrathecal baclofen"}), [INFO], seeds=[WEAN]),
    c("minus-50-with-a-wean-order", "A fall of the dose by 50 % under an active order to wean is a note", step(200, 400, order("wean", event("itb-wean"), "active", authored="2026-06-14")), [INFO]),
    c("minus-51-with-a-wean-plan", "A fall of the dose by more than 50 % stays critical under a wean plan", step(199, 400, order("wean", event("itb-wean"), "active", authored="2026-06-14")), [CRITICAL]),
    c("minus-50-in-overdose", "A fall of the dose is right when an overdose is suspected", step(100, 400, DROWSY), []),
    c("same-dose", "An order of the same dose again brings no card", step(400), []),
    c("raised-23-hours-ago", "Any rise of the dose within 24 hours of the last rise is a warning", early("2026-06-14T10:01:00Z"), [WARNING], says=["last increase"]),
    c("raised-24-hours-ago", "A small rise exactly 24 hours after the last rise is allowed", early("2026-06-14T10:00:00Z"), []),
    c("planned-after-24-hours", "A small rise that is planned for 24 hours after the last rise is allowed", early("2026-06-14T10:01:00Z", event="2026-06-15T10:01:00Z"), []),
    c("lowered-yesterday", "A small rise is allowed although the dose was lowered yesterday",
      ordering(pump_chart(itb_statement("itb-0", 500, start="2025-06-01", end="2026-06-14", status="completed"), swap=[itb_statement(dose=400, start="2026-06-14T12:00:00Z")]), [itb_draft(410)]), []),
    c("implanted-today", "Any rise of the dose in the first 24 hours after pump start is a warning", step(410, 400, swap=[implanted("2026-06-15T08:00:00Z")], start="2026-06-15T08:30:00Z"), [WARNING], says=["pump start"]),
    c("first-order", "A first order with neither dose nor screening on record has nothing to be compared with", first_order(150), []),
    c("first-dose-double", "A first pump dose of twice the effective screening dose is allowed", first_order(100, *screened(50)), []),
    c("first-dose-above-double", "A first pump dose above twice the effective screening dose is a warning", first_order(101, *screened(50)), [WARNING], says=["screening dose"], seeds=[STEPS]),
    c("first-dose-long-effect", "A doubled first pump dose is a warning when the screening effect lasted more than 8 hours", first_order(51, *screened(50), lasted(9)), [WARNING], says=["8 hours"]),
    c("first-dose-8-hours", "A doubled first pump dose is allowed when the screening effect lasted 8 hours", first_order(100, *screened(50), lasted(8)), []),
    c("first-dose-adverse", "A doubled first pump dose is a warning when the screening dose had adverse effects", first_order(51, *screened(50, "adverse-effect")), [WARNING]),
    c("first-dose-single", "A first pump dose that equals the screening dose is allowed after an adverse effect", first_order(50, *screened(50, "adverse-effect")), []),
    c("dose-from-pump-data", "A large step is a warning when the dose in force is known from the pump data only", ordering(pump_chart(pump_data("dose-1", "daily-dose", "2026-05-01", quantity(300, "ug/d"))), [itb_draft(425)]), [WARNING]),
    c("signed-again-today", "A doubled dose that is signed again today is compared with the dose before, not with itself",
      ordering(pump_chart(standing(800)), [{**itb_draft(800), "id": "standing", "status": "active"}], hook="order-sign"), [CRITICAL]),
    c("signed-again-within-limits", "A small rise that is signed again today is not taken for an earlier rise",
      ordering(pump_chart(standing(440)), [{**itb_draft(440), "id": "standing", "status": "active"}], hook="order-sign"), []),
    c("pump-by-text", "A doubled dose is critical when only the drug tells of the pump, and the record suggests it", ordering([patient(), itb_statement(dose=400)], [itb_draft(800)]), [CRITICAL], says=["record suggests"]),
    c("no-dose-on-record", "A large order without a dose on record is judged by its size only", ordering(pump_chart(swap=[itb_statement(dose=None)]), [itb_draft(900)]), ["itb-order-dose info"]),
    c("stop-order", "A dose of 0 is a stop and no step, and has its own card", ordering(pump_chart(), [itb_draft(0)]), ["itb-intrathecal-stop critical"]),
]  # fmt: skip
