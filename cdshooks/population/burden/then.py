"""What was known at a time, of all that an export knows today: nothing that was written, recorded, issued, authored or
done later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, UNREADABLE, decoded, first_object, raw_text, text_of
from cdshooks.population.burden.moments import CALLING, ENCOUNTER, CallVersion, Period, moment_of
from cdshooks.population.versions import Line, moment, version

RECORDED = (
    *("recordedDate", "recorded", "issued", "authoredOn", "dateAsserted", "assertedDate", "dateRecorded"),
    *("dateWritten", "orderedOn", "recordedOn", "created"),
)
"""Members, of all FHIR versions, that say when something was put on record."""
_DONE = ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "occurrenceDateTime", "occurrencePeriod")
HAPPENED: dict[str, tuple[str, ...]] = {
    "Observation": _DONE[:3],
    "DiagnosticReport": _DONE[:3],
    "MedicationAdministration": _DONE,
    "Procedure": ("performedDateTime", "performedPeriod", "occurrenceDateTime", "occurrencePeriod"),
    "ImagingStudy": ("started",),
    ENCOUNTER: ("period", "actualPeriod"),
    "Condition": ("onsetDateTime", "onsetPeriod"),
    "Communication": ("sent",),
    "DetectedIssue": ("identifiedDateTime", "identifiedPeriod", "date"),
    "Flag": ("period",),
}
"""By resource type: members that say when it happened. What happened later was not known, whenever it was written."""
_LATER_ON = frozenset(("planned", "preparation", "in-progress", "not-done"))
"""Statuses of a Procedure that may lie ahead."""

_members = (*RECORDED, *dict.fromkeys(name for names in HAPPENED.values() for name in names))
_dates: Any = msgspec.json.Decoder(
    msgspec.defstruct("Dates", [(name, Raw, NOTHING) for name in ("status", "meta", *_members)], gc=False)
)


class Dated(NamedTuple):
    """One line of a patient, with since when it can have been known."""

    line: Line
    kind: str
    id: str
    since: datetime | None
    """The latest of what it says of its record and of when it happened; None where it says nothing."""
    updated: datetime | None
    """``meta.lastUpdated``."""
    told: CallVersion | None
    """What it says of a call, where it may be one."""


def dated(period: Period, line: Line) -> Dated:
    """Return a line with its dates; one that could not be read has none, and was known at any time."""
    kind, key, updated = version(line[1]) if line[1] else ("", "", "")
    try:
        said = _dates.decode(line[1]) if line[1] else None
    except UNREADABLE:
        said = None
    if said is None:
        return Dated(line, kind, key, None, None, None)
    written = [raw_text(getattr(said, name)) for name in RECORDED]
    happened = [_beginning(getattr(said, name)) for name in HAPPENED.get(kind, ())]
    if kind == "Procedure" and raw_text(said.status) in _LATER_ON:
        happened = []
    found = [read.start for text in (*written, *happened) if (read := period.when(text)) is not None]
    changed = moment(updated) if updated else None
    told = moment_of(period, kind, line[1]) if kind in CALLING else None
    return Dated(line, kind, key, max(found, default=None), changed, told)


def _beginning(raw: Raw) -> str | None:
    if raw is NOTHING:
        return None
    return text_of(first_object(decoded(raw)).get("start")) if bytes(raw)[:1] in (b"{", b"[") else raw_text(raw)


class KnownThen(NamedTuple):
    """What was known at a time."""

    lines: list[Line]
    rewritten: tuple[str, ...]
    """Lists with resources that may have been known and were written again later; what they said before is not in the
    export. They are left out, or count as they are."""


def known_then(
    found: Iterable[Dated], at: datetime, leave_out: Iterable[tuple[str, str]] = (), *, as_they_are: bool = False
) -> KnownThen:
    """Return the lines that were known. `leave_out`: (type, id) of what the call itself is about; `as_they_are`: what was
    written again later, and of which no version of that time is there, counts in the first version that is."""
    aside = frozenset(leave_out)
    lines: list[Line] = []
    known: set[tuple[str, str]] = set()
    later: dict[tuple[str, str], Dated] = {}
    for one in found:
        name = (one.kind, one.id)
        if (one.id and name in aside) or (one.since is not None and one.since > at):
            continue
        if one.updated is None or one.updated <= at:
            known.add(name)
            lines.append(one.line)
        elif name not in later or _written(one) < _written(later[name]):
            later[name] = one
    unsure = [one for name, one in later.items() if name not in known]
    if as_they_are:
        lines += [one.line for one in unsure]
    return KnownThen(lines, tuple(sorted({one.line[0] for one in unsure})))


def _written(one: Dated) -> tuple[datetime, bytes]:
    assert one.updated is not None  # none else are compared
    return one.updated, one.line[1]


def deleted_then(deleted: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Return what was deleted by then; what does not say when it was, is gone at any time."""
    return {key: when for key, when in deleted.items() if not when or moment(when) <= at}


def drafted(line: bytes, referred: Iterable[bytes]) -> Raw:
    """Return an order as it stood on the screen before it was signed: a draft in ``context.draftOrders``, with the
    Medications that it refers to."""
    entries = [_changed(line, {"status": Raw(b'"draft"')}, ()), *referred]
    held = b",".join([b'{"resource":' + entry + b"}" for entry in entries])
    return Raw(b'{"resourceType":"Bundle","type":"collection","entry":[' + held + b"]}")


def as_begun(line: bytes, at: datetime) -> bytes:
    """Return an encounter as it stood while it went on: without its end, its diagnoses and where the patient went, which
    nobody knew; as it is where it had ended by then."""
    said = first_object(decoded(line))
    name = "period" if said.get("period") else "actualPeriod"
    ended = text_of(first_object(said.get(name)).get("end"))
    if ended and moment(ended) <= at:
        return line
    start = {"start": first_object(said.get(name)).get("start")}
    changes = {"status": Raw(b'"in-progress"'), name: Raw(msgspec.json.encode(start))}
    return _changed(
        line, changes, ("diagnosis", "length", "statusHistory", "classHistory", "hospitalization", "admission")
    )


_raw = msgspec.json.Decoder(dict[str, Raw])


def _changed(line: bytes, changes: Mapping[str, Raw], without: Iterable[str]) -> bytes:
    """Return a resource with other members; what stays stays byte for byte."""
    members = _raw.decode(line)
    for name in without:
        members.pop(name, None)
    return msgspec.json.encode({**members, **changes})
