"""Each line of a block by itself: what it is, and whose; Bundles taken apart, damaged lines told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from cdshooks.fhir import bundles
from cdshooks.fhir.json_values import NOTHING, UNREADABLE, first_object, objects, present, text_of
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.resource_types import NAMES
from cdshooks.population import bundle_lines, owner
from cdshooks.population.files import File
from cdshooks.population.referred import DEVICE, MEDICATION
from cdshooks.population.trace import BUNDLE, KIND, many
from cdshooks.population.versions import version

OUTCOME = "OperationOutcome"
DAMAGED = ""
"""The kind of a line that is no FHIR resource in JSON."""
LEVELS = 3
"""Bundle in Bundle in Bundle is read, as in a hook call."""
_GRAVE = ("fatal", "error")


class Read(NamedTuple):
    """One resource."""

    number: int
    """Of the line it stands in."""
    kind: str
    """Resource type; `DAMAGED`, or a type that FHIR does not know."""
    line: bytes


class _Owned(msgspec.Struct, gc=False):
    id: Raw = NOTHING
    subject: Raw = NOTHING
    patient: Raw = NOTHING
    participant: Raw = NOTHING


_owned = msgspec.json.Decoder(_Owned)
_plain = msgspec.json.Decoder(dict[str, Any])


def each(file: File, lines: Iterable[tuple[int, bytes]]) -> Iterator[Read]:
    """Give the resources in numbered lines, blank ones left out; a Bundle only where it deletes something, behind what stands in it."""
    for number, line in lines:
        if line := line.strip():
            yield from _opened(file, number, line, LEVELS)


def _opened(file: File, number: int, line: bytes, levels: int) -> Iterator[Read]:
    kind = kind_of(line)
    if kind != BUNDLE:
        yield Read(number, kind, line)
        return
    try:
        inside = bundle_lines.lines(line, f"{file.name} {number}") if levels else None
    except UNREADABLE:
        inside = None
    if inside is None:
        yield Read(number, DAMAGED, line)
        return
    for one in inside:
        yield from _opened(file, number, one, levels - 1)
    if b"DELETE" in line:
        yield Read(number, BUNDLE, line)


def kind_of(line: bytes) -> str:
    """Return the resource type of a line, leniently as in a hook call; `DAMAGED` where it is none."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return DAMAGED
    try:
        return KIND[type(many.decode(line))]
    except UNREADABLE:
        found, unreadable = bundles.decode_resource(line)
    if found is None:
        return DAMAGED if unreadable or b'"resourceType"' not in line else "Unknown"
    return NAMES[type(found)]


def whose(read: Read) -> str | None:
    """Return the id of the patient whose resource this is; ``owner.NOBODY`` for one that belongs to no chart; None
    where nobody can tell."""
    if read.kind == DAMAGED:
        return owner.in_damaged(read.line)
    if read.kind not in CANONICAL:
        return owner.NOBODY
    try:
        said = _owned.decode(read.line)
    except UNREADABLE:
        return None
    if read.kind == "Patient":
        return owner.of_patient(said.id)
    if read.kind == DEVICE and not present(said.patient) and not present(said.subject):
        return owner.NOBODY
    return owner.patient_named(said.subject, said.patient, said.participant)


def is_shared(read: Read, whose: str | None) -> bool:
    """Return whether others may refer to it: a Medication, or a device of no patient."""
    return read.kind == MEDICATION or (read.kind == DEVICE and whose == owner.NOBODY)


def list_of(read: Read, file: File) -> str:
    """Return the list that a resource belongs to; empty where nobody can tell."""
    kind = read.kind if read.kind != DAMAGED else owner.type_in_damaged(read.line) or file.named or ""
    return CANONICAL.get(kind, "")


def deleted_by(read: Read) -> Iterator[tuple[str, str]]:
    """Give what a Bundle deletes, as ``Type/id``, with when it was written; or the resource itself, as some servers
    list what is gone."""
    if read.kind != BUNDLE:
        kind, key, _ = version(read.line)
        yield f"{kind}/{key}", ""
        return
    document = _plain.decode(read.line)
    when = text_of(first_object(document.get("meta")).get("lastUpdated")) or ""
    for entry in objects(document.get("entry")):
        request = first_object(entry.get("request"))
        parts = (text_of(request.get("url")) or "").partition("?")[0].strip("/").split("/")
        if text_of(request.get("method")) == "DELETE" and len(parts) > 1:
            yield "/".join(parts[-2:]), when


def tells_of_loss(outcome: bytes) -> bool:
    """Return whether an OperationOutcome says that something could not be given: an error, or no word how grave."""
    issues = objects(_plain.decode(outcome).get("issue"))
    return any(text_of(issue.get("severity")) in (*_GRAVE, None) for issue in issues)
