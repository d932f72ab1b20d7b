"""The records of each table of a report, their values in the order of its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from cdshooks.population.burden.counts import BurdenCounts
from cdshooks.population.burden.moments import OPENING, ORDERING
from cdshooks.population.report import PopulationReport
from cdshooks.population.tables.columns import TABLES, Table
from cdshooks.population.worklists import WORKLISTS
from rules.evaluation import NOT_APPROVED, SILENT

OFF = "switched off"
HOOKS = (OPENING, ORDERING)
Record = tuple[Any, ...]
_LISTS = {one.name: one for one in WORKLISTS}


def tables_of(report: PopulationReport) -> Iterator[tuple[Table, Iterator[Record]]]:
    """Give the tables that a report has, each with its records."""
    for table in TABLES:
        if not table.burden or report.told.period is not None:
            yield table, records(report, table)


def records(report: PopulationReport, table: Table) -> Iterator[Record]:
    """Give the records of one table."""
    counts = report.told.judged.burden
    if table.name == "rows":
        found: Iterable[Any] = report.rows()
    elif table.name in _LISTS:
        found = _LISTS[table.name].ordered(report.rows())
    elif table.name == "alerts":
        found = report.alerts()
    elif table.name == "burden-days":
        return by_day(counts)
    elif table.name == "burden-rules":
        return by_rule(counts)
    else:
        return iter(sorted(counts.by_patient.items()))
    pick = attrgetter(*(column.name for column in table.columns))
    return map(pick, found)


def by_day(counts: BurdenCounts) -> Iterator[Record]:
    """Give day, hook, calls, calls with a card, and cards."""
    cards: Counter[tuple[str, str]] = Counter()
    for (day, hook, _, _), number in counts.cards.items():
        cards[day, hook] += number
    for day, hook in sorted({*counts.asked, *counts.with_card}):
        yield day, hook, counts.asked[day, hook], counts.with_card[day, hook], cards[day, hook]


def by_rule(counts: BurdenCounts) -> Iterator[Record]:
    """Give the columns of the table ``burden-rules``, the rule with the most cards first."""
    shown: Counter[tuple[str, str, str]] = Counter()
    for (_, hook, rule, indicator), number in counts.cards.items():
        shown[hook, rule, indicator] += number
    plain: Counter[tuple[str, str]] = Counter()
    for (hook, rule, _), number in counts.without_settings.items():
        plain[hook, rule] += number
    kept: Counter[tuple[str, str, str]] = Counter()
    for (hook, rule, why), number in counts.not_shown.items():
        kept[hook, rule, why if why in (SILENT, NOT_APPROVED, OFF) else ""] += number
    names = {name[:2] for name in (*shown, *plain, *kept) if name[1]}
    calls = {hook: sum(n for (_, one), n in counts.asked.items() if one == hook) for hook in HOOKS}
    found: list[Record] = []
    for hook, rule in names:
        cards = [shown[hook, rule, indicator] for indicator in ("critical", "warning", "info")]
        rates = (per_100(sum(cards), counts.encounters), per_100(sum(cards), calls.get(hook, 0)))
        withheld = [kept[hook, rule, why] for why in (SILENT, NOT_APPROVED, OFF, "")]
        found.append((hook, rule, sum(cards), *cards, *rates, *withheld, plain[hook, rule]))
    yield from sorted(found, key=lambda one: (-one[2], -one[-1], one[0], one[1]))


def per_100(number: int, of: int) -> float | None:
    """Return how many there are for 100; None where there is nothing to compare with."""
    return round(100 * number / of, 2) if of else None
