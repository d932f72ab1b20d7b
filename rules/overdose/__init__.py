from __future__ import annotations

from rules.overdose.overdose_suspected import RULE as OVERDOSE_SUSPECTED
from rules.overdose.physostigmine_order import RULE as PHYSOSTIGMINE_ORDER

RULES = (
    OVERDOSE_SUSPECTED,
    PHYSOSTIGMINE_ORDER,
)
