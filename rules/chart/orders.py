"""The draft orders of the hook."""

from __future__ import annotations

from rules.chart.events import CareEvent
from rules.chart.medication import Medication
from rules.chart.parts import entry
from rules.vocabulary import spoken


@entry
class Order:
    """A draft order of the hook: a medication or a procedure. `selected` ones are judged, the others are background."""

    key: str
    selected: bool
    medication: Medication | None = None
    event: CareEvent | None = None
    stop: bool = False
    """Stop semantics: status stopped, cancelled or on-hold, doNotPerform, or dose 0."""
    reference: str = ""
    """``Type/id`` as the client knows it; empty without an id."""
    unidentified: bool = False
    """Nothing tells which drug or procedure is ordered."""
    status_unread: bool = False
    """Its status is absent or no word of FHIR: it is judged as a draft."""

    @property
    def name(self) -> str:
        """How the record calls what is ordered, to be read on a card."""
        kind = "drug" if self.medication else "procedure"
        entry = self.medication or self.event
        return (entry.name if entry else "") or spoken.name_when_unnamed(kind)


@entry
class UnreadOrder:
    """An order of the hook that was sent and could not be judged."""

    why: str
    """``unreadable``, or ``other-patient``."""
