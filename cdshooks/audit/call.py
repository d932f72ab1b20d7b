"""A service call as the record sees it, and its reduction to rows that hold nothing of the patient."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from cdshooks.settings.audit_policy import AuditPolicy
from rules.recommendation import CannotAssess, NoAction, Outcome, Recommendation

if TYPE_CHECKING:
    from cdshooks.store.writing import CallRows
    from rules.chart import Listing
    from rules.evaluation import Evaluation


@dataclass(slots=True)
class AuditedCard:
    """One card of the answer. Nobody changes one, nor an `AuditedCall`: a frozen class takes three times as long to
    make."""

    uuid: str
    rule: str
    indicator: str
    said: str | None = None
    """Keyed hash of its facts and words, where the site leaves out what was seen when the encounter started."""


class Verdicts(NamedTuple):
    """What each rule decided, as it is kept: many calls share one document."""

    digest: str
    document: str


@dataclass(slots=True)
class AuditedCall:
    """What one service call leaves behind. It may hold chart facts (`evaluation`): they are dropped before anything is
    kept."""

    hook_instance: str
    service: str
    hook: str
    at: datetime
    """Aware, in the site's time zone; its calendar day is the day of the report."""
    status: int = 200
    """HTTP status of the answer."""
    client: str | None = None
    """Name in the site file."""
    established: bool = True
    """False: whether there is a pump could not be told, so nothing was checked, whatever the status of the answer."""
    criteria: str | None = None
    """The client's own id of what triggered the call (Epic: ``com.epic.cdshooks.request.criteria-id``)."""
    evaluation: Evaluation | None = None
    cards: tuple[AuditedCard, ...] = ()
    availability: Mapping[str, Listing] = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    """By stage; ``total`` for all of it."""
    callbacks: Mapping[str, int] = field(default_factory=dict)
    """Reads from the FHIR server, by how they ended (`cdshooks.outbound.get.Outcome`)."""
    verdicts: Verdicts | None = None
    """Of `evaluation`, where they are written down already."""
    unreadable: int = 0
    foreign: int = 0
    visit: str | None = None
    """Keyed hash of client, user, patient and encounter, likewise."""
    patient_id: str | None = None
    """Kept as a keyed hash where the site gives a key, else not at all."""
    traceparent: str | None = None
    """The header of W3C Trace Context, as it came; for traces alone."""
    ended: int = field(default_factory=time.time_ns)
    """Nanoseconds since 1970, by the real clock; for traces alone."""


@dataclass(slots=True)
class UndecidedCall:
    """A service call that ended before it was decided: refused, not readable, or failed."""

    service: str
    status: int
    milliseconds: float
    traceparent: str | None = None
    ended: int = field(default_factory=time.time_ns)


NOT_ESTABLISHED = "not-established"
"""In the record, in place of the patient's state."""
_TELLING = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?(?:T[\d:.+Z-]*)?\b|\b[A-Z][A-Za-z]+/[\w.-]+|\d{5,}|\d+\.\d+")
_CRITERIA = re.compile(r"[\w.:^|-]{1,64}")


@lru_cache(maxsize=4096)
def without_data(text: str) -> str:
    """A rule's reason, with anything that looks like a date, a reference or a value taken out. Reasons should hold
    none."""
    return _TELLING.sub("…", text).replace("\0", "")[:300]


def storable(text: str, most: int) -> str:
    """Text of a client as a column takes it: PostgreSQL knows no NUL, JSON may hold half a surrogate pair."""
    if text.isascii() and len(text) <= most and "\0" not in text:
        return text
    return text[: most * 2].encode("utf-8", "replace").decode().replace("\0", "")[:most]


def verdict(outcome: Outcome) -> tuple[str, str]:
    """``fired``, ``no-action`` or ``cannot-assess``; with the indicator, the reason, or what was missing."""
    if isinstance(outcome, NoAction):
        return _not_fired(outcome.reason)
    if isinstance(outcome, Recommendation):
        return ("fired", outcome.indicator)
    assert isinstance(outcome, CannotAssess)
    return ("cannot-assess", without_data(", ".join(outcome.missing)))


@lru_cache(maxsize=4096)
def _not_fired(reason: str) -> tuple[str, str]:
    return ("no-action", without_data(reason))


def verdicts_of(evaluation: Evaluation) -> Verdicts:
    """Write down what each rule decided, without data of the patient."""
    verdicts = {
        rule: _not_fired(outcome.reason) if outcome.__class__ is NoAction else verdict(outcome)  # nearly all of them
        for rule, outcome in evaluation.outcomes.items()
    }
    document = msgspec.json.encode(verdicts)
    return Verdicts(hashlib.sha256(document).hexdigest(), document.decode())


def condense(call: AuditedCall, knowledge: str, policy: AuditPolicy) -> CallRows:
    """The rows of a call: nothing of the patient is in them. `knowledge`: the digest of what it was answered with."""
    from cdshooks.store.writing import CallRows

    day = call.at.date()
    identity = f"{time.time_ns():016x}{secrets.token_hex(8)}"
    evaluation = call.evaluation
    decided = None
    if evaluation is not None:
        verdicts = call.verdicts or verdicts_of(evaluation)
        decided = {"digest": verdicts.digest, "document": verdicts.document, "day": day}
    row = {
        "id": identity,
        "hook_instance": storable(call.hook_instance, 128),
        "at": call.at,
        "day": day,
        "service": storable(call.service, 64),
        "hook": storable(call.hook, 64),
        "client": storable(call.client, 200) if call.client else None,
        "criteria": call.criteria if call.criteria and _CRITERIA.fullmatch(call.criteria) else None,
        "status": call.status,
        "state": _patient_state(call),
        "knowledge": knowledge,
        "verdict": decided["digest"] if decided else None,
        "availability": msgspec.json.encode({name: one.state for name, one in call.availability.items()}).decode(),
        "milliseconds": msgspec.json.encode({stage: round(ms, 3) for stage, ms in call.milliseconds.items()}).decode(),
        "unreadable": call.unreadable,
        "foreign_resources": call.foreign,
        "visit": call.visit,
        "patient": hashed_patient(call.patient_id, policy.patient_hash_key),
    }
    return CallRows(row, _fired_rows(call, identity), decided, frozenset(card.uuid for card in call.cards))


def _patient_state(call: AuditedCall) -> str | None:
    """The state as the rules saw it; of a patient of whom too little was seen, that alone."""
    if not call.established:
        return NOT_ESTABLISHED
    return str(call.evaluation.state.kind.value) if call.evaluation is not None else None


def hashed_patient(patient_id: str | None, key: str | None) -> str | None:
    """Without the key nobody can try all patient numbers until one fits."""
    if patient_id is None or not key:
        return None
    return hmac.new(key.encode(), patient_id.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _fired_rows(call: AuditedCall, identity: str) -> tuple[dict[str, Any], ...]:
    day = call.at.date()
    rows = {
        card.rule: {
            "call_id": identity,
            "rule": card.rule,
            "day": day,
            "indicator": card.indicator,
            "shown": True,
            "hidden": None,
            "card": card.uuid,
            "said": card.said,
        }
        for card in call.cards
    }
    if call.evaluation is not None:
        for rule, outcome in call.evaluation.outcomes.items():
            if outcome.__class__ is Recommendation and rule not in rows:
                why = without_data(call.evaluation.hidden.get(rule, "not shown"))[:200]
                rows[rule] = {
                    "call_id": identity,
                    "rule": rule,
                    "day": day,
                    "indicator": outcome.indicator,
                    "shown": False,
                    "hidden": why,
                    "card": None,
                    "said": None,
                }
    return tuple(rows.values())
