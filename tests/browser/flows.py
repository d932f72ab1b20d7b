"""The console as a person uses it: every flow in a real browser, once with the keyboard alone, each page checked by
axe on a small laptop and on a phone, light and dark.

Run by ``.ci/suites/40-browser.sh``, which installs the browser and axe and sets CHROMIUM, AXE and SCREENSHOTS. After
every test the browser must have logged no error and asked no other origin for anything.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from cdshooks.app import create_app
from cdshooks.console import samples
from rules import ALL_RULES
from tests.support.exports import Report, add_line, with_pump, without_pump, write_lines
from tests.support.patience import GENEROUS_SECONDS

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE = {"width": 1366, "height": 768}
NARROW = {"width": 390, "height": 844}
A4 = {"width": 673, "height": 990}
"""What its margins leave of a sheet, at 96 dots to the inch."""
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1366", "390"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
NOW = "2026-06-15T10:00:00Z"
AXE = Path(os.environ["AXE"]).read_text(encoding="utf-8")
SHOTS = Path(os.environ["SCREENSHOTS"])
PAGES = pytest.mark.parametrize(
    ("name", "path"),
    [
        ("home", "/"),
        ("try", "/try"),
        ("rules", "/rules"),
        ("rule", "/rules/itb-ci-anticoagulant"),
        ("rates", "/rates"),
        ("error", "/rules/none"),
    ],
)
PATIENCE = 1000 * GENEROUS_SECONDS
"""Milliseconds, for Playwright: it gives up on an expectation after 5 s by itself, which a busy machine may need."""
expect.set_options(timeout=PATIENCE)
NOT_FOUND = ("Failed to load resource: the server responded with a status of 404",)
AXE_RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => [v.impact, v.id, v.nodes.map(n => n.target.join(' '))])"


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = tmp_path_factory.mktemp("record") / "record.db"
    app = create_app({"TESTING": True, "CDSHOOKS_DATABASE_URL": f"sqlite:///{database}"})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=list(FLAGS), timeout=3 * PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()


class Watch:
    """What the browser complained of and whom it asked. `expected`: beginnings of complaints that a test provokes."""

    def __init__(self, page: Page, base: str) -> None:
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.asked = 0
        self.expected: tuple[str, ...] = ()
        self._base = base
        page.on(
            "console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text)
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        self.asked += 1
        if not url.startswith((self._base + "/", "data:")):
            self.elsewhere.append(url)

    def check(self) -> None:
        assert self.asked > 0
        assert [text for text in self.complaints if not text.startswith(self.expected or ("\0",))] == []
        assert self.elsewhere == []


@pytest.fixture
def size() -> dict[str, int]:
    return WIDE


@pytest.fixture
def scheme() -> str:
    return "light"


@pytest.fixture
def scripts() -> bool:
    return True


@pytest.fixture
def context(browser: Browser, base: str, size: dict[str, int], scheme: str, scripts: bool) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=base, viewport=size, color_scheme=scheme, java_script_enabled=scripts)
    made.set_default_timeout(2 * PATIENCE)
    if scripts:
        made.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, base: str) -> Iterator[Page]:
    opened = context.new_page()
    opened.watch = Watch(opened, base)  # type: ignore[attr-defined]
    yield opened
    opened.watch.check()  # type: ignore[attr-defined]


def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.screenshot(
        path=SHOTS / f"{name}-{page.viewport_size['width']}-{'dark' if dark else 'light'}.png", full_page=whole
    )


def accessible(page: Page) -> None:
    """No serious or critical finding of axe; nothing wider than the window."""
    page.evaluate(AXE + ";0")
    found = page.evaluate(AXE_RUN)
    assert [row for row in found if row[0] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def first_critical(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Show me a critical card").click()
    expect(page.locator(".card.critical").first).to_be_visible()


def ordering() -> samples.ConsoleSample:
    return next(s for s in samples.samples_by_id().values() if s.rule == "itb-cns-opioid" and s.expected["cards"])


def load(page: Page, sample: samples.ConsoleSample) -> None:
    page.goto(f"/try?sample={sample.id}")


def give_feedback(page: Page) -> None:
    first_critical(page)
    card = page.locator(".card.critical").first
    card.get_by_role("button", name="Override").click()
    expect(card.get_by_role("status")).to_contain_text("Feedback arrived: overridden.")


# --- every page at both sizes, light and dark -------------------------------------------------------------------------


@SIZES
@SCHEMES
@PAGES
def test_a_page_is_accessible_and_fits(page: Page, name: str, path: str) -> None:
    if name == "error":
        page.watch.expected = NOT_FOUND
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for landmark in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    shoot(page, name)
    accessible(page)


@SIZES
@SCHEMES
def test_the_first_critical_card_is_one_click_away(page: Page) -> None:
    first_critical(page)
    card = page.locator(".card.critical").first
    expect(card.get_by_text("Critical", exact=True)).to_be_visible()
    expect(card.get_by_role("heading", level=3)).to_be_in_viewport()
    expect(page.locator("#answer-title")).to_be_focused()
    shoot(page, "critical-top", whole=False)
    shoot(page, "critical")
    accessible(page)


@SIZES
@SCHEMES
def test_an_order_is_shown_with_its_card_timeline_and_rule_by_rule(page: Page) -> None:
    page.goto("/try")
    page.get_by_label("Sample patient or client dialect").select_option(ordering().id)
    page.get_by_role("button", name="Load").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("svg.timeline .mark.order").first).to_be_attached()
    expect(page.locator("#rule-itb-cns-opioid")).to_contain_text("Order:")
    shoot(page, "order")
    accessible(page)


# --- what each page promises its reader -------------------------------------------------------------------------------


def test_send_is_in_sight_without_scrolling_on_a_small_laptop(page: Page) -> None:
    send = page.get_by_role("button", name="Send")
    page.goto("/try")
    expect(send).to_be_in_viewport(ratio=1)
    load(page, ordering())
    expect(send).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0
    body = page.get_by_label("Request body (JSON)").bounding_box()
    assert body["height"] > 120, "room to read the request"
    send.click()
    expect(page.locator(".card").first).to_be_in_viewport()
    expect(send).to_be_in_viewport(ratio=1)


LUMINANCE = """(selector) => {
    const share = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const of = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return 0.2126 * share(r) + 0.7152 * share(g) + 0.0722 * share(b); };
    const found = getComputedStyle(document.querySelector(selector));
    return [of(found.color), of(found.backgroundColor)];
}"""


@SCHEMES
@PAGES
def test_light_and_dark_follow_the_system_and_paper_stays_white(page: Page, scheme: str, name: str, path: str) -> None:
    if name == "error":
        page.watch.expected = NOT_FOUND
    page.goto(path)
    ink, ground = page.evaluate(LUMINANCE, "body")
    assert (ink > 0.5 and ground < 0.05) if scheme == "dark" else (ink < 0.05 and ground > 0.5)
    page.emulate_media(media="print")
    ink, ground = page.evaluate(LUMINANCE, "body")
    assert ink < 0.05
    assert ground == 1


@pytest.mark.parametrize("scheme", ["dark"])
@pytest.mark.parametrize("size", [A4], ids=["A4"])
def test_a_rule_page_on_paper_has_all_its_words_and_no_controls(page: Page) -> None:
    page.goto("/rules/itb-ci-anticoagulant")
    page.emulate_media(media="print")
    for hidden in ("banner", "contentinfo", "button"):
        expect(page.get_by_role(hidden).first).to_be_hidden()
    rule = next(rule for rule in ALL_RULES if rule.id == "itb-ci-anticoagulant")
    expect(page.locator(".on-paper")).to_contain_text(f"{rule.id} {rule.version}")
    expect(page.get_by_text("# suggestion test")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^warfarin anticoagulant"))).to_be_visible()
    link = page.locator(".evidence a").first
    assert link.get_attribute("href") in link.evaluate("e => getComputedStyle(e, '::after').content")
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    assert page.evaluate(LUMINANCE, "main > section")[0] < 0.05
    page.emulate_media(media="screen")
    expect(page.locator(".on-paper")).to_be_hidden()


@pytest.mark.parametrize("size", [NARROW], ids=["390"])
@pytest.mark.parametrize(
    "sample", [samples.critical(), ordering()], ids=["a date that has passed", "a date months ahead"]
)
def test_the_timeline_opens_at_now_on_a_phone(page: Page, sample: samples.ConsoleSample) -> None:
    load(page, sample)
    page.get_by_role("button", name="Send").click()
    box = page.get_by_role("region", name="Timeline of the intrathecal baclofen therapy")
    seen = box.bounding_box()
    names = page.locator(".lane-names").bounding_box()
    now = page.locator(".today").bounding_box()
    assert box.evaluate("e => e.scrollLeft") > 0
    assert names["x"] >= seen["x"], "the lanes keep their names"
    assert names["x"] + names["width"] < now["x"] < seen["x"] + seen["width"] - 40


def test_the_timeline_needs_no_scrolling_on_a_laptop(page: Page) -> None:
    load(page, ordering())
    page.get_by_role("button", name="Send").click()
    box = page.get_by_role("region", name="Timeline of the intrathecal baclofen therapy")
    assert box.evaluate("e => e.scrollWidth <= e.clientWidth")


LETTERS = """(pictures) => [...document.querySelectorAll(pictures)].map((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].map((text) => {
        const at = text.getBoundingClientRect();
        return {words: text.textContent, cut: at.left < frame.left - 1 || at.right > frame.right + 1 || at.bottom > frame.bottom + 1,
                size: parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().d, left: at.left, right: at.right, top: at.top, bottom: at.bottom};
    });
})"""


def legible(page: Page, pictures: str) -> None:
    """No label of a picture is cut, smaller than 11 pixels, or lies on another."""
    found = page.evaluate(LETTERS, pictures)
    assert found
    for labels in found:
        assert labels
        assert [label["words"] for label in labels if label["cut"] or label["size"] < 11] == []
        for place, one in enumerate(labels):
            for other in labels[place + 1 :]:
                apart = one["right"] <= other["left"] or other["right"] <= one["left"]
                below = one["bottom"] - 3 <= other["top"] or other["bottom"] - 3 <= one["top"]
                assert apart or below, (one["words"], other["words"])


@SIZES
@pytest.mark.parametrize("by", ["day", "week", "month", "all"])
def test_plots_are_legible(page: Page, by: str) -> None:
    give_feedback(page)
    page.goto(f"/rates?calls=trials&by={by}")
    legible(page, "svg.plot")


def busiest() -> list[samples.ConsoleSample]:
    """The longest requests of all vignettes: the fullest timelines, roughly."""
    return sorted((one for one in samples.samples_by_id().values() if one.expected), key=lambda one: -len(one.text))[:6]


@SIZES
def test_timelines_are_legible(page: Page) -> None:
    for sample in [samples.critical(), ordering(), *busiest()]:
        load(page, sample)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#timeline")).to_be_visible()
        if page.locator("svg.timeline").count():
            legible(page, "svg.timeline")


@pytest.mark.parametrize("size", [NARROW], ids=["390"])
@SCHEMES
def test_rates_are_read_on_a_phone_without_scrolling_sideways(page: Page) -> None:
    give_feedback(page)
    page.goto("/rates?calls=trials&by=week")
    page.get_by_text("Period by period, as a table").click()
    for name in ("Rates by rule", "Rates by period", "Latest feedback"):
        region = page.locator(f'.scroll[aria-label="{name}"]')
        assert region.evaluate("e => e.scrollWidth <= e.clientWidth"), name
        for cell in region.locator("tbody td:visible").all()[:12]:
            said = cell.evaluate("e => getComputedStyle(e, '::before').content")
            assert said.strip('"') == cell.get_attribute("data-label"), "each number says what it counts"
    shoot(page, "rates-with-feedback")
    accessible(page)


# --- flows ------------------------------------------------------------------------------------------------------------


def test_copy_buttons_copy(page: Page, base: str) -> None:
    page.goto("/")
    page.get_by_role("button", name="Copy the discovery URL").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{base}/cds-services"
    page.get_by_role("button", name="Copy the query of devices").click()
    assert page.evaluate("navigator.clipboard.readText()") == "Device?patient={{context.patientId}}"
    page.get_by_role("button", name="Copy all templates as JSON").click()
    prefetch = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert prefetch == page.request.get("/cds-services").json()["services"][0]["prefetch"]


def test_from_a_pasted_epic_request_to_why_a_rule_did_not_fire(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Try it").click()
    request = json.loads(samples.samples_by_id()["clients/epic/patient-view"].text)
    del request["prefetch"]["devices"]
    page.get_by_label("Request body (JSON)").fill(json.dumps(request))
    page.get_by_label("Evaluation time").fill(NOW)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("link", name="Every rule, and why").click()
    page.get_by_label("Why did this rule not fire?").fill("alcohol")
    line = page.locator(".line:visible")
    expect(line).to_have_count(1)
    expect(line).to_have_attribute("id", "rule-itb-alcohol")
    assert re.search(r"no alcohol use|not delivered|no intrathecal", line.inner_text(), re.IGNORECASE)
    expect(page.get_by_text(f"1 of {len(ALL_RULES)} rules")).to_be_visible()
    page.get_by_label("Why did this rule not fire?").fill("itb-mri-order")
    expect(page.locator(".line:visible")).to_contain_text("Works on order-select and order-sign")
    expect(page.locator("#delivered")).to_contain_text("Device")
    expect(page.locator("#delivered tr", has_text="Device").first).to_contain_text("not delivered")
    shoot(page, "why")


def test_the_json_can_be_edited_tidied_and_is_checked_before_it_is_sent(page: Page) -> None:
    page.goto(f"/try?sample={ordering().id}")
    body = page.get_by_label("Request body (JSON)")
    request = json.loads(body.input_value())
    request["context"]["selections"] = []
    request["context"]["draftOrders"]["entry"] = []
    body.fill(json.dumps(request))
    page.get_by_role("button", name="Tidy").click()
    assert body.input_value() == json.dumps(request, indent=1, ensure_ascii=False)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="0 cards")).to_be_visible()
    body.fill('{"hook": oops}')
    body.blur()
    expect(page.get_by_text("Not JSON:")).to_be_visible()
    page.watch.expected = ("Failed to load resource: the server responded with a status of 400",)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="The request is refused (400)")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text("line 1, column 10")
    shoot(page, "refused", whole=False)
    accessible(page)


def as_file(text: str) -> dict[str, str | bytes]:
    return {"name": "request.json", "mimeType": "application/json", "buffer": text.encode()}


def test_a_file_fills_the_request(page: Page) -> None:
    sample = samples.critical()
    page.goto("/try")
    page.get_by_label("or a file").set_input_files(as_file(sample.text))
    expect(page.get_by_label("Request body (JSON)")).to_have_value(sample.text)
    page.get_by_label("Evaluation time").fill(sample.at)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".card.critical").first).to_be_visible()


def test_the_chosen_hook_decides_the_service(page: Page) -> None:
    request = json.loads(ordering().text)
    page.goto("/try")
    page.get_by_label("Request body (JSON)").fill(json.dumps({**request, "hook": "order-sign"}))
    page.get_by_label("Evaluation time").fill(ordering().at)
    page.get_by_label("Hook").select_option("itb-order-sign")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".facts")).to_contain_text("itb-order-sign")
    expect(page.locator(".card").first).to_be_visible()


def test_feedback_from_a_card_arrives_and_is_seen_in_the_rates(page: Page) -> None:
    first_critical(page)
    rule = samples.critical().rule
    card = page.locator(".card.critical").first
    card.get_by_role("group", name="Suggestions").get_by_role("button").first.click()
    expect(card.get_by_role("status")).to_contain_text("Feedback arrived: accepted.")
    first_critical(page)
    card = page.locator(".card.critical").first
    card.get_by_label("Override, because").select_option(index=1)
    reason = card.get_by_label("Override, because").input_value()
    card.get_by_role("button", name="Override").click()
    expect(card.get_by_role("status")).to_contain_text("Feedback arrived: overridden.")
    card.get_by_role("link", name="See it in the rates").click()
    row = page.get_by_role("region", name="Rates by rule").get_by_role("row").filter(has_text=rule)
    expect(row).to_contain_text(f"{reason}: ")
    expect(page.locator("rect.p-accepted").first).to_be_attached()
    latest = page.get_by_role("region", name="Latest feedback").get_by_role("row")
    expect(latest.nth(1)).to_contain_text("overridden")
    expect(latest.nth(2)).to_contain_text("accepted")
    shoot(page, "rates-with-feedback")
    accessible(page)


def test_rates_can_be_asked_by_day_and_downloaded(page: Page) -> None:
    first_critical(page)
    page.goto("/rates")
    page.get_by_label("Calls").select_option("trials")
    page.get_by_label("by", exact=True).select_option("day")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("svg.plot").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert samples.critical().rule in Path(download.value.path()).read_text(encoding="utf-8")


def test_a_rule_is_found_read_and_its_vignettes_run(page: Page) -> None:
    page.goto("/rules")
    page.get_by_label("Find a rule").fill("anticoagulant insertion")
    expect(page.locator(".line:visible")).to_have_count(1)
    page.locator(".line:visible").get_by_role("link").click()
    for part in ("Clinical statement", "Thresholds", "Evidence", "Reads", "Override reasons", "Vignettes"):
        expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    page.get_by_role("button", name="at once").click()
    expect(page.get_by_role("status").filter(has_text="passed.")).to_be_visible()
    shoot(page, "rule-run")
    accessible(page)
    page.locator(".vignettes a").first.click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Every rule, and why")).to_be_visible()


def test_a_name_from_the_chart_cannot_become_markup(page: Page) -> None:
    sample = ordering()
    request = json.loads(sample.text)
    drug = request["context"]["draftOrders"]["entry"][0]["resource"]["medicationCodeableConcept"]
    drug["text"] = "oxycodone <img src=x onerror=alert(1)><b id=written>x</b>"
    page.on("dialog", lambda dialog: page.watch.complaints.append(dialog.message))
    page.goto("/try")
    page.get_by_label("Request body (JSON)").fill(json.dumps(request))
    page.get_by_label("Evaluation time").fill(sample.at)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("#written")).to_have_count(0)
    expect(page.locator("#answer img")).to_have_count(0)


# --- without a mouse, without scripts ---------------------------------------------------------------------------------


def tab_to(page: Page, name: str, *, most: int = 400) -> None:
    """Tab until the focused element carries the name; the focus must be visible on the way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return ((e.getAttribute('aria-label') || '') + ' ' + (l ? l.innerText : '') + ' ' + e.innerText).trim() }"
        )
        if name in said.split("\n")[0]:
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"no visible focus on {name}"
            expect(page.locator(":focus")).to_be_in_viewport()
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


