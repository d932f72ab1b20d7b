"""Resource set -> `rules.chart.Chart`: the one place where the parts come together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.resource_types import NAMES, Resource
from cdshooks.fhir.times import settled
from cdshooks.protocol import catalogue
from cdshooks.protocol.request import ENCOUNTER_HOOKS
from cdshooks.reading import (
    alerts,
    complaints,
    conditions,
    devices,
    events,
    medications,
    observations,
    orders,
    people,
    proposed_visits,
    whose_record,
)
from cdshooks.reading.cut_texts import has_cut_text
from cdshooks.reading.pump_screening import PumpScreening, screen
from cdshooks.reading.reader import Reader
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.terminology_cache import NONE
from rules.chart import NOT_AVAILABLE, NOT_SENT, Availability, Chart, Listing, Patient
from rules.recommendation import APPOINTMENT_BOOK, ENCOUNTER_START, ORDER

if TYPE_CHECKING:
    from cdshooks.protocol.request import HookRequest
    from cdshooks.reading.event_codes import CodedEvent
    from cdshooks.reading.medications import Found
    from cdshooks.settings.site import Site

_CAME = (Availability.COMPLETE, Availability.PARTIAL)
_ABSENT = Listing(Availability.NOT_SUPPORTED, NOT_AVAILABLE)


def read_chart(
    resources: ResourceSet, request: HookRequest, site: Site, now: datetime, screening: PumpScreening | None = None
) -> Chart:
    """Return what the record says of the patient at `now` (aware, in the site's time zone). `screening`: of the same
    resources, where it was made already.

    Without any sign of a pump, past or planned, no rule can say anything about the lists: they are left out, and the
    chart holds the patient, the encounter, the draft orders and how far each list was delivered.
    """
    screening = screening or screen(resources, site, now)
    reader, kept = screening.reader, resources.kept
    own = next(iter(kept.get("Patient", ())), None)
    hook = catalogue.CHART_HOOKS[request.hook]
    encounter = _encounter_of(reader, kept, request, hook)
    parts: dict[str, Any] = {
        "hook": hook,
        "patient": people.patient(reader, own) if own is not None else Patient(),
        "encounter": people.encounter(reader, encounter) if encounter is not None else None,
        **_of_context(reader, resources, request, hook),
        **_of_site(site, request, hook),
    }
    odd = dict(screening.odd)
    if screening.pump_possible:
        results = observations.read(reader, resources.observations())
        if results.odd:
            odd["Observation"] = results.odd
        parts["observations"] = (*results.entries, *complaints.read(reader, kept, encounter))
        parts["results_of_unknown_status"] = results.of_unknown_status
        parts |= _lists(reader, screening, kept, request.encounter_id, encounter)
        if nameless := sum([not one.name and not one.ingredients for one in parts["allergies"]]):
            odd["AllergyIntolerance"] = odd.get("AllergyIntolerance", 0) + nameless
    return Chart(
        now=settled(now),
        **parts,
        listings=listings_of(resources, odd, site, request),
        unreadable=resources.unreadable + resources.orders.unreadable + sum(odd.values()),
        foreign=resources.foreign,
    )


def _encounter_of(reader: Reader, kept: dict[str, list[Resource]], request: HookRequest, hook: str) -> Resource | None:
    """Return the encounter that the call is about; one that is starting counts as arrived."""
    found = people.chosen(kept.get("Encounter", []), request.encounter_id)
    return people.started(reader, found) if found is not None and hook == ENCOUNTER_START else found


def _of_site(site: Site, request: HookRequest, hook: str) -> dict[str, Any]:
    """Return what the site has set, and what it asks for at this moment."""
    return {
        "zone": site.time_zone,
        "expected": site.asked(hook).lists_for(request.encounter_id),
        "contacts": dict(site.contacts),
        "parameters": site.parameters,
    }


def _of_context(reader: Reader, resources: ResourceSet, request: HookRequest, hook: str) -> dict[str, Any]:
    """Return what the hook's context holds besides the patient: orders being placed, visits being booked."""
    drafts, visits = resources.orders, resources.appointments
    found: dict[str, Any] = {
        "orders_sent": drafts.sent or hook != ORDER,
        "proposed_sent": visits.sent or hook != APPOINTMENT_BOOK,
    }
    if drafts.sent:
        selections = request.judged
        found["orders"] = orders.orders(reader.within(drafts.index), drafts, selections)
        found["unread_orders"] = orders.unread_orders(drafts, selections)
        found["unread_drafts"] = frozenset([one.why for one in orders.unread_orders(drafts, None)])
        found["cut_drafts"] = has_cut_text(drafts)
    if visits.sent:
        found["proposed"] = proposed_visits.visits(reader.within(visits.index), visits)
        found["replaced_visits"] = proposed_visits.replaced_visits(visits)
        found["unread_proposed"] = proposed_visits.unread_visits(visits)
    return found


def _lists(
    reader: Reader,
    screening: PumpScreening,
    kept: Mapping[str, Sequence[Resource]],
    encounter_id: str | None,
    encounter: Resource | None,
) -> dict[str, Any]:
    """Return the lists of the chart but its observations, by name."""
    named = people.diagnoses(encounter) if encounter is not None else NONE
    coded = screening.events
    found = devices.read(reader, screening.devices, kept)
    return {
        "devices": found or devices.of_implant(reader, events.coded_implant(coded)),
        "medications": medications.read(reader, screening.medications, screening.unknown_drugs),
        "conditions": conditions.read(reader, screening.conditions, encounter_id, named),
        "events": events.read(reader, coded, kept.get("ImagingStudy", ())),
        "allergies": conditions.allergies(reader, kept.get("AllergyIntolerance", ())),
        "alerts": alerts.read(reader, kept),
        "presumed": _presumed(screening.medications, coded),
    }


def _presumed(medications: Iterable[Found], events: Iterable[CodedEvent]) -> frozenset[str]:
    """Lists with a drug or an order that gives no status, and so is read as in force."""
    shapes = {one.__class__ for one, _ in medications if one.status is NOTHING}
    shapes.update([one.resource.__class__ for one in events if one.kind == "order" and one.resource.status is NOTHING])
    return frozenset([CANONICAL[NAMES[shape]] for shape in shapes])


def listings_of(resources: ResourceSet, odd: Mapping[str, int], site: Site, request: HookRequest) -> dict[str, Listing]:
    """How each list ended; one that the server does not have is not missing, unless it came all the same. `odd`: by
    list, entries that say too little.

    The lists of a record that has gone elsewhere are believed less, and an encounter that the call is about and that is
    in none of the lists that came was not seen.
    """
    kept, told = resources.kept, resources.listings_without(odd)
    found = whose_record.doubted(told, next(iter(kept.get("Patient", ())), None))
    for name in site.not_available:
        if found.get(name, NOT_SENT).state not in _CAME:
            found[name] = _ABSENT
    if request.hook in ENCOUNTER_HOOKS and told.get("Encounter", NOT_SENT).state in _CAME:
        chosen = people.chosen(kept.get("Encounter", []), request.encounter_id)
        return found if chosen is not None else found | {"Encounter": NOT_SENT}
    return found
