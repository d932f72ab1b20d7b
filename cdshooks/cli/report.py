"""``flask --app cdshooks report``: what fired, was shown, accepted and overridden, by rule and period; or the record as
FHIR AuditEvents."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import click
from flask.cli import with_appcontext

from cdshooks.cli.common import the_audit_trail, the_store, with_format

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
@with_format("text", "csv", "json", "auditevent")
@with_appcontext
def command(since: datetime | None, until: datetime | None, by: str, rules: tuple[str, ...], form: str) -> None:
    """What fired, was shown, accepted, and overridden for which reasons, by rule and period.

    The format auditevent: not rates but the record itself, a FHIR R4 AuditEvent a line for each call and each feedback.
    """
    from cdshooks.audit import report

    last = until.date() if until else datetime.now(UTC).astimezone(the_audit_trail().policy.zone).date()
    first = since.date() if since else report.default_stretch(last)[0]
    if first > last:
        raise click.BadParameter("is after --until", param_hint="--since")
    if form == "auditevent":
        _print_audit_events(first, last, rules)
        return
    with the_store() as store:
        lines = report.rates(store, first, last, by=by, rules=rules)
        held = None if lines and form == "text" else report.days_on_record(store)
    texts = {
        "text": lambda: report.rates_as_text(lines, held),
        "csv": lambda: report.rates_as_csv(lines),
        "json": lambda: report.rates_as_json(lines, first, last, by, held) + "\n",
    }
    click.echo(texts[form](), nl=False)


def _print_audit_events(first: date, last: date, rules: tuple[str, ...]) -> None:
    from cdshooks.audit.audit_events import audit_events

    with the_store() as store:
        for event in audit_events(store, first, last, rules=rules):
            click.echo(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
