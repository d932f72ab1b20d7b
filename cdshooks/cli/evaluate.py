"""``flask --app cdshooks evaluate FILE…``: the cards for charts in files. Nothing is recorded, no server is called."""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from rich.console import Console

    from cdshooks.hooks.decision import Decision
    from cdshooks.protocol.request import HookRequest
    from cdshooks.settings.environment import Config

COLOURS = {"critical": "bold white on red", "warning": "black on yellow", "info": "white on blue"}
INDICATORS = ("critical", "warning", "info")
PIPED_WIDTH = 120
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


@click.command("evaluate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document a patient and line; the summary goes to standard error."
)
@click.option(
    "--details/--no-details",
    default=None,
    help="Whole cards, not just their summaries. Default: for requests and Bundles.",
)
@click.option("--why", is_flag=True, help="Also tell, rule by rule, why it fired or did not.")
@click.option(
    "--complete", is_flag=True, help="The files hold the whole chart: a list that is not in them is empty, not unknown."
)
@with_appcontext
def command(files: tuple[Path, ...], as_json: bool, details: bool | None, why: bool, complete: bool) -> None:
    """Cards for a hook request, a FHIR Bundle, or NDJSON files and folders with any number of patients (bulk export).

    Evaluated as of CDSHOOKS_NOW, or now, with the settings of CDSHOOKS_SITE.
    """
    from rich.console import Console

    from cdshooks.hooks.state import EXTENSION

    logging.getLogger().setLevel(logging.ERROR)
    config: Config = current_app.extensions[EXTENSION].config
    tally, out = Tally(), Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    show = _printer(out, as_json, why)
    documents, ndjson = _sorted_out(files)
    for file in documents:
        for request in _document(file, complete, tally):
            _evaluated(request, config, tally, show, details is not False)
    if ndjson:
        _export(ndjson, complete, config, tally, show, details is True)
    _summary(Console(stderr=as_json, highlight=False, soft_wrap=True), tally)
    if tally.failed or tally.unreadable:
        raise SystemExit(1)


def _sorted_out(files: tuple[Path, ...]) -> tuple[list[Path], list[Path]]:
    """(JSON documents, NDJSON files); folders are opened."""
    from cdshooks.population.exports import NAMES

    documents: list[Path] = []
    ndjson: list[Path] = []
    for given in files:
        inside = (
            sorted(file for file in given.iterdir() if file.suffix in (*NAMES, ".json")) if given.is_dir() else [given]
        )
        if not inside:
            raise click.ClickException(f"{given}: the folder holds no .json, .ndjson or .jsonl file")
        for file in inside:
            (ndjson if file.suffix in NAMES else documents).append(file)
    return documents, ndjson


def _document(file: Path, complete: bool, tally: Tally) -> Iterator[HookRequest]:
    """The requests that a JSON file holds. What cannot be read is told, and counted."""
    from cdshooks.population import exports
    from cdshooks.protocol import catalogue
    from cdshooks.protocol.errors import ServiceError
    from cdshooks.protocol.request import parse
    from cdshooks.reading.decoding import typed_pass

    body = file.read_bytes()
    try:
        document = json.loads(body)
        if not isinstance(document, dict):
            raise ValueError("not a JSON object")
        if document.get("resourceType") == "Bundle":
            yield from exports.requests_of(document, complete)
        elif document.get("hook") in {service.hook for service in catalogue.SERVICES}:
            # No server is called from the terminal: the token of a saved request is stale or not ours to use.
            yield dataclasses.replace(
                parse(body, document["hook"], decode=typed_pass), fhir_server=None, access_token=None
            )
        else:
            raise ValueError("neither a request of a hook of this service nor a FHIR Bundle")
    except (ValueError, ServiceError, RecursionError) as error:
        _fail(tally, f"{file}: {error}")


def _export(
    files: list[Path],
    complete: bool,
    config: Config,
    tally: Tally,
    show: Callable[[HookRequest, Decision, bool], None],
    details: bool,
) -> None:
    from cdshooks.population.exports import Export

    with Export(files, complete) as export:
        with _progress("reading", export.size) as tell:
            export.read(tell)
        tally.unreadable += export.unreadable
        for problem in export.problems[:10]:
            click.echo(problem, err=True)
        with _progress("evaluating", export.patients) as tell:
            for request in export:
                _evaluated(request, config, tally, show, details)
                tell(1)


def _evaluated(
    request: HookRequest,
    config: Config,
    tally: Tally,
    show: Callable[[HookRequest, Decision, bool], None],
    details: bool,
) -> None:
    from cdshooks.hooks.decision import decide
    from cdshooks.protocol import catalogue

    service = next(service for service in catalogue.SERVICES if service.hook == request.hook)
    tally.patients += 1
    try:
        decision = decide(request, service, config.site, config.now())
        tally.unreadable += decision.chart.unreadable
        tally.with_cards += bool(decision.cards)
        tally.not_established += not decision.evaluation.established
        for card in decision.cards:
            tally.cards[card.rule][card.indicator] += 1
        show(request, decision, details)
    except Exception as error:  # noqa: BLE001 - one patient must not cost the others; it is said and the exit status tells
        _fail(tally, f"patient {request.patient_id}: {type(error).__name__}: {error}")


def _fail(tally: Tally, sentence: str) -> None:
    tally.failed.append(sentence)
    click.echo(sentence, err=True)


# --- what is printed --------------------------------------------------------------------------------------------------


def _printer(out: Console, as_json: bool, why: bool) -> Callable[[HookRequest, Decision, bool], None]:
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

    from cdshooks.audit.recorder import verdict

    table = Table("rule", "outcome", "why", box=None, padding=(0, 2, 0, 0))
    for rule, outcome in decision.evaluation.outcomes.items():
        what, text = verdict(outcome)
        hidden = decision.evaluation.hidden.get(rule) if what == "fired" else None
        table.add_row(rule, what, f"{text}; not shown: {hidden}" if hidden else text)
    out.print(table, soft_wrap=False)


def _summary(out: Console, tally: Tally) -> None:
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
    out.print(f"{said}, {tally.unreadable:,} resources unreadable, {len(tally.failed):,} failed.")


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal's standard error; elsewhere a line every ten percent."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if console.is_terminal:
        # Cards that are printed meanwhile stand above the bar, if they go to the same terminal.
        with Progress(console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
            task = bar.add_task(what, total=total)
            yield lambda size: bar.advance(task, size)
        return
    done = told = 0

    def tell(size: int) -> None:
        nonlocal done, told
        done += size
        percent = 100 * done // max(total, 1)
        if percent >= told + TELL_EVERY:
            told = percent - percent % TELL_EVERY
            click.echo(f"{what}: {told} %", err=True)

    yield tell
