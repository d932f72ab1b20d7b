"""What one hook call may know: the prefetch first, then, for what it did not deliver, the client's FHIR server.

All reads run in parallel inside one time budget. A list that does not arrive whole becomes PARTIAL or UNAVAILABLE in the
`ResourceSet`, never empty: the answer says what it could not see. Whatever a server does, `gather` returns when its time is up.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from cdshooks.fhir import refusals
from cdshooks.outbound.circuit_breaker import CircuitBreaker
from cdshooks.outbound.fhir_client import SAFE_ID
from cdshooks.outbound.fhir_client import FhirClient
from cdshooks.outbound.fhir_client import Page
from cdshooks.outbound.fhir_client import connect
from cdshooks.outbound.get import Failed
from cdshooks.outbound.get import Outcome
from cdshooks.outbound.share import Share
from cdshooks.outbound.urls import Url
from cdshooks.protocol import catalogue
from cdshooks.protocol.in_flight import lent_turn
from cdshooks.protocol.request import HookRequest
from cdshooks.reading.pump_screening import PumpScreening
from cdshooks.reading.reader import reader_for
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.unresolved import unresolved
from cdshooks.settings.site import Site
from rules.chart import Availability
from rules.chart import Listing

OLDER_NAMES = {"MedicationRequest": "MedicationOrder", "ServiceRequest": "ProcedureRequest"}
"""What a DSTU2 or STU3 server calls the resource; asked when the server does not know the newer name."""

_STATUSES = {outcome: int(outcome.value) for outcome in Outcome if outcome.value.isdigit()}
_WHY = {Outcome.CLIENT_ERROR: "http-4xx", Outcome.SERVER_ERROR: "http-5xx"}

BREAKER = CircuitBreaker()
SHARE = Share()

log = logging.getLogger("cdshooks.reading.gather")


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


class Gathered(NamedTuple):
    resources: ResourceSet
    report: Report


@dataclass(frozen=True)
class Ask:
    """One thing to read."""

    key: str
    resource_type: str
    params: str | None = None
    """Of a search; None for a read of `reference`."""
    reference: str = ""
    part: str = ""
    """What the resource set knows it by: the key, or the link that a prefetched Bundle gave for its next page."""
    url: Url | None = None
    """Of a following page."""
    page: int = 1


def gather(request: HookRequest, site: Site, now: datetime, seconds: float | None = None) -> Gathered:
    """Prefetch and callbacks of one call at `now`. `seconds`: what is left of the whole call, when that is less than the site's budget."""
    resources = ResourceSet(request.patient_id, request.draft_orders, request.body)
    for key, raw in request.prefetch.items():
        resources.offer(key, raw)
    client = connect(request.fhir_server, request.access_token, site.fhir_servers, site.callbacks, seconds)
    if client is None:
        return Gathered(resources, Report())
    if not SAFE_ID.fullmatch(request.patient_id):
        return Gathered(resources, Report(callbacks=(Callback(what="patient", outcome=Outcome.UNSAFE_ID, milliseconds=0.0),)))
    return Gathered(resources, _read_in_share(client, resources, request, site, now))


def _read_in_share(client: FhirClient, resources: ResourceSet, request: HookRequest, site: Site, now: datetime) -> Report:
    """Reads what is missing, unless the server hangs or is read by as many calls as may."""
    base = str(client.server.base)
    if not BREAKER.enter(base):
        return _not_asked(Outcome.SERVER_HUNG)
    with lent_turn():
        entered = SHARE.enter(client.limits.calls, client.call.left / 2)
    if not entered:
        # Nothing is known of the server by that: whether it hangs is for those to say that it keeps waiting.
        BREAKER.withdraw(base)
        return _not_asked(Outcome.SERVER_BUSY)
    reading = _Reading(client, resources)
    try:
        _read_all(reading, request, site, now)
    finally:
        reading.stop()
        SHARE.leave()
        BREAKER.leave(base, hung=reading.hung)
    return reading.report()


def _not_asked(outcome: Outcome) -> Report:
    return Report(callbacks=(Callback(what="server", outcome=outcome, milliseconds=0.0),))


def _read_all(reading: _Reading, request: HookRequest, site: Site, now: datetime) -> None:
    profile = site.templates
    resources, prefetch = reading.resources, request.prefetch
    following = _following(reading)
    followed = {kind for ask in following for kind in resources.next_links[ask.part]}
    reading.lists([*asks(missing(profile, prefetch, resources, followed), request), *following])
    reading.references()
    if site.prefetch_profile == "lean" and _pump_possible(resources, site, now):
        rest = {key: template for key, template in catalogue.templates("full", site.pump_codes, site.not_available).items() if key not in profile}
        reading.lists(asks(missing(rest, prefetch, resources), request))
        reading.references()


