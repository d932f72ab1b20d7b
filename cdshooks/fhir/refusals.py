"""HTTP statuses and OperationOutcomes -> how a list ends that they stand for (docs/fhir-mapping.md S1 rows 7 and 10, S2).

The word that is passed on is an HTTP status or one of FHIR's own issue types, never text of a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cdshooks.fhir.bundles import Contents, RefusedEntry
from cdshooks.fhir.json_values import decoded, first_object, objects, text_of
from cdshooks.fhir.resource_types import Entry
from rules.chart import Availability, Listing

_GOOD = ("warning", "information", "success")
_REFUSED_CODES = frozenset({"security", "login", "forbidden", "expired"})
_ISSUE_TYPES = frozenset(
    """
    invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported duplicate
    multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict limited-filter transient
    lock-error no-store exception timeout incomplete throttled informational success
    """.split()
)
_REFUSED = (401, 403)
_NO_SUCH_LIST = (404, 405, 501)
_UNKNOWN = r"(?:unknown|unsupported|unrecognized|invalid|not (?:supported|known|recognized))"
_UNKNOWN_TYPE = re.compile(rf"{_UNKNOWN} resource type|resource type (?:\S+ )?(?:is )?{_UNKNOWN}")
"""What is unknown is the type itself. HAPI says of a parameter: ``Unknown search parameter "status" for resource type "Flag"``."""
READS = frozenset({"Patient", "Encounter"})
"""Lists that are read by id: 404 means that this one is not there, not that the server has no such resource."""


def bad_issues(issues: Any) -> list[dict[str, Any]]:
    """The issues that say more than that nothing was found: severity error or fatal, or none at all."""
    return [issue for issue in objects(issues) if (text_of(issue.get("severity")) or "error").lower() not in _GOOD]


def of_outcomes(outcomes: Iterable[Entry]) -> Listing | None:
    """How a list ends beside whose entries these OperationOutcomes stand; None where they say nothing bad."""
    bad = [issue for outcome in outcomes for issue in bad_issues(decoded(outcome.resource.issue))]
    return of_issues(bad) if bad else None


def of_refused(found: Contents) -> Listing:
    """How a list ends in whose place an OperationOutcome stands."""
    return of_issues([issue for outcome in found.outcomes for issue in objects(decoded(outcome.resource.issue))])


def of_issues(issues: list[dict[str, Any]]) -> Listing:
    """How a list ends in whose place these issues stand."""
    codes = [_code(issue) for issue in issues] or ["processing"]
    refused = [code for code in codes if code in _REFUSED_CODES]
    if refused:
        return Listing(Availability.REFUSED, min(refused))
    if "not-supported" in codes or any(map(_names_unknown_type, issues)):
        return Listing(Availability.NOT_SUPPORTED, "not-supported")
    return Listing(Availability.UNAVAILABLE, min(codes))


def of_entry(refusal: RefusedEntry, names: Iterable[str]) -> Listing:
    """How the lists end for which an entry of a batch answers with an error."""
    if not refusal.status:
        return of_issues(objects(refusal.issues))
    return of_status(refusal.status, objects(refusal.issues), search=READS.isdisjoint(names))


def of_status(status: int, issues: list[dict[str, Any]] = [], *, search: bool) -> Listing:  # noqa: B006 - never changed
    """How a list ends whose search, or read by id, was answered with an HTTP status of 400 or more."""
    why = f"http-{status}"
    if status in _REFUSED:
        return Listing(Availability.REFUSED, why)
    codes = [_code(issue) for issue in issues]
    if search and (
        status in _NO_SUCH_LIST or "not-supported" in codes or (status == 400 and any(map(_names_unknown_type, issues)))
    ):
        return Listing(Availability.NOT_SUPPORTED, why)
    return Listing(Availability.UNAVAILABLE, why)


def _code(issue: dict[str, Any]) -> str:
    code = (text_of(issue.get("code")) or "").lower()
    return code if code in _ISSUE_TYPES else "unknown"


def _names_unknown_type(issue: dict[str, Any]) -> bool:
    """The server says that it does not know the resource type."""
    details = first_object(issue.get("details"))
    said = " ".join(filter(None, (text_of(issue.get("diagnostics")), text_of(details.get("text"))))).lower()
    return _UNKNOWN_TYPE.search(said) is not None
