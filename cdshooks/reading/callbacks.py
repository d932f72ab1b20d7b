"""The reads of one call from the client's FHIR server, in parallel inside one time budget, and how each of them
ended."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from cdshooks.outbound.fhir_client import FhirClient, Page
from cdshooks.outbound.get import Failed, Outcome
from cdshooks.protocol.in_flight import lent_turn
from cdshooks.reading.asking import Ask, listing_of
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.unresolved import unresolved

OTHER_NAMES = {
    "MedicationRequest": "MedicationOrder",
    "ServiceRequest": "ProcedureRequest",
    "DeviceUseStatement": "DeviceUsage",
}
"""What a DSTU2, STU3 or R5 server calls the resource; asked when the server does not know R4's name."""
log = logging.getLogger(__name__)


class Callback(NamedTuple):
    """One read, for metrics and the record: never a URL, an id or a value."""

    what: str
    """Template key, ``next`` pages included, or ``references``."""
    outcome: Outcome
    milliseconds: float


@dataclass(frozen=True)
class Report:
    called: bool = False
    """False: no server was called, because nothing was missing or nothing may be called."""
    callbacks: tuple[Callback, ...] = ()
    milliseconds: float = 0.0

    @property
    def counts(self) -> Counter[str]:
        """Reads by outcome."""
        return Counter(callback.outcome.value for callback in self.callbacks)


@dataclass
class CallbackReads:
    """The reads of one call: threads fetch bytes, the call's own thread alone touches the resource set."""

    client: FhirClient
    resources: ResourceSet
    _threads: ThreadPoolExecutor = field(init=False)
    _done: list[Callback] = field(default_factory=list)
    _pages_seen: set[str] = field(default_factory=set)
    _references_tried: set[str] = field(default_factory=set)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        # Threads of this call alone: a server that hangs holds up its own calls, not another client's.
        self._threads = ThreadPoolExecutor(self.client.limits.parallel, thread_name_prefix="callback")

    def stop(self) -> None:
        """Cuts what is still being read. Does not wait for it."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.client.call.end()

    def report(self) -> Report:
        report = Report(bool(self._done), tuple(self._done), 1000 * (time.monotonic() - self._began))
        troubles = {outcome: n for outcome, n in report.counts.items() if outcome != Outcome.OK.value}
        if troubles:
            log.warning("callbacks failed: %s", " ".join(f"{outcome}={n}" for outcome, n in sorted(troubles.items())))
        return report

    @property
    def hung(self) -> bool:
        """Nothing at all came, in all the time that a call may take (and not in a rest of it that was left)."""
        spent = time.monotonic() - self._began
        return (
            bool(self._done)
            and all(one.outcome is Outcome.TIME_OUT for one in self._done)
            and spent > self.client.limits.seconds / 2
        )

    def note(self, what: str, outcome: Outcome, began: float | None = None) -> None:
        self._done.append(
            Callback(what=what, outcome=outcome, milliseconds=1000 * (time.monotonic() - began) if began else 0.0)
        )

    def lists(self, asked: Sequence[Ask]) -> None:
        parts: dict[str, list[str]] = defaultdict(list)
        for ask in asked:
            if ask.url is None:
                parts[ask.resource_type].append(ask.part)
        for resource_type, keys in parts.items():
            self.resources.ask(resource_type, *keys)
        self._run(asked, self._fetch, self._take, self._lost)

    def references(self) -> None:
        """Resources that the lists only point to, such as the Medication of a request."""
        wanted = [reference for reference in unresolved(self.resources) if reference not in self._references_tried]
        room = self.client.limits.references - len(self._references_tried)
        if len(wanted) > room:
            self.note("references", Outcome.REFERENCE_CAP)
        wanted = wanted[: max(0, room)]
        self._references_tried.update(wanted)
        asked = [Ask("references", "", reference=reference) for reference in wanted]
        self._run(asked, self._fetch, self._take_reference, lambda ask, outcome: None)

    def _run(
        self,
        asked: Iterable[Ask],
        fetch: Callable[[Ask], object],
        take: Callable[[Ask, Any], Iterable[Ask]],
        lost: Callable[[Ask, Outcome], None],
    ) -> None:
        """Runs `asked`, and what `take` asks for in turn, until all is read or the time is up."""
        pending: dict[Future[object], tuple[Ask, float]] = {}

        def start(more: Iterable[Ask]) -> None:
            for ask in more:
                pending[self._threads.submit(fetch, ask)] = ask, time.monotonic()

        start(asked)
        while pending and self.client.call.left > 0:
            with lent_turn():
                done = wait(pending, timeout=self.client.call.left, return_when=FIRST_COMPLETED).done
            for future in done:
                ask, began = pending.pop(future)
                try:
                    start(take(ask, future.result()))
                    self.note(ask.key, Outcome.OK, began)
                except Failed as e:
                    self.note(ask.key, e.outcome, began)
                    other = self._by_other_name(ask, e.outcome)
                    if other:
                        start([other])
                    else:
                        lost(ask, e.outcome)
        for ask, began in pending.values():
            self.note(ask.key, Outcome.TIME_OUT, began)
            lost(ask, Outcome.TIME_OUT)

    def _fetch(self, ask: Ask) -> Page | bytes:
        if ask.url is not None:
            return self.client.page(ask.url)
        if ask.params is not None:
            return self.client.search(ask.resource_type, ask.params)
        return self.client.read(ask.reference)

    def _take(self, ask: Ask, found: Page | bytes) -> list[Ask]:
        if not isinstance(found, Page):
            self.resources.offer(ask.key, found)
            return []
        self.resources.answer(
            ask.resource_type, found.raw, more=found.next is not None or found.next_refused, part=ask.part
        )
        if found.next_refused:
            raise Failed(Outcome.NEXT_REFUSED)
        if found.next is None:
            return []
        self._pages_seen.add(str(found.url))
        if str(found.next) in self._pages_seen:
            raise Failed(Outcome.ENDLESS_PAGING)
        if ask.page >= self.client.limits.pages:
            raise Failed(Outcome.PAGE_CAP)
        return [replace(ask, url=found.next, page=ask.page + 1)]

    def _take_reference(self, ask: Ask, found: bytes) -> list[Ask]:
        self.resources.provide(ask.reference, found)
        return []

    def _lost(self, ask: Ask, outcome: Outcome) -> None:
        self.resources.fail(ask.resource_type, listing_of(ask, outcome), ask.part)

    @staticmethod
    def _by_other_name(ask: Ask, outcome: Outcome) -> Ask | None:
        other = OTHER_NAMES.get(ask.resource_type)
        unknown = outcome in (Outcome.NOT_FOUND, Outcome.NOT_SUPPORTED) and ask.params is not None and ask.url is None
        return replace(ask, resource_type=other) if other and unknown else None
