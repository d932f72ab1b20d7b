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
    c("type-allergy", "An allergy to baclofen and an intrathecal catheter is ordered: critical", inserting(to_baclofen("allergy")), [CRITICAL], says=["allergy"]),
    c("high-criticality", "An intolerance of high criticality: critical", inserting(to_baclofen("intolerance", "high")), [CRITICAL]),
    c("anaphylaxis", "Anaphylaxis after baclofen: critical", inserting(to_baclofen("intolerance", reaction=concept(SNOMED, "39579001", "Anaphylaxis"))), [CRITICAL], says=["anaphylaxis"]),
    c("angioedema-in-words", "Angioedema after baclofen, in words", inserting(to_baclofen(reaction="angioedema")), [CRITICAL]),
    c("intolerance", "An intolerance to baclofen: information", inserting(to_baclofen("intolerance", "low")), [INFO], says=["side effects"]),
    c("drowsiness-only", "Only drowsiness after tablets, recorded as allergy: information", inserting(to_baclofen("allergy", reaction="Drowsiness")), [INFO]),
    c("nothing-but-the-name", "An entry without type and reaction is read as an allergy", inserting(to_baclofen()), [CRITICAL]),
    c("refuted", "A refuted allergy", inserting(to_baclofen("allergy", verification="refuted")), []),
    c("inactive", "An inactive allergy", inserting(to_baclofen("allergy", clinical="inactive")), []),
    c("another-drug", "An allergy to another drug", inserting(to_baclofen("allergy", code={"text": "penicillin"})), []),
    c("in-words", "Baclofen named in words only", inserting(to_baclofen("allergy", code={"text": "Baclofen"})), [CRITICAL], says=["record suggests"]),
    c("screening-bolus", "A screening bolus is ordered", ordering([patient(), to_baclofen("allergy")], [itb_draft(single=50)]), [CRITICAL]),
    c("running-pump", "The pump is running and the next dose is ordered: information, never stop it for this",
      ordering(pump_chart(to_baclofen("allergy")), [itb_draft(420)]), [INFO], says=["never stop it abruptly"]),
    c("at-opening", "This rule speaks when ordering, not at chart opening", standing(to_baclofen("allergy")), []),
    c("allergies-withheld", "Without the allergy list there is no card and no reassurance", inserting(withhold=("AllergyIntolerance",)), []),
]  # fmt: skip
