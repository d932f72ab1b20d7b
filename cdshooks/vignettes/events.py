"""What was done (Procedure), is ordered (ServiceRequest) or booked (Appointment)."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.errors import Misread
from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Phrase
from cdshooks.vignettes.phrases import at
from cdshooks.vignettes.phrases import fill
from cdshooks.vignettes.phrases import put
from cdshooks.vignettes.phrases import quoted
from cdshooks.vignettes.terms import concept

Resource = dict[str, Any]
DONE = ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown")
ORDERED = ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown")
BOOKED = (
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "entered-in-error",
    "checked-in",
    "waitlist",
)
INTENTS = (
    "proposal",
    "plan",
    "directive",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
)


def _outcome(resource: Resource, said: str) -> None:
    resource["outcome"] = {"text": quoted(said)}


def procedure(said: Phrase) -> Resource:
    """Something done: ``pump removal on 2026-06-12``."""
    made = {
        "resourceType": "Procedure",
        "status": "completed",
        "subject": SUBJECT,
        "code": concept(said.first, "procedures"),
    }
    clauses = {"on": at("performedDateTime"), "at": at("performedDateTime"), "outcome": _outcome}
    return fill(made, said.rest, clauses, DONE)


def _intent(resource: Resource, said: str) -> None:
    if said not in INTENTS:
        raise Misread(f"`{said}` is no intent of an order")
    resource["intent"] = said


def _detail(resource: Resource, said: str) -> None:
    resource["orderDetail"] = [{"text": quoted(said)}]


def _service_request(said: Phrase, status: str) -> Resource:
    made = {"resourceType": "ServiceRequest", "status": status, "intent": "order", "subject": SUBJECT}
    made["code"] = concept(said.first, "procedures")
    clauses = {
        "for": at("occurrenceDateTime"),
        "on": at("occurrenceDateTime"),
        "written": at("authoredOn"),
        "intent": _intent,
        "detail": _detail,
        "not to be done": put("doNotPerform", True),
    }
    return fill(made, said.rest, clauses, ORDERED)


def pending_order(said: Phrase) -> Resource:
    """An order that stands in the chart: ``pump removal for 2026-06-20 written 2026-06-12``."""
    return _service_request(said, "active")


def procedure_order(said: Phrase) -> Resource:
    """A procedure that is being ordered."""
    return _service_request(said, "draft")


def appointment(said: Phrase) -> Resource:
    """A visit: ``pump refill on 2026-06-07 09:00, cancelled``; booked unless said."""
    made = {"resourceType": "Appointment", "status": "booked", "serviceType": [concept(said.first, "procedures")]}
    made["participant"] = [{"actor": SUBJECT, "status": "accepted"}]
    return fill(made, said.rest, {"on": at("start"), "at": at("start")}, BOOKED)
