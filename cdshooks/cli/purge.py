"""``flask --app cdshooks purge``: forgets what is older than the site keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from flask.cli import with_appcontext

from cdshooks.cli.common import print_json, the_audit_trail, the_store, with_format


@click.command("purge")
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(0, 36500),
    help="Days to keep; default: record.retentionDays of the site file.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@with_format("text", "json")
@with_appcontext
def command(days: int | None, dry_run: bool, form: str) -> None:
    """Delete calls, cards and feedback older than the retention, and tokens that have run out."""
    from cdshooks.store import purging

    policy = the_audit_trail().policy
    keep = days if days is not None else policy.retention_days
    before = None if keep is None else datetime.now(UTC).astimezone(policy.zone).date() - timedelta(days=keep)
    if before is None and dry_run:
        raise click.UsageError(
            "no --older-than, and no record.retentionDays in the site file: nothing would go but expired tokens"
        )
    with the_store() as store:
        gone = purging.purgeable(store, before) if dry_run and before else purging.purge(store, before)
    if form == "json":
        print_json({"dryRun": dry_run, "before": str(before) if before else None, "rows": dict(gone)})
        return
    stretch = f"before {before}" if before else "no retention is set: expired tokens only"
    click.echo(
        f"{'would delete' if dry_run else 'deleted'} ({stretch}): "
        + ", ".join(f"{table} {rows}" for table, rows in gone.items())
    )
