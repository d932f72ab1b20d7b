"""The pump (Device)."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Clauses, EntryPhrase, Setter, divided, fill, put, quoted
from cdshooks.vignettes.terms import codeable_concept, vocabulary


def _plain(member: str) -> Setter:
    def fill_member(resource: dict[str, Any], said: str) -> None:
        resource[member] = said

    return fill_member


def _named(resource: dict[str, Any], said: str) -> None:
    resource["deviceName"] = [{"name": quoted(said), "type": "model-name"}]


DEVICE = Clauses(
    {
        "model": _plain("modelNumber"),
        "serial": _plain("serialNumber"),
        "named": _named,
        "without status": put("status", None),
    },
    ("active", "inactive", "entered-in-error", "unknown"),
)


def device_resource(said: EntryPhrase) -> dict[str, Any]:
    """A device: ``SynchroMed II, inactive``, or ``implanted pump, model 8637-40, named "SynchroMed II"``."""
    if said.first in vocabulary()["pumps"]:
        whole = divided(vocabulary()["pumps"][said.first])
        said = EntryPhrase(whole.first, whole.rest + said.rest)
    made = {
        "resourceType": "Device",
        "patient": SUBJECT,
        "status": "active",
        "type": codeable_concept(said.first, "devices"),
    }
    return {name: value for name, value in fill(made, said.rest, DEVICE).items() if value is not None}
