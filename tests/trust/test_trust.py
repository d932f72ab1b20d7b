"""Who is let in: every row of the JWT list that integration teams meet, on real keys and a real key server."""

from __future__ import annotations

import json
import logging
import random
import time

import jwt
import pytest

from cdshooks import trust
from cdshooks.trust import RefusalReason
from tests.support import servers, tokens
from tests.support.servers import serve
from tests.support.tokens import bearer, key, public_jwk, token


def settings(**client: object) -> trust.TrustSettings:
    listed = {"name": "EHR", "iss": tokens.ISSUER, **client}
    if "jku" not in listed and "jwks" not in listed:
        listed["jwks"] = tokens.jwks(public_jwk(key()), public_jwk(key("RS384"), "rsa"))
    return trust.TrustSettings.from_site({"mode": "jwt", "clients": [listed]})


class Door:
    """A site's trust with the caller's token in hand: `opens` or the reason why not."""

    def __init__(self, site: trust.TrustSettings, store: trust.ReplayStore | None = None) -> None:
        self.trust = trust.Trust(site)
        self.replay = trust.ReplayCheck(store)

    def enter(self, authorization: str | None, audiences: tuple[str, ...] = (tokens.SERVICE,)) -> trust.Client:
        return trust.verify(authorization, audiences, self.trust, self.replay)

    def reason(self, authorization: str | None, audiences: tuple[str, ...] = (tokens.SERVICE,)) -> RefusalReason | None:
        try:
            self.enter(authorization, audiences)
        except trust.Refused as e:
            assert (e.status, e.outcome, e.headers) == (401, trust.errors.OUTCOME, trust.errors.CHALLENGE)
            return e.reason
        return None


@pytest.fixture
def door() -> Door:
    return Door(settings())


def test_a_listed_client_with_a_valid_token_is_let_in_by_name(door: Door) -> None:
    client = door.enter(bearer(token(tenant="north")))

    assert (client.name, client.iss, client.tenant, client.replayed) == ("EHR", tokens.ISSUER, "north", False)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_in_any_case(door: Door, scheme: str) -> None:
    assert door.reason(f"{scheme} {token()}") is None


def test_rs384_is_accepted_though_the_key_does_not_name_its_algorithm(door: Door) -> None:
    assert door.reason(bearer(token(key("RS384"), "RS384", {"kid": "rsa"}))) is None


@pytest.mark.parametrize(("algorithm", "kind"), [("ES256", "ES256"), ("RS256", "RS384")])
def test_sha256_algorithms_are_accepted_only_where_the_site_lists_them(algorithm: str, kind: str) -> None:
    keys = tokens.jwks(public_jwk(key(kind)))
    sent = bearer(token(key(kind), algorithm))

    assert Door(settings(jwks=keys)).reason(sent) is RefusalReason.ALGORITHM
    assert Door(settings(jwks=keys, algorithms=[algorithm])).reason(sent) is None


@pytest.mark.parametrize("name", ["none", "HS256", "PS384", "EdDSA", "ES512", ""])
def test_a_site_cannot_list_an_algorithm_outside_the_four(name: str) -> None:
    with pytest.raises(ValueError, match=r"trust\.clients\[0\]\.algorithms"):
        settings(algorithms=[name])


def test_a_token_that_is_not_signed_is_refused(door: Door) -> None:
    for name in ("none", "None", "NONE"):
        assert (
            door.reason(bearer(tokens.unsigned({"alg": name, "typ": "JWT", "kid": "k1"}, tokens.claims())))
            is RefusalReason.ALGORITHM
        )
    signed_as_es384 = tokens.unsigned({"alg": "ES384", "typ": "JWT", "kid": "k1"}, tokens.claims())
    assert door.reason(bearer(signed_as_es384)) is RefusalReason.SIGNATURE


def test_the_public_key_does_not_serve_as_a_shared_secret(door: Door) -> None:
    from hashlib import sha256
    from hmac import new

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = key("RS384").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, _, _ = tokens.unsigned({"alg": "HS256", "typ": "JWT", "kid": "rsa"}, tokens.claims()).rpartition(".")
    forged = head + "." + jwt.utils.base64url_encode(new(pem, head.encode(), sha256).digest()).decode()

    assert jwt.get_algorithm_by_name("HS256").verify(head.encode(), pem, new(pem, head.encode(), sha256).digest())
    assert door.reason(bearer(forged)) is RefusalReason.ALGORITHM


