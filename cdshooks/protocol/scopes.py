"""SMART scopes for what is read of a FHIR server, in both syntaxes: v1 ``.read`` means v2 ``.rs``."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

from cdshooks.protocol import catalogue


class Scope(NamedTuple):
    resource_type: str
    v1: str
    v2: str


READ_BY_REFERENCE = {"MedicationRequest": "Medication"}
"""A list -> what its entries lead to; the drug of an order."""


def scopes(resource_types: Iterable[str]) -> tuple[Scope, ...]:
    """Return a scope for each of the lists, and for what is read by reference from them."""
    wanted = [kind for name in resource_types for kind in (name, READ_BY_REFERENCE.get(name)) if kind is not None]
    return tuple(Scope(kind, f"patient/{kind}.read", f"patient/{kind}.rs") for kind in dict.fromkeys(wanted))


def asked_for(profile: str, not_available: Container[str]) -> tuple[str, ...]:
    """Return the lists that any service asks for."""
    found = (
        catalogue.type_of_template(template)
        for service in catalogue.SERVICES
        for template in catalogue.templates(profile, "", not_available, service.chart_hook).values()
    )
    return tuple(dict.fromkeys(found))
