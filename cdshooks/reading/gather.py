"""What one hook call may know: the prefetch first, then, for what it did not deliver, the client's FHIR server.

All reads run in parallel inside one time budget. A list that does not arrive whole becomes PARTIAL or UNAVAILABLE in
the `ResourceSet`, never empty: the answer says what it could not see. Whatever a server does, `gather` returns when its
time is up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from cdshooks.outbound.circuit_breaker import CircuitBreaker
from cdshooks.outbound.fhir_client import SAFE_ID, FhirClient, connect
from cdshooks.outbound.get import Outcome
from cdshooks.outbound.share import Share
from cdshooks.protocol import catalogue
from cdshooks.protocol.in_flight import lent_turn
from cdshooks.protocol.request import ENCOUNTER_HOOKS, HookRequest
from cdshooks.reading import people
from cdshooks.reading.asking import Ask, asks, missing_templates
from cdshooks.reading.callbacks import Callback, CallbackReads, Report, log
from cdshooks.reading.pump_screening import screen
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.settings.site import Site

BREAKER = CircuitBreaker()
SHARE = Share()
ENCOUNTER = "encounter"
"""Key of the template that reads the encounter in context."""
_NOTHING_READ = Report()


class Gathered(NamedTuple):
    resources: ResourceSet
    report: Report


def gather(request: HookRequest, site: Site, now: datetime, seconds: float | None = None) -> Gathered:
    """Prefetch and callbacks of one call at `now`. `seconds`: what is left of the whole call, when that is less than
    the site's budget."""
    resources = ResourceSet(request.patient_id, request.draft_orders, request.body, request.appointments)
    for key, raw in request.prefetch.items():
        resources.offer(key, raw)
    for keys in site.asked(catalogue.CHART_HOOKS[request.hook]).shared_keys:
        resources.expect(keys, request.prefetch)
    client = connect(request.fhir_server, request.access_token, site.fhir_servers, site.callbacks, seconds)
    if client is None:
        return Gathered(resources, _unreadable(request, site))
    if not SAFE_ID.fullmatch(request.patient_id):
        return Gathered(
            resources, Report(callbacks=(Callback(what="patient", outcome=Outcome.UNSAFE_ID, milliseconds=0.0),))
        )
    return Gathered(resources, _read_in_share(client, resources, request, site, now))


def _read_in_share(
    client: FhirClient, resources: ResourceSet, request: HookRequest, site: Site, now: datetime
) -> Report:
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
    reading = CallbackReads(client, resources)
    try:
        _read_all(reading, request, site, now)
    finally:
        reading.stop()
        SHARE.leave()
        BREAKER.leave(base, hung=reading.hung)
    return reading.report()


def _unreadable(request: HookRequest, site: Site) -> Report:
    """Why the server that the call names may not be read: a slip of the site file or of the client, where the site
    lists any server. Where it lists none, it is meant so, and nothing is told."""
    if request.fhir_server is None or not site.fhir_servers.entries:
        return _NOTHING_READ
    listed = site.fhir_servers.find(request.fhir_server) is not None
    outcome = Outcome.NO_TOKEN if listed else Outcome.NOT_ALLOWED
    log.warning("the call's FHIR server is not read: %s", outcome.value)
    return _not_asked(outcome)


def _not_asked(outcome: Outcome) -> Report:
    return Report(callbacks=(Callback(what="server", outcome=outcome, milliseconds=0.0),))


def _read_all(reading: CallbackReads, request: HookRequest, site: Site, now: datetime) -> None:
    hook = catalogue.CHART_HOOKS[request.hook]
    profile = site.asked(hook).templates
    resources, prefetch = reading.resources, request.prefetch
    following = _following(reading)
    followed = {kind for ask in following for kind in resources.next_links[ask.part]}
    wanted = missing_templates(profile, prefetch, resources, followed) | _encounter(profile, request, resources)
    reading.lists([*asks(wanted, request), *following])
    reading.references()
    if site.prefetch_profile == "lean" and _pump_possible(resources, site, now):
        rest = {
            key: template
            for key, template in catalogue.templates("full", site.pump_codes, site.not_available, hook).items()
            if key not in profile
        }
        wanted = missing_templates(rest, prefetch, resources) | _encounter(rest, request, resources)
        reading.lists(asks(wanted, request))
        reading.references()


def _encounter(templates: Mapping[str, str], request: HookRequest, resources: ResourceSet) -> dict[str, str]:
    """The template of the encounter that a call is about, where what came does not hold it: a list may be late."""
    if request.hook not in ENCOUNTER_HOOKS or ENCOUNTER not in templates or "Encounter" in resources.refused:
        return {}
    if people.chosen(resources.kept.get("Encounter", []), request.encounter_id) is not None:
        return {}
    return {ENCOUNTER: templates[ENCOUNTER]}


def _pump_possible(resources: ResourceSet, site: Site, now: datetime) -> bool:
    return screen(resources, site, now).pump_possible


def _following(reading: CallbackReads) -> list[Ask]:
    """The next pages of prefetched Bundles. A page that cannot be followed leaves its types PARTIAL for good."""
    found = []
    for link, kinds in reading.resources.next_links.items():
        url = reading.client.next_url(link)
        if url and kinds:
            found.append(Ask(kinds[0], kinds[0], params="", part=link, url=url, page=2))
        else:
            reading.note(kinds[0] if kinds else "renamed", Outcome.NEXT_REFUSED)
    return found
