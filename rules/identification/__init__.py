from __future__ import annotations

from rules.identification.pump_summary import RULE as PUMP_SUMMARY
from rules.identification.record_incomplete import RULE as RECORD_INCOMPLETE

RULES = (
    PUMP_SUMMARY,
    RECORD_INCOMPLETE,
)
