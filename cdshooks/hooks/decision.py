"""One hook call from the parsed request to the cards: gather, read, evaluate, render. No HTTP here.

The console, the command line and ``/explain`` take the same way as a hook call does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdshooks.cards.render import Rendered, render, render_not_established
from cdshooks.hooks import not_seen
from cdshooks.outbound.get import Outcome
from cdshooks.protocol.catalogue import Service, keys_for
from cdshooks.protocol.errors import NotEstablished, TooLarge
from cdshooks.protocol.request import HookRequest
from cdshooks.reading import read_chart
from cdshooks.reading.callbacks import Report
from cdshooks.reading.gather import Gathered, gather
from cdshooks.reading.pump_screening import PumpScreening, screen
from cdshooks.settings.site import Site
from rules.chart import Chart
from rules.evaluation import Evaluation, evaluate, speaks

OTHER_PATIENT = "data of another patient: the Patient that was sent is not the patient of the context, and nothing that was sent is of that patient."
NOT_READ = {
    Outcome.NOT_ALLOWED: "The fhirServer of the call was not read: fhirServers of the site file does not list it. ",
    Outcome.NO_TOKEN: "The fhirServer of the call was not read: fhirAuthorization holds no access_token that can be used. ",
    Outcome.SERVER_HUNG: "The fhirServer of the call was not read: it does not answer other calls. ",
    Outcome.SERVER_BUSY: "The fhirServer of the call was not read: as many calls as may read it already. ",
}
"""Why nothing at all was read, for whoever mends it."""
MOST_ORDERS = 500
"""Orders in ``context.draftOrders``, and visits in ``context.appointments``."""


@dataclass(slots=True)
class Decision:
    """What came of one call, with how it came. Nobody changes one: a frozen class takes three times as long to make."""

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
    in_place_of_error: Rendered | None = None
    """Where pump status is not established and the site wants a card for that: the card."""

    @property
    def established(self) -> bool:
        """Whether this patient has a pump can be told from what was seen."""
        return self.evaluation.established and not self.of_another_patient

    @property
    def answered(self) -> tuple[Rendered, ...]:
        """The cards of the answer."""
        return self.cards if self.in_place_of_error is None else (self.in_place_of_error,)

    @property
    def body(self) -> dict[str, Any]:
        """The response of CDS Hooks. Raises NotEstablished where cards would say more than is known,
        unless the site wants a card that says so."""
        if not self.established and self.in_place_of_error is None:
            if self.of_another_patient:
                raise NotEstablished(OTHER_PATIENT, "prefetch.patient")
            raise not_established(self.evaluation.missing, self.chart, self.report)
        cards = {"cards": [rendered.card for rendered in self.answered]}
        return cards | {"extension": {not_seen.EXTENSION: self.not_seen}} if self.not_seen else cards


def decide(request: HookRequest, service: Service, site: Site, now: datetime, seconds: float | None = None) -> Decision:
    """Gather, read, evaluate and render: return everything between a request and its answer.

    `seconds`: what is left of the call's time, if less than the site allows callbacks.
    """
    clock = Stages()
    gathered = gather_call(request, site, now, seconds)
    clock.end("gather")
    return decide_on(
        gathered, request, service, site, now, screening=screen(gathered.resources, site, now), clock=clock
    )


def gather_call(request: HookRequest, site: Site, now: datetime, seconds: float | None) -> Gathered:
    """Return what was delivered and read. Raises TooLarge for more orders than are judged."""
    gathered = gather(request, site, now, seconds)
    if gathered.resources.orders.number > MOST_ORDERS:
        raise TooLarge(f"The member context.draftOrders holds more than {MOST_ORDERS} orders.", "context.draftOrders")
    if gathered.resources.appointments.number > MOST_ORDERS:
        raise TooLarge(
            f"The member context.appointments holds more than {MOST_ORDERS} appointments.", "context.appointments"
        )
    return gathered


def decide_on(
    gathered: Gathered,
    request: HookRequest,
    service: Service,
    site: Site,
    now: datetime,
    *,
    screening: PumpScreening,
    clock: Stages,
) -> Decision:
    """Read, evaluate and render what was gathered and looked through."""
    chart = read_chart(gathered.resources, request, site, now, screening)
    clock.end("chart")
    silent = service.id in site.silent_services
    evaluation = evaluate(chart, site.switches, silent=silent)
    clock.end("evaluate")
    strange = gathered.resources.of_another_patient
    known = evaluation.established and not strange
    rendered = render(evaluation, request, chart, site) if known else ()
    instead = None
    if not known and site.not_established == "card" and speaks(chart.hook, site.switches, silent=silent):
        instead = render_not_established(() if strange else evaluation.missing, request, chart, site)
    clock.end("render")
    unseen = not_seen.not_seen_rows(chart) if site.coverage_extension and not silent else []
    return Decision(chart, evaluation, rendered, gathered.report, clock.milliseconds, unseen, strange, instead)


def not_established(missing: tuple[str, ...], chart: Chart, report: Report) -> NotEstablished:
    """412: names what would help, how each of it ended, why the server of the call was not read at all, and what most
    often is the cause."""
    keys = keys_for(missing)
    return NotEstablished(
        "It is not known whether this patient has an intrathecal baclofen pump: "
        f"{', '.join(_ended(name, chart) for name in missing)}; "
        f"neither prefetch (keys {', '.join(keys)}) nor the FHIR server supplied enough. "
        f"{''.join(NOT_READ.get(callback.outcome, '') for callback in report.callbacks if callback.what == 'server')}"
        "The complete Device list and one complete medication list are needed, even if empty. "
        "Check the prefetch configuration and scopes; Epic sends no data when the URL called differs from the registered endpoint.",
        *(f"prefetch.{key}" for key in keys),
    )


def _ended(name: str, chart: Chart) -> str:
    """A list with its state and why: ``Device (partial, total)``."""
    listing = chart.listing(name)
    return f"{name} ({', '.join(filter(None, (listing.state.value, listing.why)))})"


class Stages:
    """A stopwatch that is read at the end of each stage."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def end(self, stage: str) -> None:
        now = time.perf_counter()
        self.milliseconds[stage] = 1000 * (now - self._began)
        self._began = now
