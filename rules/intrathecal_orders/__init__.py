from __future__ import annotations

from rules.intrathecal_orders.order_admixture import RULE as ORDER_ADMIXTURE
from rules.intrathecal_orders.order_concentration import RULE as ORDER_CONCENTRATION
from rules.intrathecal_orders.order_dose import RULE as ORDER_DOSE
from rules.intrathecal_orders.order_dose_step import RULE as ORDER_DOSE_STEP
from rules.intrathecal_orders.order_route import RULE as ORDER_ROUTE
from rules.intrathecal_orders.order_screening import RULE as ORDER_SCREENING

RULES = (
    ORDER_DOSE,
    ORDER_DOSE_STEP,
    ORDER_CONCENTRATION,
    ORDER_SCREENING,
    ORDER_ROUTE,
    ORDER_ADMIXTURE,
)
