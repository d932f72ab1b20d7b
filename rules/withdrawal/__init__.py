from __future__ import annotations

from rules.withdrawal.explant_planned import RULE as EXPLANT_PLANNED
from rules.withdrawal.masking_treatment import RULE as MASKING_TREATMENT
from rules.withdrawal.pump_infection import RULE as PUMP_INFECTION
from rules.withdrawal.recent_explant import RULE as RECENT_EXPLANT
from rules.withdrawal.withdrawal_treatment import RULE as WITHDRAWAL_TREATMENT

RULES = (
    PUMP_INFECTION,
    EXPLANT_PLANNED,
    RECENT_EXPLANT,
    WITHDRAWAL_TREATMENT,
    MASKING_TREATMENT,
)
