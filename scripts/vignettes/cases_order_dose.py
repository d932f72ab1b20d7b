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
    c("2003", "2003 µg a day: warning", ordered(2003), [WARNING]),
    c("2004", "More than 2003 µg a day: critical", ordered(2004), [CRITICAL], says=["2004 µg/day", "2.004 mg/day"], seeds=[SEED]),
    c("1000", "1000 µg a day in spinal origin: information", ordered(1000), [INFO]),
    c("1001", "More than 1000 µg a day: warning", ordered(1001), [WARNING]),
    c("800-spinal", "800 µg a day in spinal origin: nothing", ordered(800), []),
    c("801-spinal", "More than 800 µg a day in spinal origin: information", ordered(801), [INFO]),
    c("703-cerebral", "703 µg a day in cerebral origin: nothing", ordered(703, cerebral=True), []),
    c("704-cerebral", "More than 703 µg a day in cerebral origin: information", ordered(704, cerebral=True), [INFO], says=["703"]),
    c("750-unknown", "750 µg a day, origin unknown: nothing", ordered(750, swap=[condition("ms", concept(ICD10, "M62.838", "Other muscle spasm"), onset="2001-01-01")]), []),
    c("1199-child", "1199 µg a day at 11 years: warning by the adult row", ordered(1199, swap=[patient(birth="2014-06-16")]), [WARNING]),
    c("1200-child", "More than 1199 µg a day at 11 years: critical", ordered(1200, swap=[patient(birth="2014-06-16")]), [CRITICAL], says=["child"]),
    c("1200-at-12-years", "1200 µg a day at 12 years: warning", ordered(1200, swap=[patient(birth="2014-06-15")]), [WARNING]),
    c("low-dose", "A low dose is never alerted", ordered(25), []),
    c("milligrams", "2.1 mg a day are 2100 µg a day", ordered(2.1, held=2000, unit="mg/d"), [CRITICAL], says=["2100 µg/day"]),
    c("per-hour", "50 µg an hour are 1200 µg a day", ordered(50, held=1150, unit="ug/h"), [WARNING], says=["1200 µg/day"]),
    c("stable-90-days", "The same 1200 µg a day for 90 days: one step lower", ordered(1200, held=1200, start="2026-03-17"), [INFO]),
    c("stable-89-days", "The same 1200 µg a day for 89 days: warning", ordered(1200, held=1200, start="2026-03-18"), [WARNING]),
    c("stable-critical", "A long-standing dose above 2003 stays critical", ordered(2100, held=2100, start="2025-01-01"), [CRITICAL]),
    c("unit-missing", "A dose without a unit: said, no number is guessed", ordering(pump_chart(), [unitless()]), [INFO], says=["unit"]),
    c("unit-unknown", "A dose in an unknown unit: said, no number is guessed", ordering(pump_chart(), [itb_draft(4, "drops/d")]), [INFO], says=["unit"]),
    c("no-dose-yet", "An order without a dose: nothing yet", ordering(pump_chart(), [itb_draft()]), []),
    c("oral-order", "Oral baclofen is not judged here",
      ordering(pump_chart(), [{"resourceType": "MedicationRequest", "id": "po", "status": "draft", "intent": "order", "subject": SUBJECT, "medicationCodeableConcept": BACLOFEN,
                               "dosageInstruction": [{"route": ORAL, "asNeededBoolean": True, "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg", "code": "mg", "system": "http://unitsofmeasure.org"}}]}]}]), []),
    c("without-a-pump", "A rate for a patient without a pump is judged too", ordering([patient()], [itb_draft(2500)]), [CRITICAL]),
    c("dose-in-words", "The dose is given in words",
      ordering(pump_chart(swap=[itb_statement(dose=2000)]), [{**itb_draft(), "dosageInstruction": [{"route": INTRATHECAL, "text": "2200 mcg/day"}]}]), [CRITICAL]),
    c("pump-by-text", "The pump is known by its drug only: the record suggests it", ordering([patient(), itb_statement(dose=1150)], [itb_draft(1200)]), [WARNING], says=["record suggests"]),
    c("stop-order", "A dose of 0 is a stop and has its own card", ordering(pump_chart(), [itb_draft(0)]), ["itb-intrathecal-stop critical"]),
    c("pump-with-another-drug", "A morphine pump is not ours",
      ordering([patient(), device(), statement("m", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "7052", "morphine"), "active", "2026-01-01", dosage={"route": INTRATHECAL})], [itb_draft(2500)]), []),
]  # fmt: skip
