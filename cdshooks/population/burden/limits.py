"""What an alert burden that is made of an export cannot tell, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from cdshooks.population.burden.counts import BurdenCounts
from cdshooks.population.burden.moments import OPENING, ORDERING, Period

ALWAYS = (
    "Each encounter that starts counts as one opening of the chart, and each order as one order-select of its own; charts "
    "that are opened more often, orders that were not signed and orders that were placed together are not in the export.",
    "Statuses and contents are those of the version that the export holds: what has ended or was corrected since, without "
    "an older version or meta.lastUpdated, counts as it stands now. An order counts as a draft of what it says today, an "
    "encounter without its end, its diagnoses and where the patient went.",
    "A visit or an order known by its day only is judged as of the end of that day.",
)


def limits(counts: BurdenCounts, period: Period) -> Iterator[str]:
    """Give sentences; those with numbers first, where there is something to tell."""
    judged = counts.judged.total()
    if counts.with_rewritten:
        lists = ", ".join(f"{name} {number:,}" for name, number in sorted(counts.rewritten.items()))
        done = (
            "They count as they stand now: cards may be too many or too few."
            if period.as_they_are
            else "They are left out, so that nothing is judged with hindsight: the true burden may be higher."
        )
        yield (
            f"In {counts.with_rewritten:,} of {judged:,} calls that were judged, there are resources that may have been known "
            f"and were written again later; what they said before is not in the export (calls by list: {lists}). {done}"
        )
    if counts.undated:
        visits, orders = counts.undated[OPENING], counts.undated[ORDERING]
        yield f"{visits:,} encounters and {orders:,} orders do not tell their day: they are in no number."
    if counts.not_established.total():
        yield (
            f"Of {counts.not_established.total():,} calls nobody can tell whether the patient had a pump: "
            "they would have been answered by an error, or by a card that says so where the site asks for it."
        )
    if counts.failed:
        yield f"The calls of {counts.failed:,} patients could not be judged: they are in no number of cards."
    yield from ALWAYS
