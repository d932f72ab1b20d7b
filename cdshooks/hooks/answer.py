"""The answer to a service call as bytes, with what the audit trail keeps of how it came.

Most answers are silence, and most of those are remembered (`cdshooks.hooks.without_trace`); all others are decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from cdshooks.audit.call import Verdicts
from cdshooks.cards.render import Rendered
from cdshooks.hooks.decision import Decision, Stages, decide_on, gather_call
from cdshooks.hooks.repeats import Repeats
from cdshooks.hooks.without_trace import Silence, SilentAnswers, facts_of
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.errors import NotEstablished
from cdshooks.protocol.request import HookRequest
from cdshooks.reading.callbacks import Report
from cdshooks.reading.pump_screening import screen
from cdshooks.settings.site import Site
from rules.chart import Listing
from rules.evaluation import Evaluation


@dataclass(slots=True)
class Answer:
    """Body and status, and how they came. Nobody changes one: a frozen class takes three times as long to make."""

    body: bytes
    status: int
    """200 or 412."""
    evaluation: Evaluation
    verdicts: Verdicts | None
    """What the rules decided, where that is written down already."""
    listings: Mapping[str, Listing]
    unreadable: int
    foreign: int
    report: Report
    milliseconds: dict[str, float]
    """By stage; a remembered answer has no stages but the first two."""
    cards: tuple[Rendered, ...] = ()
    """Those of an answer with status 200."""
    established: bool = True
    """False: whether there is a pump could not be told."""
    visit: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    """The visit and, by card, the keyed hash of what it says, where the record keeps them (`Repeats.kept_of`)."""


def answer_request(
    request: HookRequest,
    service: Service,
    site: Site,
    now: datetime,
    *,
    known: SilentAnswers,
    seconds: float,
    repeats: Repeats | None = None,
    client: str | None = None,
) -> Answer:
    """Answer a call. `known`: the silent answers given before; `seconds`: what is left of the call's time; `repeats`:
    None where every card is repeated; `client`: the name of who calls.
    """
    clock = Stages()
    gathered = gather_call(request, site, now, seconds)
    clock.end("gather")
    resources = gathered.resources
    screening = screen(resources, site, now)
    facts = facts_of(request, service, resources, screening, site=site, now=now)
    silence = known.get(facts) if facts is not None else None
    if silence is None:
        decision = decide_on(gathered, request, service, site, now, screening=screening, clock=clock)
        left = repeats.left_out(decision, request, client) if repeats is not None else decision
        body, status = answer_bytes(left)
        if facts is not None and left is decision:
            known.keep(facts, decision, body, status)
        kept = repeats.kept_of(left, request, client) if repeats is not None else (None, {})
        return _decided(left, body, status, *kept)
    clock.end("chart")
    visit = repeats.visit_kept(request, client) if repeats is not None else None
    unreadable = resources.unreadable + sum(screening.odd.values())
    return _remembered(silence, gathered.report, clock.milliseconds, unreadable, resources.foreign, visit)


def _remembered(
    silence: Silence,
    report: Report,
    milliseconds: dict[str, float],
    unreadable: int,
    foreign: int,
    visit: str | None,
) -> Answer:
    return Answer(
        silence.body,
        silence.status,
        silence.evaluation,
        silence.verdicts,
        silence.listings,
        unreadable,
        foreign,
        report,
        milliseconds,
        visit=visit,
    )


def _decided(decision: Decision, body: bytes, status: int, visit: str | None, said: Mapping[str, str]) -> Answer:
    chart = decision.chart
    return Answer(
        body,
        status,
        decision.evaluation,
        None,
        chart.listings,
        chart.unreadable,
        chart.foreign,
        decision.report,
        decision.milliseconds,
        decision.answered if status == 200 else (),
        decision.established,
        visit,
        said,
    )


def answer_bytes(decision: Decision) -> tuple[bytes, int]:
    """Return the body and the status of what was decided."""
    try:
        return msgspec.json.encode(decision.body), 200
    except NotEstablished as error:
        return msgspec.json.encode(error.outcome), error.status
