"""Device, DeviceUseStatement, DeviceAssociation and device codes of implant procedures -> `rules.chart.Device`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cdshooks.fhir.json_values import (
    NOTHING,
    Coding,
    Concept,
    concepts,
    decoded,
    first_object,
    notes,
    objects,
    raw_code,
    raw_text,
    references,
    text_of,
)
from cdshooks.fhir.references import address, key_of
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading.names import readable
from cdshooks.reading.reader import Reader
from rules.chart import Device, Grade, When
from rules.vocabulary import spoken

if TYPE_CHECKING:
    from cdshooks.reading.event_codes import CodedEvent
    from rules.concepts import Pump

USES = ("DeviceUseStatement", "DeviceUsage", "DeviceAssociation")
"""Types of resources that say a device is used, of all FHIR versions."""
_STATUS = {"available": "active", "not-available": "inactive"}
_USE_STATUS = {
    "active": "active",
    "implanted": "active",
    "completed": "inactive",
    "stopped": "inactive",
    "explanted": "inactive",
}
_EXPLANTED = re.compile(r"\b(?:ex-?plant\w*|(?:was |been |device |pump )?removed|taken out)\b")
_OUT = ("explant", "ex-plant", "removed", "taken out")
"""One of these is in every text that either of the two patterns finds something in."""
_NOT_EXPLANTED = re.compile(
    r"\b(?:not|never|no|before|if|until|planned|consider\w*|to be|previous|prior|old|former|earlier|first)\s+(?:\w+\s+){0,3}?"
    r"(?:ex-?plant\w*|removed|taken out)\b"
)
_DIGIT = re.compile(r"\d")
_DATED = r"\D{0,20}?(\d{4}-\d\d(?:-\d\d)?|\d{4}\b)"
_EXPLANTED_ON = re.compile(rf"\b(?:ex-?plant\w*|removed|taken out){_DATED}")
_IMPLANTED_ON = re.compile(rf"(?<!ex)\b(?:re-?)?implant(?:ed|ation|ed on|\s+date)?{_DATED}")


class Described:
    """What a Device resource says of itself."""

    def __init__(self, resource: Resource) -> None:
        types = concepts(decoded(resource.type))
        self.codings: tuple[Coding, ...] = (
            types[0].codings if len(types) == 1 else tuple([coding for one in types for coding in one.codings])
        )
        self.names: list[str] = []
        self.identifiers: list[str] = []
        self.model_name: str | None = None
        self._take_names(resource)
        if resource.udiCarrier is not NOTHING or resource.udi is not NOTHING:
            self._take_carriers([*objects(decoded(resource.udiCarrier)), *objects(decoded(resource.udi))])
        self.names += [one.text for one in types if one.text]
        if resource.definition is not NOTHING:
            meant = references(decoded(resource.definition))
            self.names += [said for one in meant if (said := text_of(one.get("display")))]
        numbers = (resource.modelNumber, resource.model)
        self.models = [said for raw in numbers if raw is not NOTHING and (said := raw_text(raw))]
        self.displays = [coding[2] for coding in self.codings if coding[2]]
        self.notes = notes(decoded(resource.note)) if resource.note is not NOTHING else []

    def _take_names(self, resource: Resource) -> None:
        """Its names, in the shapes of every version, and which of them is that of the model."""
        name = decoded(resource.name)
        named = objects(decoded(resource.deviceName)) + objects(name)
        for one in named:
            said = text_of(one.get("name")) or text_of(one.get("value"))
            if said:
                self.names.append(said)
                if self.model_name is None and text_of(one.get("type")) == "model-name":
                    self.model_name = said
        if not named:
            self.names += notes(name)

    def _take_carriers(self, carriers: list[dict[str, Any]]) -> None:
        """What its UDI says."""
        self.names += [said for carrier in carriers if (said := text_of(carrier.get("name")))]
        self.identifiers += [said for carrier in carriers if (said := text_of(carrier.get("deviceIdentifier")))]

    def tells(self, reader: Reader) -> bool:
        """Something tells what it is, if only that it is no pump."""
        said = (*self.names, *self.models, *self.identifiers, *self.notes)
        return bool(said) or reader.terminology.tells(Concept(self.codings))

    def called(self, family: str | None) -> str:
        """How the record calls it, else the make."""
        return _called((*self.names, *self.displays), family)


def _called(given: Iterable[str], family: str | None) -> str:
    said = next((name for name in given if readable(name)), "")
    return said or (spoken.name_of("families", (family,)) if family else "") or spoken.name_when_unnamed("device")


def read(
    reader: Reader, described: Iterable[tuple[Resource, Described, Pump]], kept: Mapping[str, Sequence[Resource]]
) -> tuple[Device, ...]:
    """Return the pumps among the devices of the list, then those that only usage statements know."""
    found = [entry for one in described if (entry := device(reader, *one)) is not None]
    known = {f"Device/{raw_text(resource.id)}" for resource in kept.get("Device", ())}
    for name in USES:
        for resource in kept.get(name, ()):
            entry = used(reader, resource, known)
            if entry is not None:
                found.append(entry)
                known.add(entry.key)
    return tuple(found)


def of_implant(reader: Reader, implant: CodedEvent | None) -> tuple[Device, ...]:
    """Return the pump that device codes on its implant procedure are evidence of."""
    return (implanted(reader, implant.resource, implant.coded.concept),) if implant is not None else ()


def pump(reader: Reader, described: Described) -> Pump | None:
    models = [*described.models, *described.identifiers, *([described.model_name] if described.model_name else [])]
    return reader.knowledge.device(described.codings, models, described.names, described.notes)


def device(reader: Reader, resource: Resource, described: Described, found: Pump) -> Device | None:
    """The pump that a Device is; None for an entry made in error."""
    status = raw_code(resource.status)
    if status == "entered-in-error":
        return None
    given = concepts(decoded(resource.statusReason)) if resource.statusReason is not NOTHING else []
    reasons = [f"{one.words} {' '.join(one.codes)}" for one in given]
    said = " ".join((" ".join(reasons), *described.notes, *described.names)).lower()
    name = described.called(found.family)
    entry = Device(key_of(resource), _STATUS.get(status or "", status), found.grade, name, found.family)
    entry.model = described.models[0] if described.models else described.model_name
    entry.serial = raw_text(resource.serialNumber)
    if any([part in said for part in _OUT]) and _EXPLANTED.search(_NOT_EXPLANTED.sub("", said)) is not None:
        entry.explanted, entry.explanted_on = True, _dated(reader, _EXPLANTED_ON, said)
    if "implant" in said and _DIGIT.search(said) is not None:
        entry.implanted_on = _dated(reader, _IMPLANTED_ON, said)
    entry.external, entry.other_drug = found.external, found.other_drug
    return entry


def _dated(reader: Reader, pattern: re.Pattern[str], said: str) -> When | None:
    found = pattern.search(said)
    return reader.when(found[1]) if found else None


def used(reader: Reader, resource: Resource, known: set[str]) -> Device | None:
    """The pump that a DeviceUseStatement or DeviceAssociation points to, when the Device itself is not in the record's
    list."""
    status = raw_code(resource.status)
    if status == "entered-in-error":
        return None
    value = decoded(resource.device)
    for reference in references(value):
        target = reader.index.find(reference, resource)
        if target is not None and hasattr(target, "modelNumber"):
            if key_of(target) in known:
                return None
            described = Described(target)
            found = pump(reader, described)
            return device(reader, target, described, found) if found is not None else None
        kind, key = address(text_of(reference.get("reference")))
        if key and f"{kind or 'Device'}/{key}" in known:
            return None
    return _by_words(reader, resource, value, status)


def _by_words(reader: Reader, resource: Resource, value: Any, status: str | None) -> Device | None:
    said = [d for reference in references(value) if (d := text_of(reference.get("display")))]
    found_concepts = concepts(first_object(value).get("concept"))
    codings = tuple(coding for one in found_concepts for coding in one.codings)
    texts = [*said, *(one.text for one in found_concepts if one.text)]
    found = reader.knowledge.device(codings, (), texts, notes(decoded(resource.note)))
    if found is None:
        return None
    standing = None if status is None else _USE_STATUS.get(status, "unknown")
    return Device(
        key=key_of(resource),
        status=standing,
        grade=found.grade,
        name=_called(texts, found.family),
        family=found.family,
        external=found.external,
        other_drug=found.other_drug,
    )


def implanted(reader: Reader, procedure: Resource, named: Concept) -> Device:
    """The pump that device codes on an implant procedure are evidence of."""
    used_codes = [one for raw in (procedure.usedCode,) for one in concepts(decoded(raw))]
    codings = (*named.codings, *(coding for one in used_codes for coding in one.codings))
    found = reader.knowledge.device(codings, (), (), ())
    family = found.family if found else None
    return Device(
        key=f"{key_of(procedure)}#device",
        status=None,
        grade=found.grade if found else Grade.NAME,
        name=_called([one.name for one in (*used_codes, named) if one.name], family),
        family=family,
    )
