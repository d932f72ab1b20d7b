"""R33 itb-order-dose."""

from __future__ import annotations

from build import case
from insertion import itb_draft
from patient import BACLOFEN
from patient import ICD10
from patient import INTRATHECAL
from patient import ORAL
from patient import SUBJECT
from patient import concept
from patient import condition
from patient import device
from patient import itb_statement
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import statement

RULE = "itb-order-dose"
CRITICAL, WARNING, INFO = (f"{RULE} {level}" for level in ("critical", "warning", "info"))
CEREBRAL = condition("ms", concept(ICD10, "G80.0", "Spastic quadriplegic cerebral palsy"), onset="2001-01-01")
SEED = "screening 50 µg, 4–8 h observation, doubling; titration 10–30 % / 5–15 %; 90–703 and 300–800 µg/day; lowest effective dose"


def ordered(dose, held=None, unit="ug/d", cerebral=False, swap=(), start="2026-05-01", **more):
    """A dose for a pump patient whose present dose is 10 % lower, or `held`."""
    before = held if held is not None else round(dose * 0.95, 2)
    if unit != "ug/d" and held is None:
        before = 400
    swapped = [itb_statement(dose=before, start=start), *([CEREBRAL] if cerebral else []), *swap]
    return ordering(pump_chart(swap=swapped), [itb_draft(dose, unit)], **more)


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def unitless():
    draft = itb_draft(400)
    draft["dosageInstruction"] = [{"route": INTRATHECAL, "doseAndRate": [{"rateQuantity": {"value": 400}}]}]
    return draft


CASES = [
    c("2003", "An order of 2003 µg a day is a warning", ordered(2003), [WARNING]),
    c("2004", "An order of more than 2003 µg a day is critical", ordered(2004), [CRITICAL], says=["2004 µg/day", "2.004 mg/day"], seeds=[SEED]),
    c("1000", "An order of 1000 µg a day in spasticity of spinal origin is a note", ordered(1000), [INFO]),
    c("1001", "An order of more than 1000 µg a day is a warning", ordered(1001), [WARNING]),
    c("800-spinal", "An order of 800 µg a day in spasticity of spinal origin brings no card", ordered(800), []),
    c("801-spinal", "An order of more than 800 µg a day in spasticity of spinal origin is a note", ordered(801), [INFO]),
    c("703-cerebral", "An order of 703 µg a day in spasticity of cerebral origin brings no card", ordered(703, cerebral=True), []),
    c("704-cerebral", "An order of more than 703 µg a day in spasticity of cerebral origin is a note", ordered(704, cerebral=True), [INFO], says=["703"]),
    c("750-unknown", "An order of 750 µg a day in spasticity of unknown origin brings no card", ordered(750, swap=[condition("ms", concept(ICD10, "M62.838", "Other muscle spasm"), onset="2001-01-01")]), []),
    c("1199-child", "An order of 1199 µg a day at 11 years is a warning by the limit of adults", ordered(1199, swap=[patient(birth="2014-06-16")]), [WARNING]),
    c("1200-child", "An order of more than 1199 µg a day at 11 years is critical", ordered(1200, swap=[patient(birth="2014-06-16")]), [CRITICAL], says=["child"]),
    c("1200-at-12-years", "An order of 1200 µg a day at 12 years is a warning", ordered(1200, swap=[patient(birth="2014-06-15")]), [WARNING]),
    c("low-dose", "A low dose is never alerted", ordered(25), []),
    c("milligrams", "An order of 2.1 mg a day is read as 2100 µg a day", ordered(2.1, held=2000, unit="mg/d"), [CRITICAL], says=["2100 µg/day"]),
    c("per-hour", "An order of 50 µg an hour is read as 1200 µg a day", ordered(50, held=1150, unit="ug/h"), [WARNING], says=["1200 µg/day"]),
    c("stable-90-days", "A dose of 1200 µg a day that is unchanged for 90 days is a note", ordered(1200, held=1200, start="2026-03-17"), [INFO]),
    c("stable-89-days", "A dose of 1200 µg a day that is unchanged for 89 days is a warning", ordered(1200, held=1200, start="2026-03-18"), [WARNING]),
    c("stable-critical", "A long-standing dose above 2003 stays critical", ordered(2100, held=2100, start="2025-01-01"), [CRITICAL]),
    c("unit-missing", "A dose without a unit is told, and no number is guessed", ordering(pump_chart(), [unitless()]), [INFO], says=["unit"]),
    c("unit-unknown", "A dose in an unknown unit is told, and no number is guessed", ordering(pump_chart(), [itb_draft(4, "drops/d")]), [INFO], says=["unit"]),
    c("no-dose-yet", "An order that has no dose yet brings no card", ordering(pump_chart(), [itb_draft()]), []),
    c("oral-order", "An order of baclofen tablets is not judged by the limits of the pump",
      ordering(pump_chart(), [{"resourceType": "MedicationRequest", "id": "po", "status": "draft", "intent": "order", "subject": SUBJECT, "medicationCodeableConcept": BACLOFEN,
                               "dosageInstruction": [{"route": ORAL, "asNeededBoolean": True, "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg", "code": "mg", "system": "http://unitsofmeasure.org"}}]}]}]), []),
    c("without-a-pump", "A pump rate above the limit is critical in a patient without a pump on record, too", ordering([patient()], [itb_draft(2500)]), [CRITICAL]),
    c("dose-in-words", "A dose above the limit written in words is critical",
      ordering(pump_chart(swap=[itb_statement(dose=2000)]), [{**itb_draft(), "dosageInstruction": [{"route": INTRATHECAL, "text": "2200 mcg/day"}]}]), [CRITICAL]),
    c("pump-by-text", "A high dose is a warning when only the drug tells of the pump, and the record suggests it", ordering([patient(), itb_statement(dose=1150)], [itb_draft(1200)]), [WARNING], says=["record suggests"]),
    c("stop-order", "An order with a dose of 0 is a stop and has its own card", ordering(pump_chart(), [itb_draft(0)]), ["itb-intrathecal-stop critical"]),
    c("pump-with-another-drug", "A patient whose pump holds morphine gets no card on the dose",
      ordering([patient(), device(), statement("m", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "7052", "morphine"), "active", "2026-01-01", dosage={"route": INTRATHECAL})], [itb_draft(2500)]), []),
]  # fmt: skip
