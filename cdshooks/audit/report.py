"""Rates: what fired, was shown, accepted, and overridden for which reasons, by rule and period, from the record.

A request sent twice (same hookInstance) counts once. What users did counts in the period in which the card was shown,
so that a rate never passes 100 %; feedback for a card that the record does not know has a line of its own. What was
tried in the console is left out, unless it is asked for: then it stands alone.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, case, distinct, func, select

from cdshooks.store import Store
from cdshooks.store.models import call, feedback, fired
from rules.evaluation import WITHHELD

PERIODS = ("day", "week", "month", "all")
UNKNOWN_CARD = "(unknown card)"
NO_REASON = "(no reason)"
TRIAL = "(console trial)"
"""Client name of what is tried in the console."""
OWN_SYSTEM = "urn:itb-cds:override-reason"
SECONDS = 60.0
COLUMNS = ("period", "rule", "fired", "shown", "notShown", "wouldHaveShown", "accepted", "overridden", "reasons")


@dataclass(slots=True)
class Rate:
    """One rule in one period; numbers of different cards (fired: of calls)."""

    period: str
    rule: str
    fired: int = 0
    shown: int = 0
    accepted: int = 0
    overridden: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    withheld: int = 0
    """Calls whose card would have shown: kept back by silence, or for want of an approval."""

    @property
    def not_shown(self) -> int:
        """Silent, suppressed by another rule, or beyond the five most urgent."""
        return max(self.fired - self.shown, 0)

    def members(self) -> dict[str, Any]:
        numbers = (
            self.period,
            self.rule,
            self.fired,
            self.shown,
            self.not_shown,
            self.withheld,
            self.accepted,
            self.overridden,
        )
        return {**dict(zip(COLUMNS, numbers, strict=False)), "reasons": dict(self.reasons.most_common())}


def rates(
    store: Store, since: date, until: date, *, by: str = "all", rules: Iterable[str] = (), trials: bool = False
) -> list[Rate]:
    """Rates of the days from `since` to `until`, both included; by period and then rule. Raises StoreUnavailable.

    `trials`: only what was tried in the console; else only what clients asked.
    """
    lines: dict[tuple[str, str], Rate] = {}

    def line(day: date, rule: str) -> Rate:
        period = period_name(day, by, since, until)
        return lines.setdefault((period, rule), Rate(period, rule))

    def count_rates(connection: Connection) -> None:
        lines.clear()
        for rule, day, times, shown, withheld in connection.execute(_fired(since, until, trials)):
            entry = line(day, rule)
            entry.fired += times
            entry.shown += shown
            entry.withheld += withheld
        for rule, day, outcome, cards in connection.execute(_answers(since, until, trials)):
            entry = line(day, rule or UNKNOWN_CARD)
            entry.accepted += cards if outcome == "accepted" else 0
            entry.overridden += cards if outcome == "overridden" else 0
        for rule, day, outcome, cards, code, system in connection.execute(
            _answers(since, until, trials, feedback.c.reason_code, feedback.c.reason_system)
        ):
            if outcome == "overridden":
                line(day, rule or UNKNOWN_CARD).reasons[_override_reason(code, system)] += cards

    store.run(count_rates, SECONDS)
    wanted = set(rules)
    return [lines[key] for key in sorted(lines) if not wanted or key[1] in wanted]


@dataclass(frozen=True, slots=True)
class Days:
    """The days of which calls are on record: the first, the last, and how many have any."""

    first: date
    last: date
    number: int


def days_on_record(store: Store) -> Days | None:
    """None when no call is on record. Raises StoreUnavailable."""

    def read(connection: Connection) -> Days | None:
        columns = func.min(call.c.day), func.max(call.c.day), func.count(distinct(call.c.day))
        first, last, number = connection.execute(select(*columns)).one()
        return Days(first, last, number) if number else None

    return store.run(read, SECONDS)


def period_name(day: date, by: str, since: date, until: date) -> str:
    """``2026-06-15``, ``2026-W25``, ``2026-06`` or, for ``all``, the whole stretch."""
    if by == "day":
        return day.isoformat()
    if by == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    if by == "month":
        return f"{day:%Y-%m}"
    return f"{since}..{until}"


def of_trials(client: Any, *, trials: bool) -> Any:
    """The condition on a column of client names."""
    return client == TRIAL if trials else func.coalesce(client, "") != TRIAL


def _fired(since: date, until: date, trials: bool) -> Any:
    shown = func.count(distinct(case((fired.c.shown, fired.c.card))))
    withheld = func.count(distinct(case((fired.c.hidden.in_(WITHHELD), call.c.hook_instance))))
    return (
        select(fired.c.rule, fired.c.day, func.count(distinct(call.c.hook_instance)), shown, withheld)
        .join(call, call.c.id == fired.c.call_id)
        .where(fired.c.day.between(since, until), of_trials(call.c.client, trials=trials))
        .group_by(fired.c.rule, fired.c.day)
    )


def _answers(since: date, until: date, trials: bool, *more: Any) -> Any:
    """Feedback by rule and day of its card. A card stands in several rows when its request came several times."""
    day = func.coalesce(fired.c.day, feedback.c.day)
    return (
        select(fired.c.rule, day, feedback.c.outcome, func.count(distinct(feedback.c.card)), *more)
        .join_from(feedback, fired, fired.c.card == feedback.c.card, isouter=True)
        .where(day.between(since, until), of_trials(feedback.c.client, trials=trials))
        .group_by(fired.c.rule, day, feedback.c.outcome, *more)
    )


def _override_reason(code: str | None, system: str | None) -> str:
    if code is None:
        return NO_REASON
    return code if system in (None, OWN_SYSTEM) else f"{code} ({system})"


# ---------------------------------------------------------------- as text, CSV, JSON


def rates_as_json(lines: Sequence[Rate], since: date, until: date, by: str, held: Days | None = None) -> str:
    days = {"onRecord": {"first": str(held.first), "last": str(held.last), "days": held.number}} if held else {}
    rows = [line.members() for line in lines]
    return json.dumps({"since": str(since), "until": str(until), "by": by, **days, "rates": rows}, indent=2)


def rates_as_csv(lines: Sequence[Rate]) -> str:
    """One row a rule and period; reasons as ``code: n`` joined by semicolons."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        members = line.members()
        writer.writerow([_cell(value) for value in (*list(members.values())[:-1], _override_reasons(line, "; "))])
    return text.getvalue()


