"""The site file: one JSON document, checked against ``site.schema.json`` and then against what the service knows.

Every message begins with the path of the member that is wrong. What the members mean is said in the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cdshooks.outbound.fhir_client import CallbackLimits, FhirServers
from cdshooks.outbound.urls import parse_url
from cdshooks.protocol import catalogue
from cdshooks.settings import approvals
from cdshooks.settings.approvals import SignOff
from cdshooks.settings.audit_policy import AuditPolicy
from cdshooks.settings.site_schema import SiteError, check_shape
from cdshooks.trust.settings import TrustSettings
from rules import ALL_RULES, concepts, parameters
from rules.concepts import Knowledge, LocalCode
from rules.definitions.establishing import MEDICATION_LISTS
from rules.evaluation import Switch

MIB = 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """What clients are asked to send with a call."""

    templates: Mapping[str, str]
    """Prefetch key → template."""

    @cached_property
    def shared_keys(self) -> tuple[dict[str, str], ...]:
        """Keys that ask for parts of one list, with that list."""
        kinds = {key: catalogue.type_of_template(template) for key, template in self.templates.items()}
        shared = ({key: kind for key, kind in kinds.items() if kind == name} for name in self.lists)
        return tuple(keys for keys in shared if len(keys) > 1)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The lists that the templates ask for, in their order."""
        return tuple(dict.fromkeys(catalogue.type_of_template(template) for template in self.templates.values()))

    @cached_property
    def _without_encounter(self) -> tuple[str, ...]:
        return tuple(name for name in self.lists if name != "Encounter")

    def lists_for(self, encounter_id: str | None) -> tuple[str, ...]:
        """Those lists; a call that speaks of no encounter asks for none."""
        return self._without_encounter if encounter_id is None else self.lists


