"""The lines of one patient -> the rows of a report, by the way of a hook call: nowhere else is a chart put together."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cdshooks.audit.call import hashed_patient, without_data
from cdshooks.cards.book import OWN
from cdshooks.cards.values import merged_values
from cdshooks.fhir.json_values import decoded, first_object, objects, text_of
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.hooks.decision import Decision, decide
from cdshooks.hooks.explain import as_json_value
from cdshooks.population.due import due
from cdshooks.population.referred import Shared, named_in
from cdshooks.population.row import Row
from cdshooks.population.trace import searchset
from cdshooks.population.unread import FAILED, TWO_PEOPLE, TWO_SERVERS, UnreadLine
from cdshooks.population.versions import Line, lines_that_count
from cdshooks.protocol import catalogue
from cdshooks.protocol.request import HookRequest
from rules import ALL_RULES
from rules.recommendation import Recommendation

if TYPE_CHECKING:
    from msgspec import Raw

    from cdshooks.protocol.catalogue import Service
    from cdshooks.settings.site import Site

LOG = logging.getLogger(__name__)
LISTS = frozenset(CANONICAL.values())
HOOK = "patient-view"
USER = "Practitioner/file"
_BASE = re.compile(rb'"(?:subject|patient)"\s*:\s*\{\s*"reference"\s*:\s*"(https?://[^"]*)/Patient/')
"""The address of a server, in a reference that gives it."""
VERSIONS = {rule.id: rule.version for rule in (*ALL_RULES, *OWN)}
TITLES = {rule.id: rule.title for rule in (*ALL_RULES, *OWN)}
_KEYS = {row.resource_type: row.key for row in reversed(catalogue.TEMPLATES)} | {"Observation": "observations"}
"""Prefetch key of each list. All Observations come as one list, and not as the three that an EHR is asked for."""


@dataclass(frozen=True, slots=True)
class Known:
    """What reading all lines told of the export as a whole. Lists by place of the server."""

    servers: tuple[str, ...]
    delivered: tuple[frozenset[str], ...]
    """The lists of which a line came, or that a file is named after."""
    lost: frozenset[tuple[int, str]] = frozenset()
    """(server, list): a line of it was not read, and nobody can tell whose; an empty list: of any list."""
    shared: Shared = field(default_factory=dict)
    """What others refer to."""
    deleted: Mapping[str, str] = field(default_factory=dict)
    """``0/Device/d1`` -> when it was deleted; empty where that is not known."""

    def lacking(self, server: int) -> frozenset[str]:
        """Return the lists that are partial for every patient of a server."""
        named = {name for at, name in self.lost if at == server}
        return LISTS if "" in named else frozenset(named)


class TwoPeople(Exception):
    """Lines of two persons stand under one id. `reason`: one of the sentences of `unread`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def service_on(hook: str) -> Service:
    """Return the service of a hook."""
    return next(service for service in catalogue.SERVICES if service.hook == hook)


def patient_key(server: int, patient_id: str) -> str:
    """Return the name of a patient among all servers: ``0/p1``."""
    return f"{server}/{patient_id}"


