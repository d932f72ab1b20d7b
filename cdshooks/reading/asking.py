"""What to ask a FHIR server for: what the prefetch did not deliver, as the templates of the services say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cdshooks.fhir import refusals
from cdshooks.outbound.fhir_client import SAFE_ID
from cdshooks.outbound.get import Outcome
from cdshooks.outbound.urls import Url
from cdshooks.protocol import catalogue
from cdshooks.protocol.request import HookRequest
from cdshooks.reading.resource_set import ResourceSet
from rules.chart import Availability, Listing

_STATUSES = {outcome: int(outcome.value) for outcome in Outcome if outcome.value.isdigit()}
_WHY = {Outcome.CLIENT_ERROR: "http-4xx", Outcome.SERVER_ERROR: "http-5xx"}


@dataclass(frozen=True)
class Ask:
    """One thing to read."""

    key: str
    resource_type: str
    params: str | None = None
    """Of a search; None for a read of `reference`."""
    reference: str = ""
    part: str = ""
    """What the resource set knows it by: the key, or the link that a prefetched Bundle gave for its next page."""
    url: Url | None = None
    """Of a following page."""
    page: int = 1


def missing_templates(
    templates: Mapping[str, str], prefetch: Mapping[str, object], resources: ResourceSet, followed: Iterable[str] = ()
) -> dict[str, str]:
    """Those templates that the prefetch did not deliver, under their own key or, since sites rename and merge keys,
    another.

    A type with several lists (Observation) is judged by key as long as any of its keys is used. What was refused (an
    OperationOutcome in its place) is not asked for again: the server said no already. `followed`: types of which a next
    page is being read.
    """
    kinds = {key: catalogue.type_of_template(template) for key, template in templates.items()}
    lists, keyed = Counter(kinds.values()), {kind for key, kind in kinds.items() if key in prefetch}
    there = {kind for kind, listing in resources.listings.items() if listing.state is not Availability.UNAVAILABLE}
    there |= resources.refused.union(followed)

    def delivered(key: str, kind: str) -> bool:
        if lists[kind] > 1 and kind in keyed:
            return key in prefetch and resources.settled(key, kind)
        return kind in there

    return {key: template for key, template in templates.items() if not delivered(key, kinds[key])}


def asks(templates: Mapping[str, str], request: HookRequest) -> list[Ask]:
    """The templates with their placeholders replaced. One whose placeholder has no (safe) value is left out."""
    values = {"{{context.patientId}}": request.patient_id, "{{context.encounterId}}": request.encounter_id}
    found = []
    for key, template in templates.items():
        for placeholder, value in values.items():
            if placeholder in template and value and SAFE_ID.fullmatch(value):
                template = template.replace(placeholder, value)
        if "{{" in template:
            continue
        path, is_search, params = template.partition("?")
        found.append(
            Ask(key, path, params, part=key)
            if is_search
            else Ask(key, catalogue.type_of_template(path), reference=path, part=key)
        )
    return found


def listing_of(ask: Ask, outcome: Outcome) -> Listing:
    """How a list ends whose read came to this."""
    status = _STATUSES.get(outcome)
    if status is not None:
        return refusals.of_status(status, search=ask.params is not None and ask.url is None)
    if outcome is Outcome.NOT_SUPPORTED:
        return Listing(Availability.NOT_SUPPORTED, outcome.value)
    return Listing(Availability.UNAVAILABLE, _WHY.get(outcome, outcome.value))
