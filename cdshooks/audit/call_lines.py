"""One line of the log for each service call: which service, how it ended, how long it took, how many cards of each
indicator. Nothing of the patient, nothing that the client wrote but the hookInstance (`cdshooks.logs.instance`).

The lines of calls that end close together are written together: for each write the record's thread gives way to the
calls, and has to wait for its next turn.
"""

from __future__ import annotations

import logging
from collections import Counter

from cdshooks import logs
from cdshooks.audit.call import AuditedCall, UndecidedCall

LOG = logging.getLogger("cdshooks.calls")
MOST = 100


class CallLines:
    """A listener of the audit trail (`cdshooks.audit.listeners.CallListener`)."""

    def __init__(self) -> None:
        self._held: list[logging.LogRecord] = []

    def hear(self, call: AuditedCall) -> None:
        if not LOG.isEnabledFor(logging.INFO):
            return
        line = {
            "hookInstance": logs.instance(call.hook_instance),
            "service": call.service,
            "status": call.status,
            "milliseconds": round(call.milliseconds.get("total", 0.0), 1),
            "cards": dict(Counter(card.indicator for card in call.cards)),
            "client": call.client,
        }
        self._held.append(LOG.makeRecord(LOG.name, logging.INFO, "", 0, "call", (), None, extra=line))
        if len(self._held) >= MOST:
            self.flush()

    def hear_undecided(self, call: UndecidedCall) -> None:
        """Log in the call's own thread, whose hookInstance the log knows as far as the request could be read."""
        LOG.info(
            "call",
            extra={
                "service": call.service,
                "status": call.status,
                "milliseconds": round(call.milliseconds, 1),
                "cards": {},
            },
        )

    def flush(self) -> None:
        held, self._held = self._held, []
        if held:
            logs.write_together(held)

    def close(self) -> None:
        self.flush()
