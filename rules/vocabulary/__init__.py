"""The names of the concepts that rules speak of, each checked where a rule spells it.

A chart names what it holds by words: ``pump-refill``, ``cirrhosis``, ``opioid``. A rule that misspelt one would look
for something that no chart ever holds, and keep silent. So no rule spells a concept by itself: it asks for it here,
when its module is imported, and a name that is not known stops the import.

    REFILL = vocabulary.event("pump-refill")
    BLEEDING = vocabulary.conditions("cirrhosis", "von-willebrand")

One name is given back as it is, several as a frozenset. The known names (``names.py``) are made from the value sets
and texts that charts are read with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.vocabulary import names


class UnknownConcept(ValueError):
    """A name that is in no value set and no text; says what it may have been meant to be."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The names of one kind of concept."""

    kind: str
    """What one of them is, in a message: ``condition``."""
    known: frozenset[str]

    def one(self, name: str) -> str:
        """The name itself. Raises UnknownConcept."""
        if name not in self.known:
            raise UnknownConcept(f"{name!r} is no {self.kind}{self._nearest(name)}")
        return name

    def some(self, *names: str) -> frozenset[str]:
        """The names as a set. Raises UnknownConcept, also for a name that stands twice."""
        found = frozenset(map(self.one, names))
        if len(found) < len(names):
            raise UnknownConcept(f"a {self.kind} stands twice in {', '.join(names)}")
        return found

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, sorted(self.known), cutoff=0.5)
        return f"; near: {', '.join(near)}" if near else ""


CONDITIONS = Domain("condition", names.CONDITIONS)
OBSERVATIONS = Domain("observation", names.OBSERVATIONS)
EVENTS = Domain("event", names.EVENTS)
DRUG_CLASSES = Domain("drug class", names.DRUG_CLASSES)
INGREDIENTS = Domain("ingredient", names.INGREDIENTS)
ROUTES = Domain("route", names.ROUTES)
REMARKS = Domain("remark", names.REMARKS)
PUMP_FAMILIES = Domain("pump family", names.PUMP_FAMILIES)
SITES = Domain("site of the body", names.SITES)
ALERTS = Domain("flag", names.ALERTS)
ANTITHROMBOTIC_KINDS = Domain("kind of antithrombotic", names.ANTITHROMBOTIC_KINDS)
ANTITHROMBOTICS = Domain("antithrombotic of the interval table", names.ANTITHROMBOTICS)
VALUES: Mapping[str, Domain] = {
    concept: Domain(f"value of {concept}", known) for concept, known in names.VALUES.items()
}

condition, conditions = CONDITIONS.one, CONDITIONS.some
observation, observations = OBSERVATIONS.one, OBSERVATIONS.some
event, events = EVENTS.one, EVENTS.some
drug_class, drug_classes = DRUG_CLASSES.one, DRUG_CLASSES.some
ingredient, ingredients = INGREDIENTS.one, INGREDIENTS.some
route, routes = ROUTES.one, ROUTES.some
remark, remarks = REMARKS.one, REMARKS.some
pump_family, pump_families = PUMP_FAMILIES.one, PUMP_FAMILIES.some
site, sites = SITES.one, SITES.some
alert, alerts = ALERTS.one, ALERTS.some
antithrombotic_kind, antithrombotic_kinds = ANTITHROMBOTIC_KINDS.one, ANTITHROMBOTIC_KINDS.some
antithrombotic, antithrombotics = ANTITHROMBOTICS.one, ANTITHROMBOTICS.some


def value(concept: str, name: str) -> str:
    """One value code of a coded observation; of the concept ``finding`` for a finding that is there or not."""
    return _values_of(concept).one(name)


def values(concept: str, *names: str) -> frozenset[str]:
    """Several of them."""
    return _values_of(concept).some(*names)


def _values_of(concept: str) -> Domain:
    if concept not in VALUES:
        raise UnknownConcept(f"{concept!r} is no observation with value codes; there are {', '.join(sorted(VALUES))}")
    return VALUES[concept]
