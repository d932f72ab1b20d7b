"""``flask --app cdshooks report``: what fired, was shown, accepted and overridden, by rule and period."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from cdshooks.cli.common import the_record, the_store

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("report")
@click.option("--since", type=DAY, help="First day (YYYY-MM-DD); default: 29 days before the last.")
@click.option("--until", type=DAY, help="Last day, included; default: today.")
@click.option(
    "--by",
    type=click.Choice(["all", "day", "week", "month"]),
    default="all",
    show_default=True,
    help="Length of a period.",
)
@click.option("--rule", "rules", multiple=True, help="Only this rule; may be given several times.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
@with_appcontext
def command(since: datetime | None, until: datetime | None, by: str, rules: tuple[str, ...], form: str) -> None:
    """What fired, was shown, accepted, and overridden for which reasons, by rule and period."""
    from cdshooks.audit import report

    last = until.date() if until else datetime.now(UTC).astimezone(the_record().policy.zone).date()
    first = since.date() if since else report.default_stretch(last)[0]
    if first > last:
        raise click.BadParameter("is after --until", param_hint="--since")
    with the_store() as store:
        lines = report.rates(store, first, last, by=by, rules=rules)
    texts = {
        "text": lambda: report.as_text(lines),
        "csv": lambda: report.as_csv(lines),
        "json": lambda: report.as_json(lines, first, last, by) + "\n",
    }
    click.echo(texts[form](), nl=False)
