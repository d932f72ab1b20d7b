"""``flask --app cdshooks site sheet FILE``: what an EHR's analyst types to connect to this site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdshooks.cli.common import print_json, with_format

if TYPE_CHECKING:
    from cdshooks.settings.site import Site


BELOW = "the line below"
"""In place of a query that a table cannot hold as it is to be typed: a cell would need its `|` escaped."""


@click.command("sheet")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_format("text", "json")
def command(file: Path, form: str) -> None:
    """Print the integration sheet of the site that FILE describes: URLs, token, prefetch, scopes, override reasons,
    links.

    The text is Markdown. No secret is in it.
    """
    from cdshooks.settings import environment, site
    from cdshooks.settings.site_schema import SiteError

    try:
        found = site.from_document(environment.read_site_file(file))
    except (SiteError, environment.ConfigError) as error:
        raise click.ClickException(str(error)) from None
    if found.public_base_url is None:
        raise click.ClickException("publicBaseUrl is not given: every URL of the sheet begins with it")
    sheet = site_sheet(found, found.public_base_url)
    if form == "json":
        print_json(sheet)
    else:
        click.echo("\n".join(_text(sheet)))


def site_sheet(site: Site, base: str) -> dict[str, Any]:
    """Return the sheet as a document: services, token, scopes, override reasons, links, answers."""
    from cdshooks.cards.book import override_reasons
    from cdshooks.cards.render import linked
    from cdshooks.protocol import catalogue, scopes
    from rules import ALL_RULES
    from rules.evaluation import speaks

    services = [
        {
            "hook": service.hook,
            "url": f"{base}/cds-services/{service.id}",
            "feedback": f"{base}/cds-services/{service.id}/feedback",
            "silent": service.id in site.silent_services,
            "shown": speaks(service.chart_hook, site.switches, silent=service.id in site.silent_services),
            "prefetch": dict(site.asked(service.chart_hook).templates),
        }
        for service in catalogue.SERVICES
    ]
    lists = scopes.asked_for(site.prefetch_profile, site.not_available)
    return {
        "discovery": f"{base}/cds-services",
        "services": services,
        "rules": {"all": len(ALL_RULES), "silentForWantOfApproval": len(site.sign_off.silenced())},
        "token": _token(site),
        "fhirServers": [str(entry.base) for entry in site.fhir_servers.entries],
        "scopes": [scope._asdict() for scope in scopes.scopes(lists)],
        "overrideReasons": list(override_reasons().values()),
        "links": linked(site),
        "notEstablished": site.not_established,
    }


def _token(site: Site) -> dict[str, Any]:
    """What the token of each client must say; who calls in open mode needs none."""
    clients = [
        {
            "client": client.name,
            "alg": list(client.algorithms),
            "iss": client.iss,
            "jku": client.jku or "keys as agreed; no jku is needed",
            "sub": client.client_id or "not looked at",
            "tenant": sorted(client.tenants) or "not looked at",
        }
        for client in site.trust.clients
    ]
    return {"mode": site.trust.mode, "longestSeconds": site.trust.longest_token, "clients": clients}


def _text(sheet: Mapping[str, Any]) -> Iterator[str]:
    yield "# Connect to intrathecal baclofen pump safety\n"
    yield from _table(
        ("hook", "POST", "feedback, POST", "shown"),
        [(one["hook"], one["url"], one["feedback"], _shown(one)) for one in sheet["services"]],
    )
    waiting = sheet["rules"]["silentForWantOfApproval"]
    if waiting:
        yield f"\nOf {sheet['rules']['all']} rules {waiting} are not approved and show nothing: `approvals`, or for a trial `unapproved`."
    yield f"\nDiscovery: `GET {sheet['discovery']}`. No trailing slash, exactly this spelling.\n"
    yield from _token_lines(sheet["token"])
    yield "\n## Prefetch\n"
    prefetch: dict[str, tuple[str, list[str]]] = {}
    for service in sheet["services"]:
        for key, query in service["prefetch"].items():
            prefetch.setdefault(key, (query, []))[1].append(service["hook"])
    every = [one["hook"] for one in sheet["services"]]
    rows = [(key, query, "all" if hooks == every else ", ".join(hooks)) for key, (query, hooks) in prefetch.items()]
    yield from _table(("key", "query", "hooks"), [(key, BELOW if "|" in line else line, on) for key, line, on in rows])
    for key, line, _ in rows:
        if "|" in line:
            yield f"\n{key}, one line:\n\n```\n{line}\n```"
    yield "\n## Scopes\n"
    yield (
        f"For the FHIR servers {', '.join(sheet['fhirServers'])}.\n"
        if sheet["fhirServers"]
        else ("Of the client's prefetch; the service reads no FHIR server (`fhirServers`).\n")
    )
    yield from _table(("list", "SMART v1", "SMART v2"), [tuple(one.values()) for one in sheet["scopes"]])
    yield "\n## Override reasons\n\nSystem `urn:itb-cds:override-reason`.\n"
    yield from _table(("code", "display"), [(one["code"], one["display"]) for one in sheet["overrideReasons"]])
    yield "\n## Links\n\nAll that cards may link to, for clients that show registered links alone.\n"
    yield "\n".join(sheet["links"])
    yield "\n## Answers\n"
    yield (
        "200 with cards; an empty list: nothing applies. Where it cannot be told whether there is a pump: "
        + ("200 with the card `itb-not-established`." if sheet["notEstablished"] == "card" else "412, an error.")
        + " Time-out of the client: 5 s or more. All else: docs/integration.md."
    )


def _token_lines(token: Mapping[str, Any]) -> Iterator[str]:
    yield "## Token\n"
    if token["mode"] == "open":
        yield "None is asked for: the site is OPEN, for development only."
        return
    yield "`Authorization: Bearer` and a signed JWT, a new one for each call.\n"
    for client in token["clients"]:
        yield f"### {client['client']}\n"
        said = {
            "alg": " or ".join(client["alg"]),
            "typ, kid": "JWT; the id of a key in the key set",
            "jku": client["jku"],
            "iss": client["iss"],
            "aud": "the URL called, as above",
            "sub": client["sub"],
            "iat, exp, jti": f"required; exp at most {token['longestSeconds']} s ahead; a jti is taken once",
            "nbf": "checked where it is there",
            "tenant": client["tenant"] if isinstance(client["tenant"], str) else ", ".join(client["tenant"]),
        }
        yield from _table(("claim", "value"), list(said.items()))
        yield ""


def _shown(service: Mapping[str, Any]) -> str:
    if service["silent"]:
        return "no: silent"
    return "yes" if service["shown"] else "no: no rule of it is on and approved"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
