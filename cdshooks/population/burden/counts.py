"""What comes of the calls of a period, in numbers that stay few however many calls there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from cdshooks.population.burden.alert import FiredAlert

MANY = 3
"""More cards than this are many: for one answer, and for one patient in the period."""


@dataclass(slots=True)
class BurdenCounts:
    """Numbers of calls, cards, answers and patients. Days are ISO dates of the site's calendar."""

    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Calls that would have been made, for everybody, by day and hook."""
    undated: Counter[str] = field(default_factory=Counter)
    """Encounters and orders, by hook, that do not tell their day: they are in no other number."""
    judged: Counter[str] = field(default_factory=Counter)
    """Calls, by hook, of patients with a sign of a pump, or an order that may matter by itself; all others are silent."""
    not_established: Counter[str] = field(default_factory=Counter)
    """Calls, by hook, that would have been answered 412, or by a card that says so."""
    failed: int = 0
    """Calls that could not be judged."""
    with_card: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Calls, by day and hook, that would have been answered with a card."""
    cards: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Cards shown, by day, hook, rule and indicator."""
    not_shown: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Calls in which a rule had something to say and no card was shown, by hook, rule and reason."""
    without_settings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Cards that would have been shown without the site's settings, by hook, rule and indicator."""
    by_answer: Counter[int] = field(default_factory=Counter)
    """Answers, by their number of cards."""
    by_patient: Counter[int] = field(default_factory=Counter)
    """Patients, by the number of cards on all of their calls."""
    rewritten: Counter[str] = field(default_factory=Counter)
    """Calls, by list, in which a resource is left out that may have been known (`then.Known.rewritten`)."""
    with_rewritten: int = 0
    """Calls with such a resource in any list."""

    def add(self, other: BurdenCounts) -> None:
        """Take in what came of others."""
        for one in fields(self):
            held, more = getattr(self, one.name), getattr(other, one.name)
            if isinstance(held, Counter):
                held.update(more)
            else:
                setattr(self, one.name, held + more)

    def count_call(self, day: str, hook: str, alerts: Sequence[FiredAlert], rewritten: Sequence[str]) -> int:
        """Count one call by what it gave; return its number of cards."""
        shown = [one for one in alerts if one.shown]
        self.judged[hook] += 1
        self.not_established[hook] += any(not one.rule for one in alerts)
        self.with_card[day, hook] += bool(shown)
        self.cards.update((day, hook, one.rule, one.indicator) for one in shown)
        self.not_shown.update((hook, one.rule, one.hidden) for one in alerts if one.hidden)
        self.without_settings.update((hook, one.rule, one.without_settings) for one in alerts if one.without_settings)
        self.by_answer[len(shown)] += 1
        self.rewritten.update(rewritten)
        self.with_rewritten += bool(rewritten)
        return len(shown)

    @property
    def encounters(self) -> int:
        """Encounters that started in the period."""
        return sum(number for (_, hook), number in self.asked.items() if hook == "patient-view")

    @property
    def shown(self) -> int:
        """Cards shown."""
        return self.cards.total()

    @property
    def answers_with_many(self) -> int:
        return sum(number for cards, number in self.by_answer.items() if cards > MANY)

    @property
    def patients_with_many(self) -> int:
        return sum(number for cards, number in self.by_patient.items() if cards > MANY)
