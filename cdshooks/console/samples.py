"""Requests to try: the vignettes of the rules and one request in each client's dialect, from ``cdshooks/fixtures``.

In a checkout that is a link to the folder at the top; in an installation it is the folder itself. Without it the
console works with pasted requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from cdshooks.protocol import catalogue
from rules import ALL_RULES
from rules.recommendation import Rule

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
CLIENT_TIME = "2026-06-15T10:00:00Z"
"""Evaluation time of the client requests: their invented patients live around that day."""
CLIENTS = {"epic": "Epic", "oracle": "Oracle Health", "sandbox": "CDS Hooks sandbox", "inferno": "Inferno test kit"}
FIRST = "itb-refill-due/one-day-overdue"
"""The patient behind the button for a critical card."""


@dataclass(frozen=True)
class ConsoleSample:
    id: str
    """``vignettes/<rule>/<case>`` or ``clients/<client>/<name>``."""
    title: str
    group: str
    at: str
    service: str
    read: Callable[[], str]
    """Gives the request as JSON."""
    rule: str = ""
    expected: Mapping[str, Any] | None = None
    """Of a vignette: what must come back."""

    @property
    def text(self) -> str:
        return self.read()


@cache
def samples_by_id() -> dict[str, ConsoleSample]:
    """Every sample by id: clients first, then patients by rule number."""
    found = [*_clients(FIXTURES / "clients"), *_vignettes()]
    return {sample.id: sample for sample in found}


def _clients(root: Path) -> Iterator[ConsoleSample]:
    by_hook = {service.hook: service.id for service in catalogue.SERVICES}
    for file in sorted(root.glob("*/*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        client = CLIENTS.get(file.parent.name, file.parent.name)
        if isinstance(document, dict) and document.get("hook") in by_hook:
            yield ConsoleSample(
                id=f"clients/{file.parent.name}/{file.stem}",
                title=f"{client}: {file.stem}",
                group="Client dialects",
                at=CLIENT_TIME,
                service=by_hook[document["hook"]],
                read=partial(file.read_text, encoding="utf-8"),
            )


def _vignettes() -> Iterator[ConsoleSample]:
    from cdshooks import vignettes  # it reads YAML, which a running service must not load

    for rule in sorted(ALL_RULES, key=lambda rule: rule.number):
        for vignette in vignettes.of_rule(rule.id):
            expected = vignette.expected
            yield ConsoleSample(
                id=f"vignettes/{vignette.id}",
                title=vignette.title,
                group=f"R{rule.number:02} {rule.title}",
                at=expected["now"],
                service=expected["service"],
                read=partial(getattr, vignette, "text"),
                rule=rule.id,
                expected=expected,
            )


def sample_groups() -> dict[str, list[ConsoleSample]]:
    """The samples as a list to choose from shows them."""
    found: dict[str, list[ConsoleSample]] = {}
    for sample in samples_by_id().values():
        found.setdefault(sample.group, []).append(sample)
    return found


def samples_of_rule(rule: Rule) -> list[ConsoleSample]:
    return [sample for sample in samples_by_id().values() if sample.rule == rule.id]


def critical() -> ConsoleSample | None:
    """A patient for whom somebody must act now."""
    known = samples_by_id()
    if f"vignettes/{FIRST}" in known:
        return known[f"vignettes/{FIRST}"]
    return next((sample for sample in known.values() if sample.expected and _is_critical(sample.expected)), None)


def _is_critical(expected: Mapping[str, Any]) -> bool:
    return any(card["indicator"] == "critical" for card in expected["cards"])
