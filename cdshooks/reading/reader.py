"""What every reading of a resource needs beside the resource itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cdshooks.fhir.references import ReferenceIndex
from cdshooks.fhir.times import DateReader, date_reader
from cdshooks.reading.limits import Limits, limits_on
from cdshooks.reading.terminology_cache import TerminologyCache, cache_for

if TYPE_CHECKING:
    from rules.concepts import Knowledge


class Reader:
    """Reads the resources of one call: finds what they refer to, knows their codes, reads their dates as of `now`.

    Nothing of it changes once it is made.
    """

    __slots__ = ("index", "knowledge", "limits", "now", "terminology", "when")

    def __init__(self, index: ReferenceIndex, terminology: TerminologyCache, when: DateReader, now: datetime) -> None:
        self.index = index
        self.terminology = terminology
        self.knowledge = terminology.knowledge
        self.when = when
        """Text of a FHIR date to the period it names, in the time zone of `now`."""
        self.limits: Limits = limits_on(now.date())
        """Which results a living patient can have."""
        self.now = now
        """Aware, in the site's time zone."""

    def within(self, index: ReferenceIndex) -> Reader:
        """Return a reader that is the same but finds references in another index (draft orders refer to each other)."""
        return Reader(index, self.terminology, self.when, self.now)


def reader_for(index: ReferenceIndex, knowledge: Knowledge, now: datetime, date_order: str | None = None) -> Reader:
    """Return the reader of a call at a site with this knowledge, which writes 06/10/2026 in this order (``MDY``,
    ``DMY``)."""
    return Reader(index, cache_for(knowledge), date_reader(now.tzinfo, date_order, now), now)
