"""How the decisions on charts in files are shown at the terminal: cards, why, a summary, and how far it has come."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from cdshooks.cli.common import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cdshooks.hooks.decision import Decision
    from cdshooks.protocol.request import HookRequest

COLOURS = {"critical": "bold white on red", "warning": "black on yellow", "info": "white on blue"}
INDICATORS = ("critical", "warning", "info")
TELL_EVERY = 10
"""Percent between two lines of progress where there is no terminal."""


@dataclass
class Tally:
    """What the summary at the end tells."""

    patients: int = 0
    with_cards: int = 0
    not_established: int = 0
    unreadable: int = 0
    failed: list[str] = field(default_factory=list)
    """Sentences: what could not be evaluated at all."""
    cards: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Rule id → indicator → number."""


def printer(out: Console, as_json: bool, why: bool) -> Callable[[HookRequest, Decision, bool], None]:
    def show(request: HookRequest, decision: Decision, details: bool) -> None:
        if as_json:
            click.echo(json.dumps(_as_json(request, decision, why), ensure_ascii=False))
            return
        if details:
            _print_whole(out, request, decision)
        else:
            for card in decision.cards:
                _print_line(out, f"{request.patient_id}  ", card.card)
        if why:
            _print_why(out, decision)

    return show


def _as_json(request: HookRequest, decision: Decision, why: bool) -> dict[str, Any]:
    from cdshooks.hooks import explain

    line: dict[str, Any] = {
        "patient": request.patient_id,
        "hook": request.hook,
        "established": decision.evaluation.established,
    }
    if decision.evaluation.missing:
        line["missing"] = list(decision.evaluation.missing)
    line["cards"] = [rendered.card for rendered in decision.cards]
    return line | ({"rules": explain.explanation(decision)["rules"]} if why else {})


def _print_line(out: Console, start: str, card: dict[str, Any]) -> None:
    from rich.text import Text

    out.print(
        Text.assemble(start, (f" {card['indicator'].upper()} ", COLOURS[card["indicator"]]), " ", card["summary"])
    )


def _print_whole(out: Console, request: HookRequest, decision: Decision) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.text import Text

    out.print(Text.assemble((f"{request.hook}, patient {request.patient_id}", "bold")))
    if not decision.evaluation.established:
        out.print(f"  Whether there is a pump cannot be told: {', '.join(decision.evaluation.missing)} missing.")
    elif not decision.cards:
        out.print("  No card.")
    for rendered in decision.cards:
        card = rendered.card
        out.print()
        _print_line(out, "", card)
        out.print(Padding(Markdown(card["detail"]), (0, 0, 0, 2)), soft_wrap=False)
        for suggestion in card.get("suggestions", ()):
            out.print(Text(f"  → {suggestion['label']}"))
        reasons = ", ".join(reason["display"] for reason in card.get("overrideReasons", ()))
        out.print(Text(f"  Answers: {reasons}", "dim")) if reasons else None
        for link in card.get("links", ()):
            out.print(Text(f"  {link['label']}: {link['url']}", "dim"))
    out.print()


def _print_why(out: Console, decision: Decision) -> None:
    from rich.table import Table

    from cdshooks.audit.call import verdict

    table = Table("rule", "outcome", "why", box=None, padding=(0, 2, 0, 0))
    for rule, outcome in decision.evaluation.outcomes.items():
        what, text = verdict(outcome)
        hidden = decision.evaluation.hidden.get(rule) if what == "fired" else None
        table.add_row(rule, what, f"{text}; not shown: {hidden}" if hidden else text)
    out.print(table, soft_wrap=False)


def print_summary(out: Console, tally: Tally) -> None:
    """Cards by rule, most urgent first, then what was evaluated."""
    from rich.table import Table

    table = Table(
        "rule", *INDICATORS, "all", title="Cards by rule", title_justify="left", box=None, padding=(0, 2, 0, 0)
    )
    for column in table.columns[1:]:
        column.justify = "right"
    urgent = sorted(tally.cards.items(), key=lambda item: ([-item[1][name] for name in INDICATORS], item[0]))
    for rule, counts in urgent:
        table.add_row(rule, *(str(counts[name] or "") for name in INDICATORS), str(counts.total()))
    if tally.cards:
        out.print(table)
    said = f"{tally.patients:,} evaluated, {tally.with_cards:,} with cards, {tally.not_established:,} without an established pump status"
    out.print(f"{said}, {how_many(tally.unreadable, 'resource')} unreadable, {len(tally.failed):,} failed.")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal's standard error; elsewhere a line every ten percent. Hears how much is done, and of what."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if console.is_terminal:
        # Cards that are printed meanwhile stand above the bar, if they go to the same terminal.
        with Progress(console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of)
        return
    told = 0

    def tell(done: int, of: int) -> None:
        nonlocal told
        percent = 100 * done // max(of, 1)
        if percent >= told + TELL_EVERY:
            told = percent - percent % TELL_EVERY
            click.echo(f"{what}: {told} %", err=True)

    yield tell
