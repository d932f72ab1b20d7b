"""What rules can see of draft orders where there is no trace of a pump: little enough to remember an answer by.

Nearly all drafts are plain: of a drug that is not baclofen, or of something that is no work on a pump. Without a pump a
rule asks such a draft for its drug and route, or for what is done, and nothing more; so its doses and dates are not
read. A draft that is anything but plain is left to `cdshooks.reading.orders`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.resource_types import NAMES, Resource, member
from cdshooks.reading import event_codes, events, products, routes
from cdshooks.reading.draft_orders import DraftOrders
from cdshooks.reading.medication_statuses import SOURCES, medication_status
from cdshooks.reading.orders import OVER, STOPPED, named_entries, nameless, unknown_procedure
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import reasons_of
from cdshooks.reading.routes import BACLOFEN, SPINAL

_ZERO = re.compile(rb"(?<![0-9.,])[.,]*0[0.,]*(?![0-9.,])|\\u|[^\x00-\x7f]")
"""A number that may be zero, or characters that may be one: a dose of nothing ends a drug."""


def facts_without_pump(
    reader: Reader, drafts: DraftOrders, selections: Sequence[str] | None
) -> tuple[Hashable, ...] | None:
    """Return what rules see of the drafts, those that are alike once; None where one of them is not plain, or could not
    be read."""
    if drafts.unreadable or drafts.strangers:
        return None
    if not drafts.entries:
        return ()
    judged, _ = named_entries(drafts.entries, selections or ())
    found: dict[Hashable, None] = {}
    for entry in drafts.entries:
        resource = entry.resource
        name = NAMES[type(resource)]
        if name in event_codes.ORDERS:
            facts = _of_procedure(reader, resource)
        elif name in SOURCES:
            facts = _of_drug(reader, resource) if SOURCES[name] == "request" else None
        else:
            continue  # no order, but something that orders refer to
        if facts is None:
            return None
        selected = not judged or id(entry) in judged
        found.update(dict.fromkeys([(selected, *fact) for fact in facts]))
    return tuple(found)


def _of_procedure(reader: Reader, resource: Resource) -> list[tuple[Hashable, ...]] | None:
    found: list[tuple[Hashable, ...]] = []
    for one in event_codes.events_coded(reader, resource, "order"):
        status = events.event_status(one)
        if status in STOPPED or member(resource, "doNotPerform") is not NOTHING:
            return None
        if status not in OVER:
            found.append((one.coded.concepts, unknown_procedure(reader, one)))
    return found


def _of_drug(reader: Reader, resource: Resource) -> list[tuple[Hashable, ...]] | None:
    """What drug it is, the way it is given, and whether nothing tells what it is."""
    ordered = products.drug_of_resource(reader, resource)
    drug = ordered.named.drug
    given = routes.given_route(reader, resource)
    route = given or (drug.route if drug else None)
    if route in SPINAL or (drug is not None and BACLOFEN in drug.ingredients):
        return None
    if resource.doNotPerform is not NOTHING or _ZERO.search(resource.dosageInstruction):
        return None
    if reasons_of(reader, resource) or (ordered.medication is not None and products.is_injectable(ordered.medication)):
        return None
    status = medication_status(resource)
    if status in STOPPED:
        return None
    if status in OVER:
        return []
    if drug is None:
        return [(route, nameless(reader, ordered.named))]
    return [(drug.ingredients, drug.classes, route, drug.injection, reader.terminology.systemic(drug, given))]
