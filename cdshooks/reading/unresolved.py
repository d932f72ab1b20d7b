"""Which resources a set refers to but does not hold: those that are worth a read from the FHIR server."""

from __future__ import annotations

from typing import Any

from cdshooks.fhir.json_values import NOTHING, decoded, references, text_of
from cdshooks.fhir.resource_types import NAMES, Resource
from cdshooks.reading.devices import USES
from cdshooks.reading.medication_statuses import SOURCES
from cdshooks.reading.resource_set import ResourceSet


def unresolved(resources: ResourceSet) -> tuple[str, ...]:
    """Return the references to medications and devices that nothing delivered resolves, each once."""
    wanted: dict[str, None] = {}
    drafts = [entry.resource for entry in resources.orders.entries if NAMES[type(entry.resource)] in SOURCES]
    for resource in (*(one for name in SOURCES for one in resources.kept.get(name, ())), *drafts):
        for raw in (resource.medicationReference, resource.medication):
            if raw is not NOTHING:
                _collect(wanted, decoded(raw), resource, resources)
    for name in USES:
        for resource in resources.kept.get(name, ()):
            _collect(wanted, decoded(resource.device), resource, resources)
    return tuple(wanted)


def _collect(wanted: dict[str, None], value: Any, within: Resource, resources: ResourceSet) -> None:
    for reference in references(value):
        target = text_of(reference.get("reference"))
        if not target or target.startswith(("#", "urn:")) or "/" not in target:
            continue
        if resources.orders.index.find(reference, within) is None:
            wanted.setdefault(target)
