"""context.draftOrders -> `rules.chart.Order`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from cdshooks.fhir.json_values import code, word
from cdshooks.fhir.references import address, reference_to
from cdshooks.fhir.resource_types import NAMES, Entry, Resource
from cdshooks.reading import event_codes, events, medications, products
from cdshooks.reading.draft_orders import DraftOrders
from cdshooks.reading.medications import SOURCES
from cdshooks.reading.reader import Reader
from rules.chart import Order, UnreadOrder

_STATUSES = frozenset(
    "active on-hold cancelled completed entered-in-error stopped draft unknown ended intended recorded".split()
)
"""The words of FHIR for the status of a medication order, in any version."""
_STOPPED = ("stopped", "cancelled", "on-hold", "revoked")
_OVER = ("completed", "entered-in-error")
"""Nothing is ordered any more (docs/definitions/status.md), also where a client names such an entry in `selections` or
signs it again."""


def orders(reader: Reader, drafts: DraftOrders, selections: Sequence[str] | None) -> tuple[Order, ...]:
    """The medication and procedure orders among the drafts.

    Those that `selections` names are to be judged; when it is absent, empty or names none of the entries, all are.
    """
    judged, _ = _named(drafts.entries, selections or ())
    found: dict[str, Order] = {}
    for entry in drafts.entries:
        resource = entry.resource
        name = NAMES[type(resource)]
        selected = not judged or id(entry) in judged
        made: list[Order] = []
        if name in SOURCES and SOURCES[name] != "administration":
            made = [_medication(reader, resource, selected=selected)]
        elif name in event_codes.ORDERS:
            made = _procedures(reader, resource, selected=selected)
        for order in made:
            if _status(order) in _OVER:
                continue
            # Two drafts alike in every byte and without ids are two entries all the same.
            key = order.key if order.key not in found else f"{order.key}~{len(found)}"
            found[key] = order if key == order.key else replace(order, key=key)
    return tuple(found.values())


def unread_orders(drafts: DraftOrders, selections: Sequence[str] | None) -> tuple[UnreadOrder, ...]:
    """The orders to judge that could not be read, or that are another patient's (docs/fhir-mapping.md S3).

    An entry that cannot be read has no name: it may be what a selection means that no other entry answers to.
    """
    if not (drafts.unreadable or drafts.strangers):
        return ()
    chosen = selections or ()
    named, unanswered = _named([*drafts.entries, *drafts.strangers], chosen)
    strangers = [entry for entry in drafts.strangers if not named or id(entry) in named]
    unreadable = drafts.unreadable if not named or unanswered else 0
    return (UnreadOrder("unreadable"),) * unreadable + (UnreadOrder("other-patient"),) * len(strangers)


def _status(order: Order) -> str | None:
    entry = order.medication or order.event
    return entry.status if entry is not None else None


def _named(drafts: Sequence[Entry], selections: Sequence[str]) -> tuple[set[int], bool]:
    """Identities of the entries that are named, by ``Type/id``, full URL or bare id; and whether a name is left
    over."""
    known: defaultdict[tuple[str | None, str], list[int]] = defaultdict(list)
    for entry in drafts if selections else ():
        own, url = word(entry.resource.id), word(entry.fullUrl)
        if own:
            known[NAMES[type(entry.resource)], own].append(id(entry))
            known[None, own].append(id(entry))
        if url:
            known["", url].append(id(entry))
    answers = [{*known.get(address(one), ()), *known.get(("", one.strip()), ())} for one in selections]
    return set().union(*answers), not all(answers)


def _medication(reader: Reader, resource: Resource, *, selected: bool) -> Order:
    product = products.product(reader, resource)
    entry = medications.entry_of(reader, resource, product)
    stop = entry.status in _STOPPED or entry.status == "not-taken" or entry.do_not_perform or entry.zero_dose
    return Order(
        key=entry.key,
        selected=selected,
        medication=entry,
        stop=stop,
        reference=reference_to(resource),
        unidentified=product.named.drug is None and not reader.terminology.tells(product.named.concept),
        status_unread=code(resource.status) not in _STATUSES,
    )


def _procedures(reader: Reader, resource: Resource, *, selected: bool) -> list[Order]:
    found = []
    for one in event_codes.events_coded(reader, resource, "order"):
        entry = events.entry_of(reader, one)
        stop = entry.status in _STOPPED or entry.do_not_perform
        found.append(
            Order(
                key=entry.key,
                selected=selected,
                event=entry,
                stop=stop,
                reference=reference_to(resource),
                unidentified=not one.coded.concepts and not reader.terminology.tells(one.coded.concept),
            )
        )
    return found
