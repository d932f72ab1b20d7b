"""The console over Flask's test client: every page and form, what is refused, what is kept, and that charts cannot
write HTML."""

from __future__ import annotations

import io
import json
import logging
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from werkzeug import formparser

from cdshooks.app import create_app
from cdshooks.audit import metrics, report
from cdshooks.audit.recorder import EXTENSION
from cdshooks.console import markup, samples
from cdshooks.store import models
from rules import ALL_RULES

ROOT = Path(__file__).parents[2]
PAGES = ("/", "/try", "/rules", "/rates", f"/rules/{ALL_RULES[0].id}")
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>"
JWT_CLIENT = {"name": "Hospital", "iss": "https://ehr.example.org", "jku": "https://ehr.example.org/jwks.json"}
JWT_SITE = {"trust": {"mode": "jwt", "clients": [JWT_CLIENT]}, "publicBaseUrl": "https://cds.example.org"}


class Ids(HTMLParser):
    """Collects what a page's structure promises."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.inline: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append(tag)
        if held.get("id"):
            self.ids.append(held["id"])
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.references |= set((held.get(name) or "").split())
        if any(name.startswith("on") or name == "style" for name in held) or (
            tag in ("script", "style") and "src" not in held
        ):
            self.inline.append(tag)


@pytest.fixture
def app(tmp_path):
    return create_app(
        {
            "TESTING": True,
            "CDSHOOKS_DATABASE_URL": f"sqlite:///{tmp_path}/record.db",
            "CDSHOOKS_NOW": "2026-06-15T10:00:00Z",
        }
    )


@pytest.fixture
def client(app):
    return app.test_client()


def token(client: Any) -> str:
    return re.search(r'name="token" value="([^"]+)"', client.get("/try").text)[1]


def post(client: Any, path: str, **fields: Any) -> Any:
    return client.post(path, data={"token": token(client), **fields}, content_type="multipart/form-data")


def critical() -> samples.ConsoleSample:
    found = samples.critical()
    assert found is not None
    return found


def dialect(name: str) -> samples.ConsoleSample:
    return samples.samples_by_id()[f"clients/{name}"]


def answered(page: str) -> str:
    """The words of a page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def cards_on(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<article class="card (\w+)".*?<h3 id="card-\d+">(.*?)</h3>', page, re.DOTALL)


# --- every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_names_its_parts_and_has_nothing_inline(client, path) -> None:
    response = client.get(path)
    seen = Ids()
    seen.feed(response.text)
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert seen.tags.count("h1") == 1
    assert {"header", "nav", "main", "footer"} <= set(seen.tags)
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.references <= set(seen.ids)
    assert seen.inline == []


@pytest.mark.parametrize("path", [*PAGES, "/rules/none", "/console/static/console.css"])
def test_every_answer_of_the_console_is_guarded(client, path) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert ("no-store" in headers["Cache-Control"]) is not path.endswith(".css")


def test_the_console_is_off_in_production_unless_the_site_wants_it() -> None:
    off = create_app({"TESTING": True, "RECORD": False, "SITE": JWT_SITE}).test_client()
    assert [off.get(path).status_code for path in PAGES] == [404] * len(PAGES)
    assert off.get("/fhir/CodeSystem/itb-pump-data").status_code == 200
    on = create_app({"TESTING": True, "RECORD": False, "SITE": {**JWT_SITE, "console": True}}).test_client()
    assert on.get("/").status_code == 200
    assert "Calls need a JSON Web Token" in on.get("/").text


def test_the_console_can_be_switched_off_in_open_mode() -> None:
    off = create_app({"TESTING": True, "RECORD": False, "SITE": {"console": False}}).test_client()
    assert off.get("/").status_code == 404


def test_with_an_https_base_the_cookie_travels_only_over_tls() -> None:
    secure = (
        create_app({"TESTING": True, "RECORD": False, "SITE": {**JWT_SITE, "console": True}})
        .test_client()
        .get("/")
        .headers["Set-Cookie"]
    )
    assert secure.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(secure.split("; "))


def test_the_home_page_tells_hooks_prefetch_and_discovery(client) -> None:
    page = client.get("/").text
    for service in client.get("/cds-services").get_json()["services"]:
        assert f"/cds-services/{service['id']}" in page
        assert service["hook"] in page
        for key, query in service["prefetch"].items():
            assert f'id="q-{key}"' in page
            assert query.replace("&", "&amp;") in page


# --- try it -----------------------------------------------------------------------------------------------------------


def test_one_click_on_the_home_page_shows_a_critical_card(client) -> None:
    page = client.get("/").text
    form = re.search(r'<form class="hero-actions".*?</form>', page, re.DOTALL)[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', form))
    response = client.post(re.search(r'action="([^"#]+)', form)[1], data=fields, content_type="multipart/form-data")
    assert response.status_code == 200
    assert "critical" in [indicator for indicator, _ in cards_on(response.text)]
    assert "Critical" in answered(response.text)


def test_a_trial_shows_the_cards_that_the_service_itself_answers(client) -> None:
    sample = critical()
    sent = post(client, "/try", sample=sample.id)
    direct = client.post(f"/cds-services/{sample.service}", json=json.loads(sample.text)).get_json()["cards"]
    shown = cards_on(sent.text)
    assert [indicator for indicator, _ in shown] == [card["indicator"] for card in direct]
    for card, (_, summary) in zip(direct, shown, strict=True):
        assert answered(summary).replace("&#39;", "'") == " ".join(card["summary"].split())
        for suggestion in card.get("suggestions", ()):
            assert suggestion["label"] in answered(sent.text).replace("&#39;", "'")
        for reason in card.get("overrideReasons", ()):
            assert f'<option value="{reason["code"]}">' in sent.text
        for link in card.get("links", ()):
            assert f'href="{link["url"]}"' in sent.text.replace("&amp;", "&")


@pytest.mark.parametrize("name", [sample.id for sample in samples.samples_by_id().values() if not sample.rule])
def test_every_client_dialect_can_be_tried(client, name) -> None:
    page = client.get("/try", query_string={"sample": name}).text
    assert 'name="at" value="2026-06-15T10:00:00Z"' in page
    response = post(client, "/try", request=samples.samples_by_id()[name].text, at=samples.samples_by_id()[name].at)
    assert response.status_code == 200
    assert "Every rule, and why" in response.text
    for rule in ALL_RULES:
        assert f'id="rule-{rule.id}"' in response.text


def test_the_prefetch_of_an_epic_request_is_explained_key_by_key(client) -> None:
    request = json.loads(dialect("epic/patient-view").text)
    request["prefetch"]["devices-renamed"] = request["prefetch"].pop("devices")
    del request["prefetch"]["medicationRequests"]
    page = answered(post(client, "/try", request=json.dumps(request), at="2026-06-15T10:00:00Z").text)
    assert "devices-renamed not one of ours, read all the same" in page
    assert re.search(r"MedicationRequest not delivered", page)
    assert re.search(r"Device whole", page)


def test_a_rule_that_could_not_look_names_the_prefetch_keys_that_would_help(client) -> None:
    request = {
        "hook": "patient-view",
        "hookInstance": "x",
        "context": {"patientId": "p", "userId": "Practitioner/u"},
        "prefetch": {},
    }
    response = post(client, "/try", request=json.dumps(request))
    page = answered(response.text)
    assert response.status_code == 200
    assert "No answer possible (412)" in page
    assert "prefetch configuration" in page
    assert "The request has no prefetch." in page


def test_a_judged_order_stands_in_the_explanation_and_on_the_timeline(client) -> None:
    order = next(s for s in samples.samples_by_id().values() if s.rule == "itb-cns-opioid" and s.expected["cards"])
    page = post(client, "/try", sample=order.id).text
    assert "Order: " in answered(page)
    assert re.search(r'class="mark order"', page)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "This is not JSON"),
        ('{"hook": "patient-view",\n oops}', "line 2"),
        ("[1, 2]", "`hook` is none of"),
        ('{"hook": "order-dispatch"}', "`hook` is none of"),
        ('{"hook": "patient-view"}', "hookInstance"),
        ('{"hook": "patient-view", "hookInstance": "1", "context": {"userId": "u"}}', "patientId"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_with_the_reason(client, text, says) -> None:
    response = post(client, "/try", request=text)
    assert response.status_code == 400
    assert says in answered(response.text)
    assert "OperationOutcome" in response.text


def test_a_chosen_hook_that_is_not_the_request_s_is_refused_as_a_client_would_be(client) -> None:
    response = post(client, "/try", request=critical().text, service="itb-order-sign")
    assert response.status_code == 400
    assert "called on the hook order-sign" in answered(response.text)


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T00:00:00Z"])
def test_an_evaluation_time_that_is_none_is_refused(client, at) -> None:
    response = post(client, "/try", request=critical().text, at=at)
    assert response.status_code == 400
    assert "evaluation time" in answered(response.text)


def test_an_uploaded_file_takes_the_place_of_the_text_and_never_touches_the_disk(client, monkeypatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(formparser, "SpooledTemporaryFile", refuse)
    request = json.loads(critical().text)
    request["extension"] = {"filler": "x" * 2_000_000}
    file = (io.BytesIO(json.dumps(request).encode()), "request.json")
    response = post(client, "/try", request="", at=critical().at, file=file)
    assert response.status_code == 200
    assert "critical" in [indicator for indicator, _ in cards_on(response.text)]


def test_a_body_beyond_the_cap_is_refused_with_a_page() -> None:
    small = create_app({"TESTING": True, "RECORD": False, "SITE": {"maxBodyBytes": 65536}}).test_client()
    response = post(small, "/try", request="x" * 200_000)
    assert response.status_code == 413
    assert response.mimetype == "text/html"


# --- text of a chart is not to be trusted -----------------------------------------------------------------------------


def test_text_of_a_chart_stays_text_everywhere_on_the_page(client) -> None:
    order = next(s for s in samples.samples_by_id().values() if s.rule == "itb-cns-opioid" and s.expected["cards"])
    request = json.loads(order.text)
    resource = request["context"]["draftOrders"]["entry"][0]["resource"]
    resource["medicationCodeableConcept"]["text"] = f"oxycodone {NASTY}"
    request["prefetch"][NASTY] = {"resourceType": NASTY}
    request["hookInstance"] = NASTY
    page = post(client, "/try", request=json.dumps(request), at=order.at).text
    seen = Ids()
    seen.feed(page)
    assert cards_on(page)
    assert seen.inline == []
    assert "img" not in seen.tags
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("markdown", "absent"),
    [
        (NASTY, ("<script", "<img")),
        ("[click](javascript:alert(1))", ('javascript:alert(1)"',)),
        ("![pixel](https://evil.example/x.png)", ("<img",)),
        ("# heading\n\n| a |\n|---|\n| b |", ("<h1", "<table")),
        ("<a href='https://x.example' onclick='y()'>z</a>", ("<a ",)),
    ],
)
def test_markdown_of_a_card_becomes_harmless_html(markdown, absent) -> None:
    rendered = str(markup.rendered(markdown))
    assert not any(piece in rendered for piece in absent), rendered


def test_markdown_that_cards_use_is_kept() -> None:
    rendered = str(markup.rendered("**Now**\n\n- one\n- two\n\n[doi](https://doi.org/10.1/x)"))
    assert "<strong>Now</strong>" in rendered
    assert rendered.count("<li>") == 2
    assert 'href="https://doi.org/10.1/x"' in rendered
    assert 'rel="noopener noreferrer"' in rendered


# --- forms are taken from the console's own pages only ----------------------------------------------------------------


@pytest.mark.parametrize("path", ["/try", "/try/feedback", "/rules/run", f"/rules/{ALL_RULES[0].id}/run"])
def test_a_form_without_the_page_s_token_is_refused(client, path) -> None:
    known = token(client)
    assert client.post(path, data={}).status_code == 403
    assert client.post(path, data={"token": "x" * len(known)}).status_code == 403
    assert client.post(path, data={"token": known}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(path, data={"token": known}, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    client.delete_cookie("itb-console")
    assert client.post(path, data={"token": known}).status_code == 403


# --- feedback and rates -----------------------------------------------------------------------------------------------


def tried(client: Any) -> tuple[str, str, str]:
    """(service, card, suggestion or empty) of the first card of a trial."""
    page = post(client, "/try", sample=critical().id).text
    card = re.search(r'name="card" value="([^"]+)"', page)[1]
    suggestion = re.search(r'value="accepted:([^"]+)"', page)
    return critical().service, card, suggestion[1] if suggestion else ""


def rate(client: Any, **query: str) -> dict[str, list[str]]:
    text = client.get("/rates", query_string={"format": "csv", "by": "all", **query}).text
    return {row.split(",")[1]: row.split(",")[2:8] for row in text.splitlines()[1:]}


def test_feedback_from_a_card_arrives_in_the_list_and_the_rates_of_trials_only(client) -> None:
    service, card, suggestion = tried(client)
    assert suggestion
    said = post(client, "/try/feedback", service=service, card=card, answer=f"accepted:{suggestion}")
    assert said.status_code == 200
    assert "The card was accepted." in answered(said.text)
    assert rate(client, calls="trials")[critical().rule] == ["1", "1", "0", "0", "1", "0"]
    assert rate(client) == {}
    assert critical().rule in answered(client.get("/rates?calls=trials").text).split("Latest feedback")[1]


def test_an_override_carries_its_reason_into_the_rates(client) -> None:
    service, card, _ = tried(client)
    reply = client.post(
        "/try/feedback",
        data={
            "token": token(client),
            "service": service,
            "card": card,
            "answer": "overridden:",
            "reason": "itb-team-managing",
        },
        headers={"Accept": "application/json"},
    ).get_json()
    assert reply["ok"]
    assert reply["known"]
    assert reply["rates"] == "/rates?calls=trials"
    page = answered(client.get(reply["rates"]).text)
    assert "itb-team-managing: 1" in page


def test_feedback_that_cannot_be_read_is_refused(client) -> None:
    service, card, _ = tried(client)
    assert post(client, "/try/feedback", service=service, card=card, answer="ignored:").status_code == 400
    assert post(client, "/try/feedback", service="none", card=card, answer="overridden:").status_code == 404


def test_rates_of_clients_are_plotted_by_rule_and_leave_trials_out(client, app) -> None:
    sample = critical()
    assert client.post(f"/cds-services/{sample.service}", json=json.loads(sample.text)).status_code == 200
    tried(client)
    assert app.extensions[EXTENSION].flush(60)
    assert rate(client)[sample.rule][:2] == ["1", "1"]
    assert rate(client, calls="trials")[sample.rule][:2] == ["1", "1"]
    page = client.get("/rates?by=day").text
    assert page.count('<svg class="plot"') == len(rate(client))
    assert re.search(r'<rect class="p-unanswered"[^>]*><title>2026-06-15: 1 unanswered</title>', page)


@pytest.mark.parametrize(
    "query", ["since=x", "since=2026-06-20&until=2026-06-01", "since=1990-01-01&until=2026-06-01", "by=century"]
)
def test_odd_dates_in_the_address_of_the_rates_do_no_harm(client, query) -> None:
    assert client.get(f"/rates?{query}").status_code == 200


def test_with_recording_off_trials_work_and_the_card_s_buttons_are_off() -> None:
    bare = create_app({"TESTING": True, "RECORD": False}).test_client()
    page = post(bare, "/try", sample=critical().id).text
    assert "critical" in [indicator for indicator, _ in cards_on(page)]
    assert re.search(r'value="overridden:" disabled', page)
    assert "recording is switched off" in bare.get("/rates").text


# --- nothing of a patient is kept -------------------------------------------------------------------------------------


def test_nothing_of_a_tried_request_is_kept_or_logged(app, client, tmp_path, caplog) -> None:
    request = json.loads(critical().text.replace("itb-patient-1", "zzmarkerpatient"))
    request["prefetch"]["patient"]["name"] = [{"text": "Zzmarker Family"}]
    request["hookInstance"] = "zzmarkerinstance"
    with caplog.at_level(logging.DEBUG):
        assert post(client, "/try", request=json.dumps(request), at=critical().at).status_code == 200
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"zzmarker" not in kept.lower()
    assert "zzmarker" not in caplog.text.lower()
    rows = app.extensions[EXTENSION].store.run(lambda connection: connection.execute(models.call.select()).all(), 5)
    assert [(row.client, row.hook_instance[:8], row.patient) for row in rows] == [(report.TRIAL, "console-", None)]


def test_the_metrics_of_the_service_do_not_count_trials(client, app) -> None:
    def counted() -> float:
        return sum(
            s.value
            for m in (metrics.CALLS, metrics.CARDS)
            for family in m.collect()
            for s in family.samples
            if s.name.endswith("_total")
        )

    before = counted()
    tried(client)
    app.extensions[EXTENSION].flush(60)
    assert counted() == before


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_page_with_statement_thresholds_evidence_and_needs(client, rule) -> None:
    page = answered(client.get(f"/rules/{rule.id}").text)
    for words in (rule.version, rule.tier, rule.review, *rule.needs, *(item.source for item in rule.evidence)):
        assert words in page
    for name in rule.parameters:
        assert name in page


def test_the_index_lists_every_rule_once(client) -> None:
    page = client.get("/rules").text
    for rule in ALL_RULES:
        assert page.count(f'href="/rules/{rule.id}"') == 1


def test_a_site_s_own_threshold_stands_on_the_rule_s_page() -> None:
    rule = next(
        rule
        for rule in ALL_RULES
        if "refill-warning-days" in rule.parameters or "agfr-days" in rule.parameters or "egfr-days" in rule.parameters
    )
    name = next(name for name in rule.parameters if name in ("refill-warning-days", "egfr-days"))
    own = {"refill-warning-days": 5, "egfr-days": 77}[name]
    changed = create_app(
        {"TESTING": True, "RECORD": False, "SITE": {"parameters": {name: own}, "rules": {rule.id: {"enabled": False}}}}
    ).test_client()
    page = answered(changed.get(f"/rules/{rule.id}").text)
    assert re.search(rf"{own} days site", page)
    assert "On this site off" in page


def test_the_vignettes_of_a_rule_run_at_once_with_pass_and_fail(client) -> None:
    rule = critical().rule
    page = post(client, f"/rules/{rule}/run").text
    number = len(samples.samples_of_rule(next(r for r in ALL_RULES if r.id == rule)))
    passed, failed = page.count('result-tag pass"'), page.count('result-tag fail"')
    assert passed + failed == number
    assert f"{passed} of {number} passed" in answered(page)
    assert critical().title in answered(page)


def test_a_vignette_whose_cards_differ_fails_and_says_how(client, monkeypatch) -> None:
    sample = critical()
    wrong = samples.ConsoleSample(
        **{**{f: getattr(sample, f) for f in sample.__dataclass_fields__}, "expected": {**sample.expected, "cards": []}}
    )
    monkeypatch.setattr(samples, "samples_of_rule", lambda rule: [wrong])
    page = post(client, f"/rules/{sample.rule}/run").text
    assert "0 of 1 passed" in answered(page)
    assert "expected: none" in answered(page)
