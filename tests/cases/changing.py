"""Changes a request of ``requests/`` into one of its kind: members set, dropped or named otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REQUESTS = Path(__file__).with_name("requests")
SHORT = {
    "order": "context.draftOrders.entry.0.resource",
    "line": "context.draftOrders.entry.0.resource.dosageInstruction.0",
    "part": "context.draftOrders.entry.0.resource.dosageInstruction.0.doseAndRate.0",
    "drug": "context.draftOrders.entry.0.resource.medicationCodeableConcept",
    "device": "prefetch.devices.entry.0.resource",
    "result": "prefetch.laboratory.entry.0.resource",
    "vital": "prefetch.vitalSigns.entry.0.resource",
}
"""Beginnings of paths: ``$order.status``."""


def body_of(file: str, change: dict[str, Any]) -> bytes:
    """The body of a request file with one row's change: ``drop``, ``set`` and last ``replace`` (in the JSON text)."""
    sent = (REQUESTS / file).read_bytes()
    text = sent.decode()
    if change.keys() & {"set", "drop"}:
        document = json.loads(sent)
        for path in change.get("drop", ()):
            _drop(document, path)
        for path, value in change.get("set", {}).items():
            _set(document, path, _long(value))
        text = json.dumps(document, ensure_ascii=False)
    for old, new in change.get("replace", {}).items():
        assert old in text, f"{file} does not hold {old}"
        text = text.replace(old, str(_long(new)))
    return text.encode()


def _long(value: Any) -> Any:
    """``{repeat: "9", times: 5000}`` is that text; anything else stands for itself."""
    if isinstance(value, dict) and value.keys() == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    return value


def _steps(path: str) -> list[str]:
    name, dot, rest = path.partition(".")
    whole = SHORT[name[1:]] + dot + rest if name.startswith("$") else path
    return whole.split(".")


def _held(document: Any, steps: list[str]) -> Any:
    for step in steps:
        document = document[int(step)] if isinstance(document, list) else document.setdefault(step, {})
    return document


def _set(document: Any, path: str, value: Any) -> None:
    *way, last = _steps(path)
    holder = _held(document, way)
    if not isinstance(holder, list):
        holder[last] = value
    elif int(last) < len(holder):
        holder[int(last)] = value
    else:
        holder.append(value)


def _drop(document: Any, path: str) -> None:
    *way, last = _steps(path)
    holder = _held(document, way)
    del holder[int(last) if isinstance(holder, list) else last]
