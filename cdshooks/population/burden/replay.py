"""The hook calls of one patient that would have been made in a period, each judged as of its time by the way of a hook
call."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cdshooks.audit.call import without_data
from cdshooks.cards.book import NOT_ASSESSED
from cdshooks.hooks.decision import Decision, decide
from cdshooks.population.burden.alert import FiredAlert
from cdshooks.population.burden.counts import BurdenCounts
from cdshooks.population.burden.moments import ENCOUNTER, OPENING, ORDERING, Call, Period
from cdshooks.population.burden.then import Dated, KnownThen, as_begun, dated, deleted_then, drafted, known_then
from cdshooks.population.patient import USER, VERSIONS, Patients, TwoPeople, refuse_two, service_on
from cdshooks.population.versions import Line, lines_that_count
from cdshooks.protocol.request import HookRequest
from rules.evaluation import AS_IS, SILENT, Evaluation, evaluate
from rules.recommendation import Recommendation

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

LOG = logging.getLogger(__name__)
OFF = "switched off"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One call and what came of it."""

    call: Call
    alerts: tuple[FiredAlert, ...]
    rewritten: tuple[str, ...]
    """Lists of `then.KnownThen.rewritten`."""


class Replay:
    """Replays the calls of patients, for one site and period. `patients`: of the run, which put charts together."""

    def __init__(self, site: Site, period: Period, patients: Patients, deleted: Mapping[str, str]) -> None:
        self._site = site
        self._period = period
        self._patients = patients
        self._deleted = deleted
        self._services = {hook: service_on(hook) for hook in (OPENING, ORDERING)}

    def alerts(self, key: str, lines: Iterable[Line], counts: BurdenCounts) -> list[FiredAlert]:
        """Return the alerts of one patient, in their order, and count the calls."""
        found: list[FiredAlert] = []
        cards = 0
        try:
            for one in self.calls(key, list(lines)):
                cards += counts.count_call(one.call.at.date().isoformat(), one.call.hook, one.alerts, one.rewritten)
                found += one.alerts
        except Exception as error:  # noqa: BLE001 - one patient must not cost the others; it is counted
            counts.failed += 1
            if not isinstance(error, TwoPeople):
                LOG.error("calls not replayed", extra={"error": type(error).__name__})
        if cards:
            counts.by_patient[cards] += 1
        return sorted(found, key=lambda one: one.place)

    def calls(self, key: str, lines: list[Line]) -> Iterator[Replayed]:
        """Give the calls of one patient in order of time. Raises TwoPeople."""
        refuse_two(lines)
        server = int(key.partition("/")[0])
        held = [dated(self._period, line) for line in lines]
        deleted = self._deleted_of(server, held)
        for number, (call, about) in enumerate(self._moments(server, held, deleted)):
            request, rewritten = self._request(key, call, about, held, deleted)
            decision = decide(request, self._services[call.hook], self._site, call.at)
            yield Replayed(call, tuple(self._alerts(key, call, decision, number)), rewritten)

    def _deleted_of(self, server: int, held: list[Dated]) -> dict[str, str]:
        names = {f"{server}/{one.kind}/{one.id}" for one in held if one.id} if self._deleted else set()
        return {name: self._deleted[name] for name in names if name in self._deleted}

    def _moments(
        self, server: int, held: list[Dated], deleted: Mapping[str, str]
    ) -> list[tuple[Call, tuple[Dated, ...]]]:
        """Return the calls of the newest versions, with the lines that they are about: the encounter, or the order and
        its encounter."""
        newest: dict[tuple[str, str], Dated] = {}
        nameless: list[Dated] = []
        counted = {line for _, _, line in lines_that_count(server, [one.line for one in held], deleted)}
        for one in held:
            if one.told is None or one.line[1] not in counted:
                continue
            if not one.id:
                nameless.append(one)
            else:
                same = newest.get((one.kind, one.id))
                newest[one.kind, one.id] = max(one, same, key=_version) if same is not None else one
        found = []
        for one in (*newest.values(), *nameless):
            told = one.told
            if told is None or not told.counts or told.call is None or not self._period.covers(told.call.at):
                continue
            visit = newest.get((ENCOUNTER, told.call.encounter))
            found.append((told.call, (one,) if visit is None or visit is one else (one, visit)))
        return sorted(found, key=lambda pair: (pair[0].at, pair[0].hook, pair[0].kind, pair[0].id, pair[1][0].line[1]))

    def _request(
        self, key: str, call: Call, about: tuple[Dated, ...], held: list[Dated], deleted: Mapping[str, str]
    ) -> tuple[HookRequest, tuple[str, ...]]:
        place, _, patient_id = key.partition("/")
        own = [(one.kind, one.id) for one in about]
        known: KnownThen = known_then(held, call.at, own, as_they_are=self._period.as_they_are)
        lines = [one for one in known.lines if one[1] != about[0].line[1]]
        visits = [one for one in about if one.kind == ENCOUNTER and (one.since is None or one.since <= call.at)]
        lines += [(ENCOUNTER, as_begun(one.line[1], call.at)) for one in visits]
        counted = lines_that_count(int(place), lines, deleted_then(deleted, call.at))
        request = HookRequest(
            hook=call.hook,
            hook_instance=f"replay:{call.kind}/{call.id}",
            patient_id=patient_id,
            user_id=USER,
            encounter_id=call.encounter or None,
            prefetch=self._patients.prefetch(int(place), counted),
        )
        if call.hook == ORDERING:
            order = about[0].line[1]
            request.draft_orders = drafted(order, self._patients.referred(int(place), call.kind, order))
            request.selections = (f"{call.kind}/{call.id}",) if call.id else None
        return request, known.rewritten

    def _alerts(self, key: str, call: Call, decision: Decision, number: int) -> Iterator[FiredAlert]:
        server, patient = self._patients.named(key)
        shared: dict[str, Any] = {"at": call.at.isoformat(), "hook": call.hook, "number": number}
        shown = {one.rule: one.indicator for one in decision.answered}
        if not decision.established:
            yield FiredAlert(server, patient, rule="", **shared)
            shown = {one.rule: one.indicator for one in decision.answered if decision.in_place_of_error is not None}
        plain = evaluate(decision.chart) if self._settings else decision.evaluation
        otherwise = _cards(plain) if decision.established else {}
        evaluation = decision.evaluation
        fired = {name for one in (evaluation, plain) for name, found in one.outcomes.items() if _speaks(found)}
        for rule in sorted({*shown, *otherwise, *(fired if decision.established else ())}):
            yield FiredAlert(
                server,
                patient,
                rule=rule,
                version=VERSIONS[rule],
                indicator=shown.get(rule, ""),
                shown=rule in shown,
                hidden="" if rule in shown else self._why(rule, call.hook, evaluation),
                without_settings=otherwise.get(rule, ""),
                **shared,
            )

    @property
    def _settings(self) -> bool:
        return bool(self._site.switches or self._site.silent_services)

    def _why(self, rule: str, hook: str, evaluation: Evaluation) -> str:
        if not self._site.switches.get(rule, AS_IS).enabled:
            return OFF
        silent = self._services[hook].id in self._site.silent_services
        return without_data(evaluation.hidden.get(rule, SILENT if silent else "not shown"))


def _version(one: Dated) -> tuple[datetime, bytes]:
    """What tells the newer of two lines of one resource, the same in whatever order they come."""
    assert one.told is not None  # none else are compared
    return one.told.updated, one.line[1]


def _speaks(found: object) -> bool:
    return isinstance(found, Recommendation)


def _cards(evaluation: Evaluation) -> dict[str, str]:
    """The cards of an evaluation: rule and indicator."""
    found = {one.rule.id: one.indicator for one in evaluation.shown}
    if evaluation.unchecked or evaluation.failures:
        found[NOT_ASSESSED.id] = "info"
    return found
