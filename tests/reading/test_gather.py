"""What a call may know: prefetch first, the FHIR server for the rest, honestly and in time. On real sockets."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from cdshooks.protocol import catalogue
from cdshooks.protocol.request import HookRequest
from cdshooks.reading.gather import Gathered, gather
from cdshooks.reading.unresolved import unresolved
from cdshooks.settings.site import Site, from_document
from rules.chart import Availability, Listing
from tests.support import servers
from tests.support.patience import WATCHES_THE_CLOCK, eventually
from tests.support.reading import NOW, pump_possible, states
from tests.support.servers import Handler, Server, bundle, serve

TOKEN = "MARKER-access-token"
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1970-01-01"}
SUBJECT = {"reference": "Patient/p1"}
BACLOFEN = {"resourceType": "Medication", "id": "m1", "code": {"text": "baclofen 2000 mcg/mL intrathecal solution"}}
PUMP = {
    "resourceType": "Device",
    "id": "d1",
    "status": "active",
    "patient": SUBJECT,
    "type": {"text": "SynchroMed II implantable infusion pump"},
}
COMPLETE, PARTIAL, UNAVAILABLE = Availability.COMPLETE, Availability.PARTIAL, Availability.UNAVAILABLE
REFUSED, NOT_SUPPORTED = Availability.REFUSED, Availability.NOT_SUPPORTED


def site_with(fhir_servers: list, **members: object) -> Site:
    return from_document({"fhirServers": fhir_servers, **members})


def observation(n: int) -> dict:
    return {"resourceType": "Observation", "id": f"o{n}", "status": "final", "subject": SUBJECT, "code": {"text": "x"}}


def request_for(**prefetch: object) -> dict:
    return {key: msgspec.Raw(json.dumps(value).encode()) for key, value in prefetch.items()}


def call(
    server: Server | None,
    prefetch: dict | None = None,
    profile: str = "full",
    token: str | None = TOKEN,
    listed: bool = True,
    encounter: str | None = None,
    **limits: object,
) -> Gathered:
    base = f"{server.url}/fhir" if server else None
    callbacks = {"budgetSeconds": 30, **limits}
    site = site_with([base] if server and listed else [], prefetchProfile=profile, callbacks=callbacks)
    request = HookRequest(
        hook="patient-view",
        hook_instance="h1",
        patient_id="p1",
        user_id="Practitioner/u1",
        encounter_id=encounter,
        fhir_server=base,
        access_token=token,
        prefetch=request_for(**(prefetch or {})),
    )
    return gather(request, site, NOW)


def fhir(**types: Callable[[Handler], None]) -> dict[str, Callable[[Handler], None]]:
    """A server that knows the patient and gives empty lists for all but `types`."""
    return {"*": servers.body(bundle()), "/fhir/Patient/p1": servers.body(PATIENT)} | {
        f"/fhir/{name}": action for name, action in types.items()
    }


def templates() -> dict[str, str]:
    return catalogue.templates("full", site_with([]).pump_codes)


# --- what is asked for ------------------------------------------------------------------------------------------------


def test_without_prefetch_every_template_is_read_once_with_the_patients_id_and_the_token() -> None:
    with serve(fhir()) as server:
        gathered = call(server)

        wanted = [key for key, template in templates().items() if "encounterId" not in template]
        assert len(server.seen) == len(wanted)
        assert all(seen.headers["Authorization"] == f"Bearer {TOKEN}" for seen in server.seen)
        assert all(seen.headers["Cache-Control"] == "no-cache" for seen in server.seen), "what was just charted counts"
        assert all("patient=p1" in path or path == "/fhir/Patient/p1" for path in server.paths)
        assert set(states(gathered.resources).values()) == {COMPLETE}
        assert sorted(callback.what for callback in gathered.report.callbacks) == sorted(wanted)
        assert set(gathered.report.counts) == {"ok"}


def test_what_prefetch_delivered_is_not_read_again() -> None:
    delivered = {key: None for key in templates() if key not in ("devices", "laboratory")} | {"patient": PATIENT}
    with serve(fhir(Device=servers.body(bundle(PUMP)))) as server:
        gathered = call(server, delivered)

        assert sorted(path.partition("?")[0] for path in server.paths) == ["/fhir/Device", "/fhir/Observation"]
        assert any("category=laboratory" in path for path in server.paths)
        assert pump_possible(gathered.resources)


def test_with_everything_delivered_nothing_is_called() -> None:
    with serve() as server:
        gathered = call(server, {key: None for key in templates()} | {"patient": PATIENT})

        assert server.seen == []
        assert not gathered.report.called


def test_a_list_delivered_under_another_key_is_not_read_again() -> None:
    with serve(fhir()) as server:
        call(server, {"DEV-user": bundle(PUMP), "OBS-user": bundle(observation(1))})

        assert not any("/Device?" in path or "/Observation?" in path for path in server.paths)
        assert any("/Condition?" in path for path in server.paths)


def test_what_the_client_refused_with_an_operation_outcome_is_not_asked_for_again() -> None:
    refused = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
    with serve(fhir()) as server:
        gathered = call(server, {"devices": refused, "vitalSigns": refused})

        assert not any("/Device?" in path or "category=vital-signs" in path for path in server.paths)
        assert any("category=laboratory" in path for path in server.paths)
        assert gathered.resources.listings["Device"] == Listing(REFUSED, "forbidden")
        assert gathered.resources.listings["Observation"].state is PARTIAL


@pytest.mark.parametrize("rubbish", ["<html>Tomcat error</html>", 7, ["x"], {"a": 1}], ids=str)
def test_a_member_that_is_no_answer_is_read_from_the_server(rubbish: object) -> None:
    with serve(fhir(Device=servers.body(bundle(PUMP)))) as server:
        gathered = call(server, {"devices": rubbish, "laboratory": rubbish})

        assert any("/Device?" in path for path in server.paths)
        assert any("category=laboratory" in path for path in server.paths)
        assert pump_possible(gathered.resources)


@pytest.mark.parametrize("reason", ["no token", "not listed", "no server"])
def test_nothing_is_called_without_a_token_or_for_a_server_that_is_not_listed(reason: str) -> None:
    with serve(fhir()) as server:
        gathered = {
            "no token": lambda: call(server, token=None),
            "not listed": lambda: call(server, listed=False),
            "no server": lambda: call(None),
        }[reason]()

        assert server.seen == []
        assert states(gathered.resources) == {}
        assert not gathered.report.called
        assert gathered.report.counts == ({"no-token": 1} if reason == "no token" else {})


def test_a_server_other_than_those_that_the_site_lists_is_counted_as_not_allowed() -> None:
    request = HookRequest("patient-view", "h", "p1", "u", fhir_server="https://other.example/fhir", access_token=TOKEN)
    assert gather(request, site_with(["https://ehr.example/fhir"]), NOW).report.counts == {"not-allowed": 1}


@pytest.mark.parametrize(
    "patient_id", ["p1,p2", "../admin", "..", "p1&x=1", "p1/$everything", "p1?x", "a b", "p1|x", "é", "p" * 300]
)
def test_an_id_that_could_mean_more_than_one_patient_is_not_put_into_a_url(patient_id: str) -> None:
    with serve(fhir()) as server:
        base = f"{server.url}/fhir"
        gathered = gather(
            HookRequest("patient-view", "h", patient_id, "u", fhir_server=base, access_token=TOKEN),
            site_with([base]),
            NOW,
        )

        assert server.seen == []
        assert gathered.report.counts == {"unsafe-id": 1}


# --- pages and references ---------------------------------------------------------------------------------------------


def paged(pages: int, endless: bool = False) -> Callable[[Handler], None]:
    def act(handler: Handler) -> None:
        page = int(handler.path.partition("page=")[2] or 1)
        following = f"/fhir/Device?page={page + 1}" if page < pages or endless else None
        servers.body(bundle({**PUMP, "id": f"d{page}"}, following=following))(handler)

    return act


def test_all_pages_are_read() -> None:
    with serve(fhir(Device=paged(4))) as server:
        gathered = call(server)

        assert sum("/Device?" in path for path in server.paths) == 4
        assert gathered.resources.listings["Device"].state is COMPLETE
        assert len(gathered.resources.kept["Device"]) == 4


def test_endless_paging_ends_at_the_cap_and_the_list_is_partial() -> None:
    with serve(fhir(Device=paged(1, endless=True))) as server:
        gathered = call(server, pages=6)

        assert sum("/Device?" in path for path in server.paths) == 6
        assert gathered.resources.listings["Device"].state is PARTIAL
        assert gathered.report.counts["page-cap"] == 1


def test_a_page_that_follows_itself_is_read_once() -> None:
    with serve(fhir(Device=servers.body(bundle(PUMP, following="/fhir/Device?patient=p1")))) as server:
        gathered = call(server)

        assert sum("/Device?" in path for path in server.paths) == 1
        assert gathered.resources.listings["Device"].state is PARTIAL
        assert gathered.report.counts["endless-paging"] == 1


def test_a_next_page_at_another_server_is_not_read_and_the_list_is_partial() -> None:
    with serve(fhir()) as other, serve() as server:
        server.answers |= fhir(Device=servers.body(bundle(PUMP, following=f"{other.url}/fhir/Device?page=2")))
        gathered = call(
            server,
            {
                "conditions": bundle(
                    {"resourceType": "Condition", "subject": SUBJECT}, following=f"{other.url}/fhir/Condition?page=2"
                )
            },
        )

        assert other.seen == []
        assert gathered.resources.listings["Device"].state is PARTIAL
        assert gathered.resources.listings["Condition"].state is PARTIAL
        assert gathered.report.counts["next-refused"] == 2
        assert pump_possible(gathered.resources)


def test_the_next_pages_of_prefetched_bundles_are_read_each_list_its_own() -> None:
    with serve(fhir()) as server:
        server.answers["/fhir/Observation/v"] = servers.body(bundle(observation(3)))
        server.answers["/fhir/Observation/l"] = servers.body(bundle(observation(4)))
        prefetch = {
            "vitalSigns": bundle(observation(1), following=f"{server.url}/fhir/Observation/v"),
            "laboratory": bundle(observation(2), following=f"{server.url}/fhir/Observation/l"),
            "pumpObservations": None,
        }
        gathered = call(server, prefetch)

        assert {"/fhir/Observation/v", "/fhir/Observation/l"} <= set(server.paths)
        assert len(gathered.resources.observations()) == 4
        assert gathered.resources.listings["Observation"].state is COMPLETE

        server.answers["/fhir/Observation/l"] = servers.status(500)
        assert call(server, prefetch).resources.listings["Observation"].state is PARTIAL


def test_the_next_pages_of_renamed_keys_are_read_too() -> None:
    with serve(fhir()) as server:
        for page in "vl":
            server.answers[f"/fhir/Observation/{page}"] = servers.body(bundle(observation(ord(page))))
        prefetch = {
            key: bundle(observation(n), following=f"{server.url}/fhir/Observation/{key[0]}")
            for n, key in enumerate(("vitals", "labsRecent"))
        }
        gathered = call(server, prefetch)

        assert {"/fhir/Observation/v", "/fhir/Observation/l"} <= set(server.paths)
        assert len(gathered.resources.observations()) == 4
        assert gathered.resources.listings["Observation"].state is COMPLETE

        server.answers["/fhir/Observation/l"] = servers.cut
        assert call(server, prefetch).resources.listings["Observation"].state is PARTIAL


@pytest.mark.parametrize("key", ["laboratory", "devices", "labsRecent", "encounter"])
def test_a_list_that_a_proxy_replaced_by_a_page_is_whole_once_the_server_gave_it(key: str) -> None:
    kind = {"devices": "Device", "encounter": "Encounter"}.get(key, "Observation")
    delivered = {"vitalSigns": None, "pumpObservations": None} if key == "laboratory" else {}
    with serve(fhir()) as server:
        server.answers["/fhir/Encounter/e1"] = servers.body(
            {"resourceType": "Encounter", "id": "e1", "subject": SUBJECT}
        )
        prefetch = {**delivered, key: "<html>502 Bad Gateway</html>"}
        gathered = call(server, prefetch, encounter="e1")
        assert gathered.resources.listings[kind].state is COMPLETE
        assert gathered.resources.unreadable == 1

        server.answers |= {path: servers.status(500) for path in (f"/fhir/{kind}", "/fhir/Encounter/e1")}
        assert call(server, prefetch, encounter="e1").resources.listings[kind].state is (
            PARTIAL if delivered else UNAVAILABLE
        )


def medication_request(n: int) -> dict:
    return {
        "resourceType": "MedicationRequest",
        "id": f"r{n}",
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
    } | {"medicationReference": {"reference": f"Medication/m{n}"}}


def test_medications_that_are_only_referred_to_are_read() -> None:
    with serve(fhir(MedicationRequest=servers.body(bundle(medication_request(1))))) as server:
        server.answers["/fhir/Medication/m1"] = servers.body(BACLOFEN)
        gathered = call(server)

        assert "/fhir/Medication/m1" in server.paths
        assert unresolved(gathered.resources) == ()


def test_references_are_capped_and_a_dead_one_does_not_cost_the_others() -> None:
    with serve(fhir(MedicationRequest=servers.body(bundle(*(medication_request(n) for n in range(1, 31)))))) as server:
        server.answers["/fhir/Medication/m1"] = servers.body(BACLOFEN)
        server.answers["/fhir/Medication/m2"] = servers.status(410)
        gathered = call(server, references=5)

        assert sum("/Medication/" in path for path in server.paths) == 5
        assert gathered.report.counts["reference-cap"] == 1
        assert "Medication/m1" not in unresolved(gathered.resources)
        assert gathered.resources.listings["MedicationRequest"].state is COMPLETE


# --- lean -------------------------------------------------------------------------------------------------------------


def test_the_lean_profile_reads_the_rest_only_where_there_is_a_trace_of_a_pump() -> None:
    lean = catalogue.templates("lean", site_with([]).pump_codes)
    with serve(fhir()) as server:
        gathered = call(server, profile="lean")
        assert len(server.seen) == len(lean)
        assert "Observation" not in gathered.resources.listings

    with serve(fhir(Device=servers.body(bundle(PUMP)))) as server:
        gathered = call(server, profile="lean")
        assert len(server.seen) > len(lean)
        assert gathered.resources.listings["Observation"].state is COMPLETE


def test_lean_finds_a_pump_that_only_a_referenced_medication_shows() -> None:
    with serve(fhir(MedicationRequest=servers.body(bundle(medication_request(1))))) as server:
        server.answers["/fhir/Medication/m1"] = servers.body(BACLOFEN)
        gathered = call(server, profile="lean")

        assert pump_possible(gathered.resources)
        assert gathered.resources.listings["Observation"].state is COMPLETE


# --- when the server misbehaves ---------------------------------------------------------------------------------------

ROWS = {
    "401": servers.status(401),
    "403": servers.status(403),
    "404": servers.status(404),
    "429": servers.status(429, Retry_After="1"),
    "500": servers.status(500),
    "html": servers.html(),
    "broken": servers.body(b'{"resourceType": "Bundle"'),
    "outcome": servers.body({"resourceType": "OperationOutcome", "issue": []}),
    "hang": servers.hang,
    "hang_in_body": servers.hang_in_body,
    "drip_body": servers.drip_body,
    "drip_headers": servers.drip_headers,
    "cut": servers.cut,
    "cut_in_body": servers.cut_in_body,
    "bomb": servers.bomb(100_000_000),
    "elsewhere": servers.redirect("http://127.0.0.1:1/fhir/Device"),
}


STATES = {"401": REFUSED, "403": REFUSED, "404": NOT_SUPPORTED}
"""How a list ends that the server refused or does not have; every other failure is one of this time alone (docs/fhir-mapping.md
S2)."""


@pytest.mark.parametrize("row", ROWS)
@WATCHES_THE_CLOCK
def test_one_list_that_fails_is_unavailable_and_the_others_are_whole(
    row: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(fhir(Device=ROWS[row])) as server:
        began = time.monotonic()
        gathered = call(server, budgetSeconds=1.0)

        assert time.monotonic() - began < 1.6
        listings = states(gathered.resources)
        assert listings.pop("Device") is STATES.get(row, UNAVAILABLE)
        assert set(listings.values()) == {COMPLETE}
        assert "ok" in gathered.report.counts
        assert len(gathered.report.counts) == 2
        assert eventually(lambda: "callbacks failed" in caplog.text)


@pytest.mark.parametrize("row", ROWS)
@WATCHES_THE_CLOCK
def test_a_second_page_that_fails_leaves_the_list_partial(row: str) -> None:
    with serve(
        fhir(Device=servers.in_turn(servers.body(bundle(PUMP, following="/fhir/Device?page=2")), ROWS[row]))
    ) as server:
        gathered = call(server, budgetSeconds=1.0)

        assert gathered.resources.listings["Device"].state is PARTIAL
        assert pump_possible(gathered.resources)


@pytest.mark.parametrize("row", [row for row in ROWS if row not in ("elsewhere", "bomb")])
@WATCHES_THE_CLOCK
def test_a_server_that_fails_altogether_gives_an_honest_nothing_in_time(row: str) -> None:
    with serve({"*": ROWS[row]}) as server:
        began = time.monotonic()
        gathered = call(server, budgetSeconds=0.5)

        assert time.monotonic() - began < 0.8
        found = states(gathered.resources)
        assert found.pop("Patient") is (REFUSED if row in ("401", "403") else UNAVAILABLE)
        assert set(found.values()) == {STATES.get(row, UNAVAILABLE)}
        assert gathered.report.milliseconds < 800


@WATCHES_THE_CLOCK
def test_a_server_that_is_killed_during_the_call_gives_what_came_before() -> None:
    with serve(fhir(Condition=servers.hang_in_body)) as server:

        def last_words(handler: Handler) -> None:
            time.sleep(0.2)
            server.released.set()
            servers.cut(handler)

        server.answers["/fhir/Procedure"] = last_words
        gathered = call(server)

        assert gathered.resources.listings["Condition"].state is UNAVAILABLE
        assert gathered.resources.listings["Procedure"].state is UNAVAILABLE
        assert gathered.resources.listings["Device"].state is COMPLETE


def test_a_token_that_ends_during_the_call_leaves_partial_lists() -> None:
    pages = servers.in_turn(servers.body(bundle(PUMP, following="/fhir/Device?page=2")), servers.status(401))
    with serve(fhir(Device=pages)) as server:
        gathered = call(server)

        assert gathered.resources.listings["Device"].state is PARTIAL
        assert gathered.report.counts["401"] == 1


@WATCHES_THE_CLOCK
def test_one_call_at_a_time_waits_for_a_server_that_hangs_and_its_first_answer_lets_all_through() -> None:
    with serve({"*": servers.hang}) as server, ThreadPoolExecutor(20) as threads:

        def several() -> list[Gathered]:
            return list(threads.map(lambda _: call(server, budgetSeconds=0.5), range(20)))

        assert {outcome for gathered in several() for outcome in gathered.report.counts} == {"time-out"}, (
            "nobody knows yet"
        )
        waited = Counter(outcome for gathered in several() for outcome in set(gathered.report.counts))
        assert waited == {"server-hung": 19, "time-out": 1}

        waiting = threads.submit(call, server, budgetSeconds=0.5)
        time.sleep(0.1)
        began = time.monotonic()
        told = call(server, budgetSeconds=0.5)
        assert time.monotonic() - began < 0.1
        assert states(told.resources) == {}
        assert not waiting.result().report.counts["ok"]

        server.answers |= fhir()
        assert call(server).report.counts["ok"]
        told = threads.map(lambda _: call(server, budgetSeconds=3).report.counts, range(6))
        assert {outcome for counts in told for outcome in counts} == {"ok"}


@WATCHES_THE_CLOCK
def test_a_server_that_refuses_or_gives_a_part_is_not_taken_for_hung() -> None:
    for answers in ({"*": servers.status(500)}, fhir(Device=servers.hang), {"*": servers.cut}):
        with serve(answers) as server, ThreadPoolExecutor(6) as threads:
            for _ in range(2):
                told = threads.map(lambda _, server=server: call(server, budgetSeconds=1.0).report.counts, range(6))
                assert not any(counts["server-hung"] for counts in told)


@WATCHES_THE_CLOCK
def test_reads_run_in_parallel() -> None:
    slow = {
        name: servers.after(0.15, servers.body(bundle()))
        for name in ("Device", "Condition", "Procedure", "Flag", "CarePlan", "Appointment")
    }
    with serve(fhir(**slow)) as server:
        began = time.monotonic()
        gathered = call(server)

        assert set(states(gathered.resources).values()) == {COMPLETE}
        assert time.monotonic() - began < 0.6


@WATCHES_THE_CLOCK
def test_less_time_than_the_budget_is_kept_too() -> None:
    with serve({"*": servers.hang}) as server:
        base = f"{server.url}/fhir"
        site = site_with([base])
        began = time.monotonic()
        gather(
            HookRequest("patient-view", "h", "p1", "u", fhir_server=base, access_token=TOKEN), site, NOW, seconds=0.2
        )

        assert time.monotonic() - began < 0.5


def test_hung_calls_leave_no_thread_and_no_connection_behind() -> None:
    import threading

    with serve({"*": servers.drip_body}) as server:
        for _ in range(3):
            call(server, budgetSeconds=0.2)
        ends = time.monotonic() + 60
        while any(thread.name.startswith("callback") for thread in threading.enumerate()) and time.monotonic() < ends:
            time.sleep(0.02)

        assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("callback")]


def test_a_server_of_an_older_fhir_version_is_asked_by_its_own_names() -> None:
    order = {
        "resourceType": "MedicationOrder",
        "id": "mo1",
        "status": "active",
        "patient": SUBJECT,
        "medicationCodeableConcept": {"text": "baclofen"},
    }
    with serve(fhir(MedicationRequest=servers.status(404), MedicationOrder=servers.body(bundle(order)))) as server:
        gathered = call(server)

        assert gathered.resources.listings["MedicationRequest"].state is COMPLETE
        assert any("/MedicationOrder?patient=p1" in path for path in server.paths)


# --- logs -------------------------------------------------------------------------------------------------------------


def test_neither_token_nor_id_nor_address_nor_body_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    marked = {**PUMP, "identifier": [{"value": "MARKER-identifier"}], "note": [{"text": "MARKER-note"}]}
    answers = fhir(
        Device=servers.body(bundle(marked, following="/fhir/Device?MARKER-page")),
        Condition=servers.body(b"MARKER-html", Content_Type="text/html"),
        Procedure=servers.redirect("http://MARKER-host.example/"),
        Flag=servers.hang_in_body,
        CarePlan=servers.cut,
        Appointment=servers.odd_headers,
    )
    with serve(answers) as server:
        gathered = call(server, budgetSeconds=0.5)

        messages = [record.getMessage() for record in caplog.records]
        assert messages
        for text in (*messages, repr(gathered.report), repr(gathered)):
            assert "MARKER" not in text
            assert "p1" not in text
            assert server.url not in text
