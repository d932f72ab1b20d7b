"""Calls as the pipeline notes them, made from real evaluations of invented patients."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time
from types import MappingProxyType

from cdshooks.audit.call import AuditedCall, AuditedCard
from cdshooks.audit.recorder import AuditTrail
from cdshooks.audit.versions import Versions
from cdshooks.settings.audit_policy import AuditPolicy
from cdshooks.store import Store
from rules.chart import Availability, Listing
from rules.definitions.state import PatientState, State
from rules.evaluation import Evaluation
from rules.recommendation import CannotAssess, Finding, NoAction, Recommendation

VERSIONS = Versions.of(
    {"itb-refill-due": "1.0.0", "itb-mri-order": "1.0.0", "itb-pump-summary": "1.0.0"}, valueSets={"drugs": "abc"}
)
MARKER = "ZZMARKERZZ"
"""Stands for patient data wherever a call can carry some."""


def audit_trail(store: Store | None, **policy: object) -> AuditTrail:
    return AuditTrail(store, VERSIONS, AuditPolicy(**policy))


def finding(indicator: str) -> Finding:
    return Finding(
        indicator,
        fact=f"2026-06-12 {MARKER}",
        values=MappingProxyType({"drug": MARKER}),
        facts=(f"Observation/{MARKER}",),
    )


def evaluation(fired: dict[str, str] | None = None, hidden: dict[str, str] | None = None) -> Evaluation:
    """`fired`: rule -> indicator. Beside these one rule sees nothing, one cannot look, one has a reason that says too
    much."""
    outcomes = {rule: Recommendation((finding(indicator),)) for rule, indicator in (fired or {}).items()}
    quiet = {
        "itb-mri-order": NoAction("no MRI among the orders"),
        "itb-ci-antiplatelet": CannotAssess(("MedicationRequest", "MedicationStatement")),
        "itb-alcohol": NoAction("last drink 2026-06-12, level 214.5, see Observation/123456"),
    }
    return Evaluation(
        state=PatientState(State.PUMP if fired else State.NONE),
        outcomes={**quiet, **outcomes},
        shown=(),
        hidden=hidden or {},
    )


def call(
    fired: dict[str, str] | None = None,
    hidden: dict[str, str] | None = None,
    *,
    hook_instance: str = "",
    day: date = date(2026, 6, 15),
    **members: object,
) -> AuditedCall:
    """A call whose fired rules were shown, unless they are `hidden`."""
    instance = hook_instance or secrets.token_hex(16)
    cards = tuple(
        AuditedCard(f"{instance}:{rule}", rule, indicator)
        for rule, indicator in (fired or {}).items()
        if rule not in (hidden or {})
    )
    return AuditedCall(
        hook_instance=instance,
        service="itb-patient-view",
        hook="patient-view",
        at=datetime.combine(day, time(10), UTC),
        client="Hospital A",
        evaluation=evaluation(fired, hidden),
        cards=cards,
        availability={"Device": Listing(Availability.COMPLETE), "Observation": Listing(Availability.UNAVAILABLE)},
        milliseconds={"parse": 0.2, "evaluate": 1.5, "total": 2.25},
        callbacks={"ok": 2, "time-out": 1},
        **{"patient_id": MARKER, **members},
    )
