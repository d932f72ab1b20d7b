"""Requests that no client sends: the sample requests with members taken, doubled, retyped, stretched and broken.

Mutation `number` is always the same one: what fails can be made again by its number alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.hostile.planted import DATES, MARKER, RAW, TYPES, long_text, odd, written

CLIENTS = Path(__file__).parents[2] / "fixtures" / "clients"
SEED = 20261128
MOST_BYTES = 1_500_000

Holder = dict[str, Any] | list[Any]
Place = tuple[Holder, Any]
"""An object or list, and a key or index of it."""


@dataclass(frozen=True)
class Mutation:
    number: int
    sample: str
    path: str
    body: bytes
    done: tuple[str, ...]
    """What was done to the sample."""


@cache
def samples() -> tuple[tuple[str, str, str], ...]:
    """(name, path of the URL, JSON) of every sample request."""
    index = json.loads((CLIENTS / "index.json").read_text(encoding="utf-8"))
    found = []
    for row in index["samples"]:
        path = f"/cds-services/{row['service']}{'/feedback' if row.get('feedback') else ''}"
        found.append((row["path"], path, (CLIENTS / row["path"]).read_text(encoding="utf-8")))
    return tuple(found)


def mutation(number: int) -> Mutation:
    chance = random.Random(f"{SEED} {number}")
    name, path, text = chance.choice(samples())
    document = json.loads(text)
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        way = chance.choice(STRUCTURAL)
        way(document, chance)
        done.append(way.__name__)
    body = written(document)
    if chance.random() < 0.15:
        way_of_bytes = chance.choice(OF_BYTES)
        body = way_of_bytes(body, chance)
        done.append(way_of_bytes.__name__)
    return Mutation(number, name, path, body[:MOST_BYTES], tuple(done))


# --- ways -------------------------------------------------------------------------------------------------------------


def _places(value: Any) -> Iterator[Place]:
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], (dict, list)) and value[key]:
            yield from _places(value[key])


def _any(key: Any, value: Any) -> bool:
    return True


def _place(document: Holder, chance: random.Random, wanted: Callable[[Any, Any], bool] = _any) -> Place | None:
    """A place of the document; a quarter of them in the members of the hook itself, which are few."""
    found = [place for place in _places(document) if wanted(place[1], place[0][place[1]])]
    if chance.random() < 0.25:
        outside = [document, *(value for value in _values(document) if isinstance(value, dict))]
        found = [place for place in found if any(place[0] is holder for holder in outside)] or found
    return chance.choice(found) if found else None


def _values(document: Holder) -> list[Any]:
    return list(document.values()) if isinstance(document, dict) else document


def take(document: Holder, chance: random.Random) -> None:
    if place := _place(document, chance):
        del place[0][place[1]]


def retype(document: Holder, chance: random.Random) -> None:
    if place := _place(document, chance):
        place[0][place[1]] = odd(chance)


def stretch(document: Holder, chance: random.Random) -> None:
    """One text becomes very long."""
    if place := _place(document, chance, lambda key, value: isinstance(value, str)):
        place[0][place[1]] = long_text(chance)


def multiply(document: Holder, chance: random.Random) -> None:
    """One item of a list stands there many times."""
    if place := _place(document, chance, lambda key, value: isinstance(value, list) and len(value) > 0):
        place[0][place[1]] = place[0][place[1]] * chance.choice((2, 50, 400))


def swap(document: Holder, chance: random.Random) -> None:
    """A list becomes an object or its only item; an object a list."""
    place = _place(document, chance, lambda key, value: isinstance(value, (dict, list)) and len(value) > 0)
    if place is None:
        return
    value = place[0][place[1]]
    if isinstance(value, dict):
        place[0][place[1]] = chance.choice(([value], list(value.values()), [[value]]))
    else:
        place[0][place[1]] = chance.choice((value[0], {str(number): item for number, item in enumerate(value)}))


def hole(document: Holder, chance: random.Random) -> None:
    """A null, an empty object or a text among the items of a list."""
    if place := _place(document, chance, lambda key, value: isinstance(value, list)):
        items = place[0][place[1]]
        items.insert(chance.randint(0, len(items)), chance.choice((None, {}, [], MARKER, 5)))


def rename(document: Holder, chance: random.Random) -> None:
    if place := _place(document, chance, lambda key, value: isinstance(key, str)):
        held, key = place
        held[chance.choice((key.upper(), key + "s", MARKER, "", "__proto__", "é" * 50, long_text(chance)))] = held.pop(
            key
        )


def other_type(document: Holder, chance: random.Random) -> None:
    if place := _place(document, chance, lambda key, value: key == "resourceType"):
        place[0][place[1]] = chance.choice(TYPES)


def foreign(document: Holder, chance: random.Random) -> None:
    if place := _place(document, chance, lambda key, value: key == "reference"):
        strange = (
            f"Patient/{MARKER}",
            f"https://x.example/Patient/{MARKER}",
            f"#{MARKER}",
            f"urn:uuid:{MARKER}",
            "/" * 3000,
        )
        place[0][place[1]] = chance.choice((*strange, "Patient/", "Patient//_history/", f"Patient?name={MARKER}"))


def misdate(document: Holder, chance: random.Random) -> None:
    if place := _place(document, chance, lambda key, value: isinstance(value, str) and value[:2] in ("19", "20")):
        place[0][place[1]] = chance.choice((*DATES, long_text(chance), f"{RAW}huge"))


def _is(value: dict[str, Any], kind: str) -> bool:
    return str(value.get("resourceType", "-")).startswith(kind) and "resourceType" in value


def plant(document: Holder, chance: random.Random) -> None:
    """A resource gets a member that the rules read, with an odd value or a very long text in it."""
    kinds = ("Medication", "Observation", "Device", "") if chance.random() < 0.7 else ("",)
    kind = chance.choice(kinds)
    place = _place(document, chance, lambda key, value: isinstance(value, dict) and _is(value, kind))
    if place is None:
        return
    value = chance.choice((long_text(chance), odd(chance)))
    place[0][place[1]] |= chance.choice(
        (
            *({name: value} for name in ("status", "id", "note", "extension", "contained", "subject", "identifier")),
            *(
                {name: {"text": value}}
                for name in ("code", "medicationCodeableConcept", "valueCodeableConcept", "type")
            ),
            *({name: [{"text": value}]} for name in ("dosageInstruction", "dosage", "note") * 3),
            {"valueString": value},
            {"code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": value}]}},
            {"code": {"coding": [{"system": value, "code": "G35"}]}},
            {"valueQuantity": {"value": value, "unit": value, "code": value}},
            {"dosageInstruction": [{"doseAndRate": [{"rateQuantity": {"value": value, "unit": value}}]}]},
            {
                "dosageInstruction": [
                    {"timing": {"repeat": {"period": value, "periodUnit": "d"}, "code": {"text": value}}}
                ]
            },
            {"deviceName": [{"name": value}]},
            {"effectiveDateTime": value, "performedDateTime": value, "authoredOn": value, "onsetDateTime": value},
        )
    )


STRUCTURAL = (
    take,
    retype,
    retype,
    stretch,
    stretch,
    multiply,
    swap,
    hole,
    rename,
    other_type,
    foreign,
    misdate,
    plant,
    plant,
)


def cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randint(0, len(body))]


def flip(body: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.choice((1, 3, 30))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def insert(body: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(body))
    strange = (
        b"\xff\xfe",
        b"\x00",
        b"\xed\xa0\xbd",
        b"}",
        b'"',
        b"\\u0000",
        b"[" * 3000,
        b"\xef\xbb\xbf",
        MARKER.encode(),
    )
    return body[:at] + chance.choice(strange) + body[at:]


def twice(body: bytes, chance: random.Random) -> bytes:
    """A member stands twice."""
    first = body.find(b'"context"')
    return body[:first] + b'"context":"' + MARKER.encode() + b'",' + body[first:] if first > 0 else body + body


OF_BYTES = (cut, flip, flip, insert, insert, twice)
