"""Which files an export has: in folders and subfolders, here or, with fsspec, in an object store.

A folder that is given is one server's; a ``manifest.json`` within it that names another server tells so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.population import file_names, stored
from cdshooks.population.file_names import Part
from cdshooks.population.stored import Stopped
from cdshooks.population.unread import NOT_A_KIND, UnreadLine

MANIFEST = "manifest.json"
_OPERATION = re.compile(r"(?:/Patient|/Group/[^/]+)?/\$.*$|/+$")


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export."""

    path: str
    """Here, or with ``://`` where fsspec finds it."""
    name: str
    """As messages name it: with the folders below the one that was given."""
    server: int
    """Whose ids it uses: a place in `ExportFiles.servers`."""
    part: Part
    named: str | None
    """The resource type that it is named after; None where it may hold any."""
    size: int

    @property
    def whole(self) -> bool:
        """It can be read from its beginning alone."""
        return self.compressed or self.document or "://" in self.path

    @property
    def compressed(self) -> bool:
        """Its name says so."""
        return file_names.bare(self.path) != self.path

    @property
    def document(self) -> bool:
        """It is one JSON document, not lines."""
        return file_names.bare(self.path).lower().endswith(file_names.DOCUMENT)


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """What was found in the folders that were given."""

    files: tuple[File, ...]
    """Those to read, in a fixed order."""
    servers: tuple[str, ...]
    """A folder or an address each; one, empty, where all is of one server."""
    left_alone: tuple[str, ...] = ()
    """Names of manifests, logs and notes."""
    unread: tuple[UnreadLine, ...] = ()
    """Files that may hold data and are not read."""

    @property
    def size(self) -> int:
        """Bytes, as they are stored."""
        return sum(file.size for file in self.files)


def is_of_lines(name: str) -> bool:
    """Return whether a file so named holds lines, and not one document."""
    return file_names.bare(name).lower().endswith(file_names.LINES)


def find_files(given: Sequence[str | os.PathLike[str]]) -> ExportFiles:
    """Return the files in these folders, and the files given by themselves. OSError for what is not there, `Stopped`
    for an address without fsspec."""
    found: list[tuple[str, File]] = []
    aside: list[str] = []
    unread: list[UnreadLine] = []
    servers: dict[str, str] = {}
    for start in dict.fromkeys(_plain(os.fspath(one)) for one in given):
        for folder, folders, name, size in _listed(start):
            shown, part = "/".join((*folders, name)), file_names.part(folders, name)
            named = file_names.type_named_by(folders, name)
            if part is Part.LEFT_ALONE:
                aside.append(shown)
            elif part is Part.UNKNOWN:
                unread.append(UnreadLine(shown, 0, NOT_A_KIND, CANONICAL.get(named or "", "")))
            else:
                if folder not in servers:
                    servers[folder] = _server(folder, len(folders)) or folder.rsplit("/", len(folders))[0]
                found.append((servers[folder], File(f"{folder}/{name}", shown, 0, part, named, size)))
    names = tuple(dict.fromkeys(server for server, _ in found)) or ("",)
    files = [replace(file, server=names.index(server)) for server, file in found]
    files.sort(key=lambda file: (file.server, file.name, file.path))
    return ExportFiles(tuple(files), names if len(names) > 1 else ("",), tuple(sorted(aside)), tuple(sorted(unread)))


def _plain(start: str) -> str:
    return start.rstrip("/") if "://" in start else os.path.normpath(start).replace(os.sep, "/")


def _listed(start: str) -> Iterator[tuple[str, tuple[str, ...], str, int]]:
    """Folder, its place below `start`, name and size of each file in `start`, or of the file that it is."""
    if "://" in start:
        there = stored.filesystem(start)
        base = len(there.unstrip_protocol(start)) if there.isdir(start) else None
        for path, told in sorted(there.find(start, detail=True).items()):
            folder, _, name = there.unstrip_protocol(path).rpartition("/")
            below = folder[base:].strip("/") if base is not None else ""
            yield folder, tuple(below.split("/")) if below else (), name, int(told.get("size") or 0)
        return
    if not os.path.isdir(start):
        folder, _, name = start.rpartition("/")
        yield folder or ".", (), name, os.stat(start).st_size
        return
    for folder, inside, names in os.walk(start, followlinks=True):
        inside.sort()
        below = tuple(part for part in os.path.relpath(folder, start).split(os.sep) if part != ".")
        for name in sorted(names):
            path = os.path.join(folder, name)
            yield folder.replace(os.sep, "/"), below, name, os.stat(path).st_size if os.path.exists(path) else 0


def _server(folder: str, depth: int) -> str | None:
    """The server that the nearest manifest names, in the folder or in one of so many above it: its address without
    the operation."""
    for up in range(depth + 1):
        try:
            with stored.opened(f"{folder.rsplit('/', up)[0] if up else folder}/{MANIFEST}") as stream:
                request = msgspec.json.decode(stream.read()).get("request")
        except (Stopped, OSError, AttributeError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(request, str) and "://" in request:
            return _OPERATION.sub("", request.partition("?")[0])
    return None
