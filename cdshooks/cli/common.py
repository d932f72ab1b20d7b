"""What the commands share: the store behind the application, how the answer is printed, and errors for a person."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app

from cdshooks.audit.recorder import EXTENSION, AuditTrail
from cdshooks.store import Store, StoreUnavailable
from cdshooks.store.sqlite_file import sqlite_file


def log_nothing_below(level: int) -> None:
    """Keep what is less grave out of the log until the command ends."""
    root = logging.getLogger()
    click.get_current_context().call_on_close(functools.partial(root.setLevel, root.level))
    root.setLevel(level)


def the_audit_trail() -> AuditTrail:
    audit_trail: AuditTrail = current_app.extensions[EXTENSION]
    return audit_trail


@contextmanager
def the_store() -> Iterator[Store]:
    """The database of the record; ends the command with a sentence when there is none or it cannot be reached."""
    store = the_audit_trail().store
    if store is None:
        raise click.ClickException("nothing is recorded: recording is switched off")
    if store.in_memory:
        raise click.ClickException(
            "nothing is recorded here: the state directory cannot be written; set CDSHOOKS_DATABASE_URL"
        )
    if (file := sqlite_file(store.url)) is not None and not Path(file).exists():
        raise click.ClickException(f"nothing is recorded yet: there is no {file}; is CDSHOOKS_DATABASE_URL right?")
    try:
        yield store
    except StoreUnavailable as error:
        raise click.ClickException(
            f"the database cannot be reached ({error}); is CDSHOOKS_DATABASE_URL right?"
        ) from None


def with_format(*kinds: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command ``--format`` (its parameter `form`), the first of `kinds` unless said; ``--json`` is short for one."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def run(*given: Any, as_json: bool, form: str, **named: Any) -> Any:
            return command(*given, form="json" if as_json else form, **named)

        choice = click.option("--format", "form", type=click.Choice(kinds), default=kinds[0], show_default=True)
        short = click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
        return choice(short(run))

    return decorate


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def how_many(number: int, one: str, several: str = "") -> str:
    """``1 problem``, ``2 problems``."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
