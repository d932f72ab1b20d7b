"""Intake -> `rules.chart.Chart`: the one place where the parts come together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any

from cdshooks.fhir.times import Clock
from cdshooks.fhir.times import clock as reader
from cdshooks.reading import alerts
from cdshooks.reading import conditions
from cdshooks.reading import devices
from cdshooks.reading import events
from cdshooks.reading import medications
from cdshooks.reading import observations
from cdshooks.reading import orders
from cdshooks.reading import people
from cdshooks.reading.reasons import reasons
from cdshooks.reading.resource_set import Intake
from rules.chart import Alert
from rules.chart import Allergy
from rules.chart import Chart
from rules.chart import Condition
from rules.chart import Device
from rules.chart import Event
from rules.chart import Medication
from rules.chart import Patient

if TYPE_CHECKING:
    from cdshooks.protocol.request import HookRequest

_USES = ("DeviceUseStatement", "DeviceUsage", "DeviceAssociation")
_IMPLANTS = frozenset({"pump-implant", "pump-replacement"})
_DONE = ("completed", "in-progress")


def read_chart(intake: Intake, request: HookRequest, site: Any, now: datetime) -> Chart:
    """What the record says of the patient at `now` (aware, in the site's time zone).

    Without any sign of a pump, past or planned, no rule can say anything about the lists: they are left out, and the
    chart holds the patient, the encounter, the draft orders and how far each list was delivered.
    """
    if request.draft_orders is not None:
        intake.draft(request.draft_orders)
    clock = reader(now.tzinfo)
    own = next(iter(intake.kept.get("Patient", ())), None)
    encounter = people.chosen(intake.kept.get("Encounter", []), request.encounter_id)
    selections = request.selections if request.hook != "order-sign" else None
    parts: dict[str, Any] = {
        "hook": "patient-view" if request.hook == "patient-view" else "order",
        "patient": people.patient(own, clock, now) if own is not None else Patient(),
        "encounter": people.encounter(encounter, intake.library, intake.lookup, clock) if encounter is not None else None,
        "orders": orders.orders(intake.drafts, selections, intake.draft_library, intake.lookup, clock),
        "contacts": dict(site.contacts),
        "parameters": site.parameters,
    }
    odd = intake.survey.odd
    if intake.has_pump_trace:
        parts["observations"], odd_observations = _observations(intake, clock, now)
        odd += odd_observations
        parts |= {
            "devices": tuple(_devices(intake, clock)),
            "medications": tuple(_medications(intake, clock, now)),
            "conditions": tuple(_conditions(intake, clock, now, request.encounter_id, encounter)),
            "events": tuple(_events(intake, clock)),
            "allergies": tuple(_allergies(intake)),
            "alerts": tuple(_alerts(intake, clock)),
        }
    return Chart(now=now, **parts, listings=intake.listings, unreadable=intake.unreadable + odd, foreign=intake.foreign)


def _observations(intake: Intake, clock: Clock, now: datetime) -> tuple[tuple[Any, ...], int]:
    found, odd = observations.read(intake.observations(), intake.lookup, clock, now)
    return tuple(found), odd


def _devices(intake: Intake, clock: Clock) -> list[Device]:
    """Devices of the list, then those that only usage statements know; a pump known only by a code on its implant procedure last."""
    lookup = intake.lookup
    found = [device for one in intake.survey.devices if (device := devices.device(*one, clock)) is not None]
    known = {f"Device/{devices.word(resource.id)}" for resource in intake.kept.get("Device", ())}
    for name in _USES:
        for resource in intake.kept.get(name, ()):
            device = devices.used(resource, known, intake.library, lookup, clock)
            if device is not None:
                found.append(device)
                known.add(device.key)
    if found:
        return found
    coded = (one for one in intake.survey.events if one.device_codes and events.status(one) in _DONE)
    first = next((one for one in coded if not one.found.concepts or one.found.concepts & _IMPLANTS), None)
    return [devices.implanted(first.resource, first.found.concept, lookup)] if first is not None else []


def _medications(intake: Intake, clock: Clock, now: datetime) -> list[Medication]:
    """Drugs that the rules know, and unknown ones that are given into the spinal canal.

    Of courses that were over long ago the newest one of each drug is taken; of baclofen all are (dose history).
    """
    survey, library, lookup = intake.survey, intake.library, intake.lookup
    bound = (now - medications.BYGONE).date().isoformat().encode()
    found: list[tuple[Any, medications.Product]] = []
    old: dict[frozenset[str], tuple[bytes, Any, medications.Product]] = {}
    for resource, product in survey.medications:
        ingredients = product.named.drug.ingredients
        day = b"" if "baclofen" in ingredients else medications.bygone(resource, bound)
        if not day:
            found.append((resource, product))
        elif ingredients not in old or day > old[ingredients][0]:
            old[ingredients] = (day, resource, product)
    found += [(resource, product) for _, resource, product in old.values()]
    found += [one for one in survey.unknown_drugs if medications.spinal(one[0], lookup) and not medications.bygone(one[0], bound)]
    made = (medications.medication(resource, product, library, lookup, clock, reasons(resource, library, lookup)) for resource, product in found)
    return [entry for entry in made if entry is not None]


def _conditions(intake: Intake, clock: Clock, now: datetime, encounter_id: str | None, encounter: Any) -> list[Condition]:
    current = f"Encounter/{encounter_id.rsplit('/', 1)[-1]}" if encounter_id else None
    named = people.diagnoses(encounter) if encounter is not None else frozenset()
    made = (conditions.condition(resource, coded, clock, now, current, named) for resource, coded in intake.survey.conditions)
    return [entry for entry in made if entry is not None]


def _events(intake: Intake, clock: Clock) -> list[Event]:
    library, lookup = intake.library, intake.lookup
    made = [events.event(one, library, lookup, clock, reasons(one.resource, library, lookup)) for one in intake.survey.events if one.found.concepts]
    made += [events.imaging(resource, lookup, clock) for resource in intake.kept.get("ImagingStudy", ())]
    return [entry for entry in made if entry is not None]


def _allergies(intake: Intake) -> list[Allergy]:
    made = (conditions.allergy(resource, intake.lookup) for resource in intake.kept.get("AllergyIntolerance", ()))
    return [entry for entry in made if entry is not None]


def _alerts(intake: Intake, clock: Clock) -> list[Alert]:
    made = [alerts.alert(resource, intake.lookup, clock) for name in alerts.ALERTS for resource in intake.kept.get(name, ())]
    made += [alerts.report(resource, intake.lookup, clock) for resource in intake.kept.get("DiagnosticReport", ())]
    return [entry for entry in made if entry is not None]