def test_another_clients_key_or_a_changed_claim_is_refused(door: Door) -> None:
    assert door.reason(bearer(token(key(which=1)))) is RefusalReason.SIGNATURE
    head, payload, signature = token().split(".")
    changed = jwt.utils.base64url_encode(json.dumps(tokens.claims(tenant="south")).encode()).decode()
    assert door.reason(bearer(f"{head}.{changed}.{signature}")) is RefusalReason.SIGNATURE


def test_the_key_must_fit_the_algorithm_and_be_for_signatures() -> None:
    for wrong in (
        public_jwk(key(), use="enc"),
        public_jwk(key(), alg="ES256"),
        public_jwk(key(), key_ops=["encrypt"]),
        public_jwk(key(), key_ops=7),
        public_jwk(key("ES256")),
        public_jwk(key("RS384")),
        {"kty": "EC", "crv": "P-384", "kid": "k1", "x": "AA", "y": "AA"},
        {"kty": "EC", "kid": "k1"},
        {"kid": "k1"},
    ):
        door = Door(settings(jwks=tokens.jwks(wrong)))
        assert door.reason(bearer(token())) is RefusalReason.KEY
        both = Door(settings(jwks=tokens.jwks(wrong, public_jwk(key()))))
        assert both.reason(bearer(token())) is None


def test_a_short_rsa_key_is_not_used() -> None:
    short = key("RS384", bits=1024)

    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        sent = token(short, "RS384")
    assert Door(settings(jwks=tokens.jwks(public_jwk(short)))).reason(bearer(sent)) is RefusalReason.KEY


@pytest.mark.parametrize("kid", ["a+b/c==", "Zm9v+/8=", "ключ", "k" * 500])
def test_key_ids_of_any_spelling_are_found(kid: str) -> None:
    door = Door(settings(jwks=tokens.jwks(public_jwk(key(), kid))))

    assert door.reason(bearer(token(headers={"kid": kid}))) is None
    assert door.reason(bearer(token(headers={"kid": kid + "x"}))) is RefusalReason.KEY


@pytest.mark.parametrize("kid", [None])
def test_a_token_without_key_id_is_refused(door: Door, kid: str | None) -> None:
    assert door.reason(bearer(token(headers={"kid": kid}))) is RefusalReason.KEY


# --- audience ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "aud",
    [tokens.SERVICE, tokens.SERVICE + "/", [tokens.SERVICE], ["https://other.example", tokens.SERVICE + "/"]],
    ids=["string", "slash", "array", "among others"],
)
def test_the_audience_may_be_a_string_or_an_array_with_one_trailing_slash(door: Door, aud: object) -> None:
    assert door.reason(bearer(token(aud=aud))) is None


@pytest.mark.parametrize(
    "aud",
    [
        "https://other.example/cds-services/itb-patient-view",
        tokens.SERVICE + "//",
        tokens.SERVICE + "x",
        tokens.BASE,
        f"{tokens.BASE}/cds-services",
        f"{tokens.BASE}/cds-services/itb-order-sign",
        tokens.SERVICE.replace("https", "http"),
        [],
        [""],
        "",
        7,
        {"url": tokens.SERVICE},
        [tokens.SERVICE, 7],
    ],
)
def test_any_other_audience_is_refused(door: Door, aud: object) -> None:
    assert door.reason(bearer(token(aud=aud))) in (RefusalReason.AUDIENCE, RefusalReason.CLAIM)


def test_each_endpoint_has_its_audience() -> None:
    assert trust.audiences.of_discovery("https://cds.example/") == ("https://cds.example/cds-services",)
    assert trust.audiences.of_service("https://cds.example/base", "x") == ("https://cds.example/base/cds-services/x",)
    assert trust.audiences.of_feedback("https://cds.example", "x") == (
        "https://cds.example/cds-services/x/feedback",
        "https://cds.example/cds-services/x",
    )


def test_a_feedback_token_may_name_the_feedback_url_or_the_service(door: Door) -> None:
    wanted = trust.audiences.of_feedback(tokens.BASE, "itb-patient-view")

    assert door.reason(bearer(token(aud=tokens.SERVICE + "/feedback")), wanted) is None
    assert door.reason(bearer(token(aud=tokens.SERVICE)), wanted) is None
    assert door.reason(bearer(token(aud=tokens.SERVICE + "/feedback"))) is RefusalReason.AUDIENCE


