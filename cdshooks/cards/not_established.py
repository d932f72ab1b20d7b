"""The words of the card that stands in place of a 412: what would have told whether there is a pump."""

from __future__ import annotations

from collections.abc import Sequence

from cdshooks.cards.not_assessed import begun_lists, named_lists
from rules.chart import Chart
from rules.recommendation import APPOINTMENT_BOOK, ORDER


def unknown_status_key(missing: Sequence[str]) -> str:
    """A stable key of what the card says."""
    return ",".join(missing) or "another patient"


def unknown_status_values(missing: Sequence[str], chart: Chart) -> dict[str, object]:
    """What the words of the card may use. `missing`: the lists that would tell; none: all was another patient's."""
    return {
        "other_patient": not missing,
        "lists": named_lists(missing),
        "unseen": begun_lists(missing),
        "order": chart.hook == ORDER,
        "visit": chart.hook == APPOINTMENT_BOOK,
        "orders": sorted([order.name for order in chart.judged if order.name], key=str.lower),
    }
