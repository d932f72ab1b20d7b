"""What was done (Procedure), is ordered (ServiceRequest) or booked (Appointment)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import (
    Clauses,
    EntryPhrase,
    at,
    fhir_datetime,
    fill,
    one_of,
    put,
    quoted_words,
    words_listed,
)
from cdshooks.vignettes.terms import codeable_concept

Resource = dict[str, Any]
INTENTS = "proposal plan directive order original-order reflex-order filler-order instance-order option".split()
PROCEDURE = Clauses(
    {"on": at("performedDateTime"), "at": at("performedDateTime"), "outcome": quoted_words("outcome")},
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


def _half_an_hour(resource: Resource, said: str) -> None:
    """FHIR wants both ends of a visit."""
    resource["start"] = fhir_datetime(said)
    if "T" in resource["start"]:
        resource["end"] = (datetime.fromisoformat(resource["start"]) + timedelta(minutes=30)).isoformat()


APPOINTMENT = Clauses(
    {"on": _half_an_hour},
    ("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "waitlist"),
)


def procedure(said: EntryPhrase) -> Resource:
    """Something done: ``pump removal on 2026-06-12``."""
    made = {"resourceType": "Procedure", "status": "completed", "subject": SUBJECT}
    made["code"] = codeable_concept(said.first, "procedures")
    return fill(made, said.rest, PROCEDURE)


def _service_request(said: EntryPhrase, status: str) -> Resource:
    made = {"resourceType": "ServiceRequest", "status": status, "intent": "order", "subject": SUBJECT}
    made["code"] = codeable_concept(said.first, "procedures")
    return fill(made, said.rest, SERVICE_REQUEST)


def pending_order(said: EntryPhrase) -> Resource:
    """An order that stands in the chart: ``pump removal for 2026-06-20 written 2026-06-12``."""
    return _service_request(said, "active")


def procedure_order(said: EntryPhrase) -> Resource:
    """A procedure that is being ordered."""
    return _service_request(said, "draft")


def appointment(said: EntryPhrase) -> Resource:
    """A visit: ``pump refill on 2026-06-07 09:00, cancelled``; booked unless said."""
    return _visit(said, "booked", "accepted")


def proposed_appointment(said: EntryPhrase) -> Resource:
    """A visit that is being booked: ``pump refill on 2026-07-07 09:00``."""
    return _visit(said, "proposed", "needs-action")


def _visit(said: EntryPhrase, status: str, agreed: str) -> Resource:
    made = {
        "resourceType": "Appointment",
        "status": status,
        "serviceType": [codeable_concept(said.first, "procedures")],
    }
    made["participant"] = [{"actor": SUBJECT, "status": agreed}]
    return fill(made, said.rest, APPOINTMENT)
