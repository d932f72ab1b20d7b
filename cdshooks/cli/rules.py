"""``flask --app cdshooks rules``: the table of all rules, and their pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

COLOURS = {"SAFE": "green", "ASSIST": "yellow", "WEAK": "red"}


@click.command("rules")
@click.argument("rule_id", required=False, metavar="[RULE]")
@click.option("--json", "as_json", is_flag=True, help="The table as JSON.")
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
def command(rule_id: str | None, as_json: bool, pages: Path | None, review: Path | None) -> None:
    """All rules: number, id, hooks, automation tier, version, review status, title. Of one RULE its clinical statement,
    with this site's numbers."""
    from cdshooks.knowledge import rule_pages

    if rule_id is not None:
        click.echo(_statement(rule_id))
    elif pages is not None:
        click.echo(f"{_write(pages)} pages written to {pages}")
    elif review is not None:
        click.echo(f"{_write_review(review)} files written to {review}")
    elif as_json:
        click.echo(json.dumps(rule_pages.rows(), indent=2, ensure_ascii=False))
    else:
        _print(rule_pages.rows())


def _write_review(folder: Path) -> int:
    """The review pack with this site's numbers and approvals; returns the number of files."""
    from cdshooks.hooks.state import EXTENSION
    from cdshooks.knowledge.review import pack

    config = current_app.extensions[EXTENSION].config
    made = pack(config.site, config.now().date())
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return len(made)


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
    console.print(f"{len(rows)} rules, {pending} pending clinical sign-off.")


def _write(folder: Path) -> int:
    """Writes every page; pages of rules and definitions that are gone go too."""
    from cdshooks.knowledge import definition_pages, rule_pages

    rules = rule_pages.pages()
    definitions = definition_pages.pages()
    for place, made in ((folder, rules), (folder.parent / "definitions", definitions)):
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.md"):
            if old.name not in made:
                old.unlink()
        for name, text in made.items():
            (place / name).write_text(text, encoding="utf-8")
    return len(rules) + len(definitions)
