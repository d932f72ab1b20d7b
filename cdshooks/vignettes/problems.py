"""The problem list (Condition) and allergies (AllergyIntolerance)."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Phrase
from cdshooks.vignettes.phrases import Setter
from cdshooks.vignettes.phrases import at
from cdshooks.vignettes.phrases import fill
from cdshooks.vignettes.phrases import quoted
from cdshooks.vignettes.terms import by_code
from cdshooks.vignettes.terms import coding
from cdshooks.vignettes.terms import concept

CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
VERIFICATION = ("confirmed", "unconfirmed", "provisional", "differential", "refuted", "entered-in-error")


def _status(member: str, system: str, code: str) -> Setter:
    def put_status(resource: dict[str, Any], said: str) -> None:
        resource[member] = coding(system, code)

    return put_status


def _clauses(kind: str) -> dict[str, Setter]:
    clinical = {code: _status("clinicalStatus", f"{kind} clinical status", code) for code in CLINICAL}
    verified = {
        code.replace("-", " "): _status("verificationStatus", f"{kind} verification status", code)
        for code in VERIFICATION
    }
    return {**clinical, **verified}


def _severity(resource: dict[str, Any], said: str) -> None:
    resource["severity"] = {"text": quoted(said)}


def _site(resource: dict[str, Any], said: str) -> None:
    resource["bodySite"] = [{"text": quoted(said)}]


def condition(said: Phrase) -> dict[str, Any]:
    """A problem: ``sepsis since 2026-06-14, unconfirmed``; active and confirmed unless said."""
    made = {"resourceType": "Condition", "subject": SUBJECT, "code": concept(said.first, "conditions")}
    clauses = {
        **_clauses("condition"),
        "since": at("onsetDateTime"),
        "until": at("abatementDateTime"),
        "recorded": at("recordedDate"),
        "severity": _severity,
        "site": _site,
    }
    return fill(made, ("active", "confirmed", *said.rest), clauses)


def allergy(said: Phrase) -> dict[str, Any]:
    """An allergy to a drug: ``baclofen, unconfirmed``; active and confirmed unless said."""
    made = {"resourceType": "AllergyIntolerance", "patient": SUBJECT, "code": concept(said.first, "drugs")}

    def kind(resource: dict[str, Any], said: str) -> None:
        resource["type"] = said

    def criticality(resource: dict[str, Any], said: str) -> None:
        resource["criticality"] = said

    def reaction(resource: dict[str, Any], said: str) -> None:
        coded = by_code(said)
        resource["reaction"] = [{"manifestation": [coded[0] if coded else {"text": quoted(said)}]}]

    clauses = {
        **_clauses("allergy"),
        "type": kind,
        "criticality": criticality,
        "reaction": reaction,
        "recorded": at("recordedDate"),
    }
    return fill(made, ("active", "confirmed", *said.rest), clauses)