# --- time and claims --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": -30}, None),
        ({"exp": -90}, RefusalReason.EXPIRED),
        ({"exp": -86400}, RefusalReason.EXPIRED),
        ({"nbf": 30}, None),
        ({"nbf": 90}, RefusalReason.NOT_YET),
        ({"nbf": -300}, None),
        ({"iat": 30}, None),
        ({"iat": 90}, RefusalReason.NOT_YET),
        ({"iat": -900}, None),
        ({"iat": -86400}, None),
    ],
    ids=str,
)
def test_times_count_with_a_minute_of_leeway_and_age_alone_is_no_reason(
    door: Door, changes: dict, expected: RefusalReason | None
) -> None:
    moved = {name: int(time.time()) + seconds for name, seconds in changes.items()}

    assert door.reason(bearer(token(**moved))) is expected


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti"])
def test_a_token_without_a_required_claim_is_refused(door: Door, claim: str) -> None:
    assert door.reason(bearer(token(**{claim: None}))) in (RefusalReason.CLAIM, RefusalReason.ISSUER)


@pytest.mark.parametrize(
    "changes",
    [{"jti": ""}, {"jti": 7}, {"jti": []}, {"sub": 7}, {"exp": 10**12}, {"exp": "soon"}, {"iat": "x"}],
    ids=str,
)
def test_a_claim_of_the_wrong_form_is_refused(door: Door, changes: dict) -> None:
    signed = jwt.api_jws.encode(
        json.dumps({**tokens.claims(), **changes}).encode(), key(), "ES384", {"kid": "k1", "typ": "JWT"}
    )

    assert door.reason(bearer(signed)) in (RefusalReason.CLAIM, RefusalReason.NOT_YET, RefusalReason.MALFORMED)


def test_numbers_beyond_any_date_are_refused_and_not_an_error(door: Door) -> None:
    for exp in ("1e400", "1" + "0" * 400, "NaN", "Infinity", "-Infinity", "true", "[1]"):
        raw = json.dumps(tokens.claims()).encode().replace(b'"exp": ', f'"exp": {exp}, "was": '.encode())
        signed = jwt.api_jws.encode(raw, key(), "ES384", {"kid": "k1", "typ": "JWT"})
        assert door.reason(bearer(signed)) is not None


def test_an_access_token_of_the_same_issuer_is_no_client_token(door: Door) -> None:
    assert door.reason(bearer(token(headers={"typ": "at+jwt"}))) is RefusalReason.TYPE
    assert door.reason(bearer(token(headers={"typ": "jwt"}))) is None


def test_critical_header_extensions_that_nobody_here_knows_are_refused(door: Door) -> None:
    assert door.reason(bearer(token(headers={"crit": ["exp"], "exp": 1}))) is RefusalReason.MALFORMED


# --- issuer, jku, tenant ----------------------------------------------------------------------------------------------


def test_an_issuer_that_is_not_listed_is_refused(door: Door) -> None:
    for iss in ("https://other.example", tokens.ISSUER + "/", tokens.ISSUER.upper(), 7, [tokens.ISSUER], ""):
        signed = jwt.api_jws.encode(json.dumps({**tokens.claims(), "iss": iss}).encode(), key(), "ES384", {"kid": "k1"})
        assert door.reason(bearer(signed)) is RefusalReason.ISSUER


def test_a_jku_that_is_not_listed_is_refused_and_never_fetched() -> None:
    theirs = tokens.jwks(public_jwk(key(which=1)))
    with serve(
        {"/evil.json": servers.body(theirs), "/good.json": servers.body(tokens.jwks(public_jwk(key())))}
    ) as server:
        door = Door(settings(jku=f"{server.url}/good.json"))

        for jku in (f"{server.url}/evil.json", f"{server.url}/good.json/", f"{server.url}/good.json?x", 7, ["x"], ""):
            assert door.reason(bearer(token(key(which=1), headers={"jku": jku}))) is RefusalReason.JKU
        assert server.seen == []
        assert door.reason(bearer(token(headers={"jku": f"{server.url}/good.json"}))) is None
        assert door.reason(bearer(token())) is None


def test_a_jku_is_compared_also_where_the_keys_stand_in_the_site_file(door: Door) -> None:
    assert door.reason(bearer(token(headers={"jku": "https://fhir.hospital.example/keys"}))) is RefusalReason.JKU
    assert door.reason(bearer(token())) is None


def test_one_listed_client_cannot_point_to_anothers_keys() -> None:
    with serve(
        {
            "/a.json": servers.body(tokens.jwks(public_jwk(key()))),
            "/b.json": servers.body(tokens.jwks(public_jwk(key(which=1)))),
        }
    ) as server:
        clients = [{"name": n, "iss": f"https://{n}.example", "jku": f"{server.url}/{n}.json"} for n in ("a", "b")]
        door = Door(trust.TrustSettings.from_site({"mode": "jwt", "clients": clients}))

        assert (
            door.enter(
                bearer(token(key(which=1), iss="https://b.example", headers={"jku": f"{server.url}/b.json"}))
            ).name
            == "b"
        )
        assert (
            door.reason(bearer(token(key(which=1), iss="https://a.example", headers={"jku": f"{server.url}/b.json"})))
            is RefusalReason.JKU
        )
        assert door.reason(bearer(token(key(which=1), iss="https://a.example"))) is RefusalReason.SIGNATURE


