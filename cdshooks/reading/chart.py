"""Resource set -> `rules.chart.Chart`: the one place where the parts come together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cdshooks.fhir import statuses
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.resource_types import NAMES, Resource
from cdshooks.protocol import catalogue
from cdshooks.reading import alerts, complaints, conditions, devices, events, medications, observations, orders, people
from cdshooks.reading.pump_screening import PumpScreening
from cdshooks.reading.reader import Reader, reader_for
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.terminology_cache import NONE
from rules.chart import NOT_AVAILABLE, NOT_SENT, Availability, Chart, Listing, Patient

if TYPE_CHECKING:
    from cdshooks.protocol.request import HookRequest
    from cdshooks.settings.site import Site

_CAME = (Availability.COMPLETE, Availability.PARTIAL)
_ABSENT = Listing(Availability.NOT_SUPPORTED, NOT_AVAILABLE)


def read_chart(resources: ResourceSet, request: HookRequest, site: Site, now: datetime) -> Chart:
    """Return what the record says of the patient at `now` (aware, in the site's time zone).

    Without any sign of a pump, past or planned, no rule can say anything about the lists: they are left out, and the
    chart holds the patient, the encounter, the draft orders and how far each list was delivered.
    """
    reader = reader_for(resources.index, site.knowledge, now, site.date_order)
    screening = PumpScreening(reader, resources)
    kept = resources.kept
    own = next(iter(kept.get("Patient", ())), None)
    encounter = people.chosen(kept.get("Encounter", []), request.encounter_id)
    selections = request.selections if request.hook != "order-sign" else None
    parts: dict[str, Any] = {
        "hook": catalogue.CHART_HOOKS[request.hook],
        "patient": people.patient(reader, own) if own is not None else Patient(),
        "encounter": people.encounter(reader, encounter) if encounter is not None else None,
        "orders": orders.orders(reader.within(resources.orders.index), resources.orders, selections),
        "orders_sent": resources.orders.sent or request.hook == "patient-view",
        "unread_orders": orders.unread_orders(resources.orders, selections),
        "unread_drafts": frozenset(one.why for one in orders.unread_orders(resources.orders, None)),
        "expected": site.lists if request.encounter_id is not None else site.lists_without_encounter,
        "contacts": dict(site.contacts),
        "parameters": site.parameters,
    }
    odd = screening.odd + _unread_alerts(reader, resources)
    if screening.pump_possible:
        found, odd["Observation"] = observations.read(reader, resources.observations())
        parts["observations"] = (*found, *complaints.read(reader, kept, encounter))
        parts |= _lists(reader, screening, kept, request.encounter_id, encounter)
        odd["AllergyIntolerance"] += sum([not one.name and not one.ingredients for one in parts["allergies"]])
        parts["presumed"] = _presumed(screening)
    return Chart(
        now=now,
        **parts,
        listings=_listings(resources, odd, site),
        unreadable=resources.unreadable + resources.orders.unreadable + odd.total(),
        foreign=resources.foreign,
    )


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
    }


def _unread_alerts(reader: Reader, resources: ResourceSet) -> Counter[str]:
    """By list: flags, issues, reports and uses of devices of which nobody can tell what they are about, or whether they
    stand."""
    told = [one for name in alerts.ALERTS for one in resources.kept.get(name, ())]
    held = [one for name in (*devices.USES, "DiagnosticReport") for one in resources.kept.get(name, ())]
    odd = [one for one in told if not alerts.tells(reader, one) or statuses.is_odd(one)]
    odd += [one for one in held if statuses.is_odd(one)]
    return Counter(CANONICAL[NAMES[one.__class__]] for one in odd)


def _presumed(screening: PumpScreening) -> frozenset[str]:
    """Lists with a drug or an order that gives no status, and so is read as in force."""
    held = [one for one, _ in screening.medications] + [one.resource for one in screening.events if one.kind == "order"]
    return frozenset(CANONICAL[NAMES[one.__class__]] for one in held if one.status is NOTHING)


def _listings(resources: ResourceSet, odd: Counter[str], site: Site) -> dict[str, Listing]:
    """How each list ended; one that the server does not have is not missing, unless it came all the same. `odd`: by
    list, entries that say too little.
    """
    for name, number in odd.items():
        resources.say_too_little(name, number)
    found = resources.listings
    for name in site.not_available:
        if found.get(name, NOT_SENT).state not in _CAME:
            found[name] = _ABSENT
    return found
