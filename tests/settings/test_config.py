"""The site file and the environment: what each member does, and a message that names the member for everything that is
wrong."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cdshooks.protocol.schemas import NAMES, wire_schema
from cdshooks.settings.environment import ConfigError, load_config
from cdshooks.settings.site import SiteError, from_document, known_rule_ids
from rules import ALL_RULES
from rules.evaluation import Switch

JWKS = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "kid": "k",
        }
    ]
}
CLIENT = {"name": "EHR", "iss": "https://ehr.example", "jwks": JWKS}
FULL: dict[str, Any] = {
    "publicBaseUrl": "https://cds.hospital.example/itb/",
    "timeZone": "America/New_York",
    "prefetchProfile": "lean",
    "rules": {"itb-alcohol": {"enabled": False}, "itb-cns-antihistamine": {"indicator": "info"}},
    "silent": ["itb-order-select", "itb-pregnancy"],
    "approvals": [{"rule": "itb-mri-order", "version": "1.0.0", "by": "device committee", "on": "2026-06-01"}],
    "unapproved": "show",
    "parameters": {"refill-evidence-days": 200},
    "localCodes": [
        {"system": "urn:oid:1.2.3", "code": "30451", "concept": "pump-alarm", "valueMap": {"MS": "motor-stall"}}
    ],
    "leaveOut": ["cpt"],
    "contacts": {"itbTeam": "ext. 4711", "manufacturer": "800-707-0933"},
    "links": [{"label": "ITB clinic", "url": "https://clinic.example/itb"}],
    "trust": {"mode": "jwt", "clients": [CLIENT]},
    "fhirServers": ["https://fhir.example/r4", {"url": "http://127.0.0.1:8080/fhir", "open": True}],
    "callbacks": {"budgetSeconds": 1, "pages": 3},
    "maxBodyBytes": 1_000_000,
    "explain": True,
    "console": False,
    "record": {"retentionDays": 400, "keepComments": True, "patientHashKey": "0123456789abcdef"},
}


def test_an_empty_site_is_open_in_utc_with_the_full_profile() -> None:
    site = from_document({})

    assert (site.time_zone.key, site.prefetch_profile, site.trust.mode, site.trust_given) == (
        "UTC",
        "full",
        "open",
        False,
    )
    assert (site.max_body, site.explain, site.console) == (16 * 1024 * 1024, True, True)
    assert (site.fhir_servers.entries, site.links, dict(site.switches)) == ((), (), {})


def test_every_member_arrives() -> None:
    site = from_document(FULL)

    assert site.public_base_url == "https://cds.hospital.example/itb"
    assert site.time_zone.key == "America/New_York"
    assert site.prefetch_profile == "lean"
    assert site.switches == {
        "itb-alcohol": Switch(enabled=False),
        "itb-cns-antihistamine": Switch(most="info"),
        "itb-pregnancy": Switch(silent=True),
    }
    assert site.silent_services == {"itb-order-select"}
    (approval,) = site.sign_off.approvals
    assert (approval.rule, approval.version, approval.by, approval.on) == (
        "itb-mri-order",
        "1.0.0",
        "device committee",
        date(2026, 6, 1),
    )
    assert (site.sign_off.unapproved, site.sign_off.given) == ("show", True)
    assert site.parameters == {"refill-evidence-days": Decimal(200)}
    assert site.local_codes[0].value_map == {"MS": "motor-stall"}
    assert site.knowledge.value("pump-alarm", [("urn:oid:1.2.3", "MS", None)]) == "motor-stall"
    assert site.contacts["itbTeam"] == "ext. 4711"
    assert site.links == (("ITB clinic", "https://clinic.example/itb"),)
    assert (site.trust.mode, site.trust.clients[0].name, site.trust_given) == ("jwt", "EHR", True)
    assert [entry.open for entry in site.fhir_servers.entries] == [False, True]
    assert (site.callbacks.seconds, site.callbacks.pages) == (1, 3)
    assert (site.max_body, site.explain, site.console) == (1_000_000, True, False)
    assert (site.record.retention_days, site.record.keep_comments, site.record.zone) == (400, True, site.time_zone)


def test_console_and_explain_are_off_with_signed_tokens_unless_turned_on() -> None:
    document = {"publicBaseUrl": "https://cds.example", "trust": {"mode": "jwt", "clients": [CLIENT]}}

    assert (from_document(document).explain, from_document(document).console) == (False, False)
    assert from_document({**document, "console": True}).console is True


def test_secrets_of_the_site_are_not_in_its_representation() -> None:
    assert "0123456789abcdef" not in repr(from_document(FULL))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ([], "the site file: must be of type object"),
        ({"publicUrl": "https://x.example"}, "publicUrl: unknown member"),
        ({"publicBaseUrl": "cds.example"}, "publicBaseUrl: must be an http(s) URL"),
        ({"publicBaseUrl": "https://user@cds.example"}, "publicBaseUrl: "),
        ({"publicBaseUrl": "https://cds.example?x=1"}, "publicBaseUrl: a base URL has no query"),
        ({"timeZone": "Mars/Phobos"}, "timeZone: Mars/Phobos is no IANA time zone"),
        ({"timeZone": "../etc/passwd"}, "timeZone: "),
        ({"prefetchProfile": "thin"}, "prefetchProfile: must be one of full, lean"),
        ({"rules": {"itb-refil-due": {}}}, "rules.itb-refil-due: no rule is called itb-refil-due"),
        ({"rules": {"itb-alcohol": {"enable": False}}}, "rules.itb-alcohol.enable: unknown member"),
        ({"rules": {"itb-alcohol": {"enabled": "no"}}}, "rules.itb-alcohol.enabled: must be of type boolean"),
        (
            {"rules": {"itb-alcohol": {"indicator": "hard-stop"}}},
            "rules.itb-alcohol.indicator: must be one of info, warning, critical",
        ),
        ({"silent": ["itb-order-choose"]}, "silent[0]: no rule or service is called itb-order-choose"),
        ({"parameters": {"refill-days": 1}}, "parameters.refill-days: no such parameter"),
        ({"parameters": {"screening-steps": 50}}, "parameters.screening-steps: this parameter cannot be overridden"),
        ({"parameters": {"refill-evidence-days": 1}}, "parameters.refill-evidence-days: must lie between"),
        ({"parameters": {"refill-evidence-days": "200"}}, "parameters.refill-evidence-days: must be of type number"),
        ({"localCodes": [{"system": "s", "concept": "pump-alarm"}]}, "localCodes[0].code: is missing"),
        (
            {"localCodes": [{"system": "s", "code": "c", "concept": "pumpalarm"}]},
            "localCodes[0].concept: 'pumpalarm' is no concept",
        ),
        (
            {"localCodes": [{"system": "s", "code": "c", "concept": "pump-alarm", "valueMap": {"MS": "stalled"}}]},
            "localCodes[0].valueMap: 'stalled' is no value",
        ),
        ({"localCodes": [{"system": " ", "code": "c", "concept": "pump-alarm"}]}, "localCodes[0].system: "),
        ({"leaveOut": ["rxnorm"]}, "leaveOut[0]: must be one of snomed-affiliate, cpt, recalled"),
        ({"contacts": {"itbteam": "x"}}, "contacts.itbteam: unknown member"),
        ({"contacts": {"itbTeam": ""}}, "contacts.itbTeam: "),
        ({"links": [{"label": "x", "url": "javascript:alert(1)"}]}, "links[0].url: must be an http(s) URL"),
        ({"links": [{"label": "x"}]}, "links[0].url: is missing"),
        ({"trust": {"clients": []}}, "trust.mode: is missing"),
        ({"trust": {"mode": "jwt"}}, "trust.clients: "),
        ({"trust": {"mode": "jwt", "clients": [CLIENT]}}, "publicBaseUrl: is needed with trust.mode jwt"),
        (
            {"trust": {"mode": "jwt", "clients": [{**CLIENT, "algorithms": ["none"]}]}},
            "trust.clients[0].algorithms[0]: must be one of",
        ),
        (
            {"trust": {"mode": "jwt", "clients": [{**CLIENT, "algorithms": ["HS256"]}]}},
            "trust.clients[0].algorithms[0]: must be one of",
        ),
        ({"trust": {"mode": "jwt", "clients": [{"name": "a", "iss": "b"}]}}, "trust.clients[0]: "),
        ({"trust": {"mode": "jwt", "clients": [{**CLIENT, "secret": "s"}]}}, "trust.clients[0].secret: unknown member"),
        ({"fhirServers": ["http://fhir.example"]}, "fhirServers[0]: "),
        ({"fhirServers": [{"url": "https://fhir.example", "opened": True}]}, "fhirServers[0].opened: unknown member"),
        ({"fhirServers": [5]}, "fhirServers[0]"),
        ({"callbacks": {"budgetSeconds": 0}}, "callbacks.budgetSeconds"),
        ({"maxBodyBytes": 10}, "maxBodyBytes: "),
        ({"record": {"retentionDays": 0}}, "record.retentionDays: "),
        ({"record": {"patientHashKey": "short"}}, "record.patientHashKey"),
        ({"record": {"keep": True}}, "record.keep: unknown member"),
    ],
    ids=lambda value: json.dumps(value)[:60] if not isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(change: Any, said: str) -> None:
    with pytest.raises(SiteError) as caught:
        from_document(change)
    assert str(caught.value).startswith(said), str(caught.value)


def test_a_secret_that_is_wrong_is_not_repeated() -> None:
    with pytest.raises(SiteError) as caught:
        from_document({"record": {"patientHashKey": "tiny-secret"}})
    assert "tiny-secret" not in str(caught.value)


def test_a_site_may_name_every_rule_of_the_rule_table() -> None:
    assert {rule.id for rule in ALL_RULES} <= known_rule_ids()
    assert len(known_rule_ids()) == 55
    from_document({"rules": {name: {"enabled": True} for name in known_rule_ids()}, "silent": sorted(known_rule_ids())})


@pytest.mark.parametrize("name", NAMES)
def test_a_published_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(wire_schema(name))
    assert wire_schema(name)["title"]


# --- the file and the environment -------------------------------------------------------------------------------------


def test_the_site_file_is_found_by_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "site.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"timeZone": "Europe/Berlin"}).encode())
    monkeypatch.setenv("CDSHOOKS_SITE", str(path))

    assert load_config().site.time_zone.key == "Europe/Berlin"
    assert load_config({"SITE": {"timeZone": "Asia/Tokyo"}}).site.time_zone.key == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read"),
        (b"{", "is not JSON: line 1"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"timeZone": "UTC", "timeZone": "Europe/Berlin"}', "timeZone stands twice"),
        (b'{"contacts": {"itbTeam": "1", "itbTeam": "2"}}', "itbTeam stands twice"),
        (b"[" * 100_000, "nested too deep"),
        (b"[]", "must be of type object"),
        (b'{"record": {"retentionDays": 99999999}}', "retentionDays"),
    ],
)
def test_a_site_file_that_cannot_be_read_stops_the_start(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "site.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SiteError, match=said):
        load_config({"CDSHOOKS_SITE": str(path)})


def test_the_clock_can_be_frozen_and_is_told_in_the_sites_time_zone() -> None:
    config = load_config({"CDSHOOKS_NOW": "2026-06-15T02:00:00Z", "SITE": {"timeZone": "America/New_York"}})

    assert config.frozen
    assert config.now().isoformat() == "2026-06-14T22:00:00-04:00"
    assert config.now() == config.now()


def test_without_a_frozen_clock_time_goes_on() -> None:
    now = load_config().now()

    assert now.tzinfo is not None
    assert abs(datetime.now(now.tzinfo) - now) < timedelta(seconds=60)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-06-15", "2026-06-15T10:00:00", "15.06.2026", "9999-12-31T23:59:59-12:00"]
)
def test_a_frozen_time_needs_a_date_a_time_and_an_offset(text: str) -> None:
    with pytest.raises(ConfigError, match="CDSHOOKS_NOW"):
        load_config({"CDSHOOKS_NOW": text})


# --- what members do to answers ---------------------------------------------------------------------------------------

OXYCODONE = Path(__file__).parents[2] / "fixtures" / "clients" / "sandbox" / "order-select.json"


def cards_of(client: Any, service_id: str = "itb-order-select") -> list[dict[str, Any]]:
    return client.post(
        f"/cds-services/{service_id}", data=OXYCODONE.read_bytes(), content_type="application/json"
    ).json["cards"]


def test_a_rule_can_be_switched_off_silenced_or_capped_and_never_raised(service) -> None:
    assert [card["indicator"] for card in cards_of(service())] == ["warning"]
    assert cards_of(service({"rules": {"itb-cns-opioid": {"enabled": False}}})) == []
    assert cards_of(service({"silent": ["itb-cns-opioid"]})) == []
    assert cards_of(service({"silent": ["itb-order-select"]})) == []
    assert [card["indicator"] for card in cards_of(service({"silent": ["itb-order-sign"]}))] == ["warning"]
    assert [card["indicator"] for card in cards_of(service({"rules": {"itb-cns-opioid": {"indicator": "info"}}}))] == [
        "info"
    ]
    assert [
        card["indicator"] for card in cards_of(service({"rules": {"itb-cns-opioid": {"indicator": "critical"}}}))
    ] == ["warning"]


def test_contacts_and_links_of_the_site_stand_on_the_cards(service) -> None:
    (card,) = cards_of(
        service(
            {
                "contacts": {"itbTeam": "ext. 4711"},
                "links": [{"label": "ITB clinic", "url": "https://clinic.example/itb"}],
            }
        )
    )

    assert "ext. 4711" in card["detail"]
    assert card["links"][-1] == {"label": "ITB clinic", "url": "https://clinic.example/itb", "type": "absolute"}
