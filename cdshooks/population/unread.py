"""Lines and files of an export that could not be read: where they stand and why, never what stands there."""

from __future__ import annotations

from dataclasses import dataclass, replace

NOT_JSON = "not a FHIR resource in JSON"
NO_PATIENT = "names no patient that can be told"
NOT_REFERRED = "a pump of no patient, and nobody refers to it"
CUT = "the compressed file ends early or is damaged"
NOT_OPENED = "the file cannot be opened or read"
NOT_A_KIND = "this kind of file is not read"
NEEDS_EXTRA = "needs the extra 'population' (zstandard, fsspec)"
SERVER_SAID = "the server that wrote the export says it could not give all"
TWO_SERVERS = "lines of two servers share this patient id: give each server a folder of its own"
TWO_PEOPLE = "two patients of different birth dates share this id"
FAILED = "evaluating this patient failed"


@dataclass(frozen=True, slots=True, order=True)
class UnreadLine:
    """One line, or one file, that was not read."""

    file: str
    """As a person finds it: relative to the folder that was given."""
    line: int
    """From 1; 0 where the whole file is meant."""
    reason: str
    """One of the sentences above."""
    list: str = ""
    """The list of resources that lacks it; empty where nobody can tell, and every list may."""
    everybody: bool = True
    """Nobody can tell whose it is: that list is partial for every patient of the server."""
    server: int = 0
    """A place in ``ExportFiles.servers``."""
    block: int = 0
    """While a file is read: the byte from which `line` is counted (`lines.line_numbered`)."""

    def after(self, lines: int) -> UnreadLine:
        """Return the same, counted from so many lines further up."""
        return replace(self, line=self.line + lines if self.line else 0, block=0)

    @property
    def sentence(self) -> str:
        """``Device.ndjson, line 17: …``"""
        return f"{self.file}, line {self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"
