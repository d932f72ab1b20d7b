"""R35 itb-order-concentration."""

from __future__ import annotations

from build import case
from insertion import drug
from insertion import itb_draft
from patient import BACLOFEN
from patient import SUBJECT
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import pump_data
from patient import quantity

RULE = "itb-order-concentration"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"
CONCENTRATION = "tolerance; concentration influences control/refill interval"
CAUSES = "causes: programming error, battery failure, wrong concentration"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def strength(number, unit="ug", per="mL"):
    """A draft whose contained Medication states the concentration."""
    contained = {
        "resourceType": "Medication", "id": "m", "code": BACLOFEN,
        "ingredient": [{"itemCodeableConcept": BACLOFEN, "strength": {"numerator": quantity(number, unit), "denominator": quantity(1, per)}}],
    }  # fmt: skip
    draft = itb_draft(400)
    del draft["medicationCodeableConcept"]
    return {**draft, "contained": [contained], "medicationReference": {"reference": "#m"}}


def filling(draft, held=2000, *more):
    return ordering(pump_chart(*more, swap=[pump_data("concentration-1", "concentration", "2026-01-10", quantity(held, "ug/mL"))]), [draft])


CASES = [
    c("same-2000", "An ordered 2000 µg/mL, as now in the pump, brings no card", filling(strength(2000)), []),
    c("above-2000", "A concentration of more than 2000 µg/mL is critical", filling(strength(2001)), [CRITICAL], says=["2001 µg/mL"]),
    c("differs", "An ordered 500 µg/mL with 2000 in the pump is a warning that asks for a bridge bolus", filling(strength(500)), [WARNING], says=["2000 µg/mL", "bridge bolus"], seeds=[CONCENTRATION, CAUSES]),
    c("2000-for-500", "An ordered 2000 µg/mL with 500 in the pump is a warning", filling(strength(2000), 500), [WARNING]),
    c("same-compounded", "An ordered 4000 µg/mL, compounded as now in the pump, brings no card", filling(strength(4000), 4000), []),
    c("screening-strength", "The screening strength of 50 µg/mL ordered for a pump is a warning", filling(strength(50)), [WARNING], says=["screening"]),
    c("screening-product", "The 50 µg/mL screening product ordered by its product name for a pump is a warning",
      filling(itb_draft(400, medication={"text": "baclofen 0.05 mg/mL prefilled syringe intrathecal"})), [WARNING]),
    c("just-above-screening-strength", "An ordered 51 µg/mL that differs from the pump is a warning", filling(strength(51)), [WARNING]),
    c("in-milligrams", "An ordered 2 mg/mL is read as 2000 µg/mL", filling(strength(2, "mg")), []),
    c("injection-product", "A 0.5 mg/mL product ordered by its name is read as 500 µg/mL and a warning", filling(itb_draft(400, medication={"text": "Gablofen 500 mcg/mL intrathecal"})), [WARNING]),
    c("not-given", "An order without a concentration brings no card", filling(itb_draft(400)), []),
    c("not-on-record", "An order is judged by the limits alone when no concentration is on record", ordering(pump_chart(drop=("concentration-1",)), [strength(500)]), []),
    c("not-on-record-high", "An order above 2000 µg/mL is critical when no concentration is on record", ordering(pump_chart(drop=("concentration-1",)), [strength(2500)]), [CRITICAL]),
    c("first-fill", "A pump rate of 2500 µg/mL for a patient without a pump on record is critical", ordering([patient()], [{**strength(2500), "subject": SUBJECT}]), [CRITICAL]),
    c("screening-bolus", "The 50 µg/mL product is right for a screening bolus", ordering([patient()], [itb_draft(single=50, medication={"text": "baclofen 50 mcg/mL intrathecal"})]), []),
    c("stop-order", "An order that stops the drug is not judged by its concentration", filling({**strength(500), "status": "stopped"}), ["itb-intrathecal-stop critical"]),
    c("oral-suspension", "A 5 mg/mL oral suspension is no pump fill",
      ordering(pump_chart(), [{**itb_draft(medication=drug("1292", "baclofen")), "medicationCodeableConcept": {"text": "baclofen 5 mg/mL oral suspension"},
                               "dosageInstruction": [{"asNeededBoolean": True, "text": "as needed"}]}]), []),
]  # fmt: skip