def test_tenants_tell_the_hospitals_of_one_vendor_apart() -> None:
    keys = tokens.jwks(public_jwk(key()))
    clients = [{"name": n, "iss": tokens.ISSUER, "jwks": keys, "tenants": [n]} for n in ("north", "south")]
    door = Door(trust.TrustSettings.from_site({"mode": "jwt", "clients": clients}))

    assert door.enter(bearer(token(tenant="south"))).name == "south"
    assert door.enter(bearer(token(tenant="north"))).name == "north"
    for tenant in ("east", None, 7, ["north"]):
        assert door.reason(bearer(token(tenant=tenant))) is RefusalReason.TENANT


def test_the_client_id_of_the_site_file_is_what_sub_must_say() -> None:
    door = Door(settings(clientId="12345678-ce08"))
    assert door.enter(bearer(token(sub="12345678-ce08"))).name == "EHR"
    for sub in ("12345678-ce09", "", None, 7, ["12345678-ce08"]):
        payload = json.dumps({**tokens.claims(), **({} if sub is None else {"sub": sub})}).encode()
        signed = jwt.api_jws.encode(payload, key(), "ES384", {"kid": "k1", "typ": "JWT"})
        assert door.reason(bearer(signed)) is RefusalReason.SUBJECT, sub


def test_without_a_client_id_in_the_site_file_sub_is_not_looked_at(door: Door) -> None:
    assert door.reason(bearer(token(sub="anything"))) is None
    assert door.reason(bearer(token())) is None


def test_client_ids_tell_two_registrations_of_one_issuer_apart() -> None:
    keys = tokens.jwks(public_jwk(key()))
    rows: list[dict] = [{"name": "any"}, {"name": "test", "clientId": "t"}, {"name": "live", "clientId": "l"}]
    clients = [{"iss": tokens.ISSUER, "jwks": keys, **row} for row in rows]
    door = Door(trust.TrustSettings.from_site({"mode": "jwt", "clients": clients}))
    assert [door.enter(bearer(token(sub=sub))).name for sub in ("t", "l", "x")] == ["test", "live", "any"]


@pytest.mark.parametrize("wrong", ["", 7, None])
def test_a_client_id_is_a_text(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"trust\.clients\[0\]\.clientId"):
        settings(clientId=wrong)


