"""All resources of one call, merged over prefetch keys and FHIR server answers (docs/fhir-mapping.md §1, §11).

Resources are told apart by ``resourceType``, never by the key. Each is kept once (``Type/id``; without an id by its
content). Resources of another patient are dropped and counted. Unknown is not none: for every resource type it is known
whether its list was delivered, in part, or not at all. What the resources say is read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from msgspec import Raw

from cdshooks.fhir import bundles, refusals
from cdshooks.fhir.availability import NESTING, NOT_FHIR, OTHER_PATIENT, UNREADABLE, ListAvailability
from cdshooks.fhir.bundles import OUTCOME
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.list_names import CANONICAL, EMPTY, searched, spoken_for
from cdshooks.fhir.ownership import PATIENT, Owner
from cdshooks.fhir.resource_types import Bundle, Entry, GlancedBundle, Ignored, Resource
from cdshooks.reading.draft_orders import DraftOrders
from cdshooks.reading.filing import OBSERVATION, Filing
from rules.chart import NOT_SENT, Availability, Listing

_BUNDLES = frozenset({Bundle, GlancedBundle})
_may_go_on = re.compile(b"next").search
"""Whether the links of a page may name a page after it; asked of the bytes as they are."""


class ResourceSet:
    """What was delivered about one patient. `patient_id` without ``Patient/``; `draft_orders` and `appointments` as the
    hook sent them.

    `body`: what the prefetch was decoded from, where its Observations were only glanced at.
    """

    def __init__(self, patient_id: str, draft_orders: Any = None, body: bytes = b"", appointments: Any = None) -> None:
        self.patient_id = patient_id
        self.next_links: dict[str, tuple[str, ...]] = {}
        self.unreadable = 0
        self._owner = Owner(patient_id)
        self._filing = Filing(self._owner, body)
        self.index, self.kept, self.unread = self._filing.index, self._filing.kept, self._filing.unread
        self._continued: dict[str, str] = {}
        self._observations: list[Resource] = []
        self._lists = ListAvailability()
        self.orders = DraftOrders(draft_orders, self._owner, self.index)
        self.appointments = DraftOrders(appointments, self._owner, self.index)
        """Visits that are being booked; they are taken as draft orders are."""

    # ------------------------------------------------------------------ what arrives

    def offer(self, key: str, raw: Any) -> None:
        """Take one prefetch member: bytes, or what ``resource_types.Member`` decoded."""
        read = self._read_whole(key, raw)
        if read is not None:
            self._lists.page(key, read)
            return
        found = bundles.contents(raw)
        if found.odd:
            self.unreadable += found.unreadable
            self._lists.fault(key, spoken_for(key, found.link), NOT_FHIR)
        elif found.refused:
            self._lists.fault(key, spoken_for(key, found.link), refusals.of_refused(found), final=True)
        else:
            for number, one in enumerate(found.flat() if found.inner else (found,)):
                self._take(f"{key} {number}" if number else key, key, one)

    def _read_whole(self, key: str, sent: Any) -> Mapping[str, int] | None:
        """Take the Patient or a list that came whole and is plain or empty, as most do: return by list how many were
        read; None, with nothing taken, for any other."""
        if sent.__class__ not in _BUNDLES:
            if sent.__class__ is PATIENT:
                return self._filing.accept_plain(key, [Entry(resource=sent)])
            return EMPTY.get(key) if sent is None else None
        if sent.link is not NOTHING and _may_go_on(sent.link):
            return None
        entries = sent.entry
        if not entries:
            return EMPTY.get(key) if not sent.total and sent.link is NOTHING else None
        return self._filing.accept_plain(key, entries) if (sent.total or 0) <= len(entries) else None

    def expect(self, shared: Mapping[str, str], sent: Container[str]) -> None:
        """Keys that share a list (key to list): where one of them is used, those that are not leave the list in
        part."""
        used = [key for key in shared if key in sent]
        if used and len(used) < len(shared):
            for key, name in shared.items():
                if key not in sent:
                    self._lists.fault(key, (name,), NOT_SENT)

    def ask(self, resource_type: str, *parts: str) -> None:
        """Note that a list is about to be read from the FHIR server: those `parts` of it that prefetch keys name."""
        self._lists.ask_again(CANONICAL.get(resource_type, resource_type), parts)

    def answer(self, resource_type: str, raw: Raw | bytes, *, more: bool, part: str = "") -> str | None:
        """Take one page that the FHIR server gave for a list; return the URL of the page after it, if there is one.

        `more` False: no page after this one will be read. `part`: the prefetch key, or the link of `next_links`, under
        which the list was asked for; the same for all its pages.
        """
        name = CANONICAL.get(resource_type, resource_type)
        part = self._continued.get(part, part or name)
        found = bundles.contents(raw)
        if found.odd or found.refused:
            self.unreadable += found.unreadable
            self._lists.lost(part, name, NOT_FHIR if found.odd else refusals.of_refused(found))
            return None
        return [self._answered(part, name, one, more=more) for one in found.flat()][0]

    def fail(self, resource_type: str, how: Listing, part: str = "") -> None:
        """Note that the FHIR server could not deliver this list, or a page of it."""
        name = CANONICAL.get(resource_type, resource_type)
        self._lists.lost(self._continued.get(part, part or name), name, how)

    def provide(self, reference: str, raw: Raw | bytes) -> None:
        """Take one referenced resource that was read from the FHIR server."""
        found, odd = bundles.decode_resource(raw)
        self.unreadable += odd
        if (
            found is not None
            and not isinstance(found, Ignored)
            and type(found) is not OUTCOME
            and not self._owner.foreign(found)
        ):
            self.index.provide(reference, found)

    # ------------------------------------------------------------------ what is known

    @property
    def foreign(self) -> int:
        """How many resources were another patient's, and dropped."""
        return self._filing.foreign + len(self.orders.strangers)

    @property
    def listings(self) -> dict[str, Listing]:
        """How far each resource type was delivered; a type that is not named was not."""
        return self._lists.listings()

    def listings_without(self, unreadable: Mapping[str, int]) -> dict[str, Listing]:
        """The same, as if so many entries of a list, which were read and say too little, could not be read."""
        return self._lists.listings(unreadable)

    @property
    def whole(self) -> tuple[str, ...] | None:
        """The lists that came, where all that came is whole; None where anything is missing."""
        return self._lists.whole

    @property
    def refused(self) -> set[str]:
        """Lists in whose place a refusal stood: they are not asked for again."""
        return self._lists.refused

    def settled(self, key: str, name: str) -> bool:
        """Nothing is to be gained by asking for this part of a list."""
        return self._lists.settled(key, name)

    def observations(self) -> list[Resource]:
        """Return the Observations of this patient, as often as they came; only now they are looked at."""
        for part, found in self.unread.taken():
            own = self._filing.own(OBSERVATION, found)
            if len(own) < len(found):
                self._lists.reject(part, "Observation", len(found) - len(own))
            self._observations += own
        return self._observations

    @property
    def strange_patient(self) -> bool:
        """A Patient was sent who is not the patient of the call, alone or beside that one."""
        return self._filing.strange_patient

    @property
    def of_another_patient(self) -> bool:
        """The Patient that was sent is somebody else, and nothing that was sent names the patient of the call."""
        if not self.strange_patient or self.kept["Patient"]:
            return False
        held = [one for name, found in self.kept.items() if name != "Medication" for one in found]
        return not any(
            map(self._owner.named, [*held, *(entry.resource for entry in self.orders.entries), *self.observations()])
        )

    # ------------------------------------------------------------------ how far its list came

    def _take(self, part: str, key: str, found: bundles.Contents) -> None:
        """One Bundle of a prefetch member: its own entries, and the lists whose answers in a batch are errors."""
        if found.entries or found.unreadable or found.others or not (found.inner or found.refusals):
            following = self._page(part, found, (), key)
            if following:
                self.next_links[following] = self._lists.names(part)
                self._continued[following] = part
        for refusal in found.refusals:
            names = spoken_for(key, refusal.link) or searched(refusal.url)
            fault = refusals.of_entry(refusal, names)
            if names:
                self._lists.fault(f"{part} refused", names, fault, final=fault.state is not Availability.UNAVAILABLE)
            else:
                self._lists.nowhere(fault)

    def _answered(self, part: str, name: str, found: bundles.Contents, *, more: bool) -> str | None:
        """Take one Bundle of a page that the server gave: its entries, and what it refuses in them. Return the link of the
        page after it."""
        following = self._page(part, found, (name,), more=more)
        for refusal in found.refusals:
            names = spoken_for("", refusal.link) or searched(refusal.url) or (name,)
            self._lists.fault(part, names, refusals.of_entry(refusal, names))
        return following

    def _page(
        self, part: str, found: bundles.Contents, names: Iterable[str], key: str = "", *, more: bool = False
    ) -> str | None:
        """File one Bundle, or one resource, and note how far its lists came; the link of the page after it.

        `names`: the lists it speaks for, whatever it holds. A prefetch member with entries speaks for those of their
        types.
        """
        read, strange, seen = self._filing.accept(part, found.entries)
        for name in names:
            read.setdefault(name, 0)
        matched = seen + found.others + found.unreadable
        speaks = bool(read) or not key
        if not read:
            read = dict.fromkeys(spoken_for(key, found.link), 0)
        following = (
            bundles.links(found.link).get("next") if found.link is not NOTHING and _may_go_on(found.link) else None
        )
        within = sum(max(1, len(one.entries)) for one in found.inner) if found.inner else 0
        self._lists.page(part, read, seen=matched + within, total=found.total, more=more or following is not None)
        if strange:
            self._lists.fault(part, strange, OTHER_PATIENT)
        if found.unreadable:
            self.unreadable += found.unreadable
            self._lists.fault(part, read, NESTING if found.too_deep else UNREADABLE)
        elif seen and read and not speaks:
            self._lists.fault(part, read, NOT_FHIR)  # types that the list cannot hold
        if seen < len(found.entries) and (told := refusals.of_outcomes(found.outcomes)) is not None:
            self._lists.fault(part, read, told)
        return following
