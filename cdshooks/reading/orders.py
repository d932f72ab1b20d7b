"""context.draftOrders -> `rules.chart.Order`."""

from __future__ import annotations

from collections.abc import Sequence

from cdshooks.fhir.json_values import word
from cdshooks.fhir.references import address
from cdshooks.fhir.references import reference_to
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import Entry
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading import events
from cdshooks.reading import medications
from cdshooks.reading.medications import SOURCES
from cdshooks.reading.reader import Reader
from rules.chart import Order

_STOPPED = ("stopped", "cancelled", "on-hold", "revoked")
_OVER = ("completed", "entered-in-error")
"""Nothing is ordered any more (docs/definitions/status.md), also where a client names such an entry in `selections` or signs it again."""


def orders(reader: Reader, drafts: Sequence[Entry], selections: Sequence[str] | None) -> tuple[Order, ...]:
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
            made = [_medication(reader, resource, selected=selected)]
        elif name in events.ORDERS:
            made = _procedures(reader, resource, selected=selected)
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
    return Order(
        key=key,
        selected=order.selected,
        medication=order.medication,
        event=order.event,
        stop=order.stop,
        reference=order.reference,
    )


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


def _medication(reader: Reader, resource: Resource, *, selected: bool) -> Order:
    product = medications.product(reader, resource)
    entry = medications.medication(reader, resource, product, draft=True)
    stop = entry.status in _STOPPED or entry.status == "not-taken" or entry.do_not_perform or entry.zero_dose
    return Order(key=entry.key, selected=selected, medication=entry, stop=stop, reference=reference_to(resource))


def _procedures(reader: Reader, resource: Resource, *, selected: bool) -> list[Order]:
    found = []
    for one in events.matched(reader, resource, "order"):
        entry = events.event(reader, one, draft=True)
        stop = entry.status in _STOPPED or entry.do_not_perform
        found.append(Order(key=entry.key, selected=selected, event=entry, stop=stop, reference=reference_to(resource)))
    return found
