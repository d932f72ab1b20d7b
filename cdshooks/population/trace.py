"""May this line matter? One question a line, so that only charts with a sign of a pump are put together.

`PumpScreening.pump_possible` is an OR over single resources, once the Medications and devices that others refer to are
known. So a line is asked by itself with the very functions of a hook call, and what it says is remembered by the bytes
of the members that they read (`SIGNS`). Nothing that a chart would tell is lost by that (tests/population).

Beside signs of a pump, a line matters that leaves open whether there is one: an entry of the lists of which a hook call
says 412 (docs/fhir-mapping.md S2), where it cannot be read or says too little.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Union

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, UNREADABLE
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.resource_types import TYPES
from cdshooks.population.referred import NONE, Shared, named_in
from cdshooks.reading.alerts import ALERTS
from cdshooks.reading.devices import USES
from cdshooks.reading.event_codes import ORDERS
from cdshooks.reading.medication_statuses import SOURCES
from cdshooks.reading.pump_screening import SCREENING, PumpScreening
from cdshooks.reading.reader import reader_for
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.routes import BACLOFEN
from rules.definitions.establishing import MEDICATION_LISTS

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

OBSERVATION = "Observation"
ABOUT = ("code", "component")
BUNDLE = "Bundle"
WHOSE = ("subject", "patient")
"""Members that name the patient."""
_DRUG = ("contained", "status", "medicationCodeableConcept", "medicationReference", "medication")
SIGNS: dict[str, tuple[str, ...]] = {
    "Condition": ("code", "note", "notes"),
    "Procedure": ("status", "code", "category", "usedCode", "note", "notes"),
    "Appointment": (
        *("status", "serviceType", "reasonCode", "reason", "appointmentType", "type", "specialty", "serviceCategory"),
        *("description", "comment", "note", "patientInstruction"),
    ),
    "CarePlan": ("status", "category", "activity", "title", "description", "note"),
    **dict.fromkeys(ORDERS, ("status", "code", "category", "orderDetail", "note", "notes", "item")),
    **dict.fromkeys(SOURCES, _DRUG),
    **dict.fromkeys(ALERTS, ("status", "category", "code", "topic", "reasonCode", "reason", "detail", "payload")),
}
"""By resource type: the members that decide whether a line may matter; of drugs other than baclofen."""
ALWAYS_ASKED = ("Device", *USES)
"""Types that are asked line by line: hardly two are alike."""
MOST_REMEMBERED = 50_000
SETTLING = frozenset(("Device", *MEDICATION_LISTS, "Procedure"))
"""Lists that decide whether a patient may be said to have no pump."""


def _light(name: str, wanted: tuple[str, ...]) -> Any:
    held = [(member, Raw, NOTHING) for member in wanted]
    return msgspec.defstruct(f"{name}Line", held, tag_field="resourceType", tag=name, gc=False)


LIGHT: dict[str, Any] = {name: _light(name, SIGNS.get(name, ())) for name in (*TYPES, BUNDLE)}
"""Resource type -> struct of no more than the members that decide."""
NAMING = frozenset(CANONICAL) - {*SIGNS, *ALWAYS_ASKED, "Patient"}
"""Types that hardly or never tell of a pump: of them it is decoded at once whose they are."""
LIGHT |= {name: _light(name, (*WHOSE, *(ABOUT if name == OBSERVATION else ()))) for name in NAMING}
KIND: dict[type, str] = {shape: name for name, shape in LIGHT.items()}
AnyLine: Any = Union[tuple(LIGHT.values())]  # noqa: UP007  (built from a table)
many = msgspec.json.Decoder(AnyLine)
_encoder = msgspec.json.Encoder()


class Trace:
    """Asks lines whether they may matter, for one site and one moment. `shared`: what others refer to."""

    def __init__(self, site: Site, now: datetime, shared: Shared = NONE) -> None:
        self._site = site
        self._now = now
        self._shared = shared
        self._harmless: defaultdict[tuple[int, str], set[bytes]] = defaultdict(set)
        own = site.knowledge.local_codes(SCREENING)
        self._screening = (SCREENING.encode(), *(code.encode() for code in own))

    def suspects(self, server: int, kind: str, lines: list[Any]) -> list[int]:
        """Return the places of those lines that have to be asked by themselves; all are of one type, decoded as
        `LIGHT`."""
        if kind == OBSERVATION:
            about = b"".join([*[one.code for one in lines], *[one.component for one in lines]])
            if not any(code in about for code in self._screening):
                return []
            return [at for at, one in enumerate(lines) if self._screens(one)]
        if kind not in SIGNS:
            return []
        harmless, said = self._harmless[server, kind], _said(lines)
        if harmless.issuperset(said):
            return []
        return [at for at, one in enumerate(said) if one not in harmless]

    def suspect(self, server: int, kind: str, line: bytes) -> bool:
        """Return whether one line has to be asked."""
        if kind in ALWAYS_ASKED:
            return True
        if kind != OBSERVATION and kind not in SIGNS:
            return False
        try:
            return bool(self.suspects(server, kind, [many.decode(line)]))
        except UNREADABLE:
            return True

    def matters(self, server: int, kind: str, owner: str, line: bytes) -> bool:
        """Return whether the line, by itself, may be a sign of a pump or leave open whether there is one."""
        resources = ResourceSet(owner)
        shared = [found for key in named_in(server, kind, line) if (found := self._shared.get(key)) is not None]
        resources.offer(CANONICAL.get(kind, kind), searchset([line], shared))
        reader = reader_for(resources.index, self._site.knowledge, self._now, self._site.date_order)
        screening = PumpScreening(reader, resources)
        if screening.pump_possible or resources.unreadable or not SETTLING.isdisjoint(screening.odd):
            return True
        drugs = [found.named.drug for _, found in screening.medications]
        if kind in SIGNS and not any(drug is not None and BACLOFEN in drug.ingredients for drug in drugs):
            self._remember(server, kind, line)
        return False

    def _remember(self, server: int, kind: str, line: bytes) -> None:
        try:
            light = many.decode(line)
        except UNREADABLE:
            return
        harmless = self._harmless[server, kind]
        if len(harmless) >= MOST_REMEMBERED:
            harmless.clear()
        harmless.update(_said([light]))

    def _screens(self, one: Any) -> bool:
        about = bytes(one.code) + bytes(one.component)
        return any(code in about for code in self._screening)


def _said(lines: list[Any]) -> list[bytes]:
    """What each of the lines says in the members that decide, in one go."""
    said = _encoder.encode_lines(lines).split(b"\n")
    said.pop()
    return said


def searchset(lines: list[bytes], included: list[bytes]) -> Raw:
    """Return a Bundle of resources, as a server answers a search; an empty line stands for an entry that could not be
    read."""
    entries = [b'{"resource":' + line + b"}" if line else b"null" for line in lines]
    entries += [b'{"resource":' + line + b',"search":{"mode":"include"}}' for line in included]
    return Raw(b'{"resourceType":"Bundle","type":"searchset","entry":[' + b",".join(entries) + b"]}")
