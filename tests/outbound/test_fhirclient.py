"""Reading a FHIR server: which one, how far, and what becomes of everything that can go wrong. On real sockets."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cdshooks.outbound.fhir_client import CallbackLimits, FhirClient, FhirServers, connect
from cdshooks.outbound.get import Failed, Outcome
from cdshooks.outbound.sockets import new_session
from cdshooks.outbound.urls import parse_url
from tests.support import servers
from tests.support.certificates import private_authority
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.servers import Server, bundle, serve

TOKEN = "MARKER-access-token"
DEVICE = {"resourceType": "Device", "id": "d1"}


def client(
    server: Server,
    token: str | None = TOKEN,
    path: str = "/fhir",
    seconds: float = 20.0,
    listed: object = None,
    **limits: object,
) -> FhirClient:
    base = server.url + path
    made = connect(base, token, FhirServers.from_site([listed or base]), CallbackLimits(seconds=seconds, **limits))
    assert made is not None
    return made


def outcome(made: FhirClient, params: str = "patient=1") -> Outcome:
    """How a search of devices ends; the call is ended from outside when its time is up, as `gather` does."""
    timer = threading.Timer(made.call.left, made.call.end)
    timer.start()
    try:
        made.search("Device", params)
    except Failed as e:
        return e.outcome
    finally:
        timer.cancel()
    return Outcome.OK


# --- which servers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        "https://fhir.example.org/r4",
        "https://fhir.example.org/r4/",
        "https://FHIR.example.org/r4",
        "HTTPS://fhir.example.org/r4",
        "https://fhir.example.org:443/r4",
        "https://fhir.example.org/r4/tenant",
        "https://fhir.example.org./r4",
    ],
)
def test_a_listed_server_is_found_however_its_url_is_spelled(asked: str) -> None:
    assert FhirServers.from_site(["https://fhir.example.org/r4"]).find(asked) is not None
    assert FhirServers.from_site(["https://fhir.example.org/r4/"]).find(asked) is not None


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "",
        7,
        "https://fhir.example.org.evil/r4",
        "https://fhir.example.org@evil.example/r4",
        "https://fhir.example.org:x@evil.example/r4",
        "https://evil.example/https://fhir.example.org/r4",
        "https://evil.example\\@fhir.example.org/r4",
        "https://fhir.example.org\\.evil/r4",
        "https://fhir.example.org/r4-test",
        "https://fhir.example.org/r",
        "https://fhir.example.org",
        "https://fhir.example.org/R4",
        "https://fhir.example.org/r4/../admin",
        "https://fhir.example.org/r4/%2e%2e/admin",
        "https://fhir.example.org/r4/..%2fadmin",
        "https://fhir.example.org/r4?x=1",
        "https://fhir.example.org/r4#x",
        "https://fhir.example.org:8443/r4",
        "https://fhir.example.org:99999/r4",
        "http://fhir.example.org/r4",
        "ftp://fhir.example.org/r4",
        "file:///etc/passwd",
        "//fhir.example.org/r4",
        "https://fhir.example.org /r4",
        "https://fhir.example.org/r4\n",
        "https://fhır.example.org/r4",
        "https:///r4",
        "https://[::1/r4",
        "http://127.0.0.1/r4",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_any_other_server_is_not_on_the_list(asked: object) -> None:
    servers_listed = FhirServers.from_site(["https://fhir.example.org/r4"])

    assert servers_listed.find(asked) is None
    assert connect(asked, TOKEN, servers_listed, CallbackLimits()) is None


def test_an_empty_list_means_that_nothing_is_ever_called() -> None:
    for empty in (None, []):
        assert FhirServers.from_site(empty).find("http://127.0.0.1/fhir") is None


@pytest.mark.parametrize(
    "entry",
    [
        "http://fhir.example.org/r4",
        "http://10.0.0.5/r4",
        "ftp://x",
        "",
        None,
        7,
        {"open": True},
        "https://x/r4?a=b",
        "https://u:p@x/r4",
        "http://localhost.evil/r4",
    ],
)
def test_a_faulty_entry_is_refused_with_its_place_in_the_list(entry: object) -> None:
    with pytest.raises(ValueError, match=r"^fhirServers\[1\]"):
        FhirServers.from_site(["https://fhir.example.org", entry])


@pytest.mark.parametrize(
    "entry",
    ["http://127.0.0.1:8080/fhir", "http://localhost:8080/fhir", "http://[::1]:8080/fhir", "http://127.1.2.3/fhir"],
)
def test_plain_http_may_be_listed_for_loopback_alone(entry: str) -> None:
    assert FhirServers.from_site([entry]).find(entry) is not None


@pytest.mark.parametrize(
    "member",
    [
        {"budgetSeconds": 0},
        {"budgetSeconds": "1"},
        {"pages": -1},
        {"references": True},
        {"responseBytes": None, "parallel": 0},
    ],
    ids=str,
)
def test_limits_of_the_site_file_are_checked(member: dict) -> None:
    with pytest.raises(ValueError, match=r"^callbacks\."):
        CallbackLimits.from_site(member)


def test_limits_have_defaults_and_can_be_set() -> None:
    assert CallbackLimits.from_site(None) == CallbackLimits(
        seconds=1.5, pages=10, references=200, parallel=8, calls=24, response_bytes=16 * 1024 * 1024
    )
    assert CallbackLimits.from_site({"budgetSeconds": 0.5, "pages": 3}) == CallbackLimits(seconds=0.5, pages=3)


# --- the token --------------------------------------------------------------------------------------------------------


def test_the_token_goes_with_every_request_and_asks_for_fhir_json() -> None:
    with serve({"/fhir/Device": servers.body(bundle(DEVICE))}) as server:
        assert outcome(client(server)) is Outcome.OK

        headers = server.seen[0].headers
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert headers["Accept"].startswith("application/fhir+json")


def test_without_a_token_only_an_open_server_is_called_and_an_open_one_is_never_sent_a_token() -> None:
    with serve({"/fhir/Device": servers.body(bundle(DEVICE))}) as server:
        base = server.url + "/fhir"
        assert connect(base, None, FhirServers.from_site([base]), CallbackLimits()) is None
        assert connect(base, "", FhirServers.from_site([{"url": base}]), CallbackLimits()) is None

        for token in (None, TOKEN):
            assert outcome(client(server, token, listed={"url": base, "open": True})) is Outcome.OK
        assert all("Authorization" not in seen.headers for seen in server.seen)
        assert len(server.seen) == 2


@pytest.mark.parametrize("token", ["two words", "line\r\nX-Evil: 1", "ünï", "\x00", 7, "x" * 20_000])
def test_a_token_that_cannot_stand_in_a_header_is_no_token(token: object) -> None:
    assert (
        connect(
            "https://fhir.example.org", token, FhirServers.from_site(["https://fhir.example.org"]), CallbackLimits()
        )
        is None
    )


def test_nothing_of_the_environment_reaches_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login MARKER password MARKER")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with (
        serve() as proxy,
        serve({"/fhir/Device": servers.body(bundle(DEVICE), Set_Cookie="session=MARKER; Path=/")}) as server,
    ):
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        for _ in range(2):
            assert outcome(client(server)) is Outcome.OK

        assert proxy.seen == []
        assert all(seen.headers["Authorization"] == f"Bearer {TOKEN}" for seen in server.seen)
        assert all("Cookie" not in seen.headers for seen in server.seen)


def test_connections_are_kept_between_calls() -> None:
    with serve({"/fhir/Device": servers.body(bundle(DEVICE))}) as server:
        for _ in range(4):
            made = client(server)
            assert outcome(made) is Outcome.OK
            made.call.end()

        assert len({seen.port for seen in server.seen}) == 1


def test_a_connection_that_the_server_closed_in_between_is_opened_again() -> None:
    def once_and_close(handler: servers.Handler) -> None:
        servers.body(bundle(DEVICE))(handler)
        handler.close_connection = True

    with serve({"/fhir/Device": once_and_close}) as server:
        assert [outcome(client(server)) for _ in range(5)] == [Outcome.OK] * 5


# --- what a server answers --------------------------------------------------------------------------------------------

ROWS = {
    "200": (servers.body(bundle(DEVICE)), Outcome.OK),
    "empty": (servers.body({"resourceType": "Bundle", "total": 0}), Outcome.OK),
    "gzip": (servers.zipped(bundle(DEVICE)), Outcome.OK),
    "bom": (servers.body(b"\xef\xbb\xbf" + b'{"resourceType": "Bundle"}'), Outcome.OK),
    "odd content type": (servers.body(bundle(DEVICE), Content_Type="text/plain"), Outcome.OK),
    "401": (servers.status(401), Outcome.UNAUTHORIZED),
    "403": (servers.status(403), Outcome.FORBIDDEN),
    "404": (servers.status(404), Outcome.NOT_FOUND),
    "410": (servers.status(410), Outcome.GONE),
    "429": (servers.status(429, Retry_After="1"), Outcome.TOO_MANY),
    "400": (servers.status(400), Outcome.CLIENT_ERROR),
    "500": (servers.status(500), Outcome.SERVER_ERROR),
    "503": (servers.html(503), Outcome.SERVER_ERROR),
    "204": (servers.body(b"", 204), Outcome.STATUS),
    "304": (servers.body(b"", 304), Outcome.REDIRECT_REFUSED),
    "html": (servers.html(), Outcome.NOT_JSON),
    "nothing": (servers.body(b""), Outcome.NOT_JSON),
    "broken json": (servers.body(b'{"resourceType": "Bundle", "entry": ['), Outcome.NOT_JSON),
    "array": (servers.body(b"[]"), Outcome.NOT_FHIR),
    "json but not fhir": (servers.body(b'{"error": "x"}'), Outcome.NOT_FHIR),
    "outcome for a bundle": (servers.body({"resourceType": "OperationOutcome"}), Outcome.NOT_FHIR),
    "resource for a bundle": (servers.body(DEVICE), Outcome.NOT_FHIR),
    "nesting": (servers.body(b'{"resourceType": "Bundle", "x": ' + b"[" * 100_000), Outcome.NOT_JSON),
    "not gzip": (servers.body(b"plain", Content_Encoding="gzip"), Outcome.BROKEN),
    "cut": (servers.cut, Outcome.NO_CONNECTION),
    "cut in body": (servers.cut_in_body, Outcome.BROKEN),
    "hang": (servers.hang, Outcome.TIME_OUT),
    "hang in body": (servers.hang_in_body, Outcome.TIME_OUT),
    "drip": (servers.drip_body, Outcome.TIME_OUT),
    "drip in headers": (servers.drip_headers, Outcome.TIME_OUT),
    "too large": (servers.body(b" " * 200_001), Outcome.TOO_LARGE),
    "gzip bomb": (servers.bomb(500_000_000), Outcome.TOO_LARGE),
    "redirect loop": (servers.redirect("/fhir/Device"), Outcome.REDIRECT_REFUSED),
    "redirect nowhere": (servers.redirect("http://"), Outcome.REDIRECT_REFUSED),
    "redirect to metadata": (servers.redirect("http://169.254.169.254/latest/"), Outcome.REDIRECT_REFUSED),
}


@pytest.mark.parametrize("row", ROWS)
@WATCHES_THE_CLOCK
def test_each_kind_of_answer_has_its_outcome_within_the_time(row: str) -> None:
    answer, expected = ROWS[row]
    with serve({"/fhir/Device": answer}) as server:
        made = client(server, seconds=0.4, response_bytes=200_000)
        began = time.monotonic()

        assert outcome(made) is expected
        assert time.monotonic() - began < 0.7


def test_a_server_that_is_not_there_is_no_connection() -> None:
    with serve() as server:
        pass

    assert outcome(client(server)) is Outcome.NO_CONNECTION


def test_a_name_that_does_not_resolve_is_no_connection() -> None:
    made = connect(
        "https://no-such-host.invalid/fhir",
        TOKEN,
        FhirServers.from_site(["https://no-such-host.invalid/fhir"]),
        CallbackLimits(),
    )

    assert outcome(made) is Outcome.NO_CONNECTION


def test_an_https_server_that_speaks_plain_http_is_a_tls_failure() -> None:
    with serve() as server:
        base = server.url.replace("http:", "https:") + "/fhir"
        made = connect(base, TOKEN, FhirServers.from_site([base]), CallbackLimits())

        assert outcome(made) is Outcome.TLS
        assert server.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_private_authority_is_believed_where_its_certificates_are_named(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also then only for the address that the certificate names, and the token goes nowhere before."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    authority, tls = private_authority(tmp_path, "127.0.0.1")
    answers = {"/fhir/Device": servers.body(bundle(DEVICE))}
    with serve(answers, tls=tls) as server, serve(answers, host="127.0.0.2", tls=tls) as elsewhere:

        def reached(one: Server) -> Outcome:
            return outcome(replace(client(one), session=new_session()))

        assert reached(server) is Outcome.TLS
        monkeypatch.setenv(variable, str(authority))
        assert (reached(server), reached(elsewhere)) == (Outcome.OK, Outcome.TLS)
        assert (len(server.seen), elsewhere.seen) == (1, [])


def test_a_redirect_on_the_same_origin_is_followed_and_one_elsewhere_never_gets_the_token() -> None:
    with (
        serve({"*": servers.body(bundle(DEVICE))}) as other,
        serve({"/moved/Device": servers.body(bundle(DEVICE))}) as server,
    ):
        for code in (301, 302, 307, 308):
            server.answers["/fhir/Device"] = servers.redirect("/moved/Device?patient=1", code)
            assert outcome(client(server)) is Outcome.OK
        for target in (
            other.url + "/Device",
            other.url.replace("http:", ""),
            server.url.replace("127.0.0.1", "localhost") + "/moved/Device",
        ):
            server.answers["/fhir/Device"] = servers.redirect(target)
            assert outcome(client(server)) is Outcome.REDIRECT_REFUSED

        assert other.seen == []


def test_all_answers_of_one_call_together_have_a_cap() -> None:
    with serve({"/fhir/Device": servers.body({"resourceType": "Bundle", "x": "x" * 900})}) as server:
        made = client(server, response_bytes=1000)

        assert [outcome(made) for _ in range(5)] == [Outcome.OK] * 4 + [Outcome.TOO_LARGE]


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_a_name_that_turns_out_to_be_a_loopback_address_is_not_contacted(host: str) -> None:
    with serve() as server:
        base = f"https://{host}:{server.url.rpartition(':')[2]}/fhir"
        made = connect(base, TOKEN, FhirServers.from_site([{"url": base, "privateNetwork": True}]), CallbackLimits())

        assert outcome(made) is Outcome.ADDRESS_REFUSED
        assert server.seen == []


@pytest.mark.parametrize(
    ("address", "private", "expected"),
    [
        ("93.184.216.34", False, Outcome.OK),
        ("10.1.2.3", False, Outcome.ADDRESS_REFUSED),
        ("10.1.2.3", True, Outcome.OK),
        ("192.168.1.1", False, Outcome.ADDRESS_REFUSED),
        ("172.16.0.1", True, Outcome.OK),
        ("100.64.0.1", False, Outcome.ADDRESS_REFUSED),
        ("169.254.169.254", False, Outcome.ADDRESS_REFUSED),
        ("169.254.169.254", True, Outcome.ADDRESS_REFUSED),
        ("127.0.0.1", True, Outcome.ADDRESS_REFUSED),
        ("0.0.0.0", True, Outcome.ADDRESS_REFUSED),
        ("224.0.0.1", True, Outcome.ADDRESS_REFUSED),
        ("::1", True, Outcome.ADDRESS_REFUSED),
        ("::", True, Outcome.ADDRESS_REFUSED),
        ("fe80::1", True, Outcome.ADDRESS_REFUSED),
        ("fd00::1", False, Outcome.ADDRESS_REFUSED),
        ("fd00::1", True, Outcome.OK),
        ("::ffff:169.254.169.254", True, Outcome.ADDRESS_REFUSED),
        ("::ffff:10.0.0.1", False, Outcome.ADDRESS_REFUSED),
        ("64:ff9b::a9fe:a9fe", True, Outcome.ADDRESS_REFUSED),
        ("64:ff9b::a00:1", False, Outcome.ADDRESS_REFUSED),
        ("2002:7f00:1::", True, Outcome.ADDRESS_REFUSED),
        ("2606:2800:220:1::1", False, Outcome.OK),
    ],
)
def test_what_a_name_may_lead_to(address: str, private: bool, expected: Outcome) -> None:
    from ipaddress import ip_address

    from cdshooks.outbound.urls import may_contact

    assert may_contact("fhir.example.org", private, ip_address(address)) is (expected is Outcome.OK)


def test_an_address_that_the_site_file_spells_out_may_be_contacted_itself_alone() -> None:
    from ipaddress import ip_address

    from cdshooks.outbound.urls import may_contact

    assert may_contact("10.1.2.3", False, ip_address("10.1.2.3"))
    assert not may_contact("10.1.2.3", False, ip_address("10.1.2.4"))
    assert may_contact("localhost", False, ip_address("::1"))
    assert not may_contact("localhost", False, ip_address("10.1.2.3"))


def test_a_name_is_checked_at_every_new_connection_and_not_only_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name server is the attacker's, so it alone is played here."""
    real, answers = socket.getaddrinfo, ["169.254.169.254", "127.0.0.1"]
    asked: list[str] = []

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list:
        if host != "rebound.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return real(answers[len(asked) % 2], port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serve() as server:
        base = f"https://rebound.example:{server.url.rpartition(':')[2]}/fhir"
        made = connect(base, TOKEN, FhirServers.from_site([{"url": base, "privateNetwork": True}]), CallbackLimits())

        assert [outcome(made) for _ in range(4)] == [Outcome.ADDRESS_REFUSED] * 4
        assert len(asked) == 4
        assert server.seen == []


