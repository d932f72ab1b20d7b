"""Resource set -> `rules.chart.Chart`: the one place where the parts come together."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any

from cdshooks.fhir.json_values import word
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading import alerts
from cdshooks.reading import complaints
from cdshooks.reading import conditions
from cdshooks.reading import devices
from cdshooks.reading import events
from cdshooks.reading import medications
from cdshooks.reading import observations
from cdshooks.reading import orders
from cdshooks.reading import people
from cdshooks.reading import routes
from cdshooks.reading.products import Product
from cdshooks.reading.pump_screening import PumpScreening
from cdshooks.reading.reader import Reader
from cdshooks.reading.reader import reader_for
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.routes import BACLOFEN
from cdshooks.reading.terminology_cache import NONE
from rules import vocabulary
from rules.chart import NOT_AVAILABLE
from rules.chart import NOT_SENT
from rules.chart import Alert
from rules.chart import Allergy
from rules.chart import Availability
from rules.chart import Chart
from rules.chart import Condition
from rules.chart import Device
from rules.chart import Event
from rules.chart import Listing
from rules.chart import Medication
from rules.chart import Observation
from rules.chart import Patient

if TYPE_CHECKING:
    from cdshooks.protocol.request import HookRequest
    from cdshooks.settings.site import Site

_IMPLANTS = vocabulary.events("pump-implant", "pump-replacement")
_CAME = (Availability.COMPLETE, Availability.PARTIAL)
_ABSENT = Listing(Availability.NOT_SUPPORTED, NOT_AVAILABLE)
_DONE = ("completed", "in-progress")


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
        "hook": "patient-view" if request.hook == "patient-view" else "order",
        "patient": people.patient(reader, own) if own is not None else Patient(),
        "encounter": people.encounter(reader, encounter) if encounter is not None else None,
        "orders": orders.orders(reader.within(resources.orders.index), resources.orders, selections),
        "orders_sent": resources.orders.sent or request.hook == "patient-view",
        "unread_orders": orders.unread_orders(resources.orders, selections),
        "expected": site.lists if request.encounter_id is not None else site.lists_without_encounter,
        "contacts": dict(site.contacts),
        "parameters": site.parameters,
    }
    odd = screening.odd
    if screening.pump_possible:
        found, odd["Observation"] = observations.read(reader, resources.observations())
        parts["observations"] = (*found, *_complaints(reader, resources, encounter))
        parts |= _lists(reader, screening, resources, request.encounter_id, encounter)
    return Chart(
        now=now,
        **parts,
        listings=_listings(resources, odd, site),
        unreadable=resources.unreadable + resources.orders.unreadable + odd.total(),
        foreign=resources.foreign,
    )


def _lists(
    reader: Reader, screening: PumpScreening, resources: ResourceSet, encounter_id: str | None, encounter: Resource | None
) -> dict[str, Any]:
    """Return the lists of the chart but its observations, by name."""
    return {
        "devices": tuple(_devices(reader, screening, resources)),
        "medications": tuple(_medications(reader, screening)),
        "conditions": tuple(_conditions(reader, screening, encounter_id, encounter)),
        "events": tuple(_events(reader, screening, resources)),
        "allergies": tuple(_allergies(reader, resources)),
        "alerts": tuple(_alerts(reader, resources)),
    }


def _listings(resources: ResourceSet, odd: Counter[str], site: Site) -> dict[str, Listing]:
    """How each list ended; one that the server does not have is not missing, unless it came all the same. `odd`: by list, entries
    that say too little.
    """
    for name, number in odd.items():
        resources.say_too_little(name, number)
    found = resources.listings
    for name in site.not_available:
        if found.get(name, NOT_SENT).state not in _CAME:
            found[name] = _ABSENT
    return found


def _devices(reader: Reader, screening: PumpScreening, resources: ResourceSet) -> list[Device]:
    """Devices of the list, then those that only usage statements know; a pump known only by a code on its implant procedure last."""
    found = [device for one in screening.devices if (device := devices.device(reader, *one)) is not None]
    known = {f"Device/{word(resource.id)}" for resource in resources.kept.get("Device", ())}
    for name in devices.USES:
        for resource in resources.kept.get(name, ()):
            device = devices.used(reader, resource, known)
            if device is not None:
                found.append(device)
                known.add(device.key)
    if found:
        return found
    coded = (one for one in screening.events if one.device_codes and events.status(one) in _DONE)
    first = next((one for one in coded if not one.coded.concepts or one.coded.concepts & _IMPLANTS), None)
    return [devices.implanted(reader, first.resource, first.coded.concept)] if first is not None else []


def _medications(reader: Reader, screening: PumpScreening) -> list[Medication]:
    """Drugs that the rules know, and unknown ones that are given into the spinal canal.

    Of courses that were over long ago the newest one of each drug is taken; of baclofen all are (dose history).
    """
    bound = (reader.now - medications.BYGONE).date().isoformat().encode()
    found: list[tuple[Resource, Product]] = []
    old: dict[frozenset[str], tuple[bytes, Resource, Product]] = {}
    for resource, product in screening.medications:
        ingredients = product.named.drug.ingredients if product.named.drug else NONE
        day = b"" if BACLOFEN in ingredients else medications.bygone(resource, bound)
        if not day:
            found.append((resource, product))
        elif ingredients not in old or day > old[ingredients][0]:
            old[ingredients] = (day, resource, product)
    found += [(resource, product) for _, resource, product in old.values()]
    unknown = screening.unknown_drugs
    found += [one for one in unknown if routes.spinal(reader, one[0]) and not medications.bygone(one[0], bound)]
    made = (medications.medication(reader, resource, product) for resource, product in found)
    return [entry for entry in made if entry is not None]


def _conditions(reader: Reader, screening: PumpScreening, encounter_id: str | None, encounter: Resource | None) -> list[Condition]:
    current = f"Encounter/{encounter_id.rsplit('/', 1)[-1]}" if encounter_id else None
    named = people.diagnoses(encounter) if encounter is not None else frozenset()
    made = (conditions.condition(reader, resource, coded, current, named) for resource, coded in screening.conditions)
    return [entry for entry in made if entry is not None]


def _events(reader: Reader, screening: PumpScreening, resources: ResourceSet) -> list[Event]:
    made = [events.event(reader, one) for one in screening.events if one.coded.concepts]
    made += [events.imaging(reader, resource) for resource in resources.kept.get("ImagingStudy", ())]
    return [entry for entry in made if entry is not None]


def _allergies(reader: Reader, resources: ResourceSet) -> list[Allergy]:
    made = (conditions.allergy(reader, resource) for resource in resources.kept.get("AllergyIntolerance", ()))
    return [entry for entry in made if entry is not None]


def _complaints(reader: Reader, resources: ResourceSet, encounter: Resource | None) -> list[Observation]:
    """What the reasons of the encounter and the active flags show."""
    shown = complaints.of_encounter(reader, encounter) if encounter is not None else []
    for name in complaints.FLAGS:
        for resource in resources.kept.get(name, ()):
            shown += complaints.of_flag(reader, resource, name)
    return shown


def _alerts(reader: Reader, resources: ResourceSet) -> list[Alert]:
    made = [alerts.alert(reader, resource) for name in alerts.ALERTS for resource in resources.kept.get(name, ())]
    made += [alerts.report(reader, resource) for resource in resources.kept.get("DiagnosticReport", ())]
    return [entry for entry in made if entry is not None]
