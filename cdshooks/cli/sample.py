"""``flask --app cdshooks sample``: a request in a client's dialect or of a vignette, and the curl that sends it."""

from __future__ import annotations

import click

from cdshooks.cli.common import print_json, with_format


@click.command("sample")
@click.option("--client", help="epic, oracle, sandbox, inferno …; without it all samples are listed.")
@click.option("--name", help="Which of the client's samples; default: its first.")
@click.option("--vignette", help="A case as rule/case; a rule alone lists its cases, `list` all.")
@click.option(
    "--base", default="http://127.0.0.1:8000", show_default=True, help="Where the service listens, for the curl."
)
@with_format("text", "json")
def command(client: str | None, name: str | None, vignette: str | None, base: str, form: str) -> None:
    """Print a request as CLIENT sends it, or of a VIGNETTE; on standard error the curl and the expected cards.

    The format is that of a list; a request is JSON in any case.
    """
    from cdshooks.vignettes import client_requests

    if vignette is not None:
        _vignette(vignette, base.rstrip("/"), form)
        return
    if client is None:
        _list(
            [{"client": one.client, "name": one.name, "title": one.title} for one in client_requests.client_requests()],
            form,
        )
        return
    held = [sample for sample in client_requests.client_requests() if sample.client == client]
    if not held:
        raise click.BadParameter(
            f"there is none called {client}; there are {', '.join(client_requests.clients())}", param_hint="--client"
        )
    chosen = next((sample for sample in held if name in (None, sample.name)), None)
    if chosen is None:
        raise click.BadParameter(f"{client} has {', '.join(sample.name for sample in held)}", param_hint="--name")
    click.echo(chosen.text.rstrip())
    click.echo(_how(chosen, base.rstrip("/")), err=True)


def _list(rows: list[dict[str, str]], form: str) -> None:
    """A line each, in columns, or JSON."""
    if form == "json":
        print_json(rows)
        return
    *columns, last = rows[0]
    widths = {name: max(len(row[name]) for row in rows) for name in columns}
    for row in rows:
        click.echo("  ".join([*(row[name].ljust(width) for name, width in widths.items()), row[last]]))


def _vignette(wanted: str, base: str, form: str) -> None:
    """The request of a case, or the list of the cases of a rule or of all."""
    from cdshooks import vignettes

    try:
        listed = vignettes.every() if wanted == "list" else vignettes.of_rule(wanted)
        if listed:
            _list([{"id": case.id, "title": case.title} for case in listed], form)
            return
        case = vignettes.find(wanted)
        click.echo(case.text.rstrip())
        cards = ", ".join(f"{card['rule']} ({card['indicator']})" for card in case.expected["cards"])
    except vignettes.VignetteError as error:
        raise click.BadParameter(str(error), param_hint="--vignette") from None
    command = f"flask --app cdshooks sample --vignette {case.id} > request.json"
    url = f"{base}/cds-services/{case.expected['service']}"
    click.echo(_send(case.title, command, url, case.expected["now"], case.expected["status"], cards), err=True)


def _send(title: str, command: str, url: str, now: str, status: int, cards: str) -> str:
    """How to send the request, and what comes back."""
    answer = cards or ("no cards" if status == 200 else "an OperationOutcome")
    return "\n".join(
        [
            f"# {title}",
            f"# {command}",
            f"curl -s -H 'Content-Type: application/json' -d @request.json {url}",
            f"# With CDSHOOKS_NOW={now} the answer is {status}: {answer}",
        ]
    )


def _how(sample: object, base: str) -> str:
    from cdshooks.vignettes.client_requests import SAMPLE_NOW, ClientRequest

    assert isinstance(sample, ClientRequest)
    cards = ", ".join(f"{rule} ({indicator})" for rule, indicator in sample.cards)
    command = f"flask --app cdshooks sample --client {sample.client} --name {sample.name} > request.json"
    told = _send(sample.title, command, f"{base}{sample.url_path}", SAMPLE_NOW, sample.status, cards)
    return told.rpartition("\n")[0] if sample.feedback else told
