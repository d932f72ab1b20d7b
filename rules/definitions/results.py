"""Results that are on record and cannot be read (docs/fhir-mapping.md S5).

A result that was not read is neither a sign nor normal, and never hides an older one.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rules.chart import Chart, Observation, answer
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.times import happened, within_days, within_hours
from rules.phrases import day
from rules.vocabulary.spoken import name_of

Span = Decimal | int
"""Hours or days."""


def newest_coded(chart: Chart, concept: str) -> Observation | None:
    """The newest value whose code is known: one that was not read never counts as the newest."""
    return next((o for o in dated_values(chart, concept) if o.code is not None), None)


def hidden(chart: Chart, concept: str) -> bool:
    """A newer value than the newest readable one could not be read: what is known of the concept is not what holds
    now."""
    newest = next(iter(dated_values(chart, concept)), None)
    return newest is not None and newest.unread is not None


def undated(found: Observation, chart: Chart) -> bool:
    """Its date is missing, cannot be read or lies in the future."""
    return not happened(found.time, chart)


@answer
class Unread:
    """A result that is on record and cannot be used."""

    entry: Observation
    name: str
    dated: bool

    @property
    def words(self) -> str:
        """``platelets of 12 Jun 2026 («30 Kpl»)``."""
        when = f" of {day(self.entry.time)}" if self.entry.time is not None and self.dated else ""
        said = f" («{self.entry.unread}»)" if self.entry.unread else ""
        return f"{self.name}{when}{said}"


@once_a_chart
def unread_by_concept(chart: Chart) -> dict[str, list[Observation]]:
    """Every result that cannot be read; most charts hold none."""
    found: dict[str, list[Observation]] = {}
    for one in chart.observations:
        if one.unread is not None:
            found.setdefault(one.concept, []).append(one)
    return found


def unread(chart: Chart, concept: str, *, hours: Span | None = None, days: Span = 0) -> list[Unread]:
    """The values of a concept that cannot be read and are not older than the newest that can; undated ones among
    them."""
    unread_ones = unread_by_concept(chart).get(concept)
    if not unread_ones:
        return []
    name, found = name_of("observations", (concept,)), []
    for entry in dated_values(chart, concept):
        if entry.unread is None:
            break
        in_window = (
            within_hours(entry.time, hours, chart) if hours is not None else within_days(entry.time, days, chart)
        )
        if in_window:
            found.append(Unread(entry, name, dated=True))
    found += [Unread(o, name, dated=False) for o in unread_ones if undated(o, chart)]
    return found


def unread_words(chart: Chart, concepts: Iterable[str], *, hours: Span) -> list[str]:
    """How a card names what could not be read of these, the newest of each."""
    return [found[0].words for concept in concepts if (found := unread(chart, concept, hours=hours))]
