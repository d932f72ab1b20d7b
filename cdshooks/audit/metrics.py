"""Counts and times in Prometheus form at ``/metrics``, right over several worker processes.

With PROMETHEUS_MULTIPROC_DIR set before this module is imported (`prepare_directory`), the workers keep their numbers
in files there and each answers for all of them; without it, a process answers for itself. Labels come from closed lists
only: rule ids, service ids, outcomes. Nothing that a client sent becomes a label.

Calls are counted by the record's thread, a quarter of a second after their answer, not by the call itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from cdshooks.audit import metric_files
from cdshooks.audit.metric_files import DIRECTORY
from rules.evaluation import NOT_APPROVED

if TYPE_CHECKING:
    from cdshooks.audit.call import AuditedCall

if os.environ.get(DIRECTORY):
    Path(os.environ[DIRECTORY]).mkdir(parents=True, exist_ok=True)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside every counter, of use to nobody here
REGISTRY = CollectorRegistry()
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)

CALLS = Counter("cdshooks_calls", "Service calls answered, by HTTP status", ["service", "status"], registry=REGISTRY)
NOT_ESTABLISHED = Counter(
    "cdshooks_not_established",
    "Calls whose pump status could not be established, by HTTP status: 412, or 200 with a card that says so",
    ["service", "status"],
    registry=REGISTRY,
)
STAGES = Histogram(
    "cdshooks_stage_seconds",
    "Time of one stage of a call; total is all of it",
    ["stage"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
CARDS = Counter(
    "cdshooks_cards",
    "Rules that fired, by indicator and whether the card was shown",
    ["rule", "indicator", "shown"],
    registry=REGISTRY,
)
UNAPPROVED_CARDS = Counter(
    "cdshooks_unapproved_cards",
    "Cards kept back because the site has not approved the rule's version",
    ["rule", "indicator"],
    registry=REGISTRY,
)
UNAPPROVED_RULES = Gauge(
    "cdshooks_unapproved_rules",
    "Rules whose present version the site has not approved",
    ["run"],
    registry=REGISTRY,
    multiprocess_mode="livemax",
)
RULE_FAILURES = Counter("cdshooks_rule_failures", "Rules that failed with an error", ["rule"], registry=REGISTRY)
CALLBACKS = Counter("cdshooks_callbacks", "Reads from FHIR servers, by how they ended", ["outcome"], registry=REGISTRY)
REFUSED = Counter("cdshooks_refused_tokens", "Calls refused with 401, by reason", ["reason"], registry=REGISTRY)
REPLAY = Counter(
    "cdshooks_replay_checks",
    "Replay checks, by what answered: store, memory, or memory for want of the store",
    ["by"],
    registry=REGISTRY,
)
LOST = Counter("cdshooks_record_lost", "Calls whose record was lost, by cause", ["cause"], registry=REGISTRY)
WRITE_FAILURES = Counter(
    "cdshooks_record_write_failures", "Attempts to write the record that failed; they are made again", registry=REGISTRY
)
FEEDBACK = Counter(
    "cdshooks_feedback", "Feedback items stored for the first time, by outcome", ["outcome"], registry=REGISTRY
)
FEEDBACK_REPEATS = Counter("cdshooks_feedback_repeats", "Feedback items that were stored before", registry=REGISTRY)
FEEDBACK_UNKNOWN = Counter(
    "cdshooks_feedback_unknown_cards", "Feedback items for cards that the record does not know", registry=REGISTRY
)
FEEDBACK_REFUSED = Counter(
    "cdshooks_feedback_refused",
    "Feedback bodies not taken: invalid or database unavailable",
    ["why"],
    registry=REGISTRY,
)
BODIES_REFUSED = Counter(
    "cdshooks_bodies_refused",
    "Request bodies not taken: no room for them, or not here in time",
    ["why"],
    registry=REGISTRY,
)
KNOWLEDGE = Gauge(
    "cdshooks_knowledge_info",
    "1 for the rule versions in use",
    ["version"],
    registry=REGISTRY,
    multiprocess_mode="livemax",
)

BLUEPRINT = Blueprint("metrics", __name__)


def prepare_directory() -> str:
    """An empty directory for the workers' numbers, named in the environment. For the entry point that starts the
    workers.

    Numbers of a run before must not leak into this one: a directory that is named already is emptied.
    """
    path = os.environ.get(DIRECTORY) or metric_files.own_folder()
    os.environ[DIRECTORY] = path
    metric_files.clear()
    Path(path).mkdir(parents=True, exist_ok=True)
    return path


def remove_directory() -> None:
    """When the last worker has ended."""
    shutil.rmtree(os.environ.pop(DIRECTORY, ""), ignore_errors=True)


@cache
def _calls(service: str, status: int) -> Counter:
    return CALLS.labels(service, str(status))


@cache
def _stage(name: str) -> Histogram:
    return STAGES.labels(name)


def count_call(call: AuditedCall) -> None:
    """Everything that one call tells."""
    _calls(call.service, call.status).inc()
    if not call.established:
        NOT_ESTABLISHED.labels(call.service, str(call.status)).inc()
    for stage, milliseconds in call.milliseconds.items():
        _stage(stage).observe(milliseconds / 1000)
    for outcome, times in call.callbacks.items():
        CALLBACKS.labels(outcome).inc(times)
    if call.evaluation is None:
        return
    for rule in call.evaluation.failures:
        RULE_FAILURES.labels(rule).inc()


def count_fired(rows: tuple[Mapping[str, object], ...]) -> None:
    """Cards of one call: rows of the table ``fired``."""
    for row in rows:
        CARDS.labels(row["rule"], row["indicator"], "yes" if row["shown"] else "no").inc()
        if row["hidden"] == NOT_APPROVED:
            UNAPPROVED_CARDS.labels(row["rule"], row["indicator"]).inc()


def refused(reason: str) -> None:
    """A call was refused with 401; `reason` from the closed list of `cdshooks.trust.Reason`."""
    REFUSED.labels(reason).inc()


def refuse_body(why: str) -> None:
    """A body was not taken; `why` from a closed list, ``no-room`` or ``late``."""
    BODIES_REFUSED.labels(why).inc()


@BLUEPRINT.get("/metrics")
def metrics() -> Response:
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        return Response(encode(_registry()), content_type=content_type)
    except FileNotFoundError:  # a worker that begins took over a file just now
        return Response(encode(_registry()), content_type=content_type)


def _registry() -> CollectorRegistry:
    folder = os.environ.get(DIRECTORY)
    if not folder:
        return REGISTRY
    Path(folder).mkdir(parents=True, exist_ok=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry
