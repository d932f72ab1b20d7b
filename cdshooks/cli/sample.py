"""``flask --app cdshooks sample``: a request in a client's dialect, and the curl that sends it."""

from __future__ import annotations

import click


@click.command("sample")
@click.option("--client", help="epic, oracle, sandbox, inferno …; without it all samples are listed.")
@click.option("--name", help="Which of the client's samples; default: its first.")
@click.option("--base", default="http://127.0.0.1:8000", show_default=True, help="Where the service listens, for the curl.")
def command(client: str | None, name: str | None, base: str) -> None:
    """Print a request as CLIENT sends it (standard output), with the curl and the expected cards (standard error)."""
    from cdshooks.vignettes import client_requests

    if client is None:
        for sample in client_requests.samples():
            click.echo(f"{sample.client:8}  {sample.name:22}  {sample.title}")
        return
    held = [sample for sample in client_requests.samples() if sample.client == client]
    if not held:
        raise click.BadParameter(f"there is none called {client}; there are {', '.join(client_requests.clients())}", param_hint="--client")
    chosen = next((sample for sample in held if name in (None, sample.name)), None)
    if chosen is None:
        raise click.BadParameter(f"{client} has {', '.join(sample.name for sample in held)}", param_hint="--name")
    click.echo(chosen.text.rstrip())
    click.echo(_how(chosen, base.rstrip("/")), err=True)


def _how(sample: object, base: str) -> str:
    from cdshooks.vignettes.client_requests import SAMPLE_NOW
    from cdshooks.vignettes.client_requests import Sample

    assert isinstance(sample, Sample)
    cards = ", ".join(f"{rule} ({indicator})" for rule, indicator in sample.cards)
    lines = [
        f"# {sample.title}",
        f"# flask --app cdshooks sample --client {sample.client} --name {sample.name} > request.json",
        f"curl -s -H 'Content-Type: application/json' -d @request.json {base}{sample.url_path}",
    ]
    if not sample.feedback:
        answer = cards or ("no cards" if sample.status == 200 else "an OperationOutcome")
        lines.append(f"# With CDSHOOKS_NOW={SAMPLE_NOW} the answer is {sample.status}: {answer}")
    return "\n".join(lines)
