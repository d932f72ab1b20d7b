"""One rule that had something to say in one hook call that would have been made, in the same bytes whoever computed it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class FiredAlert:
    """Alerts are ordered by server, patient, time, hook and rule. They hold nothing of a chart."""

    server: str
    patient: str
    """As in `cdshooks.population.row.Row`."""
    at: str
    """When the call would have been made: ISO 8601, in the site's time zone."""
    hook: str
    rule: str
    """Empty: whether there was a pump could not be told."""
    version: str = ""
    indicator: str = ""
    """Of the card, after the site's cap; empty where none is shown."""
    shown: bool = False
    hidden: str = ""
    """Why not: another rule hides it, it is off, silent or not approved, or five others are more urgent."""
    without_settings: str = ""
    """The indicator that a card would have without the site's switches, caps and approvals; empty for no card."""
    number: int = 0
    """Of calls of one patient and time: which."""

    @property
    def place(self) -> tuple[str, str, str, str, int, str]:
        """What alerts are ordered by."""
        return (self.server, self.patient, self.at, self.hook, self.number, self.rule)


_reader = msgspec.json.Decoder(FiredAlert)


def encoded_alert(alert: FiredAlert) -> bytes:
    """Return the alert as one line of JSON, with a line end."""
    return msgspec.json.encode(alert) + b"\n"


def decoded_alert(line: bytes) -> FiredAlert:
    """Return the alert that `encoded_alert` wrote."""
    return _reader.decode(line)
