"""``flask --app cdshooks explain HOOKINSTANCE``: what the record says of a call."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from cdshooks.audit import queries
from cdshooks.cli.common import print_json, the_store, with_format


@click.command("explain")
@click.argument("hook_instance", metavar="HOOKINSTANCE")
@with_format("text", "json")
@with_appcontext
def command(hook_instance: str, form: str) -> None:
    """What was decided in the call with this hookInstance, rule by rule, and why."""
    with the_store() as store:
        calls = queries.recorded(store, hook_instance)
    if not calls:
        raise click.ClickException(
            "no call with this hookInstance is on record (never received, refused before it was evaluated, lost, or purged)"
        )
    if form == "json":
        print_json(calls)
    else:
        click.echo(queries.calls_as_text(calls), nl=False)
