"""A CDS Hooks service for the safety of patients with an intrathecal baclofen pump: the protocol half.

``flask --app cdshooks run`` finds `create_app` here. Importing the package costs nothing; the application is built when
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The Flask application; `settings` as ``cdshooks.settings.environment.load_config`` reads them."""
    import click

    from cdshooks.app import create_app as build

    try:
        return build(settings)
    except (
        ValueError
    ) as error:  # settings, site file or words that cannot be used: a sentence at the terminal, not a traceback
        if click.get_current_context(silent=True) is None:
            raise
        raise click.ClickException(str(error)) from None