# --- pages and references ---------------------------------------------------------------------------------------------


def test_next_pages_are_offered_on_the_same_origin_alone() -> None:
    with serve() as other, serve() as server:
        made = client(server)
        for link, expected in {
            f"{server.url}/fhir/Device?page=2": "/fhir/Device?page=2",
            "?page=2": "/fhir/Device?page=2",
            "/fhir?_getpages=a|b c": "/fhir?_getpages=a%7Cb%20c",
            f"{server.url}/fhir?_getpages=a%7Cb": "/fhir?_getpages=a%7Cb",
            f"{other.url}/fhir/Device?page=2": None,
            server.url.replace("http:", "https:") + "/fhir/Device?page=2": None,
            f"{server.url}@evil.example/": None,
            "http://169.254.169.254/": None,
            "javascript:alert(1)": None,
            "http://[": None,
        }.items():
            server.answers["/fhir/Device"] = servers.body(bundle(DEVICE, following=link))
            page = made.search("Device", "patient=1")
            assert page.next == (parse_url(server.url + expected) if expected else None), link
            assert page.next_refused is (expected is None)
        with pytest.raises(Failed, match="next-refused"):
            made.page(parse_url(other.url + "/fhir"))
        assert other.seen == []


def test_the_query_arrives_as_it_is_meant() -> None:
    with serve({"/fhir/Observation": servers.body(bundle())}) as server:
        client(server).search("Observation", "patient=1&code=http://loinc.org|1-8,urn:oid:1.2|a b&_sort=-date")

        assert server.paths == [
            "/fhir/Observation?patient=1&code=http://loinc.org%7C1-8,urn:oid:1.2%7Ca%20b&_sort=-date"
        ]