def _cell(value: object) -> object:
    """Reason codes come from clients: a spreadsheet must not take one for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def rates_as_text(lines: Sequence[Rate], held: Days | None = None) -> str:
    """A table for a terminal; the reasons of a rule stand below it. Without lines, which days are `held`."""
    if not lines:
        return f"Nothing fired and no feedback arrived in this period. {_held(held)}\n"
    by_period: dict[str, list[Rate]] = defaultdict(list)
    for line in lines:
        by_period[line.period].append(line)
    width = max(len(line.rule) for line in lines)
    head = f"{'rule':{width}}  {'fired':>7}  {'shown':>7}  {'would have':>10}  {'accepted':>14}  {'overridden':>14}"
    out: list[str] = []
    for period, members in by_period.items():
        out += [period, head, "-" * len(head)]
        for line in sorted(members, key=lambda line: (-line.fired, line.rule)):
            accepted, overridden = _share(line.accepted, line.shown), _share(line.overridden, line.shown)
            out.append(
                f"{line.rule:{width}}  {line.fired:>7}  {line.shown:>7}  {line.withheld:>10}  {accepted:>14}  {overridden:>14}"
            )
            if line.reasons:
                out.append(f"{'':{width}}    {_override_reasons(line, ', ')}")
        out.append("")
    return "\n".join(out)


def _held(days: Days | None) -> str:
    if days is None:
        return "No call is on record at all."
    if days.number == 1:
        return f"Calls are on record of 1 day: {days.first}."
    return f"Calls are on record of {days.number:,} days: {days.first} to {days.last}."


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else str(part)


def _override_reasons(line: Rate, between: str) -> str:
    return between.join(f"{reason}: {times}" for reason, times in line.reasons.most_common())


def default_stretch(today: date, days: int = 30) -> tuple[date, date]:
    return today - timedelta(days=days - 1), today
