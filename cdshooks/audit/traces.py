"""OpenTelemetry traces: one span a service call, with a span for each stage below it. Needs the extra ``otel``.

On where the environment names a collector (OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT); sampling,
headers and time-outs are OpenTelemetry's own variables. A caller's ``traceparent`` is the parent. The spans are made
from the times that the record takes anyhow, in the record's thread: a call does nothing for them. Their attributes are
the service, the status, the number of cards by indicator and the hookInstance as the log has it: never a chart fact.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from cdshooks.audit.call import AuditedCall, UndecidedCall
from cdshooks.logs import instance

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

LOG = logging.getLogger(__name__)
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVICE_NAME = "itb-cds-hooks"
STAGES = {"parse": "parse", "gather": "gather", "chart": "read", "evaluate": "evaluate", "render": "render"}
"""Stage of the record -> name of its span, in the order in which they follow each other."""
MILLISECOND = 1_000_000
"""In nanoseconds."""


def open_spans() -> Spans | None:
    """Return what makes spans; None where the environment names no collector, or the extra is not installed."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() in ("", "otlp")
    if off or not wanted or not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        LOG.warning("traces are asked for, but the extra otel is not installed: pip install 'itb-cds-hooks[otel]'")
        return None
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    resource = Resource.create({} if named else {"service.name": SERVICE_NAME})
    # Closed by the record, whose thread makes the last spans.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Spans(provider)


class Spans:
    """A listener of the audit trail (`cdshooks.audit.listeners.CallListener`)."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer("cdshooks")
        self._propagator = TraceContextTextMapPropagator()

    def hear(self, call: AuditedCall) -> None:
        from opentelemetry.trace import set_span_in_context

        began = call.ended - int(call.milliseconds.get("total", 0.0) * MILLISECOND)
        attributes: dict[str, Any] = {
            "itb_cds.hook_instance": instance(call.hook_instance),
            "itb_cds.established": call.established,
        }
        for indicator, number in Counter(card.indicator for card in call.cards).items():
            attributes[f"itb_cds.cards.{indicator}"] = number
        root = self._root(call.service, call.status, began, call.traceparent, attributes)
        inside = set_span_in_context(root)
        at = began
        for stage, name in STAGES.items():
            if stage in call.milliseconds:
                span = self._tracer.start_span(name, inside, start_time=at)
                at += int(call.milliseconds[stage] * MILLISECOND)
                span.end(at)
        root.end(call.ended)

    def hear_undecided(self, call: UndecidedCall) -> None:
        began = call.ended - int(call.milliseconds * MILLISECOND)
        self._root(call.service, call.status, began, call.traceparent, {}).end(call.ended)

    def flush(self) -> None:
        """Nothing to do: a thread of OpenTelemetry's own sends them."""

    def close(self) -> None:
        """Send what is not sent yet."""
        self._provider.shutdown()

    def _root(self, service: str, status: int, began: int, traceparent: str | None, attributes: dict[str, Any]) -> Span:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        parent: Context | None = self._propagator.extract({"traceparent": traceparent}) if traceparent else None
        route = f"/cds-services/{service}"
        known: dict[str, Any] = {
            "http.request.method": "POST",
            "http.route": route,
            "http.response.status_code": status,
        }
        span = self._tracer.start_span(
            f"POST {route}", parent, kind=SpanKind.SERVER, attributes={**known, **attributes}, start_time=began
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        return span
