"""A case as the request that a CDS Client sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cdshooks.vignettes.charts import changed
from cdshooks.vignettes.documents import json_value
from cdshooks.vignettes.entries import ChartEntry, entries, raw
from cdshooks.vignettes.errors import Misread, line_of, meant
from cdshooks.vignettes.people import PATIENT, USER
from cdshooks.vignettes.words import entry_words

Resource = dict[str, Any]
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
HOOKS = ("patient-view", "order-select", "order-sign", "encounter-start", "encounter-discharge", "appointment-book")
STAY = "stay-1"
"""Id of an encounter that the chart does not hold."""
SINGLE = {"Patient": "patient", "Encounter": "encounter"}
LISTS = {
    "devices": "Device",
    "medicationStatements": "MedicationStatement",
    "medicationRequests": "MedicationRequest",
    "medicationAdministrations": "MedicationAdministration",
    "conditions": "Condition",
    "pumpObservations": "Observation",
    "procedures": "Procedure",
    "serviceRequests": "ServiceRequest",
    "allergies": "AllergyIntolerance",
    "appointments": "Appointment",
    "carePlans": "CarePlan",
    "imagingStudies": "ImagingStudy",
    "detectedIssues": "DetectedIssue",
    "flags": "Flag",
    "diagnosticReports": "DiagnosticReport",
    "deviceUseStatements": "DeviceUseStatement",
    "vitalSigns": "",
    "laboratory": "",
}
"""Prefetch keys and the resource type that stands under each; all observations stand under one key."""
OBSERVATIONS = ("pumpObservations", "vitalSigns", "laboratory")


def request(told: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """The request of a case, made anew each time. Raises `Misread`."""
    chart = changed(told, ids)
    drafts = _drafts(told, ids)
    hook = hook_of(told)
    made: dict[str, Any] = {
        "hook": hook,
        "hookInstance": INSTANCE,
        "context": _context(hook, chart, drafts, _proposals(told, ids)),
        "prefetch": prefetch([entry.resource for entry in chart]),
    }
    for name in told.get("not-delivered", ()):
        _withhold(made["prefetch"], name)
    made["prefetch"] |= json_value(told.get("prefetch", {}))
    made["context"] |= json_value(told.get("context", {}))
    made |= json_value(told.get("request", {}))
    return made


def hook_of(told: Mapping[str, Any]) -> str:
    """The hook of a case: the one it names, else order-select where orders are placed, appointment-book where visits
    are being booked, else patient-view.
    """
    ordering = any(word == "draft" or (word in entry_words() and entry_words()[word].draft) for word in told)
    booked = any(word in entry_words() and entry_words()[word].proposed for word in told)
    usual = "order-select" if ordering else "appointment-book" if booked else "patient-view"
    hook = str(told.get("hook", usual))
    if hook not in HOOKS:
        raise Misread(f"`{hook}` is no hook that is served{meant(hook, HOOKS)}", line_of(told["hook"]))
    return hook


def _drafts(told: Mapping[str, Any], ids: Mapping[str, str]) -> list[ChartEntry]:
    found: list[ChartEntry] = []
    for word, value in told.items():
        if word in entry_words() and entry_words()[word].draft:
            found += entries(entry_words()[word], value, ids)
        elif word == "draft":
            found += raw(word, value)
    return found


def _proposals(told: Mapping[str, Any], ids: Mapping[str, str]) -> list[ChartEntry]:
    found: list[ChartEntry] = []
    for word, value in told.items():
        if word in entry_words() and entry_words()[word].proposed:
            found += entries(entry_words()[word], value, ids)
    return found


def _context(
    hook: str, chart: Iterable[ChartEntry], drafts: list[ChartEntry], proposals: list[ChartEntry]
) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": USER, "patientId": PATIENT}
    stay = [entry.resource["id"] for entry in chart if entry.word == "encounter"]
    if stay or hook in ("encounter-start", "encounter-discharge"):
        context["encounterId"] = stay[0] if stay else STAY
    if hook == "appointment-book":
        context["appointments"] = collection([one.resource for one in proposals])
    if hook not in ("order-select", "order-sign"):
        return context
    context["draftOrders"] = collection([draft.resource for draft in drafts])
    if hook == "order-select":
        chosen = (draft.resource for draft in drafts if draft.selected)
        context["selections"] = [f"{one['resourceType']}/{one.get('id')}" for one in chosen]
    return context


def collection(resources: Sequence[Resource]) -> Resource:
    """The Bundle of draft orders."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def prefetch(resources: Sequence[Resource]) -> Resource:
    """The patient, and one searchset Bundle a key. Raises `Misread` for a resource that no list of the chart holds."""
    single = {SINGLE[one["resourceType"]]: one for one in resources if one["resourceType"] in SINGLE}
    lists = {key: _bundle([one for one in resources if one["resourceType"] == kind]) for key, kind in LISTS.items()}
    left = {one["resourceType"] for one in resources} - set(SINGLE) - set(LISTS.values())
    if left:
        raise Misread(f"no list of the chart holds {', '.join(sorted(left))}; write it under `prefetch`")
    return {**single, **lists}


def _bundle(resources: Sequence[Resource]) -> Resource:
    rows = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(rows), "entry": rows}


def _withhold(lists: Resource, name: str) -> None:
    """Leaves out a list of the chart; ``observations`` are all three of them."""
    keys = OBSERVATIONS if name == "observations" else (name,)
    for key in keys:
        if lists.pop(key, None) is None:
            known = meant(name, ["observations", *LISTS])
            raise Misread(f"not-delivered: there is no list `{name}`{known}", line_of(name))
