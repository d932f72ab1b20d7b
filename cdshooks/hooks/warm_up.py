"""A worker answers sample calls before it listens: its first real call is then nearly as fast as those that follow.

What is made at the first need (tables, patterns, imports, what common codes mean) is made here, and is in memory when
the garbage collector is told to leave alone what it finds. Nothing is recorded, and no FHIR server is asked.
"""

from __future__ import annotations

import json
import logging
from importlib.resources import files
from typing import Any

from cdshooks.hooks import views
from cdshooks.hooks.answer import answer_request
from cdshooks.hooks.state import ApplicationState
from cdshooks.protocol import catalogue
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.request import parse
from cdshooks.reading.decoding import typed_pass

LOG = logging.getLogger(__name__)
CHARTS = ("clients/epic/patient-view.json", "usual/no-pump.json")
"""Below ``fixtures``: a patient with a pump, and one without who has what most charts have."""
ORDERING = "clients/sandbox/order-select.json"
"""Whose orders are placed."""


def warm_up(state: ApplicationState) -> None:
    """Answer a call of each service for each of the charts, and drop the answers. One that fails is logged, and stops
    nothing."""
    charts, ordering = [_sample(name) for name in CHARTS], _sample(ORDERING)
    for service in catalogue.SERVICES:
        for chart in charts:
            context = chart["context"] | {"encounterId": "1"}
            if service.hook in ("order-select", "order-sign"):
                context |= {name: ordering["context"][name] for name in ("draftOrders", "selections")}
            try:
                _answer(chart | {"hook": service.hook, "context": context}, service, state)
            except Exception as error:  # noqa: BLE001 - a worker that is cold is slow at first, and sound
                LOG.error("a worker could not be warmed up", extra={"error": type(error).__name__})


def _answer(sample: dict[str, Any], service: Service, state: ApplicationState) -> None:
    request = parse(json.dumps(sample).encode(), service.hook, decode=typed_pass)
    request.fhir_server = request.access_token = None
    site, now = state.config.site, state.config.now()
    answer_request(request, service, site, now, known=state.silent_answers, seconds=views.READ_SECONDS)


def _sample(name: str) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(files("cdshooks").joinpath("fixtures", name).read_text(encoding="utf-8"))
    return sample
