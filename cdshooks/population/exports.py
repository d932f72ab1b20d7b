"""Charts from files: a FHIR Bundle, or NDJSON as a bulk export writes it, made into one patient-view request a patient.

NDJSON may hold any number of patients in any order. A first pass notes where each resource stands, in an index on disk;
a second one reads one patient at a time. So memory stays the same however large the export.

A resource type counts as delivered when the files hold at least one of it, or are named after it (``Device.ndjson``):
an export without devices says nothing about devices. `complete` takes every list as delivered.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, BinaryIO

import msgspec
from msgspec import Raw

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.protocol.catalogue import TEMPLATES
from cdshooks.protocol.request import HookRequest

NAMES = (".ndjson", ".jsonl")
"""How NDJSON files are called."""
MEDICATION = "Medication"
BATCH = 5000
MOST_OPEN = 100
_KEYS = {row.resource_type: row.key for row in reversed(TEMPLATES)}
_LISTS = frozenset(CANONICAL.values())
_POINTS = re.compile(rb'"reference"\s*:\s*"(?:[^"]*/)?Medication/([A-Za-z0-9\-.]+)')
_TYPE_OF_FILE = re.compile(r"[A-Za-z]+")
_TABLES = """
create table place (patient text not null, kind text not null, file integer not null, at integer not null, size integer not null);
create table medication (id text primary key, file integer not null, at integer not null, size integer not null) without rowid;
"""


class Owned(msgspec.Struct):
    """What tells whose a resource is."""

    resourceType: str = ""
    id: Any = None
    subject: Any = None
    patient: Any = None
    participant: Any = None


_owned = msgspec.json.Decoder(Owned)


def requests_of(document: dict[str, Any], complete: bool = False) -> Iterator[HookRequest]:
    """One patient-view request for each patient of a Bundle. ValueError when it names none.

    In a transaction Bundle resources name each other by ``fullUrl``; a patient without an id goes by it.
    """
    entries = [entry for entry in document.get("entry") or () if isinstance(entry, dict)]
    resources = [
        (entry.get("fullUrl"), entry["resource"]) for entry in entries if isinstance(entry.get("resource"), dict)
    ]
    patients = [
        (url, resource.get("id"))
        for url, resource in resources
        if isinstance(url, str) and resource.get("resourceType") == "Patient"
    ]
    urls = {url: known if isinstance(known, str) and known else url for url, known in patients}
    named = {msgspec.json.encode(resource): url for url, resource in resources if isinstance(url, str)}
    by_patient: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    shared = [resource for _, resource in resources if resource.get("resourceType") == MEDICATION]
    for url, resource in resources:
        owner = _owner(msgspec.convert(resource, Owned), urls)
        if owner is None and resource.get("resourceType") == "Patient":
            owner = urls.get(url) if isinstance(url, str) else None
        if owner and CANONICAL.get(resource.get("resourceType", "")):
            by_patient[owner].append(resource)
    if not by_patient:
        raise ValueError("the Bundle holds no resource of a patient")
    seen = (
        _LISTS
        if complete
        else frozenset(CANONICAL.get(resource.get("resourceType", ""), "") for _, resource in resources) & _LISTS
    )
    for patient, held in by_patient.items():
        lines: defaultdict[str, list[bytes]] = defaultdict(list)
        for resource in held:
            lines[CANONICAL[resource["resourceType"]]].append(msgspec.json.encode(resource))
        yield _request(patient, lines, [msgspec.json.encode(resource) for resource in shared], seen, named)


def _owner(resource: Owned, urls: dict[str, str] | None = None) -> str | None:
    """Id of the patient that the resource belongs to."""
    if resource.resourceType == "Patient":
        return resource.id if isinstance(resource.id, str) and resource.id else None
    actors = (
        [who.get("actor") for who in resource.participant if isinstance(who, dict)]
        if isinstance(resource.participant, list)
        else []
    )
    for pointer in (resource.subject, resource.patient, *actors):
        reference = pointer.get("reference") if isinstance(pointer, dict) else None
        if not isinstance(reference, str):
            continue
        if urls and reference in urls:
            return urls[reference]
        parts = reference.partition("/_history")[0].split("/")
        if len(parts) > 1 and parts[-2] == "Patient" and parts[-1]:
            return parts[-1]
    return None


def _bundle(lines: Iterable[bytes], included: Iterable[bytes], urls: Mapping[bytes, str]) -> Raw:
    entries = [_entry(line, urls, b"}") for line in lines]
    entries += [_entry(line, urls, b',"search":{"mode":"include"}}') for line in included]
    return Raw(b'{"resourceType":"Bundle","type":"searchset","entry":[' + b",".join(entries) + b"]}")


def _entry(line: bytes, urls: Mapping[bytes, str], end: bytes) -> bytes:
    url = urls.get(line)
    return (b'{"fullUrl":' + msgspec.json.encode(url) + b"," if url else b"{") + b'"resource":' + line + end


def _request(
    patient: str,
    lines: dict[str, list[bytes]],
    medications: list[bytes],
    delivered: Iterable[str],
    urls: Mapping[bytes, str] = MappingProxyType({}),
) -> HookRequest:
    prefetch = {}
    for kind in sorted({*lines, *delivered}):
        included = medications if kind.startswith("Medication") and kind in lines else ()
        prefetch[_KEYS.get(kind, kind)] = _bundle(lines.get(kind, ()), included, urls)
    return HookRequest(
        hook="patient-view",
        hook_instance=f"file:{patient}",
        patient_id=patient,
        user_id="Practitioner/file",
        prefetch=prefetch,
    )


class Export:
    """NDJSON files as one export. Use as a context manager: `read`, then iterate; the index goes at the end."""

    def __init__(self, files: Iterable[Path], complete: bool = False) -> None:
        self.files = tuple(files)
        self.complete = complete
        self.patients = 0
        self.ignored: Counter[str] = Counter()
        """Resources that are no part of a patient's chart here, by type."""
        self.problems: list[str] = []
        """``Device.ndjson, line 17: …``; never the content."""
        self.unreadable = 0
        named = filter(None, (_TYPE_OF_FILE.match(file.name) for file in self.files))
        self._types = {CANONICAL[found[0]] for found in named if found[0] in CANONICAL}
        self._folder = tempfile.TemporaryDirectory(prefix="cdshooks-index-")
        self._index = sqlite3.connect(Path(self._folder.name) / "index.sqlite3")
        self._index.executescript("pragma journal_mode = off; pragma synchronous = off;" + _TABLES)
        self._open: dict[int, BinaryIO] = {}

    def __enter__(self) -> Export:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._index.close()
        self._folder.cleanup()

    @property
    def size(self) -> int:
        return sum(file.stat().st_size for file in self.files)

    def read(self, tell: Callable[[int], object] = lambda size: None) -> None:
        """The first pass. `tell` hears how many bytes were read since it was told last."""
        for number, file in enumerate(self.files):
            self._note(number, file, tell)
        self._index.execute("create index by_patient on place (patient)")
        self._index.commit()
        (self.patients,) = self._index.execute("select count(distinct patient) from place").fetchone()

    def _note(self, number: int, file: Path, tell: Callable[[int], object]) -> None:
        places: list[tuple[Any, ...]] = []
        medications: list[tuple[Any, ...]] = []
        at = told = 0
        with file.open("rb") as stream:
            for line_number, line in enumerate(stream, 1):
                self._place(line, (number, at, len(line)), f"{file.name}, line {line_number}", places, medications)
                at += len(line)
                if len(places) + len(medications) >= BATCH:
                    self._write(places, medications)
                    tell(at - told)
                    told = at
        self._write(places, medications)
        tell(at - told)

    def _place(
        self,
        line: bytes,
        where: tuple[int, int, int],
        name: str,
        places: list[tuple[Any, ...]],
        medications: list[tuple[Any, ...]],
    ) -> None:
        if not line.strip():
            return
        try:
            resource = _owned.decode(line.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._problem(f"{name}: not a FHIR resource in JSON")
        kind = CANONICAL.get(resource.resourceType)
        if resource.resourceType == MEDICATION and isinstance(resource.id, str):
            medications.append((resource.id, *where))
        elif kind is None:
            if not resource.resourceType:
                return self._problem(f"{name}: not a FHIR resource in JSON")
            self.ignored[resource.resourceType] += 1
        else:
            self._types.add(kind)
            owner = _owner(resource)
            if owner is None:
                return self._problem(f"{name}: a {resource.resourceType} that names no patient")
            places.append((owner, kind, *where))
        return None

    def _problem(self, text: str) -> None:
        self.unreadable += 1
        if len(self.problems) < 100:
            self.problems.append(text)

    def _write(self, places: list[tuple[Any, ...]], medications: list[tuple[Any, ...]]) -> None:
        self._index.executemany("insert into place values (?, ?, ?, ?, ?)", places)
        self._index.executemany("insert or replace into medication values (?, ?, ?, ?)", medications)
        places.clear()
        medications.clear()

    def __iter__(self) -> Iterator[HookRequest]:
        """The second pass: patients by id."""
        delivered = _LISTS if self.complete else frozenset(self._types)
        held: defaultdict[str, list[bytes]] = defaultdict(list)
        current: str | None = None
        for patient, kind, *where in self._index.execute(
            "select patient, kind, file, at, size from place order by patient, rowid"
        ):
            if current is not None and patient != current:
                yield _request(current, held, self._medications(held), delivered)
                held = defaultdict(list)
            current = patient
            held[kind].append(self._line(*where))
        if current is not None:
            yield _request(current, held, self._medications(held), delivered)

    def _medications(self, held: dict[str, list[bytes]]) -> list[bytes]:
        """The Medications that this patient's orders point to."""
        lines = (line for kind, several in held.items() if kind.startswith(MEDICATION) for line in several)
        wanted = dict.fromkeys(name.decode() for line in lines for name in _POINTS.findall(line))
        found = (
            self._index.execute("select file, at, size from medication where id = ?", (name,)).fetchone()
            for name in wanted
        )
        return [self._line(*where) for where in found if where]

    def _line(self, number: int, at: int, size: int) -> bytes:
        stream = self._open.get(number)
        if stream is None:
            if len(self._open) >= MOST_OPEN:
                self._close()
            stream = self._open[number] = self.files[number].open("rb")
        stream.seek(at)
        return stream.read(size).strip().removeprefix(b"\xef\xbb\xbf")

    def _close(self) -> None:
        for stream in self._open.values():
            stream.close()
        self._open.clear()
