"""The problem list (Condition) and allergies (AllergyIntolerance)."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import (
    Clauses,
    EntryPhrase,
    Setter,
    at,
    fill,
    one_of,
    quoted,
    quoted_words,
    words_listed,
)
from cdshooks.vignettes.terms import codeable_concept, coding

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


def _reaction(resource: dict[str, Any], said: str) -> None:
    told = {"text": quoted(said)} if said.startswith('"') else codeable_concept(said, "findings")
    resource["reaction"] = [{"manifestation": [told]}]


CONDITION = Clauses(
    {
        "since": at("onsetDateTime"),
        "until": at("abatementDateTime"),
        "recorded": at("recordedDate"),
        "severity": quoted_words("severity"),
        "site": words_listed("bodySite"),
        **_clauses("condition"),
    }
)
ALLERGY = Clauses(
    {
        "recorded": at("recordedDate"),
        "type": one_of("type", ("allergy", "intolerance")),
        "criticality": one_of("criticality", ("low", "high", "unable-to-assess")),
        "reaction": _reaction,
        **_clauses("allergy"),
    }
)


def condition_resource(said: EntryPhrase) -> dict[str, Any]:
    """A problem: ``sepsis since 2026-06-14, unconfirmed``; active and confirmed unless said."""
    made = {"resourceType": "Condition", "subject": SUBJECT, "code": codeable_concept(said.first, "conditions")}
    return fill(made, ("active", "confirmed", *said.rest), CONDITION)


def allergy_resource(said: EntryPhrase) -> dict[str, Any]:
    """An allergy to a drug: ``baclofen, unconfirmed``; active and confirmed unless said."""
    made = {"resourceType": "AllergyIntolerance", "patient": SUBJECT, "code": codeable_concept(said.first, "drugs")}
    return fill(made, ("active", "confirmed", *said.rest), ALLERGY)
