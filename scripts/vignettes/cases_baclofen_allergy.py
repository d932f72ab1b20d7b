"""R45 itb-ci-baclofen-allergy."""

from __future__ import annotations

from build import case
from insertion import inserting
from insertion import itb_draft
from insertion import standing
from patient import BACLOFEN
from patient import SNOMED
from patient import allergy
from patient import concept
from patient import ordering
from patient import patient
from patient import pump_chart

RULE = "itb-ci-baclofen-allergy"
CRITICAL, INFO = f"{RULE} critical", f"{RULE} info"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def to_baclofen(type=None, criticality=None, reaction=None, code=BACLOFEN, **more):
    if type:
        more["type"] = type
    if criticality:
        more["criticality"] = criticality
    if reaction:
        more["reaction"] = [{"manifestation": [reaction if isinstance(reaction, dict) else {"text": reaction}]}]
    return allergy("allergy-1", code, **more)


CASES = [
    c("type-allergy", "An allergy to baclofen is critical when an intrathecal catheter is ordered", inserting(to_baclofen("allergy")), [CRITICAL], says=["allergy"]),
    c("high-criticality", "A baclofen intolerance rated as high risk is critical", inserting(to_baclofen("intolerance", "high")), [CRITICAL]),
    c("anaphylaxis", "Anaphylaxis after baclofen is critical", inserting(to_baclofen("intolerance", reaction=concept(SNOMED, "39579001", "Anaphylaxis"))), [CRITICAL], says=["anaphylaxis"]),
    c("angioedema-in-words", "Angioedema after baclofen, written in words, is critical", inserting(to_baclofen(reaction="angioedema")), [CRITICAL]),
    c("intolerance", "A mere intolerance to baclofen is a note", inserting(to_baclofen("intolerance", "low")), [INFO], says=["side effects"]),
    c("drowsiness-only", "A baclofen allergy that was only drowsiness after tablets is a note", inserting(to_baclofen("allergy", reaction="Drowsiness")), [INFO]),
    c("nothing-but-the-name", "A baclofen entry on the allergy list without type and reaction is read as an allergy", inserting(to_baclofen()), [CRITICAL]),
    c("refuted", "A baclofen allergy that was refuted is not alerted", inserting(to_baclofen("allergy", verification="refuted")), []),
    c("inactive", "A baclofen allergy that is no longer active is not alerted", inserting(to_baclofen("allergy", clinical="inactive")), []),
    c("another-drug", "An allergy to another drug is not alerted", inserting(to_baclofen("allergy", code={"text": "penicillin"})), []),
    c("in-words", "A baclofen allergy written in words only is critical", inserting(to_baclofen("allergy", code={"text": "Baclofen"})), [CRITICAL], says=["record suggests"]),
    c("screening-bolus", "A baclofen allergy is critical when a screening bolus is ordered", ordering([patient(), to_baclofen("allergy")], [itb_draft(single=50)]), [CRITICAL]),
    c("running-pump", "A baclofen allergy with a pump that already runs is a note, never a reason to stop it",
      ordering(pump_chart(to_baclofen("allergy")), [itb_draft(420)]), [INFO], says=["never stop it abruptly"]),
    c("at-opening", "A baclofen allergy is told when ordering, not when the chart is opened", standing(to_baclofen("allergy")), []),
    c("allergies-withheld", "Without the allergy list there is no allergy card and no reassurance", inserting(withhold=("AllergyIntolerance",)), []),
]  # fmt: skip
