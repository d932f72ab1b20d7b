"""What was done (Procedure), is ordered (ServiceRequest) or booked (Appointment)."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Clauses, Phrase, at, fill, one_of, put, words, words_listed
from cdshooks.vignettes.terms import concept

Resource = dict[str, Any]
INTENTS = "proposal plan directive order original-order reflex-order filler-order instance-order option".split()
PROCEDURE = Clauses(
    {"on": at("performedDateTime"), "at": at("performedDateTime"), "outcome": words("outcome")},
    ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"),
)
SERVICE_REQUEST = Clauses(
    {
        "for": at("occurrenceDateTime"),
        "written": at("authoredOn"),
        "intent": one_of("intent", INTENTS),
        "detail": words_listed("orderDetail"),
        "not to be done": put("doNotPerform", True),
    },
    ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"),
)
APPOINTMENT = Clauses(
    {"on": at("start")},
    ("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "waitlist"),
)


def procedure(said: Phrase) -> Resource:
    """Something done: ``pump removal on 2026-06-12``."""
    made = {"resourceType": "Procedure", "status": "completed", "subject": SUBJECT}
    made["code"] = concept(said.first, "procedures")
    return fill(made, said.rest, PROCEDURE)


def _service_request(said: Phrase, status: str) -> Resource:
    made = {"resourceType": "ServiceRequest", "status": status, "intent": "order", "subject": SUBJECT}
    made["code"] = concept(said.first, "procedures")
    return fill(made, said.rest, SERVICE_REQUEST)


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
    return fill(made, said.rest, APPOINTMENT)
