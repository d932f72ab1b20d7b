"""How far each list of resources could be seen (docs/fhir-mapping.md S1). Unknown is not none."""

from __future__ import annotations

from enum import Enum

from rules.chart.parts import entry


class Availability(Enum):
    COMPLETE = "complete"
    """Closed: all of it, or a search that found none."""
    PARTIAL = "partial"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    NOT_SUPPORTED = "not-supported"
    """The server has no such list at all."""


COMPLETE, PARTIAL, UNAVAILABLE = Availability.COMPLETE, Availability.PARTIAL, Availability.UNAVAILABLE
"""Those that are asked for most: Python 3.11 calls a function to reach a member by the name of its class."""


@entry
class Listing:
    """How a list of resources ended."""

    state: Availability
    why: str = ""
    """One word where it is not closed: ``not-sent``, ``total``, ``next-not-read``, ``http-403``, ``unreadable``,
    ``nesting``, ``not-fhir``, ``other-patient``, a FHIR issue type, or how a read of the server ended. Never data of a
    patient or text of a server.
    """
    read: int = 0
    """Entries of this patient that were read."""

    @property
    def closed(self) -> bool:
        return self.state is COMPLETE

    @property
    def failed(self) -> bool:
        """It was asked for and nothing of it was read: not merely absent, nor a list that the server does not have."""
        if self.state is PARTIAL:
            return not self.read
        return self.state is Availability.REFUSED or (self.state is UNAVAILABLE and self.why != NOT_SENT.why)


NOT_AVAILABLE = "not-available"
"""Why of a list that the site says its server does not have."""
NOT_SENT = Listing(UNAVAILABLE, "not-sent")
"""Nothing of the list came, nor an error."""
