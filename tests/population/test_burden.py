"""The alert burden of a month: hook calls replayed one by one, by what was known at each time."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks import export, month
from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.hooks.state import EXTENSION
from cdshooks.population.burden.alert import FiredAlert, decoded_alert
from cdshooks.population.burden.asked import Asking
from cdshooks.population.burden.moments import Period
from cdshooks.protocol import catalogue
from cdshooks.settings.environment import load_config
from tests.support.exports import Report, Resource, patient, with_pump, write_lines
from tests.support.reading import code
from tests.support.service import client

PATIENTS = 200
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)
KEYS = {row.resource_type: row.key for row in reversed(catalogue.TEMPLATES)} | {"Observation": "observations"}
RECORDED = ("recordedDate", "issued", "authoredOn", "dateAsserted")
HAPPENED = {
    "Observation": ("effectiveDateTime", "effectivePeriod"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "Encounter": ("period",),
    "Condition": ("onsetDateTime", "onsetPeriod"),
}
KNOWN_AT_THE_END = ("diagnosis", "length", "statusHistory", "classHistory", "hospitalization")
ASKED = ("--from", FIRST, "--to", LAST)


class Burden(Report):
    """A run with an alert burden."""

    def __init__(self, folder: Path, *more: object, out: Path, site: Resource | None = None) -> None:
        super().__init__(folder, out=out, more=(*ASKED, "--ids", "--processes", 1, *more), site=site)

    @property
    def alerts(self) -> list[FiredAlert]:
        return [decoded_alert(line) for line in (self.out / "alerts.jsonl").read_bytes().splitlines()]

    @property
    def told(self) -> dict[str, Any]:
        return json.loads((self.out / "summary.json").read_text(encoding="utf-8"))["burden"]

    def cards(self, name: str) -> list[tuple[str, str, str]]:
        """At, rule and indicator of the cards of a patient, but for the pump summary."""
        shown = [one for one in self.alerts if one.patient == name and one.shown]
        return [(one.at[:16], one.rule, one.indicator) for one in shown if one.rule != "itb-pump-summary"]


# --- a second way to the same answers: plain dates, one request and one HTTP call after the other ---------------------


def moment(text: str, *, end: bool = False) -> datetime:
    if len(text) == 7:  # no call comes of a month; what happened in one is known from its first day
        text += "-01"
    if len(text) == 10:
        text += "T23:59:00Z" if end else "T00:00:00Z"
    return datetime.fromisoformat(text).astimezone(UTC)


def begun(resource: Resource) -> datetime | None:
    said = [resource[name] for name in RECORDED if name in resource]
    for name in HAPPENED.get(resource["resourceType"], ()):
        value = resource.get(name)
        said += [value] if isinstance(value, str) else [value["start"]] if value and "start" in value else []
    return max(map(moment, said), default=None)


def updated(resource: Resource) -> datetime:
    return moment(resource.get("meta", {}).get("lastUpdated") or "1900-01-01")


def known(chart: list[Resource], at: datetime, without: set[str]) -> list[Resource]:
    """Of each resource the newest version that was there."""
    newest: dict[str, Resource] = {}
    for one in chart:
        name = f"{one['resourceType']}/{one['id']}"
        there = updated(one) <= at and (begun(one) is None or begun(one) <= at)
        if there and name not in without and (name not in newest or updated(one) > updated(newest[name])):
            newest[name] = one
    return list(newest.values())


def going_on(visit: Resource, at: datetime) -> Resource:
    """The visit as it stood before it ended: what is known at its end alone is not on it."""
    if "end" in visit["period"] and moment(visit["period"]["end"]) <= at:
        return visit
    opened = {name: value for name, value in visit.items() if name not in KNOWN_AT_THE_END}
    return {**opened, "status": "in-progress", "period": {"start": visit["period"]["start"]}}


def calls(chart: list[Resource]) -> Iterator[tuple[datetime, str, Resource]]:
    newest: dict[str, Resource] = {}
    for one in chart:
        name = f"{one['resourceType']}/{one['id']}"
        if name not in newest or updated(one) > updated(newest[name]):
            newest[name] = one
    for one in newest.values():
        if one["resourceType"] == "Encounter" and one["status"] not in ("cancelled", "planned", "entered-in-error"):
            start, hook = one.get("period", {}).get("start"), "patient-view"
        elif one["resourceType"] in ("MedicationRequest", "ServiceRequest") and one["status"] != "entered-in-error":
            start, hook = one.get("authoredOn"), "order-select"
            start = None if one["intent"] in ("proposal", "plan") else start
        else:
            continue
        if start and FIRST <= moment(start).date() <= LAST:
            yield moment(start, end=True), hook, one


def request(name: str, chart: list[Resource], at: datetime, hook: str, about: Resource, lists: set[str]) -> Resource:
    own = {f"{about['resourceType']}/{about['id']}"}
    visit = about["id"] if hook == "patient-view" else None
    if "encounter" in about:
        visit = about["encounter"]["reference"].removeprefix("Encounter/")
    visits = [one for one in chart if one["resourceType"] == "Encounter" and one["id"] == visit]
    held = known(chart, at, own | {f"Encounter/{visit}"})
    if visits and begun(visits[-1]) <= at:
        held.append(going_on(max(visits, key=updated), at))
    prefetch = {KEYS[kind]: {"resourceType": "Bundle", "entry": []} for kind in lists}
    for one in held:
        if KEYS.get(one["resourceType"]) in prefetch:
            prefetch[KEYS[one["resourceType"]]]["entry"].append({"resource": one})
    context: Resource = {"patientId": name, "userId": "Practitioner/1"}
    if visit:
        context["encounterId"] = visit
    if hook == "order-select":
        context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": {**about, "status": "draft"}}]}
        context["selections"] = [f"{about['resourceType']}/{about['id']}"]
    return {"hook": hook, "hookInstance": "1", "context": context, "prefetch": prefetch}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(export, "PUMP_EVERY", 3)
        month.write(folder, PATIENTS, seed=7)
    return folder


def test_the_burden_is_what_hook_calls_one_by_one_at_those_times_answer(exported: Path, tmp_path: Path) -> None:
    report = Burden(exported, out=tmp_path / "out")
    assert report.whole, report.result.stderr
    found: defaultdict[tuple[str, str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in report.alerts:
        if one.shown:
            found[one.patient, one.hook, one.at][one.rule, one.indicator] += 1
    charts: defaultdict[str, list[Resource]] = defaultdict(list)
    for file in exported.iterdir():
        for resource in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            whose = resource.get("subject") or resource.get("patient") or {"reference": resource["id"]}
            if resource["resourceType"] == "Appointment":
                whose = next(who["actor"] for who in resource["participant"])
            charts[whose["reference"].rpartition("/")[2]].append(resource)
    assert len(charts) == PATIENTS
    app = create_app({"TESTING": True, "RECORD": False})
    browser, clock = app.test_client(), [datetime.now(UTC)]
    object.__setattr__(app.extensions[EXTENSION].config, "now", lambda: clock[0])
    lists = {file.stem for file in exported.iterdir()} & set(KEYS)
    answers: defaultdict[tuple[str, str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    asked: Counter[tuple[str, str]] = Counter()
    rules = {card_code(rule): rule for rule in report.told["rules"]}
    for name, chart in charts.items():
        for at, hook, about in calls(chart):
            asked[at.date().isoformat(), hook] += 1
            clock[0] = at
            body = request(name, chart, at, hook, about, lists)
            answer = browser.post(f"/cds-services/itb-{hook}", json=body)
            assert answer.status_code == 200, answer.get_json()
            for card in answer.get_json()["cards"]:
                topic = card["source"]["topic"]["code"]
                answers[name, hook, at.isoformat()][rules.get(topic, topic), card["indicator"]] += 1
    differ = {k: (found.get(k), answers.get(k)) for k in {*found, *answers} if found.get(k) != answers.get(k)}
    assert not differ, differ
    assert len(answers) > 60 and asked.total() > 250
    assert report.told["asked"] == [{"day": d, "hook": h, "calls": n} for (d, h), n in sorted(asked.items())]
    assert report.told["cards"] == sum(cards.total() for cards in answers.values())


def card_code(rule: str) -> str:
    first, *rest = rule.split("-")
    return first + "".join(part.capitalize() for part in rest)


# --- what counts, and what was known ----------------------------------------------------------------------------------

OVERDUE = ("itb-refill-due", "critical")
FOURTEENTH = "2026-06-14T10:00"


def visit(name: str, start: str, status: str = "finished", **more: Any) -> Resource:
    made = {
        "resourceType": "Encounter",
        "id": f"v-{name}",
        "status": status,
        "subject": {"reference": f"Patient/{name}"},
    }
    return {**made, "class": {"code": "AMB"}, "period": {"start": start}, **more}


def changed(resources: list[Resource], kind: str, **more: Any) -> list[Resource]:
    return [{**one, **more} if one["resourceType"] == kind else one for one in resources]


def test_nothing_counts_that_was_put_on_record_after_the_call(tmp_path: Path) -> None:
    """Both sides of each boundary: at the moment itself it is known."""
    before, at, after = (f"2026-06-14T{time}Z" for time in ("09:59:59", "10:00:00", "10:00:01"))
    people = {
        "known": with_pump("known"),
        "issued-then": changed(with_pump("issued-then"), "Observation", issued=at),
        "issued-later": changed(with_pump("issued-later"), "Observation", issued=after),
        "happens-later": changed(with_pump("happens-later"), "Observation", effectiveDateTime="2026-06-15"),
        "written-then": changed(with_pump("written-then"), "Observation", meta={"lastUpdated": at}),
        "written-later": changed(with_pump("written-later"), "Observation", meta={"lastUpdated": after}),
        "day-alone": changed(with_pump("day-alone"), "Observation", issued="2026-06-14"),
        "day-after": changed(with_pump("day-after"), "Observation", issued="2026-06-15"),
    }
    two = with_pump("two-versions")
    late = [{**one, "meta": {"lastUpdated": after}, "status": "entered-in-error"} for one in two[-1:]]
    people["two-versions"] = [*changed(two, "Observation", meta={"lastUpdated": before}), *late]
    everything = [one for held in people.values() for one in held] + [visit(name, at) for name in people]
    folder = write_lines(tmp_path / "in", everything)
    report = Burden(folder, out=tmp_path / "out")
    assert report.whole
    said = {name for name in people if report.cards(name) == [(FOURTEENTH, *OVERDUE)]}
    assert said == {"known", "issued-then", "written-then", "day-alone", "two-versions"}
    assert report.told["encounters"] == len(people)
    assert "In 1 of 9 calls that were judged" in report.told["limits"][0] and "left out" in report.told["limits"][0]
    again = Burden(folder, "--as-they-are", out=tmp_path / "out")
    found = {name for name in people if (FOURTEENTH, *OVERDUE) in again.cards(name)}
    assert found == said | {"written-later"}
    assert "as they stand now" in again.told["limits"][0]


def test_what_was_deleted_later_was_known(tmp_path: Path) -> None:
    folder = write_lines(
        tmp_path / "in",
        [*with_pump("a"), visit("a", "2026-06-14T10:00:00Z"), *with_pump("b"), visit("b", "2026-06-16T10:00:00Z")],
    )
    gone = {"resourceType": "Bundle", "type": "transaction", "meta": {"lastUpdated": "2026-06-15T00:00:00Z"}}
    gone["entry"] = [
        {"request": {"method": "DELETE", "url": f"Observation/{one['id']}"}}
        for name in "ab"
        for one in with_pump(name)
        if one["resourceType"] == "Observation"
    ]
    (folder / "deleted").mkdir()
    (folder / "deleted" / "deleted.ndjson").write_text(json.dumps(gone) + "\n", encoding="utf-8")
    report = Burden(folder, out=tmp_path / "out")
    assert report.cards("a") == [(FOURTEENTH, *OVERDUE)]
    assert OVERDUE not in [card[1:] for card in report.cards("b")]


def test_only_what_starts_in_the_period_is_a_call(tmp_path: Path) -> None:
    starts = {
        "first": visit("first", "2026-06-01"),
        "last": visit("last", "2026-06-30T23:59:59Z"),
        "before": visit("before", "2026-05-31T23:59:59Z"),
        "after": visit("after", "2026-07-01T00:00:00Z"),
        "cancelled": visit("cancelled", "2026-06-14", "cancelled"),
        "planned": visit("planned", "2026-06-14", "planned"),
        "undated": visit("undated", "2026-06"),
    }
    older = visit("changed", "2026-06-14", "in-progress", meta={"lastUpdated": "2026-06-14T12:00:00Z"})
    newer = {**older, "status": "entered-in-error", "meta": {"lastUpdated": "2026-06-15T12:00:00Z"}}
    people = [patient(name) for name in (*starts, "changed")]
    report = Burden(write_lines(tmp_path / "in", [*people, *starts.values(), older, newer]), out=tmp_path / "out")
    assert [(row["day"], row["calls"]) for row in report.told["asked"]] == [("2026-06-01", 1), ("2026-06-30", 1)]
    assert "1 encounters and 0 orders do not tell their day" in report.told["limits"][0]


def ordered(name: str, **more: Any) -> Resource:
    made = {"resourceType": "MedicationRequest", "id": f"o-{name}", "status": "active", "intent": "order"}
    made["subject"] = {"reference": f"Patient/{name}"}
    return {**made, "authoredOn": "2026-06-14T10:00:00Z", **more}


def test_an_order_alone_gives_a_card_where_nothing_else_tells_of_a_pump(tmp_path: Path) -> None:
    """Baclofen into a vein, by a Medication that others share; the order itself is no part of the chart."""
    vein = {"dosageInstruction": [{"route": code("http://snomed.info/sct", "47625008", "Intravenous route")}]}
    baclofen = {"medicationReference": {"reference": "Medication/m"}}
    drug = {
        "resourceType": "Medication",
        "id": "m",
        "code": code("http://www.nlm.nih.gov/research/umls/rxnorm", "1292"),
    }
    names = ("a", "plan", "reported", "error", "plain")
    orders = [
        ordered("a", **vein, **baclofen),
        ordered("plan", **vein, **baclofen) | {"intent": "plan"},
        ordered("reported", **vein, **baclofen, reportedBoolean=True),
        ordered("error", **vein, **baclofen) | {"status": "entered-in-error"},
        ordered("plain", medicationCodeableConcept={"text": "ibuprofen 400 MG Oral Tablet"}),
    ]
    folder = write_lines(tmp_path / "in", [*map(patient, names), drug, *orders])
    report = Burden(folder, out=tmp_path / "out")
    assert report.whole
    assert [(one.patient, one.hook, one.rule) for one in report.alerts] == [("a", "order-select", "itb-order-route")]
    assert report.told["asked"] == [{"day": "2026-06-14", "hook": "order-select", "calls": 2}]


def test_no_order_that_gives_a_card_without_a_pump_is_passed_over(tmp_path: Path) -> None:
    """Each order of the vignettes by itself, for somebody of whom nothing else is known, asked twice: the first answer is
    remembered. What `Asking` passes over must be answered without a card over HTTP."""
    config = load_config({"CDSHOOKS_NOW": "2026-06-14T23:59:00Z"})
    period = Period(FIRST, LAST, config.site.time_zone)
    asking = Asking(config.site, config.now(), period, {}, lambda name, line: None)
    answered, passed = 0, 0
    for order in orders_of_vignettes():
        order |= {"id": "o", "subject": {"reference": "Patient/p"}, "authoredOn": "2026-06-14", "status": "draft"}
        line = json.dumps(order).encode()
        matters = {asking.ask(0, order["resourceType"], line) for _ in range(2)}
        assert len(matters) == 1
        body = request(
            "p", [], config.now(), "order-select", order, {"Device", "MedicationStatement", "MedicationRequest"}
        )
        body["prefetch"]["patient"] = patient("p")
        answer = client("2026-06-14T23:59:00Z").post("/cds-services/itb-order-select", json=body)
        assert answer.status_code == 200, order
        answered += bool(answer.get_json()["cards"])
        if matters == {False}:
            passed += 1
            assert answer.get_json()["cards"] == [], order
    assert answered > 20 and passed > 100


def orders_of_vignettes() -> Iterator[Resource]:
    for one in vignettes.every():
        drafts = one.request["context"].get("draftOrders") if one.expected["service"] == "itb-order-select" else None
        for entry in drafts.get("entry", ()) if isinstance(drafts, dict) else ():
            order = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(order, dict) and order.get("resourceType") in ("MedicationRequest", "ServiceRequest"):
                if order.get("intent", "order") == "order" and "reportedBoolean" not in order:
                    yield json.loads(json.dumps(order))


def test_what_the_sites_settings_keep_back_is_told(tmp_path: Path) -> None:
    everybody = [one for name in "abcd" for one in [*with_pump(name), visit(name, "2026-06-14")]]
    folder = write_lines(tmp_path / "in", everybody)
    plain = Burden(folder, out=tmp_path / "out").told
    assert plain["rules"]["itb-refill-due"] == 4 and plain["cardsPer100Encounters"] == 200
    for site, column in (
        ({"silent": ["itb-refill-due"]}, "silent"),
        ({"rules": {"itb-refill-due": {"enabled": False}}}, "switched_off"),
        ({"unapproved": "silent"}, "not_approved"),
        ({"silent": ["itb-patient-view"]}, "silent"),
    ):
        report = Burden(folder, "--format", "csv", out=tmp_path / "out", site=site)
        row = next(one for one in report.table("burden-rules") if one["rule"] == "itb-refill-due")
        assert (row["cards"], row[column], row["without_settings"]) == ("0", "4", "4"), site
        assert report.told["cardsWithoutSettings"] == plain["cards"] == 8
    capped = Burden(
        folder, "--format", "csv", out=tmp_path / "out", site={"rules": {"itb-refill-due": {"indicator": "info"}}}
    )
    alert = next(one for one in capped.alerts if one.rule == "itb-refill-due")
    assert (alert.indicator, alert.without_settings) == ("info", "critical")


@pytest.mark.parametrize("site, cards", [(None, []), ({"notEstablished": "card"}, ["itb-not-established"])])
def test_a_call_of_which_nothing_can_be_told_is_counted_as_that(
    tmp_path: Path, site: Resource | None, cards: list[str]
) -> None:
    """A Device that cannot be read, of somebody with no other sign: 412, or the card that says so."""
    folder = write_lines(tmp_path / "in", [patient("a"), visit("a", "2026-06-14")])
    with (folder / "Device.ndjson").open("a", encoding="utf-8") as stream:
        stream.write('{"resourceType":"Device","id":"d","patient":{"reference":"Patient/a"},\n')
    report = Burden(folder, out=tmp_path / "out", site=site)
    assert report.told["callsNotEstablished"] == 1
    assert [one.rule for one in report.alerts] == ["", *cards]
    assert [one.rule for one in report.alerts if one.shown] == cards
    assert report.told["cards"] == len(cards)
    assert "Of 1 calls nobody can tell whether the patient had a pump" in report.told["limits"][0]


def test_patients_with_more_than_three_cards_are_counted(tmp_path: Path) -> None:
    """Two cards a visit: with one visit two, with two visits four."""
    again = {**visit("b", "2026-06-13"), "id": "again"}
    several = [*with_pump("a"), visit("a", "2026-06-14"), *with_pump("b"), visit("b", "2026-06-14"), again]
    report = Burden(write_lines(tmp_path / "in", several), "--format", "csv", out=tmp_path / "out")
    assert [(row["cards"], row["patients"]) for row in report.table("burden-patients")] == [("2", "1"), ("4", "1")]
    assert report.told["patientsWithMoreThan3Cards"] == 1
    assert report.told["answersWithMoreThan3Cards"] == 0


def test_two_days_are_needed_in_their_order(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a"))
    for words in (("--from", "2026-06-01"), ("--to", "2026-06-01"), ("--from", "2026-06-02", "--to", "2026-06-01")):
        result = Report(folder, out=tmp_path / "out", more=words).result
        assert result.exit_code == 2 and ("--from" in result.stderr)
    assert not (tmp_path / "out").exists()
