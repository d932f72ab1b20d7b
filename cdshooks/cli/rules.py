"""``flask --app cdshooks rules``: the table of all rules, one of them, and their pages."""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from cdshooks.cli.common import how_many, print_json, with_format

if TYPE_CHECKING:
    from cdshooks.settings.site import Site
    from cdshooks.vignettes import Vignette

COLOURS = {"SAFE": "green", "ASSIST": "yellow", "WEAK": "red"}


@click.command("rules")
@click.argument("rule_id", required=False, metavar="[RULE]")
@with_format("text", "csv", "json")
@click.option(
    "--pages",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the rules' pages into this folder (docs/rules), and those of the definitions beside it.",
)
@click.option(
    "--review",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the review pack into this folder: one HTML file a rule, and a CSV.",
)
@with_appcontext
def command(rule_id: str | None, form: str, pages: Path | None, review: Path | None) -> None:
    """All rules: number, id, hooks, automation tier, version, review status, title. Of one RULE its clinical statement,
    with this site's numbers."""
    from cdshooks.knowledge import rule_pages

    if rule_id is not None:
        _print_one(rule_id, form)
    elif pages is not None or review is not None:
        _write_files(pages, review)
    else:
        {"json": print_json, "csv": _print_csv, "text": _print}[form](rule_pages.rule_rows())


def _write_files(pages: Path | None, review: Path | None) -> None:
    """Write pages or the review pack; a vignette that cannot be read ends the command with its place."""
    from cdshooks.vignettes import VignetteError

    try:
        if pages is not None:
            click.echo(f"{how_many(_write(pages), 'page')} written to {pages}")
        elif review is not None:
            click.echo(f"{how_many(_write_review(review), 'file')} written to {review}")
    except VignetteError as error:
        raise click.ClickException(str(error)) from None


def _write_review(folder: Path) -> int:
    """The review pack with this site's numbers and approvals; returns the number of files."""
    from cdshooks.hooks.state import EXTENSION
    from cdshooks.knowledge.review import review_pack

    config = current_app.extensions[EXTENSION].config
    made = review_pack(config.site, config.now().date(), partial(_cards, site=_all_shown(config.site)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return len(made)


def _all_shown(site: Site) -> Site:
    """The site with every rule shown as it is: what waits for approval, is silent, off or capped must be read too."""
    return dataclasses.replace(site, switches={}, silent_services=frozenset())


def _cards(vignette: Vignette, site: Site) -> list[dict[str, Any]]:
    """The cards of a test patient on this site; none where the answer is an error."""
    from cdshooks.hooks.decision import decide
    from cdshooks.protocol import catalogue
    from cdshooks.protocol.request import parse

    expected = vignette.expected
    service = catalogue.find_service(expected["service"])
    if service is None or expected["status"] != HTTPStatus.OK or expected.get("site"):
        return []
    asked = parse(json.dumps(vignette.request).encode(), service.hook)
    decision = decide(asked, service, site, datetime.fromisoformat(expected["now"]).astimezone(site.time_zone))
    return [rendered.card for rendered in decision.answered] if decision.established else []


def _print_one(rule_id: str, form: str) -> None:
    """Its clinical statement, or its row of the table with the statement as another member."""
    from cdshooks.knowledge import rule_pages

    said = _statement(rule_id)
    row = next(row for row in rule_pages.rule_rows() if row["id"] == rule_id)
    whole = {**row, "statement": said}
    if form == "json":
        print_json(whole)
    elif form == "csv":
        _print_csv([whole])
    else:
        click.echo(said)


def _statement(rule_id: str) -> str:
    """What the rule says with the numbers in force here and today."""
    from cdshooks.hooks.state import EXTENSION
    from rules import ALL_RULES
    from rules.parameters import in_force
    from rules.statements import statement

    config = current_app.extensions[EXTENSION].config
    found = next((rule for rule in ALL_RULES if rule.id == rule_id), None)
    if found is None:
        raise click.ClickException(f"there is no rule {rule_id}; `rules` lists them")
    return statement(found, in_force(config.now().date(), config.site.parameters))


def _print_csv(rows: list[dict[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _print(rows: list[dict[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from cdshooks.knowledge.rule_pages import COLUMNS

    table = Table(*COLUMNS, box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(f"[{COLOURS[row[name]]}]{row[name]}[/]" if name == "tier" else row[name] for name in COLUMNS))
    # A pipe has no width of its own: whole lines there, so that grep and cut work.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 400)
    console.print(table)
    pending = sum(row["review"] == "pending clinical sign-off" for row in rows)
    console.print(f"{how_many(len(rows), 'rule')}, {pending} pending clinical sign-off.")


def _write(folder: Path) -> int:
    """Writes every page; pages of rules and definitions that are gone go too."""
    from cdshooks.knowledge import definition_pages, rule_pages

    rules = rule_pages.rule_files()
    definitions = definition_pages.definition_files()
    for place, made in ((folder, rules), (folder.parent / "definitions", definitions)):
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.md"):
            if old.name not in made:
                old.unlink()
        for name, text in made.items():
            (place / name).write_text(text, encoding="utf-8")
    return len(rules) + len(definitions)
