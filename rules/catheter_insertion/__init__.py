from __future__ import annotations

from rules.catheter_insertion.anticoagulant import RULE as ANTICOAGULANT
from rules.catheter_insertion.antiplatelet import RULE as ANTIPLATELET
from rules.catheter_insertion.baclofen_allergy import RULE as BACLOFEN_ALLERGY
from rules.catheter_insertion.candidate_selection import RULE as CANDIDATE_SELECTION
from rules.catheter_insertion.coagulopathy import RULE as COAGULOPATHY
from rules.catheter_insertion.local_infection import RULE as LOCAL_INFECTION
from rules.catheter_insertion.spine_anatomy import RULE as SPINE_ANATOMY
from rules.catheter_insertion.systemic_infection import RULE as SYSTEMIC_INFECTION
from rules.catheter_insertion.trial_missing import RULE as TRIAL_MISSING

RULES = (
    ANTICOAGULANT,
    ANTIPLATELET,
    COAGULOPATHY,
    SYSTEMIC_INFECTION,
    LOCAL_INFECTION,
    SPINE_ANATOMY,
    BACLOFEN_ALLERGY,
    TRIAL_MISSING,
    CANDIDATE_SELECTION,
)
