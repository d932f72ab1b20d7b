"""``flask --app cdshooks population DIR… --out FOLDER``: a pump register and its worklists from a bulk export."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from cdshooks.cli.common import how_many, log_nothing_below
from cdshooks.cli.decisions_shown import progress

if TYPE_CHECKING:
    from cdshooks.population.burden.moments import Period
    from cdshooks.population.files import ExportFiles
    from cdshooks.population.local import Told
    from cdshooks.population.report import Form
    from cdshooks.settings.environment import Config

FORMATS = ("csv", "html")
DAY = click.DateTime(("%Y-%m-%d",))
MOST_TOLD = 5
"""Errors that are told at the terminal; the table has all."""


@click.command("population")
@click.argument("folders", nargs=-1, required=True, metavar="DIR…")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that the report is written to.",
)
@click.option(
    "--as-of",
    type=DAY,
    help="Judge as of the end of this day, as the site's calendar has it. Default: CDSHOOKS_NOW, or now.",
)
@click.option("--from", "first", type=DAY, help="First day of an alert burden: which cards would have been shown.")
@click.option("--to", "last", type=DAY, help="Its last day, included.")
@click.option(
    "--as-they-are",
    is_flag=True,
    help="In the alert burden, count resources that were written again later as they stand now; else they are left out.",
)
@click.option(
    "--format",
    "formats",
    default=",".join(FORMATS),
    show_default=True,
    help="csv, html, ndjson, parquet; one or several, by commas.",
)
@click.option(
    "--hash-key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Name patients by the hash that this key gives, as the site file's record.patientHashKey does.",
)
@click.option("--ids", is_flag=True, help="Name patients by their ids.")
@click.option("--processes", type=click.IntRange(1), help="Of the engine local. Default: one a core.")
@click.option("--engine", type=click.Choice(("local", "spark")), default="local", show_default=True)
@click.option(
    "--master",
    metavar="URL",
    help="Of the engine spark: local[*], spark://HOST:PORT, k8s://… Default: what Spark's own settings say.",
)
@with_appcontext
def command(
    folders: tuple[str, ...],
    out: Path,
    as_of: datetime | None,
    first: datetime | None,
    last: datetime | None,
    as_they_are: bool,
    formats: str,
    hash_key_file: Path | None,
    ids: bool,
    processes: int | None,
    engine: str,
    master: str | None,
) -> None:
    """Worklists for the pump patients of a hospital or a region, from the NDJSON of a FHIR bulk export.

    Each DIR is one server's export: files as they come, .gz and .zst among them, in subfolders or not. With the settings
    of CDSHOOKS_SITE. With --from and --to, also the alert burden of these days: the cards that would have been shown, had
    the service been asked. Nothing is recorded, no server is called. Ends with status 1 where something could not be read.
    """
    from cdshooks.hooks.state import EXTENSION
    from cdshooks.population import folder
    from cdshooks.population.burden.moments import LAST_MINUTE

    log_nothing_below(logging.CRITICAL)  # what fails is in the table of errors, without data
    config: Config = current_app.extensions[EXTENSION].config
    forms, period = _forms(formats), _period(config, first, last, as_they_are=as_they_are)
    export = _found(folders)
    now = config.now() if as_of is None else datetime.combine(as_of.date(), LAST_MINUTE, config.site.time_zone)
    _prepare(out, folders)
    key, run_of = _hash_key(config, hash_key_file, ids), _run_of(engine, processes, master, period)
    with _failures(), run_of(export, config.site, now, hash_key=key) as run:
        with progress("population") as tell:
            told = run.to_end(lambda stage, done, of: tell(done, of))
        folder.write(out, told, run.rows(), forms, run.alerts(), at=now.isoformat(), ids=ids)
    _tell_end(told, out)
    if not told.whole:
        raise SystemExit(1)


def _prepare(out: Path, folders: tuple[str, ...]) -> None:
    from cdshooks.population import folder

    if any("://" not in given and out.resolve().is_relative_to(Path(given).resolve()) for given in folders):
        raise click.ClickException(f"{out} lies in what is read: name another folder")
    try:
        folder.prepare(out)
    except folder.FolderTaken as error:
        raise click.ClickException(str(error)) from None


def _run_of(engine: str, processes: int | None, master: str | None, period: Period | None) -> Callable[..., Any]:
    """What makes a run on this engine."""
    if engine == "local":
        from cdshooks.population import local

        return partial(local.Run, processes=processes, period=period)
    try:
        from cdshooks.population import spark
    except ImportError:
        raise click.ClickException("the engine spark needs: pip install 'itb-cds-hooks[spark]'") from None
    return partial(spark.SparkRun, master=master, period=period)


@contextmanager
def _failures() -> Iterator[None]:
    from cdshooks.population.local import RunFailed

    try:
        yield
    except BrokenExecutor:
        raise click.ClickException("a process was ended from outside: is there memory enough?") from None
    except RunFailed as error:
        raise click.ClickException(str(error)) from None


def _forms(formats: str) -> list[Form]:
    from cdshooks.population.tables.formats import UnknownFormat
    from cdshooks.population.tables.formats import forms as named

    try:
        return named(formats)
    except UnknownFormat as error:
        raise click.BadParameter(str(error), param_hint="--format") from None


def _period(config: Config, first: datetime | None, last: datetime | None, *, as_they_are: bool) -> Period | None:
    """The days of the alert burden; None where none is asked for."""
    from cdshooks.population.burden.moments import Period

    if first is None and last is None:
        return None
    if first is None or last is None:
        raise click.BadParameter("--from and --to are both needed", param_hint="--from" if first is None else "--to")
    if last < first:
        raise click.BadParameter("is before --from", param_hint="--to")
    return Period(first.date(), last.date(), config.site.time_zone, config.site.date_order, as_they_are=as_they_are)


def _found(folders: tuple[str, ...]) -> ExportFiles:
    from cdshooks.population.files import find_files
    from cdshooks.population.stored import Stopped

    try:
        export = find_files(folders)
    except OSError as error:
        raise click.ClickException(f"{error.filename or folders[0]}: {error.strerror or 'cannot be read'}") from None
    except Stopped as stopped:
        raise click.ClickException(stopped.reason) from None
    if not export.files and not export.unread:
        raise click.ClickException(f"{', '.join(folders)}: no .ndjson, .jsonl or .json file is in there")
    return export


def _hash_key(config: Config, file: Path | None, ids: bool) -> str | None:
    """The key of the patients' hashes; None for their ids."""
    if ids:
        return None
    key = file.read_text(encoding="utf-8").strip() if file is not None else config.site.record.patient_hash_key
    if file is not None and not key:
        raise click.ClickException(f"{file} is empty")
    if key is None:
        click.echo(
            "Patients are named by hashes of this run alone: --ids or --hash-key-file name them for good.", err=True
        )
    return key or secrets.token_hex(32)


def _tell_end(told: Told, out: Path) -> None:
    from cdshooks.population import folder, report

    judged = told.judged
    click.echo(
        f"{how_many(told.people, 'patient')} in {how_many(told.lines, 'line')} read; "
        f"{how_many(judged.with_rows, 'patient')} with {how_many(judged.rows, 'row')}. Written to {out}."
    )
    if told.period is not None:
        burden = judged.burden
        click.echo(
            f"Alert burden {told.period.first} to {told.period.last}: {how_many(burden.shown, 'card')} in "
            f"{how_many(burden.asked.total(), 'call')} ({how_many(burden.encounters, 'encounter')})."
        )
    for sentence in folder.cannot_be_told(told):
        click.echo(sentence, err=True)
    for one in told.unread[:MOST_TOLD]:
        click.echo(one.sentence, err=True)
    if told.unread:
        click.echo(
            f"Not whole: {how_many(len(told.unread), 'line or file', 'lines or files')} could not be read "
            f"(all of them: {out / report.ERRORS}). There is no {report.SUCCESS}.",
            err=True,
        )
