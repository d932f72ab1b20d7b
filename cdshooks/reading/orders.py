"""context.draftOrders -> `rules.chart.Order`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cdshooks.fhir.json_values import word
from cdshooks.fhir.references import Library
from cdshooks.fhir.references import address
from cdshooks.fhir.references import reference_to
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import Entry
from cdshooks.fhir.times import Clock
from cdshooks.reading import events
from cdshooks.reading import medications
from cdshooks.reading.medications import SOURCES
from cdshooks.reading.reasons import reasons
from cdshooks.reading.terminology_cache import Lookup
from rules.chart import Order

PROCEDURES = ("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "DiagnosticRequest")
_STOPPED = ("stopped", "cancelled", "on-hold", "revoked")
_OVER = ("completed", "entered-in-error")
"""Nothing is ordered any more (EVIDENCE 1.2), also where a client names such an entry in `selections` or signs it again."""


def orders(drafts: Sequence[Entry], selections: Sequence[str] | None, library: Library, lookup: Lookup, clock: Clock) -> tuple[Order, ...]:
    """The medication and procedure orders among the drafts.

    Those that `selections` names are to be judged; when it is absent, empty or names none of the entries, all are.
    """
    judged = _selected(drafts, selections or ())
    found: dict[str, Order] = {}
    for entry in drafts:
        resource = entry.resource
        name = NAMES[type(resource)]
        selected = not judged or id(entry) in judged
        made: list[Order] = []
        if name in SOURCES and SOURCES[name] != "administration":
            made = [_medication(resource, selected, library, lookup, clock)]
        elif name in PROCEDURES:
            made = _procedures(resource, selected, library, lookup, clock)
        for order in made:
            if _status(order) in _OVER:
                continue
            # Two drafts alike in every byte and without ids are two entries all the same.
            key = order.key if order.key not in found else f"{order.key}~{len(found)}"
            found[key] = order if key == order.key else _renamed(order, key)
    return tuple(found.values())


def _status(order: Order) -> str | None:
    entry = order.medication or order.event
    return entry.status if entry is not None else None


def _renamed(order: Order, key: str) -> Order:
    return Order(key, order.selected, order.medication, order.event, order.stop, order.reference)


def _selected(drafts: Sequence[Entry], selections: Sequence[str]) -> set[int]:
    """Identities of the entries that are named: by ``Type/id``, full URL or bare id."""
    found = set()
    for selection in selections:
        kind, key = address(selection)
        for entry in drafts:
            own = word(entry.resource.id)
            url = word(entry.fullUrl)
            if (own and own == key and kind in (None, NAMES[type(entry.resource)])) or (url and url == str(selection).strip()):
                found.add(id(entry))
    return found


def _medication(resource: Any, selected: bool, library: Library, lookup: Lookup, clock: Clock) -> Order:
    product = medications.product(resource, library, lookup)
    entry = medications.medication(resource, product, library, lookup, clock, reasons(resource, library, lookup), draft=True)
    stop = entry.status in _STOPPED or entry.status == "not-taken" or entry.do_not_perform or entry.zero_dose
    return Order(entry.key, selected, medication=entry, stop=stop, reference=reference_to(resource))


def _procedures(resource: Any, selected: bool, library: Library, lookup: Lookup, clock: Clock) -> list[Order]:
    found = []
    for one in events.matched(resource, "order", lookup):
        entry = events.event(one, library, lookup, clock, reasons(resource, library, lookup), draft=True)
        stop = entry.status in _STOPPED or entry.do_not_perform
        found.append(Order(entry.key, selected, event=entry, stop=stop, reference=reference_to(resource)))
    return found
