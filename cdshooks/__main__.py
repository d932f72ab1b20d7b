"""``itb-cds …`` and ``python -m cdshooks …``: the commands that ``flask --app cdshooks …`` has."""

from __future__ import annotations

import click
from flask.cli import FlaskGroup

PROGRAM = "itb-cds"


def run_command() -> None:
    """Runs the command that the terminal names."""
    from cdshooks import create_app

    group = FlaskGroup(
        name=PROGRAM,
        help="CDS Hooks service for the safety of patients with an intrathecal baclofen pump: look, check, report.",
        create_app=lambda: create_app(),
        add_version_option=False,
        load_dotenv=False,
        set_debug_flag=False,
    )
    group.params.clear()  # which application: this one; settings come from the environment alone
    click.version_option(package_name="itb-cds-hooks", prog_name=PROGRAM)(group)
    group.main(prog_name=PROGRAM)


if __name__ == "__main__":
    run_command()
