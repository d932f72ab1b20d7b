"""What the commands share: the store behind the application, and an error that a person at a terminal can use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from cdshooks.audit.recorder import EXTENSION, Record
from cdshooks.store import Store, StoreUnavailable


def the_record() -> Record:
    record: Record = current_app.extensions[EXTENSION]
    return record


@contextmanager
def the_store() -> Iterator[Store]:
    """The database of the record; ends the command with a sentence when there is none or it cannot be reached."""
    store = the_record().store
    if store is None:
        raise click.ClickException("nothing is recorded: recording is switched off")
    if store.in_memory:
        raise click.ClickException(
            "nothing is recorded here: the state directory cannot be written; set CDSHOOKS_DATABASE_URL"
        )
    try:
        yield store
    except StoreUnavailable as error:
        raise click.ClickException(
            f"the database cannot be reached ({error}); is CDSHOOKS_DATABASE_URL right?"
        ) from None