@SIZES
def test_the_keyboard_alone_leads_from_the_home_page_to_feedback_in_the_rates(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "Show me a critical card", most=3)
    page.keyboard.press("Enter")
    expect(page.locator(".card.critical").first).to_be_visible()
    tab_to(page, "Override, because")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Override", most=2)
    page.keyboard.press("Enter")
    expect(page.locator(".card.critical").first.get_by_role("status")).to_contain_text("Feedback arrived: overridden.")
    tab_to(page, "See it in the rates", most=3)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Rates")).to_be_visible()
    tab_to(page, "Try it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Try it")).to_be_visible()
    tab_to(page, "Sample patient or client dialect")
    page.keyboard.type("Epic: order-select-2024")
    tab_to(page, "Load", most=2)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Request body (JSON)")).to_have_value(re.compile("draftOrders"))
    tab_to(page, "Send")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Every rule, and why")).to_be_visible()
    tab_to(page, "Why did this rule not fire?")
    page.keyboard.type("R23")
    expect(page.locator(".line:visible")).to_have_count(1)


@pytest.mark.parametrize("scripts", [False], ids=["no-scripts"])
def test_without_scripts_every_flow_still_works(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Show me a critical card").click()
    expect(page.locator(".card.critical").first).to_be_visible()
    expect(page.get_by_label("Why did this rule not fire?")).to_be_hidden()
    page.locator(".card.critical").first.get_by_role("button", name="Override").click()
    expect(page.get_by_role("heading", name="Feedback arrived")).to_be_visible()
    page.get_by_role("link", name="See it in the rates").click()
    expect(page.get_by_role("region", name="Rates by rule")).to_contain_text(samples.critical().rule)
    page.goto("/try")
    page.get_by_label("or a file").set_input_files(as_file(samples.critical().text))
    page.get_by_label("Evaluation time").fill(NOW)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".card.critical").first).to_be_visible()


@pytest.mark.parametrize("media", ["screen", "print"])
def test_a_population_report_opens_from_its_file_and_asks_nobody_for_anything(
    browser: Browser, tmp_path: Path, media: str
) -> None:
    """At the size of a clinic's laptop and on paper; axe is let past the page's own policy, which forbids all scripts."""
    folder = write_lines(tmp_path / "export", [*with_pump("a"), *with_pump("b"), *without_pump("c")])
    add_line(folder / "Observation.ndjson", "{")
    more = ("--format", "html", "--from", "2026-06-01", "--to", "2026-06-30")
    report = Report(folder, out=tmp_path / "report", more=more)
    address = (report.out / "report.html").as_uri()
    context = browser.new_context(viewport={"width": 1366, "height": 768}, bypass_csp=True)
    context.set_default_timeout(2 * PATIENCE)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.emulate_media(media=media)
    page.goto(address)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Refill due or overdue")
    expect(page.get_by_text("Not whole: 1 line or file could not be read")).to_be_visible()
    if media == "screen":
        shoot(page, "population-report")
        accessible(page)
    else:
        page.pdf(path=SHOTS / "population-report.pdf", format="A4")
    assert (asked, said) == ([address], [])
    context.close()
