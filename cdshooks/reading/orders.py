"""context.draftOrders -> `rules.chart.Order`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from cdshooks.fhir.json_values import raw_code, raw_text
from cdshooks.fhir.references import address, reference_to
from cdshooks.fhir.resource_types import NAMES, Entry, Resource
from cdshooks.reading import event_codes, events, medications, products, routes
from cdshooks.reading.draft_orders import DraftOrders
from cdshooks.reading.event_codes import CodedEvent
from cdshooks.reading.medication_statuses import SOURCES
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import Named
from rules.chart import Order, UnreadOrder

_STATUSES = frozenset(
    "active on-hold cancelled completed entered-in-error stopped draft unknown ended intended recorded".split()
)
"""The words of FHIR for the status of a medication order, in any version."""
STOPPED = ("stopped", "cancelled", "on-hold", "revoked")
OVER = ("completed", "entered-in-error")
"""Nothing is ordered any more (docs/definitions/status.md), also where a client names such an entry in `selections` or
signs it again."""


def orders(reader: Reader, drafts: DraftOrders, selections: Sequence[str] | None) -> tuple[Order, ...]:
    """The medication and procedure orders among the drafts.

    Those that `selections` names are to be judged; when it is absent, empty or names none of the entries, all are.
    """
    if not drafts.entries:
        return ()
    judged, _ = named_entries(drafts.entries, selections or ())
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
        if id(entry) in drafts.contained:
            made = [_inside_a_group(order) for order in made]
        for order in made:
            if _status(order) in OVER:
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
    named, unanswered = named_entries([*drafts.entries, *drafts.strangers], chosen)
    strangers = [entry for entry in drafts.strangers if not named or id(entry) in named]
    unreadable = drafts.unreadable if not named or unanswered else 0
    return (UnreadOrder("unreadable"),) * unreadable + (UnreadOrder("other-patient"),) * len(strangers)


def _status(order: Order) -> str | None:
    entry = order.medication or order.event
    return entry.status if entry is not None else None


def named_entries(drafts: Sequence[Entry], selections: Sequence[str]) -> tuple[set[int], bool]:
    """Identities of the entries that are named, by ``Type/id``, full URL or bare id; and whether a name is left
    over."""
    known: defaultdict[tuple[str | None, str], list[int]] = defaultdict(list)
    for entry in drafts if selections else ():
        own, url = raw_text(entry.resource.id), raw_text(entry.fullUrl)
        if own:
            known[NAMES[type(entry.resource)], own].append(id(entry))
            known[None, own].append(id(entry))
        if url:
            known["", url].append(id(entry))
    answers = [{*known.get(address(one), ()), *known.get(("", one.strip()), ())} for one in selections]
    return set().union(*answers), not all(answers)


def _medication(reader: Reader, resource: Resource, *, selected: bool) -> Order:
    product = products.drug_of_resource(reader, resource)
    entry = medications.medication_entry(reader, resource, product)
    if entry.route is None and (told := routes.spinal_told(reader, product.named.drug, resource)) is not None:
        entry = replace(entry, route=told.concept, route_grade=told.grade)
    stop = entry.status in STOPPED or entry.status == "not-taken" or entry.do_not_perform or entry.zero_dose
    return Order(
        key=entry.key,
        selected=selected,
        medication=entry,
        stop=stop,
        reference=reference_to(resource),
        unidentified=product.part_unread or nameless(reader, product.named),
        status_unread=raw_code(resource.status) not in _STATUSES,
    )


def _inside_a_group(order: Order) -> Order:
    """An order that a group contains: no client finds it by its id, which may be that of another draft or entry."""
    key = f"#{order.key}"
    drug = replace(order.medication, key=key) if order.medication is not None else None
    event = replace(order.event, key=key) if order.event is not None else None
    return replace(order, key=key, medication=drug, event=event, reference="")


def _procedures(reader: Reader, resource: Resource, *, selected: bool) -> list[Order]:
    found = []
    for one in event_codes.events_coded(reader, resource, "order"):
        entry = events.event_entry(reader, one)
        stop = entry.status in STOPPED or entry.do_not_perform
        found.append(
            Order(
                key=entry.key,
                selected=selected,
                event=entry,
                stop=stop,
                reference=reference_to(resource),
                unidentified=unknown_procedure(reader, one),
            )
        )
    return found


def nameless(reader: Reader, named: Named) -> bool:
    """Return whether nothing tells which drug is ordered."""
    return named.drug is None and not reader.terminology.tells(named.concept)


def unknown_procedure(reader: Reader, one: CodedEvent) -> bool:
    """Return whether nothing tells what is ordered."""
    return not one.coded.concepts and not reader.terminology.tells(one.coded.concept)
