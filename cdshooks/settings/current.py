"""The settings of the application that answers a request, for rooms below the hooks."""

from __future__ import annotations

from flask import current_app

from cdshooks.settings.environment import Config

EXTENSION = "cdshooks-config"
"""Name of the `Config` in ``app.extensions``."""


def current_config() -> Config:
    config: Config = current_app.extensions[EXTENSION]
    return config
