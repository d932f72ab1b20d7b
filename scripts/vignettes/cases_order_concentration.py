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
    c("same-2000", "2000 µg/mL as now in the pump: nothing", filling(strength(2000)), []),
    c("above-2000", "More than 2000 µg/mL: critical", filling(strength(2001)), [CRITICAL], says=["2001 µg/mL"]),
    c("differs", "500 µg/mL ordered, 2000 in the pump: warning, bridge bolus", filling(strength(500)), [WARNING], says=["2000 µg/mL", "bridge bolus"], seeds=[CONCENTRATION, CAUSES]),
    c("2000-for-500", "2000 µg/mL ordered, 500 in the pump: warning", filling(strength(2000), 500), [WARNING]),
    c("same-compounded", "The same compounded 4000 µg/mL as now in the pump: nothing", filling(strength(4000), 4000), []),
    c("screening-strength", "50 µg/mL for a pump: warning", filling(strength(50)), [WARNING], says=["screening"]),
    c("screening-product", "The 50 µg/mL product by its RxNorm name for a pump: warning",
      filling(itb_draft(400, medication={"text": "baclofen 0.05 mg/mL prefilled syringe intrathecal"})), [WARNING]),
    c("just-above-screening-strength", "51 µg/mL differs from the pump: warning", filling(strength(51)), [WARNING]),
    c("in-milligrams", "2 mg/mL are 2000 µg/mL", filling(strength(2, "mg")), []),
    c("injection-product", "A 0.5 mg/mL product by its name", filling(itb_draft(400, medication={"text": "Gablofen 500 mcg/mL intrathecal"})), [WARNING]),
    c("not-given", "No concentration in the order: nothing", filling(itb_draft(400)), []),
    c("not-on-record", "No concentration on record: only the limits are judged", ordering(pump_chart(drop=("concentration-1",)), [strength(500)]), []),
    c("not-on-record-high", "No concentration on record and more than 2000 ordered", ordering(pump_chart(drop=("concentration-1",)), [strength(2500)]), [CRITICAL]),
    c("first-fill", "A rate for a patient without a pump, 2500 µg/mL", ordering([patient()], [{**strength(2500), "subject": SUBJECT}]), [CRITICAL]),
    c("screening-bolus", "The 50 µg/mL product for a screening bolus is right", ordering([patient()], [itb_draft(single=50, medication={"text": "baclofen 50 mcg/mL intrathecal"})]), []),
    c("stop-order", "A stop order is not judged here", filling({**strength(500), "status": "stopped"}), ["itb-intrathecal-stop critical"]),
    c("oral-suspension", "A 5 mg/mL oral suspension is no pump fill",
      ordering(pump_chart(), [{**itb_draft(medication=drug("1292", "baclofen")), "medicationCodeableConcept": {"text": "baclofen 5 mg/mL oral suspension"},
                               "dosageInstruction": [{"asNeededBoolean": True, "text": "as needed"}]}]), []),
]  # fmt: skip