def test_a_reference_is_read_below_the_servers_own_base_alone() -> None:
    medication = {"resourceType": "Medication", "id": "m1"}
    with (
        serve() as other,
        serve({"/fhir/Medication/m1": servers.body(medication), "/fhir/Medication/m2": servers.body(DEVICE)}) as server,
    ):
        made = client(server)
        for reference in ("Medication/m1", f"{server.url}/fhir/Medication/m1", "Medication/m1/_history/2"):
            assert b"m1" in made.read(reference)
        for reference, expected in {
            "Medication/m2": Outcome.NOT_FHIR,
            "Medication/m3": Outcome.NOT_FOUND,
            f"{other.url}/fhir/Medication/m1": Outcome.NOT_ALLOWED,
            f"{server.url}/other/Medication/m1": Outcome.NOT_ALLOWED,
            f"{server.url}/fhir/../admin": Outcome.UNSAFE_ID,
            "Medication/..": Outcome.UNSAFE_ID,
            "Medication/../Patient": Outcome.UNSAFE_ID,
            "Medication/a%2fb": Outcome.UNSAFE_ID,
            "Medication/a?b=c": Outcome.UNSAFE_ID,
            "Medication": Outcome.UNSAFE_ID,
            "#contained": Outcome.UNSAFE_ID,
            "": Outcome.UNSAFE_ID,
        }.items():
            with pytest.raises(Failed) as raised:
                made.read(reference)
            assert raised.value.outcome is expected, reference
        assert other.seen == []
