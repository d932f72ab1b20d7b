"""Adds a month of visits and orders to an invented export: ``python -m benchmarks.month FOLDER [patients] [seed]``.

What `benchmarks.export` writes is a state; for an alert burden it takes a past: encounters that start, orders that are
written, resources that were written again, of which some have an older version. All is sound R4, and the same seed gives
the same bytes.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import export
from cdshooks import vignettes

FIRST, DAYS = datetime(2026, 6, 1, tzinfo=UTC), 30
VISITS, ORDERS = (0, 1, 1, 2), (0, 0, 1, 2, 3)
"""Of a patient in the month, each as likely."""
REWRITTEN = 0.1
"""Of the lines, the share that was written again in the month or after; of half of them an older version is there."""
OLD = "2026-01-05T08:00:00Z"
CLASSES = ("AMB", "EMER", "IMP")
Resource = dict[str, Any]


def write(folder: Path, patients: int, seed: int = 1) -> int:
    """Write an export with a month of calls; return the number of resources."""
    count = export.write(folder, patients, seed)
    chance = random.Random(f"month {seed}")
    for file in sorted(folder.glob("*.ndjson")):
        if file.stem not in ("Patient", "DocumentReference"):
            lines = file.read_bytes().splitlines(keepends=True)
            file.write_bytes(b"".join(_again(lines, chance)))
    names = [json.loads(line)["id"] for line in (folder / "Patient.ndjson").read_bytes().splitlines()]
    for name in names:
        for resource in _month(name, chance):
            with (folder / f"{resource['resourceType']}.ndjson").open("a", encoding="utf-8") as stream:
                stream.write(f"{json.dumps(resource)}\n")
            count += 1
    return count


def _again(lines: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for line in lines:
        if chance.random() >= REWRITTEN:
            yield line
            continue
        resource = json.loads(line)
        if chance.random() < 0.5:
            yield json.dumps({**resource, "meta": {**resource.get("meta", {}), "lastUpdated": OLD}}).encode() + b"\n"
        written = {**resource.get("meta", {}), "lastUpdated": _moment(chance, DAYS + 10)}
        yield json.dumps({**resource, "meta": written}).encode() + b"\n"


def _moment(chance: random.Random, days: int = DAYS) -> str:
    at = FIRST + timedelta(days=chance.randrange(days), minutes=chance.randrange(24 * 60))
    return at.isoformat().replace("+00:00", "Z")


def _month(name: str, chance: random.Random) -> Iterator[Resource]:
    subject = {"reference": f"Patient/{name}"}
    visits = []
    for number in range(chance.choice(VISITS)):
        start = _moment(chance)
        visits.append(f"visit-{number}-{name}")
        yield {
            "resourceType": "Encounter",
            "id": visits[-1],
            **({"meta": {"lastUpdated": _moment(chance, DAYS + 10)}} if chance.random() < 0.7 else {}),
            "status": chance.choice(("finished", "in-progress", "cancelled")),
            "class": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": chance.choice(CLASSES),
            },
            "subject": subject,
            "period": {"start": start if chance.random() < 0.9 else start[:10]},
        }
    for number in range(chance.choice(ORDERS)):
        order = {**chance.choice(_drafts()), "id": f"order-{number}-{name}", "subject": subject}
        written = _moment(chance)
        order |= {"status": chance.choice(("active", "completed", "stopped", "entered-in-error"))}
        order["authoredOn"] = written if chance.random() < 0.9 else written[:10]
        if chance.random() < 0.7:
            order["meta"] = {"lastUpdated": _moment(chance, DAYS + 10)}
        if visits and chance.random() < 0.6:
            order["encounter"] = {"reference": f"Encounter/{chance.choice(visits)}"}
        yield order


@cache
def _drafts() -> tuple[Resource, ...]:
    """Orders of vignettes that a sound server could hold, and that refer to nothing."""
    found = []
    for one in vignettes.every():
        drafts = one.request["context"].get("draftOrders") if one.expected["service"] == "itb-order-select" else None
        for entry in drafts.get("entry", ()) if isinstance(drafts, dict) else ():
            order = entry.get("resource", {})
            if order.get("resourceType") in ("MedicationRequest", "ServiceRequest") and export._sound(order):
                found += [order] if '"reference"' not in json.dumps({**order, "subject": 0}) else []
    return tuple(found)


if __name__ == "__main__":
    number = write(Path(sys.argv[1]), *map(int, sys.argv[2:4] or (10_000,)))
    print(f"{number:,} resources")