@dataclass(frozen=True)
class Site:
    knowledge: Knowledge = field(repr=False)
    public_base_url: str | None = None
    """Without a trailing slash."""
    time_zone: ZoneInfo = ZoneInfo("UTC")
    date_order: str | None = None
    """``MDY`` or ``DMY``: what 06/10/2026 means; None: it is not readable."""
    prefetch_profile: str = "full"
    switches: Mapping[str, Switch] = field(default_factory=dict)
    """Settings by rule id, silence and want of approval included."""
    sign_off: SignOff = SignOff()
    not_available: frozenset[str] = frozenset()
    """Lists that the site's FHIR server does not have."""
    not_established: str = "412"
    """``412`` or ``card``: how a call is answered whose pump status cannot be established."""
    coverage_extension: bool = True
    """Answers tell what was not seen."""
    silent_services: frozenset[str] = frozenset()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Overrides of rules/parameters, exact decimals."""
    local_codes: tuple[LocalCode, ...] = ()
    leave_out: tuple[str, ...] = ()
    pump_codes: str = ""
    """What the templates search pump Observations by (`catalogue.pump_codes`)."""
    contacts: Mapping[str, str] = field(default_factory=dict)
    """``itbTeam``, ``manufacturer``."""
    links: tuple[tuple[str, str], ...] = ()
    """(label, URL)."""
    trust: TrustSettings = TrustSettings()
    trust_given: bool = False
    """The site file says `trust.mode`; the production server wants it said."""
    repeat_on_change: bool = False
    """A card that was seen when the encounter started is shown at chart opening only once its fact changed; needs
    `AuditPolicy.patient_hash_key`.
    """
    fhir_servers: FhirServers = FhirServers()
    callbacks: CallbackLimits = CallbackLimits()
    max_body: int = 16 * MIB
    body_bytes_in_flight: int = 32 * MIB
    """Of all bodies that a worker holds at a time."""
    body_seconds: float = 10.0
    """Until a body must be here."""
    explain: bool = True
    console: bool = True
    record: AuditPolicy = field(default=AuditPolicy(), repr=False)

    _asked: dict[str, Asked] = field(init=False, default_factory=dict, repr=False, compare=False)

    def asked(self, chart_hook: str) -> Asked:
        """What a service of this hook asks its clients for, of the site's profile, but for lists that its server does
        not have.
        """
        found = self._asked.get(chart_hook)
        if found is None:
            templates = catalogue.templates(self.prefetch_profile, self.pump_codes, self.not_available, chart_hook)
            found = self._asked[chart_hook] = Asked(templates)
        return found


@cache
def known_rule_ids() -> frozenset[str]:
    """Every rule that the site file may name."""
    return frozenset(rule.id for rule in ALL_RULES)


def from_document(document: Any) -> Site:
    """The site that a document describes. SiteError names the first member that is wrong."""
    check_shape(document)
    _check_ids(document)
    base = _url(document, "publicBaseUrl")
    local_codes = tuple(map(_local_code, document.get("localCodes", ())))
    leave_out = tuple(document.get("leaveOut", ()))
    settings = _read_elsewhere(document, leave_out, local_codes)
    trust = settings["trust"]
    if trust.mode == "jwt" and base is None:
        raise SiteError("publicBaseUrl: is needed with trust.mode jwt: a token is addressed to it")
    is_open = trust.mode == "open"
    sign_off = approvals.from_site(document, production=not is_open)
    time_zone = _time_zone(document.get("timeZone", "UTC"))
    return Site(
        **settings,
        public_base_url=base,
        time_zone=time_zone,
        date_order=document.get("dateOrder"),
        prefetch_profile=document.get("prefetchProfile", "full"),
        not_available=_not_available(document),
        not_established=document.get("notEstablished", "412"),
        coverage_extension=document.get("coverageExtension", True),
        switches=_switches(document, sign_off.silenced()),
        sign_off=sign_off,
        silent_services=frozenset(document.get("silent", ())) & frozenset(catalogue.IDS),
        local_codes=local_codes,
        leave_out=leave_out,
        pump_codes=catalogue.pump_codes(local_codes, leave_out),
        contacts=document.get("contacts", {}),
        links=_links(document),
        trust_given="trust" in document,
        repeat_on_change=document.get("repeat") == "on-change",
        **_bodies(document),
        explain=document.get("explain", is_open),
        console=document.get("console", is_open),
        record=_audit_policy(document.get("record", {}), time_zone),
    )


def _read_elsewhere(
    document: Mapping[str, Any], leave_out: tuple[str, ...], local_codes: tuple[LocalCode, ...]
) -> dict[str, Any]:
    """Return the members of a Site that other rooms read, and refuse, in their own way."""
    try:
        return {
            "knowledge": concepts.load_knowledge(leave_out, local_codes)
            if local_codes or leave_out
            else _shipped_knowledge(),
            "trust": TrustSettings.from_site(document.get("trust")),
            "fhir_servers": FhirServers.from_site(document.get("fhirServers")),
            "callbacks": CallbackLimits.from_site(document.get("callbacks")),
            "parameters": parameters.checked(document.get("parameters", {})),
        }
    except ValueError as error:
        raise SiteError(str(error)) from None


def _local_code(row: Mapping[str, Any]) -> LocalCode:
    return LocalCode(row["system"], row["code"], row["concept"], row.get("unit"), row.get("valueMap", {}))


def _audit_policy(kept: Mapping[str, Any], time_zone: Any) -> AuditPolicy:
    return AuditPolicy(
        kept.get("retentionDays"), kept.get("keepComments", False), kept.get("patientHashKey"), time_zone
    )


@cache
def _shipped_knowledge() -> Knowledge:
    """The terminologies as shipped: the same for every application of a process."""
    return concepts.load_knowledge()


# --- checks -----------------------------------------------------------------------------------------------------------


def _named_ids(document: Mapping[str, Any]) -> Iterator[tuple[str, str, frozenset[str]]]:
    rules = known_rule_ids()
    for name in document.get("rules", {}):
        yield f"rules.{name}", name, rules
    for place, name in enumerate(document.get("silent", ())):
        yield f"silent[{place}]", name, rules | frozenset(catalogue.IDS)


def _check_ids(document: Mapping[str, Any]) -> None:
    for path, name, known in _named_ids(document):
        if name not in known:
            raise SiteError(f"{path}: no rule{' or service' if path.startswith('silent') else ''} is called {name}")


def _not_available(document: Mapping[str, Any]) -> frozenset[str]:
    """Without a medication list, or with neither devices nor procedures, nothing could ever be said to be absent."""
    named = frozenset(document.get("notAvailable", ()))
    if named.issuperset(MEDICATION_LISTS):
        raise SiteError(
            f"notAvailable: {' and '.join(MEDICATION_LISTS)} cannot both be missing: one medication list is needed"
        )
    if named >= {"Device", "Procedure"}:
        raise SiteError(
            "notAvailable: Device and Procedure cannot both be missing: one of them is needed to see a pump"
        )
    return named


def _url(document: Mapping[str, Any], name: str) -> str | None:
    if name not in document:
        return None
    try:
        url = parse_url(document[name])
    except ValueError as error:
        raise SiteError(f"{name}: {error}") from None
    if url.query:
        raise SiteError(f"{name}: a base URL has no query")
    return str(url).rstrip("/")


def _bodies(document: Mapping[str, Any]) -> dict[str, Any]:
    largest = document.get("maxBodyBytes", 16 * MIB)
    at_once = document.get("bodyBytesInFlight", max(32 * MIB, 2 * largest))
    if at_once < 2 * largest:
        raise SiteError(
            f"bodyBytesInFlight: must be at least twice maxBodyBytes, {2 * largest}: the largest body must have room beside small ones"
        )
    return {"max_body": largest, "body_bytes_in_flight": at_once, "body_seconds": document.get("bodySeconds", 10.0)}


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SiteError(f"timeZone: {name} is no IANA time zone") from None


def _switches(document: Mapping[str, Any], unapproved: frozenset[str]) -> dict[str, Switch]:
    silent = frozenset(document.get("silent", ())) - frozenset(catalogue.IDS)
    rows = document.get("rules", {})
    return {
        name: Switch(
            enabled=rows.get(name, {}).get("enabled", True),
            silent=name in silent,
            most=rows.get(name, {}).get("indicator"),
            approved=name not in unapproved,
        )
        for name in sorted(set(rows) | silent | unapproved)
    }


def _links(document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for place, row in enumerate(document.get("links", ())):
        if not urlsplit(row["url"]).hostname:
            raise SiteError(f"links[{place}].url: has no host")
        found.append((row["label"].strip(), row["url"]))
    return tuple(found)
