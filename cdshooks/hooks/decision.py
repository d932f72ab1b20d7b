"""One hook call from the parsed request to the cards: gather, read, evaluate, render. No HTTP here.

The console, the command line and ``/explain`` take the same way as a hook call does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdshooks.cards.render import Rendered
from cdshooks.cards.render import render
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.catalogue import keys_for
from cdshooks.protocol.errors import NotEstablished
from cdshooks.protocol.request import HookRequest
from cdshooks.reading import read_chart
from cdshooks.reading.gather import Report
from cdshooks.reading.gather import gather
from cdshooks.settings.site import Site
from rules.chart import Chart
from rules.evaluation import Evaluation
from rules.evaluation import evaluate


@dataclass(frozen=True)
class Decision:
    """What came of one call, with how it came."""

    chart: Chart
    evaluation: Evaluation
    cards: tuple[Rendered, ...]
    report: Report
    """What was read from the FHIR server."""
    milliseconds: dict[str, float]
    """By stage: gather, chart, evaluate, render."""

    @property
    def body(self) -> dict[str, Any]:
        """The response of CDS Hooks. Raises NotEstablished where cards would say more than is known."""
        if not self.evaluation.established:
            raise not_established(self.evaluation.missing)
        return {"cards": [rendered.card for rendered in self.cards]}


def decide(request: HookRequest, service: Service, site: Site, now: datetime, seconds: float | None = None) -> Decision:
    """Everything between the request and its answer. `seconds`: what is left of the call's time, if less than the site allows callbacks."""
    clock = _Stages()
    gathered = gather(request, site, now, seconds)
    clock.end("gather")
    chart = read_chart(gathered.resources, request, site, now)
    clock.end("chart")
    evaluation = evaluate(chart, site.switches, silent=service.id in site.silent_services)
    clock.end("evaluate")
    rendered = render(evaluation, request, chart, site) if evaluation.established else ()
    clock.end("render")
    return Decision(chart, evaluation, rendered, gathered.report, clock.milliseconds)


def not_established(missing: tuple[str, ...]) -> NotEstablished:
    """412: names what would help, and what most often is the cause."""
    keys = keys_for(missing)
    return NotEstablished(
        "Whether this patient has an intrathecal baclofen pump cannot be told: "
        f"{', '.join(missing)} came neither by prefetch (keys {', '.join(keys)}) nor from the FHIR server. "
        "The Device list and one medication list are needed, even empty. "
        "Check the prefetch configuration and scopes; Epic sends no data when the URL called differs from the registered endpoint.",
        *(f"prefetch.{key}" for key in keys),
    )


class _Stages:
    """A stopwatch that is read at the end of each stage."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def end(self, stage: str) -> None:
        now = time.perf_counter()
        self.milliseconds[stage] = 1000 * (now - self._began)
        self._began = now
