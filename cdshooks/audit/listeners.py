"""Who is told of each call besides the record: the log and, where a collector is named, traces."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from cdshooks.audit.call import AuditedCall, UndecidedCall

LOG = logging.getLogger(__name__)


class CallListener(Protocol):
    """What is told of each call besides the record: a line of the log, spans. It may see chart facts, and must drop
    them."""

    def hear(self, call: AuditedCall) -> None:
        """Be told of a call that was answered with 200 or 412, in the record's thread as a rule."""

    def hear_undecided(self, call: UndecidedCall) -> None:
        """Be told of another call, in its own thread."""

    def flush(self) -> None:
        """Give out what is held back: there is no call to tell of for now. In the record's thread."""

    def close(self) -> None:
        """Give out what is held back: there will be no other call."""


class Listeners:
    """All of them. One that fails costs its own line or span: no answer, no record."""

    def __init__(self, *listeners: CallListener | None) -> None:
        self._listeners = tuple(one for one in listeners if one is not None)

    def hear(self, call: AuditedCall) -> None:
        self._each(lambda listener: listener.hear(call))

    def hear_undecided(self, call: UndecidedCall) -> None:
        self._each(lambda listener: listener.hear_undecided(call))

    def flush(self) -> None:
        self._each(lambda listener: listener.flush())

    def close(self) -> None:
        self._each(lambda listener: listener.close())

    def _each(self, tell: Callable[[CallListener], None]) -> None:
        for listener in self._listeners:
            try:
                tell(listener)
            except Exception:
                LOG.exception("a call could not be told")
