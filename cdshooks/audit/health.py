"""``/health/live`` (the process answers) and ``/health/ready`` (what it can do). No secrets, no patient data.

A database that is down does not make the service unready: hook calls are answered right without it, and taking every
worker out of the load balancer would replace "feedback waits" by "no warnings". It is said as ``degraded``, with 200.
Without knowledge there is nothing right to answer: 503.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from typing import Any
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, current_app, jsonify

from cdshooks.audit.recorder import EXTENSION, AuditTrail
from cdshooks.audit.versions import SHORT
from cdshooks.store import Store
from cdshooks.store.asking import Questions

BLUEPRINT = Blueprint("health", __name__)
LIVE = Blueprint("live", __name__)
"""``/health/live`` alone, beside the service calls where the rest has a port of its own."""
LOOK_SECONDS = 0.5
KEEP_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""How long a look is waited for; probes wait three seconds."""
LOG = logging.getLogger(__name__)
_ASKING = Questions(2, 4, "readiness")
_looks: WeakKeyDictionary[Store, tuple[float, Future[str]]] = WeakKeyDictionary()
_looking = threading.Lock()


@BLUEPRINT.get("/health/live")
@LIVE.get("/health/live")
def live() -> Response:
    return jsonify(status="alive")


@BLUEPRINT.get("/health/ready")
def ready() -> tuple[Response, int]:
    report = readiness(current_app.extensions[EXTENSION])
    response = jsonify(report)
    response.headers["Cache-Control"] = "no-store"
    return response, 503 if report["status"] == "not-ready" else 200


def readiness(audit_trail: AuditTrail) -> dict[str, Any]:
    """``status``: ``ready``, ``degraded`` (answers hook calls, cannot keep feedback) or ``not-ready``; and why."""
    rules = audit_trail.versions.document.get("rules", {})
    database = _database(audit_trail.store)
    status = "ready" if database["status"] in ("ok", "off") and database.get("durable", True) else "degraded"
    return {
        "status": status if rules else "not-ready",
        "database": database,
        "knowledge": {
            "version": audit_trail.versions.digest[:SHORT],
            "rules": rules,
            "valueSets": audit_trail.versions.document.get("valueSets", {}),
        },
        "record": {"lost": audit_trail.lost},
    }


def _database(store: Store | None) -> dict[str, Any]:
    if store is None:
        return {"status": "off"}
    return {"kind": store.kind, "durable": not store.in_memory, "status": _condition(store)}


def _condition(store: Store) -> str:
    """Looked at once a second at most, as whoever polls this URL must not load the database; in another thread, as a
    database that hangs must not keep this answer, nor let an old one stand."""
    with _looking:
        began, look = _looks.get(store, (float("-inf"), None))
        if look is None or (look.done() and time.monotonic() - began > KEEP_SECONDS):
            look = _ASKING.ask(store.condition, LOOK_SECONDS)
            if look is None:
                return "unreachable"
            _looks[store] = (time.monotonic(), look)
    try:
        return look.result(ANSWER_SECONDS)
    except Exception as error:  # noqa: BLE001 - TimeoutError, or whatever a driver raises: nothing can be said for it
        LOG.debug("the database was not looked at", extra={"error": type(error).__name__})
        return "unreachable"
