"""Observations as they were delivered, until somebody reads them: for a patient without any sign of a pump nobody
does."""

from __future__ import annotations

from collections.abc import Iterator

from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading import decoding


class UnreadObservations:
    """The Observations of one call. `body`: what they are decoded from once more where they were only glanced at."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._glanced: list[Resource] = []
        self._whole: list[tuple[str, list[Resource]]] = []

    def add(self, part: str, found: list[Resource]) -> None:
        """Take in the Observations of one member, or of a page of one."""
        self._whole.append((part, found))

    def add_glanced(self, found: list[Resource]) -> None:
        """Take in those of a prefetch member of which no more than the codes was decoded."""
        self._glanced += found

    def mention(self, codes: tuple[bytes, ...]) -> bool:
        """Return whether one of the codes stands in what an Observation is about: told by the bytes, nothing is
        read."""
        waiting = [*self._glanced, *(one for _, found in self._whole for one in found)]
        about = b"".join(
            [*[one.code for one in waiting], *[one.component for one in waiting if one.component is not NOTHING]]
        )
        return any(code in about for code in codes)

    def taken(self) -> Iterator[tuple[str, list[Resource]]]:
        """Give them out, decoded whole, with the part they came in; none is left."""
        if self._glanced:
            self._glanced.clear()
            self._whole[:0] = decoding.all_observations(self._body)
        while self._whole:
            yield self._whole.pop(0)
