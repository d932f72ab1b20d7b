"""``flask --app cdshooks explain HOOKINSTANCE``: what the record says of a call."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from cdshooks.audit import queries
from cdshooks.cli.common import the_store


@click.command("explain")
@click.argument("hook_instance", metavar="HOOKINSTANCE")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@with_appcontext
def command(hook_instance: str, form: str) -> None:
    """What was decided in the call with this hookInstance, rule by rule, and why."""
    with the_store() as store:
        calls = queries.recorded(store, hook_instance)
    if not calls:
        raise click.ClickException(
            "no call with this hookInstance is on record (never received, refused before it was evaluated, lost, or purged)"
        )
    click.echo(json.dumps(calls, indent=2) + "\n" if form == "json" else queries.as_text(calls), nl=False)
