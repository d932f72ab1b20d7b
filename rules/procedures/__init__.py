from __future__ import annotations

from rules.procedures.hyperbaric_diathermy import RULE as HYPERBARIC_DIATHERMY
from rules.procedures.mri_order import RULE as MRI_ORDER
from rules.procedures.neuraxial_near_catheter import RULE as NEURAXIAL_NEAR_CATHETER
from rules.procedures.perioperative import RULE as PERIOPERATIVE
from rules.procedures.post_mri_check import RULE as POST_MRI_CHECK
from rules.procedures.pregnancy import RULE as PREGNANCY

RULES = (
    MRI_ORDER,
    POST_MRI_CHECK,
    NEURAXIAL_NEAR_CATHETER,
    PERIOPERATIVE,
    HYPERBARIC_DIATHERMY,
    PREGNANCY,
)
