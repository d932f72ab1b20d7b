"""One fact of a request taken away or made odd, as real systems do it: every such form of a vignette's request."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
NEXT = [{"relation": "next", "url": "https://fhir.example/page/2"}]
REFUSAL = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
OTHER = {"reference": "Patient/somebody-else"}
UNKNOWN = {"coding": [{"system": "urn:oid:2.999.1", "code": "ZZ-17"}]}
ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
HUGE = "@huge@"
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d(?:T.*)?)?$")


Change = Callable[[Json], None]
"""Changes a decoded request, or a part of it, in its place."""
Named = Iterator[tuple[str, str, Change]]


@dataclass(frozen=True)
class Damage:
    name: str
    of: str
    """Resource type, or ``orders``."""
    change: Change

    def body(self, request: Json) -> bytes:
        """The damaged request as a client would send it."""
        damaged = copy.deepcopy(request)
        self.change(damaged)
        return json.dumps(damaged).replace(f'"{HUGE}"', "1e400").encode()


def damages(request: Json) -> Iterator[Damage]:
    """Every damage that can be done to a request, in a stable order."""
    for make in (_of_resources, _of_lists, _of_orders):
        for name, of, change in make(request):
            yield Damage(name, of, change)


# --- a resource -------------------------------------------------------------------------------------------------------


def _of_resources(request: Json) -> Named:
    for way, resource in _entries(request):
        for name, change in _changes(resource):
            yield name, resource["resourceType"], _at(way, change)
        for name, entry in _BROKEN_ENTRIES.items():
            yield name, resource["resourceType"], _put(way[:-1], entry)


_BROKEN_ENTRIES: dict[str, Json] = {
    "entry null": None,
    "entry empty": {},
    "resource null": {"resource": None},
    "resource empty": {"resource": {}},
    "response 403": {"response": {"status": "403 Forbidden"}},
}


def _entries(request: Json) -> Iterator[tuple[tuple[Any, ...], Json]]:
    """(way, resource) of every entry of the prefetch and of the draft orders."""
    bundles = [(("prefetch", key), value) for key, value in request["prefetch"].items()]
    bundles.append((("context", "draftOrders"), request["context"].get("draftOrders")))
    for way, bundle in bundles:
        for place, entry in enumerate((bundle or {}).get("entry", ())):
            yield (*way, "entry", place, "resource"), entry["resource"]


def _changes(resource: Json) -> Iterator[tuple[str, Change]]:
    yield "status missing", _without("status", "clinicalStatus", "verificationStatus")
    yield "status odd", _with(status="zzz") if "status" in resource else _with(clinicalStatus={"text": "zzz"})
    yield "type odd", _with(resourceType="no type")
    yield "type of another kind", _with(resourceType="Basic")
    yield "of another patient", _with(**{name: OTHER for name in ("subject", "patient") if name in resource})
    yield "a number nobody writes", _with(x=HUGE)
    for name in ("code", "medicationCodeableConcept", "type", "medicationReference", "serviceType"):
        if name in resource:
            yield from _concept(name, resource[name])
    for way, value in _leaves(resource):
        if way[-1] == "value" and isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from _quantity(way)
        elif isinstance(value, str) and _DATE.match(value):
            yield "date garbage", _at(way[:-1], _with(**{str(way[-1]): "unknown"}))
            yield "date missing", _at(way[:-1], _without(str(way[-1])))
            yield "date empty", _at(way[:-1], _with(**{str(way[-1]): None}))


def _concept(name: str, value: Json) -> Iterator[tuple[str, Change]]:
    yield "code unknown", _with(**{name: [UNKNOWN] if isinstance(value, list) else UNKNOWN})
    yield "code absent", _with(**{name: [ABSENT] if isinstance(value, list) else ABSENT})
    if name.startswith("medication"):
        nowhere = {"reference": "Medication/nowhere"}
        yield "reference nowhere", lambda one: one.pop(name) and one.update(medicationReference=nowhere)


def _quantity(way: tuple[Any, ...]) -> Iterator[tuple[str, Change]]:
    holder = way[:-1]
    yield "no unit", _at(holder, _without("unit", "code", "system"))
    yield "unit unknown", _at(holder, lambda one: one.update(unit="furlong", code="furlong"))
    yield "value null", _at(holder, _with(value=None))
    yield "value missing", _at(holder, _without("value"))
    yield "value words", _at(holder, _with(value="see comment"))
    yield "value as text", _at(holder, lambda one: one.update(value=str(one["value"])))
    yield (
        "value with its unit",
        _at(holder, lambda one: one.update(value=f"{one['value']} {one.get('unit', '')}".strip())),
    )
    yield "value absurd", _at(holder, _with(value=HUGE))


# --- a list -----------------------------------------------------------------------------------------------------------


def _of_lists(request: Json) -> Named:
    for key, bundle in request["prefetch"].items():
        entries = (bundle or {}).get("entry")
        if not entries:
            continue
        of, way = entries[0]["resource"]["resourceType"], ("prefetch", key)
        for name, change in _LISTS.items():
            yield name, of, _at(way[:-1], lambda held, change=change, key=key: change(held, key))


def _listed(make: Callable[[Json], Json]) -> Callable[[Json, str], None]:
    def change(held: Json, key: str) -> None:
        held[key] = make(held[key])

    return change


def _to_others(bundle: Json) -> Json:
    for entry in bundle["entry"]:
        for name in ("subject", "patient"):
            if name in entry["resource"]:
                entry["resource"][name] = OTHER
    return bundle


_LISTS: dict[str, Callable[[Json, str], None]] = {
    "list missing": lambda held, key: held.pop(key),
    "list null": _listed(lambda bundle: None),
    "list has a further page": _listed(lambda bundle: {**bundle, "link": NEXT}),
    "first page empty": _listed(lambda bundle: {**bundle, "entry": [], "link": NEXT}),
    "total without entries": _listed(lambda bundle: {"resourceType": "Bundle", "type": "searchset", "total": 5}),
    "list refused": _listed(lambda bundle: REFUSAL),
    "list a text": _listed(lambda bundle: "<html>log in</html>"),
    "list of another patient": _listed(_to_others),
    "list an array": _listed(lambda bundle: [entry["resource"] for entry in bundle["entry"]]),
    "list in a list": _listed(lambda bundle: {"resourceType": "Bundle", "entry": [{"resource": bundle}]}),
    "entries as an object": _listed(lambda bundle: {**bundle, "entry": dict(enumerate(bundle["entry"]))}),
}


# --- the orders of the hook -------------------------------------------------------------------------------------------


def _of_orders(request: Json) -> Named:
    drafts = request["context"].get("draftOrders")
    if not drafts:
        return
    for name, make in _DRAFTS.items():
        yield name, "orders", _at(("context",), lambda context, make=make: make(context))


def _drafted(make: Callable[[Json], Json]) -> Change:
    def change(context: Json) -> None:
        context["draftOrders"] = make(context["draftOrders"])

    return change


_DRAFTS: dict[str, Change] = {
    "orders missing": lambda context: context.pop("draftOrders"),
    "orders null": _drafted(lambda drafts: None),
    "orders empty": _drafted(lambda drafts: {}),
    "orders a text": _drafted(lambda drafts: "orders"),
    "orders an array": _drafted(lambda drafts: [entry["resource"] for entry in drafts["entry"]]),
    "one order alone": _drafted(lambda drafts: drafts["entry"][0]["resource"]),
    "orders are entries": _drafted(
        lambda drafts: {**drafts, "entry": [entry["resource"] for entry in drafts["entry"]]}
    ),
    "orders in a list": _drafted(lambda drafts: {"resourceType": "Bundle", "entry": [{"resource": drafts}]}),
    "orders without a type": _drafted(lambda drafts: {"entry": drafts["entry"]}),
    "selections unknown": lambda context: context.update(selections=["MedicationRequest/nowhere"]),
}


# --- how it is done ---------------------------------------------------------------------------------------------------


def _leaves(value: Json, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Json]]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _leaves(held, (*way, key))
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from _leaves(held, (*way, place))
    else:
        yield way, value


def _at(way: tuple[Any, ...], change: Change) -> Change:
    """The change, made to what stands at the end of the way."""

    def there(document: Json) -> None:
        for step in way:
            document = document[step]
        change(document)

    return there


def _put(way: tuple[Any, ...], value: Json) -> Change:
    def there(document: Json) -> None:
        for step in way[:-1]:
            document = document[step]
        document[way[-1]] = copy.deepcopy(value)

    return there


def _with(**members: Json) -> Change:
    return lambda one: one.update(members)


def _without(*names: str) -> Change:
    def change(one: Json) -> None:
        for name in names:
            one.pop(name, None)

    return change
