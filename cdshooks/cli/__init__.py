"""``flask --app cdshooks …``: one command a file, each with a `command`; the tuple below is all there is."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

COMMANDS = ("evaluate", "explain", "population", "purge", "report", "rules", "sample", "site", "validate")
"""Modules of this package."""


def register(app: Flask) -> None:
    for name in COMMANDS:
        app.cli.add_command(import_module(f"{__name__}.{name}").command)
