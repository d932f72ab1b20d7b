"""Orders whose text is longer than what is read of it (docs/fhir-mapping.md S8): what stands behind the end of that may
be what decides."""

from __future__ import annotations

from typing import Any

from cdshooks.fhir.json_values import NOTHING, decoded, items
from cdshooks.fhir.resource_types import NAMES, Resource
from cdshooks.reading.draft_orders import DraftOrders
from cdshooks.reading.event_codes import ORDERS
from cdshooks.reading.medication_statuses import SOURCES
from rules.terminology.text_bounds import LONGEST_NAME, LONGEST_NOTE

_FREE = frozenset({"note", "notes", "patientInstruction", "dosageInstruction", "dosage"})
"""Members whose own words are free text; the concepts within them are names."""
_SAID = frozenset({"text", "display", "patientInstruction", "deviceName"})
_READ = frozenset({*SOURCES, *ORDERS, "Medication"})


def has_cut_text(drafts: DraftOrders) -> bool:
    """Return whether one of the orders, or a product among them, has a text that is not read to its end."""
    return bool(drafts.entries) and any(
        [_is_cut(entry.resource) for entry in drafts.entries if NAMES[type(entry.resource)] in _READ]
    )


def _is_cut(resource: Resource) -> bool:
    for name in resource.__struct_fields__:
        raw = getattr(resource, name)
        if raw is not NOTHING and len(bytes(raw)) > LONGEST_NAME and _too_long(decoded(raw), name in _FREE):
            return True
    return False


def _too_long(value: Any, free: bool) -> bool:
    """Return whether a text of a member is longer than what is read. `free`: its own words are free text; those of what
    lies within it are names.

    A stack of its own: however deep somebody nests a member, it is gone through.
    """
    waiting = [(one, LONGEST_NOTE if free else LONGEST_NAME) for one in items(value)]
    while waiting:
        one, most = waiting.pop()
        if isinstance(one, str):
            said = [one]
        elif isinstance(one, dict):
            said = [held for name, held in one.items() if name in _SAID and isinstance(held, str)]
            within = [held for held in one.values() if isinstance(held, (dict, list))]
            waiting += [(part, LONGEST_NAME) for held in within for part in items(held)]
        else:
            continue
        if any([len(text.strip()) > most for text in said]):
            return True
    return False
