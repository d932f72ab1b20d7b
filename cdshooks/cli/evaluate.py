"""``flask --app cdshooks evaluate FILE…``: the cards for charts in files. Nothing is recorded, no server is called."""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from cdshooks.cli.common import log_nothing_below, with_format
from cdshooks.cli.decisions_shown import Tally, print_summary, printer, progress

if TYPE_CHECKING:
    from cdshooks.hooks.decision import Decision
    from cdshooks.population.files import ExportFiles, File
    from cdshooks.protocol.request import HookRequest
    from cdshooks.settings.environment import Config

PIPED_WIDTH = 120


@click.command("evaluate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path))
@with_format("text", "json")
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
def command(files: tuple[Path, ...], form: str, details: bool | None, why: bool, complete: bool) -> None:
    """Cards for a hook request, a FHIR Bundle, or NDJSON files and folders with any number of patients (bulk export).

    As of CDSHOOKS_NOW, or now, with the settings of CDSHOOKS_SITE. JSON: one document a line; the summary on stderr.
    """
    from rich.console import Console

    from cdshooks.hooks.state import EXTENSION

    log_nothing_below(logging.ERROR)
    config: Config = current_app.extensions[EXTENSION].config
    tally, out = Tally(), Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    show = printer(out, form == "json", why)
    documents, export = _sorted_out(files)
    for file in documents:
        for request in _document(file, complete, tally):
            _evaluated(request, config, tally, show, details is not False)
    if export.files or export.unread:
        _export(export, complete, config, tally, show, details is True)
    print_summary(Console(stderr=form == "json", highlight=False, soft_wrap=True), tally)
    if tally.failed or tally.unreadable:
        raise SystemExit(1)


def _sorted_out(files: tuple[Path, ...]) -> tuple[list[File], ExportFiles]:
    """(JSON documents, files of lines); folders are opened."""
    from cdshooks.population.file_names import Part
    from cdshooks.population.files import File, find_files, is_of_lines

    documents: list[File] = []
    ndjson: list[Path] = []
    for given in files:
        if given.is_dir() or is_of_lines(given.name):
            ndjson.append(given)
        else:
            documents.append(File(str(given), str(given), 0, Part.RESOURCES, None, given.stat().st_size))
    found = find_files(ndjson)
    for given in ndjson:
        if given.is_dir() and not any(file.path.startswith(f"{given}") for file in found.files) and not found.unread:
            raise click.ClickException(f"{given}: the folder holds no .json, .ndjson or .jsonl file")
    whole = [file for file in found.files if file.document and file.part is Part.RESOURCES]
    return documents + whole, dataclasses.replace(found, files=tuple(one for one in found.files if one not in whole))


def _document(file: File, complete: bool, tally: Tally) -> Iterator[HookRequest]:
    """The requests that a JSON file holds. What cannot be read is told, and counted."""
    from cdshooks.population import documents
    from cdshooks.population.stored import Stopped, opened
    from cdshooks.protocol import catalogue
    from cdshooks.protocol.errors import ServiceError
    from cdshooks.protocol.request import parse
    from cdshooks.reading.decoding import typed_pass

    try:
        with opened(file.path) as stream:
            body = stream.read()
        document = json.loads(body)
        if not isinstance(document, dict):
            raise ValueError("not a JSON object")
        if document.get("resourceType") == "Bundle":
            yield from documents.requests_of(document, complete)
        elif document.get("hook") in {service.hook for service in catalogue.SERVICES}:
            # No server is called from the terminal: the token of a saved request is stale or not ours to use.
            yield dataclasses.replace(
                parse(body, document["hook"], decode=typed_pass), fhir_server=None, access_token=None
            )
        else:
            raise ValueError("neither a request of a hook of this service nor a FHIR Bundle")
    except (ValueError, ServiceError, RecursionError, Stopped, OSError) as error:
        _fail(tally, f"{file.name}: {error}")


def _export(
    export: ExportFiles,
    complete: bool,
    config: Config,
    tally: Tally,
    show: Callable[[HookRequest, Decision, bool], None],
    details: bool,
) -> None:
    from cdshooks.population.local import Run
    from cdshooks.population.patient import LISTS, Patients, TwoPeople

    now = config.now()
    with Run(export, config.site, now, processes=1) as run:
        with progress("reading") as tell:
            told = run.read(lambda stage, done, of: tell(done, of))
        tally.unreadable += len(told.unread)
        for unread in told.unread[:10]:
            click.echo(unread.sentence, err=True)
        known = told.known
        if complete:
            known = dataclasses.replace(known, delivered=tuple(LISTS for _ in known.servers))
        patients, done = Patients(config.site, now, known), 0
        with progress("evaluating") as tell:
            for key, lines in run.charts():
                try:
                    request = patients.request(key, lines)
                except TwoPeople:
                    _fail(
                        tally, f"patient {key.partition('/')[2]}: two patients of different birth dates share this id"
                    )
                    continue
                _evaluated(request, config, tally, show, details)
                done += 1
                tell(done, max(told.people, done))


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
