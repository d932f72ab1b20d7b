"""``flask --app cdshooks validate``: is the knowledge whole?"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from cdshooks.cli.common import how_many, print_json, with_format

TAGS = {"A": "operational choice of the rule table", "K": "recalled from a named document, not read again"}


@click.command("validate")
@click.option("--unconfirmed", is_flag=True, help="List the numbers tagged [A] or [K], which a clinician must confirm.")
@with_format("text", "json")
def command(unconfirmed: bool, form: str) -> None:
    """Check rules, words, numbers, value sets and vignettes. Exit status 1 when something is wrong."""
    from cdshooks.knowledge import checks
    from cdshooks.vignettes.client_requests import fixtures

    if unconfirmed:
        _print_unconfirmed(form)
        return
    vignettes = Path(str(fixtures())) / "vignettes"
    found = checks.everything(vignettes if vignettes.is_dir() else None)
    if form == "json":
        print_json(found)
    else:
        for sentence in found:
            click.echo(sentence)
        click.echo(how_many(len(found), "problem") if found else checks.summary_of_checks())
    if found:
        raise SystemExit(1)


def _print_unconfirmed(form: str) -> None:
    from cdshooks.knowledge import checks

    rows = [
        {
            "name": p.name,
            "value": _exact(p.values[-1][1]),
            "unit": p.unit,
            "tag": p.tag,
            "source": list(p.source),
            "description": p.description,
        }
        for p in checks.unconfirmed()
    ]
    if form == "json":
        print_json(rows)
        return
    for row in rows:
        value = "table" if isinstance(row["value"], list | dict) else f"{row['value']} {row['unit']}".strip()
        click.echo(f"[{row['tag']}] {row['name']} = {value}: {row['description']} ({', '.join(row['source'])})")
    click.echo(
        f"{how_many(len(rows), 'number')} to confirm. "
        + "; ".join(f"[{tag}] {meaning}" for tag, meaning in TAGS.items())
        + "."
    )


def _exact(value: Any) -> Any:
    """Decimals as text, so that they stay exact in JSON."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    return value
