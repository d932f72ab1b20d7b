"""The knowledge: what a clinician should be told about a patient with intrathecal baclofen, and when."""

from __future__ import annotations

from rules import catheter_insertion
from rules import identification
from rules import interactions
from rules import intrathecal_orders
from rules import overdose
from rules import procedures
from rules import withdrawal

ALL_RULES = (
    *identification.RULES,
    *withdrawal.RULES,
    *overdose.RULES,
    *interactions.RULES,
    *intrathecal_orders.RULES,
    *catheter_insertion.RULES,
    *procedures.RULES,
)
