"""What is told of each call beside the record: a line of the log, and spans to a collector over OTLP/HTTP. Seen from
outside: a running service, its log, and a real receiver of protobuf messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.processes import ROOT, Served, served
from tests.support.reading import PATIENT
from tests.support.whole_charts import whole

PATH = "/cds-services/itb-patient-view"
SAMPLE = json.loads((ROOT / "fixtures" / "clients" / "epic" / "patient-view.json").read_text(encoding="utf-8"))
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TELLING = "MARKER-instance"
TELLING_DIGEST = "sha256:86362065316998ab"
ONE_PATIENT = 'MARKER-name "Jane'


@dataclass
class Collector:
    """Receives traces as a collector does."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        messages = [ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]
        return [
            span
            for message in messages
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def resources(self) -> list[dict[str, str]]:
        messages = [ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]
        found = [resource.resource.attributes for message in messages for resource in message.resource_spans]
        return [{one.key: one.value.string_value for one in attributes} for attributes in found]


class Handler(BaseHTTPRequestHandler):
    owner: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
        self.owner.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    held = Collector()
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"owner": held}))
    held.url = f"http://127.0.0.1:{http.server_address[1]}"
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield held
    http.shutdown()


@pytest.fixture(scope="module")
def service(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    variables = {
        "CDSHOOKS_NOW": "2026-06-15T10:00:00Z",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with served(tmp_path_factory.mktemp("service"), workers=1, **variables) as running:
        yield running


def eventually(there: Callable[[], Any], seconds: float = 20) -> Any:
    ends = time.monotonic() + seconds
    while not (found := there()) and time.monotonic() < ends:
        time.sleep(0.1)
    return found


def post(service: Served, body: object, **headers: str) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.ask("POST", PATH, raw, **{"Content-Type": "application/json", **headers})[0]


def spans_of(collector: Collector, trace: str) -> dict[str, Span]:
    return {span.name: span for span in collector.spans if span.trace_id.hex() == trace}


def attributes(span: Span) -> dict[str, Any]:
    found = {one.key: one.value for one in span.attributes}
    return {name: getattr(value, value.WhichOneof("value")) for name, value in found.items()}


def lines(service: Served) -> list[dict[str, Any]]:
    text = service.log.read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in found if line.get("logger") == "cdshooks.calls"]


def test_a_call_is_a_span_below_the_callers_with_a_span_for_each_stage(service: Served, collector: Collector) -> None:
    assert post(service, SAMPLE, traceparent=f"00-{TRACE}-{PARENT}-01") == 200
    assert eventually(lambda: f"POST {PATH}" in spans_of(collector, TRACE))
    found = spans_of(collector, TRACE)
    root = found.pop(f"POST {PATH}")
    assert root.parent_span_id.hex() == PARENT
    assert root.kind == Span.SpanKind.SPAN_KIND_SERVER
    assert attributes(root) == {
        "http.request.method": "POST",
        "http.route": PATH,
        "http.response.status_code": 200,
        "itb_cds.hook_instance": SAMPLE["hookInstance"],
        "itb_cds.established": True,
        "itb_cds.cards.critical": 1,
        "itb_cds.cards.info": 1,
    }
    assert list(found) == ["parse", "gather", "read", "evaluate", "render"]
    times = [(span.start_time_unix_nano, span.end_time_unix_nano) for span in found.values()]
    assert all(span.parent_span_id == root.span_id for span in found.values())
    assert all(before[1] == after[0] for before, after in zip(times, times[1:]))
    assert root.start_time_unix_nano == times[0][0] and times[-1][1] <= root.end_time_unix_nano
    assert abs(root.end_time_unix_nano / 1e9 - time.time()) < 60
    assert {one["service.name"] for one in collector.resources} == {"itb-cds-hooks"}


def test_a_silent_answer_that_was_remembered_has_no_span_of_what_was_not_done(
    service: Served, collector: Collector
) -> None:
    body = {"hook": "patient-view", "hookInstance": SAMPLE["hookInstance"], "prefetch": whole()}
    body["context"] = {"userId": "Practitioner/1", "patientId": PATIENT}
    found = []
    for first in ("4af", "5af"):
        trace = TRACE.replace("0af", first)
        assert post(service, body, traceparent=f"00-{trace}-{PARENT}-01") == 200
        assert eventually(lambda trace=trace: f"POST {PATH}" in spans_of(collector, trace))
        found.append(set(spans_of(collector, trace)) - {f"POST {PATH}"})
    assert found == [{"parse", "gather", "read", "evaluate", "render"}, {"parse", "gather", "read"}]


def test_a_caller_that_does_not_trace_or_sends_rubbish_is_answered_as_ever(
    service: Served, collector: Collector
) -> None:
    """Not sampled by the caller: no span. No readable traceparent: a trace of its own."""
    unsampled = TRACE.replace("0af", "1af")
    before = len({span.trace_id for span in collector.spans})
    assert post(service, SAMPLE, traceparent=f"00-{unsampled}-{PARENT}-00") == 200
    for odd in ("", "00", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", "x" * 5000):
        assert post(service, SAMPLE, traceparent=odd) == 200
    assert post(service, SAMPLE) == 200
    assert eventually(lambda: len({span.trace_id for span in collector.spans}) == before + 6)
    assert not spans_of(collector, unsampled)


def test_a_call_that_is_not_decided_is_a_span_and_a_line_too(service: Served, collector: Collector) -> None:
    trace = TRACE.replace("0af", "2af")
    told = len(lines(service))
    assert post(service, b"no JSON", traceparent=f"00-{trace}-{PARENT}-01") == 400
    assert post(service, SAMPLE | {"prefetch": {}, "fhirServer": None, "fhirAuthorization": None}) == 412
    assert eventually(lambda: spans_of(collector, trace))
    (span,) = spans_of(collector, trace).values()
    assert attributes(span)["http.response.status_code"] == 400
    assert span.end_time_unix_nano > span.start_time_unix_nano
    assert eventually(lambda: len(lines(service)) >= told + 2)
    assert [line["status"] for line in lines(service)[told:]] == [400, 412]


def test_each_call_is_one_line_with_its_cards_by_indicator(service: Served) -> None:
    told = len(lines(service))
    assert post(service, SAMPLE) == 200
    assert post(service, SAMPLE | {"hookInstance": TELLING}) == 200
    assert eventually(lambda: len(lines(service)) >= told + 2)
    first, second = lines(service)[told:]
    taken = first.pop("milliseconds")
    assert 0 < taken < 2000
    assert first.pop("time").startswith("20")
    assert first == {
        "level": "info",
        "logger": "cdshooks.calls",
        "message": "call",
        "hookInstance": SAMPLE["hookInstance"],
        "service": "itb-patient-view",
        "status": 200,
        "cards": {"critical": 1, "info": 1},
        "client": "open",
    }
    assert second["hookInstance"] == TELLING_DIGEST


def test_no_word_of_the_chart_or_the_caller_is_in_spans_and_log(service: Served, collector: Collector) -> None:
    last, told = TRACE.replace("0af", "3af"), len(lines(service))
    marked = json.loads(json.dumps(SAMPLE)) | {"hookInstance": TELLING}
    marked["context"]["userId"] = "Practitioner/MARKER-user"
    marked["prefetch"] = _marked(marked["prefetch"])
    assert post(service, marked, traceparent="00-MARKER", tracestate="MARKER=1", baggage="who=MARKER") == 200
    assert post(service, b'{"MARKER": ', X_MARKER="MARKER", traceparent=f"00-{last}-{PARENT}-01") == 400
    assert eventually(lambda: spans_of(collector, last))
    assert eventually(lambda: 400 in [line["status"] for line in lines(service)[told:]])
    assert TELLING_DIGEST in service.log.read_text(encoding="utf-8")
    assert TELLING_DIGEST.encode() in b"".join(collector.bodies)
    assert b"MARKER" not in b"".join(collector.bodies)
    assert "MARKER" not in service.log.read_text(encoding="utf-8")


def _marked(value: Any) -> Any:
    """The chart with a marker in every text that a person may have written."""
    if isinstance(value, dict):
        return {
            name: f"{ONE_PATIENT} {inner}" if name in WRITTEN and isinstance(inner, str) else _marked(inner)
            for name, inner in value.items()
        }
    return [_marked(one) for one in value] if isinstance(value, list) else value


WRITTEN = ("text", "display", "family", "div", "patientInstruction")


# --- off ----------------------------------------------------------------------------------------------------------------


def started(program: str, **variables: str) -> str:
    """Standard error of a process that makes an application, calls it once, and runs `program`."""
    body = f"""
import json, sys
{variables.pop("first", "")}
from cdshooks.app import create_app
app = create_app({{"RECORD": False, "CDSHOOKS_NOW": "2026-06-15T10:00:00Z"}})
sample = json.loads(open({str(ROOT / "fixtures/clients/epic/patient-view.json")!r}).read())
assert app.test_client().post({PATH!r}, json=sample).status_code == 200
app.extensions["cdshooks-record"].close()
{program}
"""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CDSHOOKS_", "OTEL_"))}
    done = subprocess.run(
        [sys.executable, "-c", body], env=kept | variables, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


UNTOUCHED = "assert not any(name.startswith('opentelemetry') for name in sys.modules), 'loaded'"


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    said = started(UNTOUCHED)
    assert said.count('"message":"call"') == 1


def test_both_can_be_switched_off(collector: Collector) -> None:
    off = {"CDSHOOKS_LOG_CALLS": "off", "OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    assert '"message":"call"' not in started(UNTOUCHED, **off)


def test_a_collector_without_the_extra_is_said_once_and_harms_nothing(collector: Collector) -> None:
    missing = "sys.modules['opentelemetry.sdk'] = None"
    said = started("", first=missing, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert said.count("the extra otel is not installed") == 1


def test_a_collector_that_is_away_harms_nothing() -> None:
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    began = time.monotonic()
    started("", **away)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("wrong", ["yes", "0", "OFF"])
def test_a_switch_that_is_neither_on_nor_off_stops_the_start(wrong: str) -> None:
    from cdshooks.settings.environment import ConfigError, load_config

    with pytest.raises(ConfigError, match="CDSHOOKS_LOG_CALLS: must be on or off"):
        load_config({"CDSHOOKS_LOG_CALLS": wrong})
