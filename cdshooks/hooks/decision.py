"""One hook call from the parsed request to the cards: gather, read, evaluate, render. No HTTP here.

The console, the command line and ``/explain`` take the same way as a hook call does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdshooks.cards.render import Rendered, render
from cdshooks.hooks import not_seen
from cdshooks.protocol.catalogue import Service, keys_for
from cdshooks.protocol.errors import NotEstablished, TooLarge
from cdshooks.protocol.request import HookRequest
from cdshooks.reading import read_chart
from cdshooks.reading.callbacks import Report
from cdshooks.reading.gather import gather
from cdshooks.settings.site import Site
from rules.chart import Chart
from rules.evaluation import Evaluation, evaluate

OTHER_PATIENT = "data of another patient: the Patient that was sent is not the patient of the context, and nothing that was sent is of that patient."
MOST_ORDERS = 500
"""Orders in ``context.draftOrders``."""


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
    not_seen: list[not_seen.Row] = field(default_factory=list)
    """Lists and orders that were not seen, for the extension of the answer."""
    of_another_patient: bool = False
    """What was sent is another patient's: nothing may be said."""

    @property
    def body(self) -> dict[str, Any]:
        """The response of CDS Hooks. Raises NotEstablished where cards would say more than is known."""
        if self.of_another_patient:
            raise NotEstablished(OTHER_PATIENT, "prefetch.patient")
        if not self.evaluation.established:
            raise not_established(self.evaluation.missing, self.chart)
        cards = {"cards": [rendered.card for rendered in self.cards]}
        return cards | {"extension": {not_seen.EXTENSION: self.not_seen}} if self.not_seen else cards


def decide(request: HookRequest, service: Service, site: Site, now: datetime, seconds: float | None = None) -> Decision:
    """Gather, read, evaluate and render: return everything between a request and its answer.

    `seconds`: what is left of the call's time, if less than the site allows callbacks.
    """
    clock = _Stages()
    gathered = gather(request, site, now, seconds)
    if gathered.resources.orders.number > MOST_ORDERS:
        raise TooLarge(f"The member context.draftOrders holds more than {MOST_ORDERS} orders.", "context.draftOrders")
    clock.end("gather")
    chart = read_chart(gathered.resources, request, site, now)
    clock.end("chart")
    silent = service.id in site.silent_services
    evaluation = evaluate(chart, site.switches, silent=silent)
    clock.end("evaluate")
    strange = gathered.resources.of_another_patient
    rendered = render(evaluation, request, chart, site) if evaluation.established and not strange else ()
    clock.end("render")
    unseen = not_seen.rows(chart) if site.coverage_extension and not silent else []
    return Decision(chart, evaluation, rendered, gathered.report, clock.milliseconds, unseen, strange)


def not_established(missing: tuple[str, ...], chart: Chart) -> NotEstablished:
    """412: names what would help, how each of it ended, and what most often is the cause."""
    keys = keys_for(missing)
    return NotEstablished(
        "Whether this patient has an intrathecal baclofen pump cannot be told: "
        f"{', '.join(_ended(name, chart) for name in missing)}; "
        f"neither by prefetch (keys {', '.join(keys)}) nor from the FHIR server came enough. "
        "The whole Device list and one medication list are needed, even empty. "
        "Check the prefetch configuration and scopes; Epic sends no data when the URL called differs from the registered endpoint.",
        *(f"prefetch.{key}" for key in keys),
    )


def _ended(name: str, chart: Chart) -> str:
    """A list with its state and why: ``Device (partial, total)``."""
    listing = chart.listing(name)
    return f"{name} ({', '.join(filter(None, (listing.state.value, listing.why)))})"


class _Stages:
    """A stopwatch that is read at the end of each stage."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def end(self, stage: str) -> None:
        now = time.perf_counter()
        self.milliseconds[stage] = 1000 * (now - self._began)
        self._began = now
