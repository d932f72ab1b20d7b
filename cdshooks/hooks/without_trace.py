"""Answers to calls without a trace of a pump, remembered: nearly every call there is.

Without a trace no rule has anything to say, and what each of them notes, and what the answer says of lists that were not
seen, depends on few facts (`facts_of`): which lists came and how, whether the patient is dead, what kinds of orders
there are. The first call with such facts is answered the plain way; the next one gets the bytes of that answer. Only
silence is remembered, never an answer with a card, and nothing of a patient is in it. One memory belongs to one site,
whose settings decide too.

`tests/hooks/test_without_trace.py` holds that no rule reads anything else of such a chart, and that both ways give one
answer.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import NamedTuple

from cdshooks.audit.call import Verdicts, verdicts_of
from cdshooks.hooks.decision import Decision
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.request import ENCOUNTER_HOOKS, HookRequest
from cdshooks.reading import people, whose_record
from cdshooks.reading.chart import listings_of
from cdshooks.reading.cut_texts import has_cut_text
from cdshooks.reading.orders_without_pump import facts_without_pump
from cdshooks.reading.pump_screening import PumpScreening
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.settings.site import Site
from rules.chart import Listing
from rules.evaluation import Evaluation

MOST = 1000
"""Answers that are remembered: a few hundred bytes each."""


class Silence(NamedTuple):
    """An answer without a card, and what the audit trail keeps of it."""

    body: bytes
    status: int
    evaluation: Evaluation
    verdicts: Verdicts
    listings: Mapping[str, Listing]
    """How the lists ended; the numbers of entries are those of the first call."""


class SilentAnswers:
    """The memory of one application."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Silence] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, facts: Hashable) -> Silence | None:
        """Return the answer to a call with these facts, if one was given before."""
        return self._known.get(facts)

    def keep(self, facts: Hashable, decision: Decision, body: bytes, status: int) -> None:
        """Remember an answer, if it is silent, every rule ran, and it could be told that there is no pump."""
        evaluation = decision.evaluation
        if status != 200 or not decision.established or decision.answered:
            return
        if evaluation.shown or evaluation.unchecked or evaluation.failures:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[facts] = Silence(body, status, evaluation, verdicts_of(evaluation), decision.chart.listings)


def facts_of(
    request: HookRequest,
    service: Service,
    resources: ResourceSet,
    screening: PumpScreening,
    *,
    site: Site,
    now: datetime,
) -> Hashable | None:
    """Return what the answer to a call without a trace depends on; None where there is a trace, where it is not certain
    whose record this is, where a visit is being booked, or where an order may matter by itself."""
    if screening.pump_possible:
        return None
    own = next(iter(resources.kept.get("Patient", ())), None)
    if own is None or whose_record.replaced(own) or resources.strange_patient:
        return None
    if resources.appointments.number or has_cut_text(resources.orders):
        return None
    reader = screening.reader
    ordered = facts_without_pump(reader.within(resources.orders.index), resources.orders, request.judged)
    if ordered is None:
        return None
    return (
        service.id,
        now.date(),
        people.has_died(reader, own),
        request.encounter_id is not None,
        resources.orders.sent,
        resources.appointments.sent,
        ordered,
        _lists(resources, screening, request, site),
    )


def _lists(resources: ResourceSet, screening: PumpScreening, request: HookRequest, site: Site) -> Hashable:
    """Return how the lists ended: their names where all that came is whole, as most often; whether the encounter was
    seen is told by them, where the call is about one."""
    odd = screening.odd
    if request.hook not in ENCOUNTER_HOOKS and not odd and (whole := resources.whole) is not None:
        return whole
    listings = listings_of(resources, odd, site, request)
    return tuple([(name, one.state, one.why, one.read > 0) for name, one in listings.items()])