def _pump_possible(resources: ResourceSet, site: Site, now: datetime) -> bool:
    return PumpScreening(reader_for(resources.index, site.knowledge, now, site.date_order), resources).pump_possible


# --- what to ask for --------------------------------------------------------------------------------------------------


def missing(
    templates: Mapping[str, str], prefetch: Mapping[str, object], resources: ResourceSet, followed: Iterable[str] = ()
) -> dict[str, str]:
    """Those templates that the prefetch did not deliver, under their own key or, since sites rename and merge keys, another.

    A type with several lists (Observation) is judged by key as long as any of its keys is used. What was refused (an
    OperationOutcome in its place) is not asked for again: the server said no already. `followed`: types of which a next
    page is being read.
    """
    kinds = {key: catalogue.kind_of(template) for key, template in templates.items()}
    lists, keyed = Counter(kinds.values()), {kind for key, kind in kinds.items() if key in prefetch}
    there = {kind for kind, listing in resources.listings.items() if listing.state is not Availability.UNAVAILABLE}
    there |= resources.refused.union(followed)

    def delivered(key: str, kind: str) -> bool:
        if lists[kind] > 1 and kind in keyed:
            return key in prefetch and resources.settled(key, kind)
        return kind in there

    return {key: template for key, template in templates.items() if not delivered(key, kinds[key])}


def asks(templates: Mapping[str, str], request: HookRequest) -> list[Ask]:
    """The templates with their placeholders replaced. One whose placeholder has no (safe) value is left out."""
    values = {"{{context.patientId}}": request.patient_id, "{{context.encounterId}}": request.encounter_id}
    found = []
    for key, template in templates.items():
        for placeholder, value in values.items():
            if placeholder in template and value and SAFE_ID.fullmatch(value):
                template = template.replace(placeholder, value)
        if "{{" in template:
            continue
        path, is_search, params = template.partition("?")
        found.append(Ask(key, path, params, part=key) if is_search else Ask(key, catalogue.kind_of(path), reference=path, part=key))
    return found


def _ended(ask: Ask, outcome: Outcome) -> Listing:
    """How a list ends whose read came to this."""
    status = _STATUSES.get(outcome)
    if status is not None:
        return refusals.of_status(status, search=ask.params is not None and ask.url is None)
    if outcome is Outcome.NOT_SUPPORTED:
        return Listing(Availability.NOT_SUPPORTED, outcome.value)
    return Listing(Availability.UNAVAILABLE, _WHY.get(outcome, outcome.value))


def _following(reading: _Reading) -> list[Ask]:
    """The next pages of prefetched Bundles. A page that cannot be followed leaves its types PARTIAL for good."""
    found = []
    for link, kinds in reading.resources.next_links.items():
        url = reading.client.next_url(link)
        if url and kinds:
            found.append(Ask(kinds[0], kinds[0], params="", part=link, url=url, page=2))
        else:
            reading.note(kinds[0] if kinds else "renamed", Outcome.NEXT_REFUSED)
    return found


# --- reading it -------------------------------------------------------------------------------------------------------


@dataclass
class _Reading:
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
        return bool(self._done) and all(one.outcome is Outcome.TIME_OUT for one in self._done) and spent > self.client.limits.seconds / 2

    def note(self, what: str, outcome: Outcome, began: float | None = None) -> None:
        self._done.append(Callback(what=what, outcome=outcome, milliseconds=1000 * (time.monotonic() - began) if began else 0.0))

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

    def _run(self, asked: Iterable[Ask], fetch: Callable[[Ask], object], take: Callable[[Ask, object], Iterable[Ask]], lost: Callable[[Ask, Outcome], None]) -> None:
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
                    older = self._by_older_name(ask, e.outcome)
                    if older:
                        start([older])
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
        self.resources.answer(ask.resource_type, found.raw, more=found.next is not None or found.next_refused, part=ask.part)
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
        self.resources.fail(ask.resource_type, _ended(ask, outcome), ask.part)

    @staticmethod
    def _by_older_name(ask: Ask, outcome: Outcome) -> Ask | None:
        older = OLDER_NAMES.get(ask.resource_type)
        unknown = outcome in (Outcome.NOT_FOUND, Outcome.NOT_SUPPORTED) and ask.params is not None and ask.url is None
        return replace(ask, resource_type=older) if older and unknown else None
