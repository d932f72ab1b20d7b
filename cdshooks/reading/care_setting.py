"""Where a medication order is to be carried out, as its category says."""

from __future__ import annotations

from cdshooks.fhir.json_values import NOTHING, concepts, decoded
from cdshooks.fhir.resource_types import Resource

_SETTINGS = frozenset({"inpatient", "outpatient", "community", "discharge"})
"""Words of FHIR for the category of a medication order."""


def care_setting(resource: Resource) -> str | None:
    """One of those words; None where no category says so, or several do."""
    if resource.category is NOTHING:
        return None
    said = {name.lower() for one in concepts(decoded(resource.category)) for name in (*one.codes, *one.texts)}
    found = said.intersection(_SETTINGS)
    return found.pop() if len(found) == 1 else None
