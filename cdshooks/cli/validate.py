"""``flask --app cdshooks validate``: is the knowledge whole?"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

TAGS = {"A": "operational choice of the rule table", "K": "recalled from a named document, not read again"}


@click.command("validate")
@click.option("--unconfirmed", is_flag=True, help="List the numbers tagged [A] or [K], which a clinician must confirm.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(unconfirmed: bool, as_json: bool) -> None:
    """Check rules, words, numbers, value sets and vignettes. Exit status 1 when something is wrong."""
    from cdshooks.knowledge import checks
    from cdshooks.vignettes.client_requests import fixtures

    if unconfirmed:
        _print_unconfirmed(as_json)
        return
    vignettes = Path(str(fixtures())) / "vignettes"
    found = checks.everything(vignettes if vignettes.is_dir() else None)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for sentence in found:
            click.echo(sentence)
        click.echo(f"{len(found)} problems" if found else checks.whole())
    if found:
        raise SystemExit(1)


def _print_unconfirmed(as_json: bool) -> None:
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
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        value = "table" if isinstance(row["value"], list | dict) else f"{row['value']} {row['unit']}".strip()
        click.echo(f"[{row['tag']}] {row['name']} = {value}: {row['description']} ({', '.join(row['source'])})")
    click.echo(
        f"{len(rows)} numbers to confirm. " + "; ".join(f"[{tag}] {meaning}" for tag, meaning in TAGS.items()) + "."
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