class Patients:
    """Judges patients by their lines, for one site and one moment. `hash_key`: None leaves ids as they are."""

    def __init__(self, site: Site, now: datetime, known: Known, hash_key: str | None = None) -> None:
        self._site = site
        self._now = now
        self._known = known
        self._hash_key = hash_key
        self._lacking = [known.lacking(at) for at in range(len(known.servers))]
        self._service = service_on(HOOK)
        self.unread: list[UnreadLine] = []
        """Patients that could not be judged; whoever asks takes them away."""

    def rows(self, key: str, lines: Iterable[Line]) -> list[Row]:
        """Return the rows of one patient, by rule. `lines`: all that are the patient's, in any order."""
        server, _, patient_id = key.partition("/")
        try:
            decision = self.decide(key, lines)
        except Exception as error:  # noqa: BLE001 - one patient must not cost the others; it is said
            reason = error.reason if isinstance(error, TwoPeople) else FAILED
            LOG.error("patient not judged", extra={"error": type(error).__name__})
            self.unread.append(UnreadLine("(a patient)", 0, reason, everybody=False, server=int(server)))
            return [self._row(key, {"rule": "", "established": False, "missing": ("Patient",)})]
        return [self._row(key, row) for row in told_rows(decision)]

    def decide(self, key: str, lines: Iterable[Line]) -> Decision:
        """Return what a hook call would say. Raises TwoPeople."""
        return decide(self.request(key, lines), self._service, self._site, self._now)

    def request(self, key: str, lines: Iterable[Line]) -> HookRequest:
        """Return the chart opening of one patient as a client would send it. Raises TwoPeople."""
        place, _, patient_id = key.partition("/")
        given = list(lines)
        refuse_two(given)
        counted = lines_that_count(int(place), given, self._known.deleted)
        return HookRequest(
            hook=HOOK,
            hook_instance=f"file:{patient_id}",
            patient_id=patient_id,
            user_id=USER,
            prefetch=self.prefetch(int(place), counted),
        )

    def prefetch(self, server: int, counted: Iterable[tuple[str, str, bytes]]) -> dict[str, Raw | None]:
        """Return the lists of a patient as a client would send them. `counted`: as `lines_that_count` gives them."""
        held: defaultdict[str, list[bytes]] = defaultdict(list)
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for name, kind, line in counted:
            for one in (name,) if name else sorted(LISTS):
                held[one].append(line)
            wanted[name].update(named_in(server, kind, line))
        for name in self._lacking[server]:
            held[name].append(b"")
        return {
            _KEYS.get(name, name): self._list(held.get(name, []), sorted(wanted.get(name, ())))
            for name in sorted({*held, *self._known.delivered[server]})
        }

    def referred(self, server: int, kind: str, line: bytes) -> list[bytes]:
        """Return the Medications and devices that a line refers to."""
        return self._shared(sorted(named_in(server, kind, line)))

    def _list(self, lines: list[bytes], wanted: list[str]) -> Raw | None:
        return searchset(lines, self._shared(wanted)) if lines else None

    def _shared(self, wanted: list[str]) -> list[bytes]:
        return [found for key in wanted if (found := self._known.shared.get(key)) is not None]

    def _row(self, key: str, said: dict[str, Any]) -> Row:
        server, patient = self.named(key)
        return Row(server=server, patient=patient, hook=HOOK, at=self._now.isoformat(), **said)

    def named(self, key: str) -> tuple[str, str]:
        """Return how rows name a patient: the server, and the keyed hash or the id."""
        place, _, patient_id = key.partition("/")
        shown = hashed_patient(patient_id, self._hash_key) if self._hash_key is not None else None
        return self._known.servers[int(place)], shown or patient_id


def told_rows(decision: Decision) -> list[dict[str, Any]]:
    """Return what the rows of one decision say, by rule; one without a rule where nothing can be told."""
    chart, evaluation = decision.chart, decision.evaluation
    shared = {
        "state": evaluation.state.kind.value,
        "established": evaluation.established,
        "missing": tuple(evaluation.missing),
        "unreadable": chart.unreadable,
        "not_seen": tuple(decision.not_seen),
    }
    cards = {rendered.rule: rendered.card for rendered in decision.cards}
    fired = {rule: found for rule, found in evaluation.outcomes.items() if isinstance(found, Recommendation)}
    if not evaluation.established:
        return [{"rule": "", **shared}]
    return [
        {
            "rule": rule,
            "version": VERSIONS[rule],
            "indicator": cards[rule]["indicator"] if rule in cards else fired[rule].indicator,
            "shown": rule in cards,
            "hidden": "" if rule in cards else without_data(evaluation.hidden.get(rule, "not shown")),
            "summary": cards[rule]["summary"] if rule in cards else TITLES[rule],
            "due": due(rule, chart),
            "values": _values(fired[rule]) if rule in fired else {},
            "suggests": rule in fired and any(finding.suggests for finding in fired[rule].findings),
            **shared,
        }
        for rule in sorted({*cards, *fired})
    ]


def _values(fired: Recommendation) -> dict[str, Any]:
    merged = merged_values([finding.values for finding in fired.findings])
    return {
        name: as_json_value(value)
        for name, value in sorted(merged.items())
        if value not in (None, "", False) and value != [] and value != ()
    }


def refuse_two(lines: list[Line]) -> None:
    """Raise TwoPeople where the lines of one id are plainly not one person's."""
    absolute = [line for _, line in lines if b"/Patient/" in line or b"\\/" in line]
    bases = {base for line in absolute for base in _BASE.findall(line.replace(b"\\/", b"/"))}
    if len(bases) > 1:
        raise TwoPeople(TWO_SERVERS)
    people = [line for name, line in lines if name == "Patient" and line]
    if len(people) > 1 and _differ(people):
        raise TwoPeople(TWO_PEOPLE)


def _differ(people: list[bytes]) -> bool:
    """Whether Patients of one id have different birth dates, and no identifier in common."""
    read = [first_object(decoded(line)) for line in people]
    born = {said for one in read if (said := text_of(one.get("birthDate")))}
    if len(born) < 2:
        return False
    known = [{text_of(row.get("value")) for row in objects(one.get("identifier"))} - {None} for one in read]
    return not set.intersection(*known)
