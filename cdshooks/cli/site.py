"""``flask --app cdshooks site …``; ``check FILE``: can the service run with this site file, and what does it switch?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdshooks.cli import sign_off, site_sheet
from cdshooks.cli.common import how_many, print_json, with_format

if TYPE_CHECKING:
    from cdshooks.settings.site import Site


@click.group("site")
def command() -> None:
    """Look at site files."""


command.add_command(site_sheet.command)


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_format("text", "json")
def check(file: Path, form: str) -> None:
    """Name the member of FILE that is wrong, or tell what is on, silent and overridden. Secrets are not printed."""
    from cdshooks.settings import environment, site
    from cdshooks.settings.site_schema import SiteError

    try:
        found = site.from_document(environment.read_site_file(file))
    except (SiteError, environment.ConfigError, OSError, UnicodeDecodeError) as error:
        if form == "json":
            print_json({"right": False, "problem": str(error)})
            raise SystemExit(1) from None
        raise click.ClickException(str(error)) from None
    sentences = list(site_sentences(found))
    if form == "json":
        print_json({"right": True, "says": sentences})
    else:
        click.echo("\n".join(sentences))


def site_sentences(site: Site) -> Iterator[str]:
    """Sentences of what the file decides."""
    yield from _trust(site)
    yield f"Calendar days and times without offset: {site.time_zone.key}. Prefetch profile: {site.prefetch_profile}."
    yield from _rules(site)
    yield from sign_off.approval_sentences(site.sign_off, production=site.trust.mode == "jwt")
    yield from _servers(site)
    kept = site.record.retention_days
    yield (
        f"Record: {f'kept {kept} days' if kept else 'kept until somebody purges'}; comments {'kept' if site.record.keep_comments else 'not kept'}; "
        + ("patients as keyed hash." if site.record.patient_hash_key else "no trace of the patient.")
    )
    if site.repeat_on_change:
        yield (
            "Cards that were seen when the encounter started are left out at chart opening until a fact changes."
            if site.record.patient_hash_key
            else "repeat is on-change and record.patientHashKey is not given: every card is shown."
        )
    yield f"Explanations: {'on' if site.explain else 'off'}. Console: {'on' if site.console else 'off'}. Largest body: {site.max_body:,} bytes."
    if site.local_codes:
        yield (
            f"Local codes: {len(site.local_codes)} for "
            + ", ".join(sorted({row.concept for row in site.local_codes}))
            + "."
        )
    if site.leave_out:
        yield f"Terminology left out: {', '.join(site.leave_out)}."
    contacts = [name for name in ("itbTeam", "manufacturer") if name not in site.contacts]
    if contacts:
        yield f"Not given, so cards name nobody to call: contacts.{' and contacts.'.join(contacts)}."


def _trust(site: Site) -> Iterator[str]:
    if site.trust.mode == "open":
        yield "Trust: OPEN, anybody who reaches the service may call. For development only."
        return
    yield f"Trust: signed tokens, addressed to {site.public_base_url}/cds-services/… ."
    yield f"  tokens end within {site.trust.longest_token} s"
    for client in site.trust.clients:
        keys = f"keys at {client.jku}" if client.jku else f"{how_many(len(client.keys), 'key')} in the file"
        more = [f"tenants {', '.join(sorted(client.tenants))}"] if client.tenants else []
        more += [f"sub {client.client_id}"] if client.client_id else []
        more += {
            "log": ["tokens may be used again"],
            "strict": ["refused when the database cannot say that a token is new"],
        }.get(client.replay, [])
        yield f"  {client.name}: iss {client.iss}, {keys}, {'/'.join(client.algorithms)}{'; ' + '; '.join(more) if more else ''}"


def _rules(site: Site) -> Iterator[str]:
    from rules import ALL_RULES
    from rules.parameters import PARAMETERS

    off = [name for name, switch in site.switches.items() if not switch.enabled]
    silent = [name for name, switch in site.switches.items() if switch.silent and switch.enabled]
    capped = [
        f"{name} at most {switch.most}" for name, switch in site.switches.items() if switch.most and switch.enabled
    ]
    yield f"Rules on: {len(ALL_RULES) - len(off)} of {len(ALL_RULES)}."
    yield f"  off: {', '.join(off) or 'none'}"
    yield f"  silent: {', '.join([*sorted(site.silent_services), *silent]) or 'none'}"
    yield f"  capped: {', '.join(capped) or 'none'}"
    changed = [
        f"{name} = {value} {PARAMETERS[name].unit} (shipped {PARAMETERS[name].values[-1][1]})"
        for name, value in site.parameters.items()
    ]
    yield f"  own numbers: {', '.join(changed) or 'none'}"


def _servers(site: Site) -> Iterator[str]:
    if not site.fhir_servers.entries:
        yield "FHIR servers: none; the service works from prefetch alone."
        return
    listed = ", ".join(
        f"{entry.base}{' (open)' if entry.open else ''}{' (private network)' if entry.private else ''}"
        for entry in site.fhir_servers.entries
    )
    yield f"FHIR servers that may be read: {listed}; {site.callbacks.seconds:g} s a call."