@pytest.mark.parametrize(
    ("listed", "sent", "told"),
    [
        ({}, {"iss": "https://theirs.example"}, "issuer-not-listed client=None iss='https://theirs.example'"),
        ({}, {"headers": {"jku": "https://theirs.example/keys"}}, "jku='https://theirs.example/keys'"),
        ({"tenants": ["ours"]}, {"tenant": "theirs"}, "tenant='theirs'"),
        ({"clientId": "ours"}, {"sub": "theirs"}, "sub='theirs'"),
    ],
    ids=["iss", "jku", "tenant", "sub"],
)
def test_what_is_not_listed_is_in_the_log_to_be_compared(
    listed: dict[str, object], sent: dict[str, object], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert Door(settings(**listed)).reason(bearer(token(**sent))) is not None
    assert "not-listed" in caplog.text and told in caplog.text


# --- malformed --------------------------------------------------------------------------------------------------------


def test_no_header_another_scheme_and_rubbish_are_refused(door: Door) -> None:
    assert door.reason(None) is RefusalReason.NO_TOKEN
    assert door.reason("") is RefusalReason.NO_TOKEN
    assert door.reason("Basic dXNlcjpwYXNz") is RefusalReason.NOT_BEARER
    assert door.reason("Bearer") is RefusalReason.NOT_BEARER
    assert door.reason("Bearer   ") is RefusalReason.NOT_BEARER
    assert door.reason(token()) is RefusalReason.NOT_BEARER
    assert door.reason("Bearer " + "a" * 20_000) is RefusalReason.TOO_LONG
    for rubbish in ("x", "..", "a.b.c", "é.é.é", "null", "a.b", "a.b.c.d.e", "\x00", f"{token()} {token()}"):
        assert door.reason(bearer(rubbish)) is RefusalReason.MALFORMED


def test_headers_and_claims_of_any_shape_never_raise(door: Door) -> None:
    odd = [None, 7, 1.5, True, "x", "", [], {}, ["x"], {"a": 1}]
    for value in odd:
        for name in ("alg", "kid", "jku", "typ", "crit", "b64"):
            made = tokens.unsigned({"alg": "ES384", "typ": "JWT", "kid": "k1", name: value}, tokens.claims())
            assert door.reason(bearer(made)) is not None
        for name in ("iss", "aud", "exp", "iat", "nbf", "jti", "tenant", "sub"):
            made = tokens.unsigned({"alg": "ES384", "typ": "JWT", "kid": "k1"}, {**tokens.claims(), name: value})
            assert door.reason(bearer(made)) is not None
        assert door.reason(bearer(tokens.unsigned({"alg": "ES384", "kid": "k1"}, value))) is not None
    deep = b'{"iss":' + b"[" * 4000 + b"]" * 4000 + b"}"
    assert door.reason(bearer(tokens.unsigned({"alg": "ES384", "kid": "k1"}, deep))) is not None


def test_a_valid_token_with_any_byte_changed_is_refused(door: Door) -> None:
    good = token()
    draw = random.Random(4)
    for _ in range(300):
        place = draw.randrange(len(good))
        letter = draw.choice("ABCxyz019-_.= é\x7f")
        bad = good[:place] + letter + good[place + 1 :]
        # The last character of a segment holds bits that base64url does not use: such a change is none.
        if bad != good and _bytes(bad) != _bytes(good):
            assert door.reason(bearer(bad)) is not None


def _bytes(value: str) -> list[bytes] | str:
    try:
        return [jwt.utils.base64url_decode(part) for part in value.split(".")]
    except ValueError:
        return value


# --- open mode, logs, counts ------------------------------------------------------------------------------------------


def test_in_open_mode_anyone_may_call_with_or_without_a_token() -> None:
    for site in (trust.TrustSettings.from_site(None), trust.TrustSettings.from_site({"mode": "open"})):
        door = Door(site)
        assert door.enter(None) is trust.ANYONE
        assert door.enter("Bearer rubbish") is trust.ANYONE


def test_the_log_says_why_and_for_whom_but_holds_no_token_and_no_other_claim(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent = [
        token(aud="https://mistyped.example", sub="MARKER-sub", fhirUser="MARKER-user"),
        token(key(which=1), jti="line\nbreak"),
        "MARKER-rubbish.a.b",
    ]
    for each in sent:
        assert door.reason(bearer(each)) is not None

    assert "audience client=EHR" in caplog.text
    assert "https://mistyped.example" in caplog.text
    assert "'line\\nbreak'" in caplog.text
    assert "MARKER" not in caplog.text
    for each in sent:
        assert all(part not in caplog.text for part in each.split(".") if len(part) > 5)


def test_refusals_are_counted_by_reason(door: Door) -> None:
    door.reason(None)
    door.reason(None)
    door.reason(bearer(token(aud="x")))
    door.enter(bearer(token()))

    assert door.trust.refusals == {"no-token": 2, "audience": 1}


@pytest.mark.parametrize(
    ("member", "names"),
    [
        ({}, "trust.mode"),
        ({"mode": "jwt"}, "trust.clients"),
        ({"mode": "jwt", "clients": [{"name": "a", "iss": "x"}]}, r"trust.clients\[0\]"),
        (
            {"mode": "jwt", "clients": [{"name": "a", "iss": "x", "jku": "http://ehr.example/jwks"}]},
            r"trust.clients\[0\].jku",
        ),
        (
            {"mode": "jwt", "clients": [{"name": "a", "iss": "x", "jku": "https://u:p@ehr.example/jwks"}]},
            r"trust.clients\[0\].jku",
        ),
        (
            {"mode": "jwt", "clients": [{"name": "a", "iss": "", "jku": "https://ehr.example/jwks"}]},
            r"trust.clients\[0\].iss",
        ),
        ({"mode": "jwt", "clients": [{"name": "a", "iss": "x", "jwks": {"keys": []}}]}, r"trust.clients\[0\].jwks"),
        (
            {
                "mode": "jwt",
                "clients": [{"name": "a", "iss": "x", "jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}],
            },
            r"trust.clients\[0\].jwks",
        ),
        (
            {"mode": "jwt", "clients": [{"name": "a", "iss": "x", "jku": "https://e.example/j", "replay": "ignore"}]},
            r"trust.clients\[0\].replay",
        ),
        (
            {"mode": "jwt", "clients": [{"name": "a", "iss": n, "jku": "https://e.example/j"} for n in "xy"]},
            "trust.clients",
        ),
    ],
)
def test_a_faulty_site_file_is_refused_with_the_name_of_the_member(member: dict, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        trust.TrustSettings.from_site(member)
