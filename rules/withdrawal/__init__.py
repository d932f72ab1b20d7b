from __future__ import annotations

from rules.withdrawal.catheter_problem import RULE as CATHETER_PROBLEM
from rules.withdrawal.device_fault import RULE as DEVICE_FAULT
from rules.withdrawal.explant_planned import RULE as EXPLANT_PLANNED
from rules.withdrawal.intrathecal_stop import RULE as INTRATHECAL_STOP
from rules.withdrawal.loss_of_effect import RULE as LOSS_OF_EFFECT
from rules.withdrawal.masking_treatment import RULE as MASKING_TREATMENT
from rules.withdrawal.oral_baclofen_stop import RULE as ORAL_BACLOFEN_STOP
from rules.withdrawal.pump_end_of_service import RULE as PUMP_END_OF_SERVICE
from rules.withdrawal.pump_infection import RULE as PUMP_INFECTION
from rules.withdrawal.recent_explant import RULE as RECENT_EXPLANT
from rules.withdrawal.recent_pump_change import RULE as RECENT_PUMP_CHANGE
from rules.withdrawal.refill_due import RULE as REFILL_DUE
from rules.withdrawal.refill_plan_gap import RULE as REFILL_PLAN_GAP
from rules.withdrawal.rescue_baclofen_missing import RULE as RESCUE_BACLOFEN_MISSING
from rules.withdrawal.withdrawal_mimic import RULE as WITHDRAWAL_MIMIC
from rules.withdrawal.withdrawal_suspected import RULE as WITHDRAWAL_SUSPECTED
from rules.withdrawal.withdrawal_treatment import RULE as WITHDRAWAL_TREATMENT

RULES = (
    REFILL_DUE,
    REFILL_PLAN_GAP,
    PUMP_END_OF_SERVICE,
    DEVICE_FAULT,
    CATHETER_PROBLEM,
    RECENT_PUMP_CHANGE,
    WITHDRAWAL_SUSPECTED,
    WITHDRAWAL_MIMIC,
    LOSS_OF_EFFECT,
    RESCUE_BACLOFEN_MISSING,
    INTRATHECAL_STOP,
    ORAL_BACLOFEN_STOP,
    PUMP_INFECTION,
    EXPLANT_PLANNED,
    RECENT_EXPLANT,
    WITHDRAWAL_TREATMENT,
    MASKING_TREATMENT,
)
