"""What a population report says of one patient and one rule, in the same bytes whoever computed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Row:
    """One rule that has something to say of one patient; or, with an empty `rule`, a patient of whom nobody can tell
    whether there is a pump.

    Rows are ordered by server, patient and rule. They hold nothing of a chart but what a card would show.
    """

    server: str
    """Whose ids these are: empty where one server's export was read, else the folder or address of the export."""
    patient: str
    """Keyed hash of the patient's id, as the record has it (``audit``); the id itself where the site asks for ids."""
    rule: str
    version: str = ""
    """Of the rule."""
    hook: str = "patient-view"
    at: str = ""
    """When it was judged: ISO 8601, in the site's time zone."""
    indicator: str = ""
    """``info``, ``warning`` or ``critical``, after the site's cap; empty without a rule."""
    shown: bool = False
    """It stands on a card of the answer to a hook call."""
    hidden: str = ""
    """Why not: another rule hides it, it is silent or not approved, or five others are more urgent."""
    summary: str = ""
    """The line of the card; the rule's title for one that is not shown."""
    due: str = ""
    """ISO date that a worklist is ordered by: the low-reservoir date (refills), the day of the end of service."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the card's words are filled with, by the names of the rule's `gives`; times as ISO 8601."""
    suggests: bool = False
    """Partly read from text or unconfirmed: *record suggests*."""
    state: str = ""
    """The patient's pump state (``rules/definitions/state.py``)."""
    established: bool = True
    """False: whether there is a pump cannot be told, and cards stand here that do not need it, or none."""
    missing: tuple[str, ...] = ()
    """Lists that would tell."""
    unreadable: int = 0
    """Resources of this patient that could not be read, the same in every row of a patient."""
    not_seen: tuple[Mapping[str, str], ...] = ()
    """Lists that were not seen whole: ``list``, ``state``, ``why`` (docs/fhir-mapping.md §14)."""

    @property
    def place(self) -> tuple[str, str, str]:
        """What rows are ordered by."""
        return (self.server, self.patient, self.rule)


_reader = msgspec.json.Decoder(Row)


def encoded_row(row: Row) -> bytes:
    """Return the row as one line of JSON, its members in the order of the class, with a line end."""
    return msgspec.json.encode(row) + b"\n"


def decoded_row(line: bytes) -> Row:
    """Return the row that `encoded_row` wrote."""
    return _reader.decode(line)
