"""What can be wrong with a call, as exceptions that know their HTTP status and their OperationOutcome.

    ServiceError
    ├── BadRequest              400
    │   ├── NotJson                  the body cannot be read as JSON at all
    │   ├── MemberMissing            a required member is missing or empty
    │   └── MemberInvalid            a member has the wrong type or value, or stands twice
    ├── NotFound                404  no such service or page
    ├── MethodNotAllowed        405
    ├── NotEstablished          412  whether the patient has a pump cannot be told from what was delivered
    ├── TooLarge                413
    ├── UnsupportedMedia        415  not JSON, and not said to be; or a content encoding that is not read
    ├── Unavailable             503  what the call needs (the database behind feedback) is away
    └── Unexpected              500  a fault of this service

Refused callers (401) are ``cdshooks.trust.Refused``, which has the same members. An outcome names the member that is
wrong and never repeats a value of the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def operation_outcome(code: str, diagnostics: str, expression: Iterable[str] = ()) -> dict[str, Any]:
    """An OperationOutcome with one error; `code` is of FHIR's issue-type list."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": diagnostics}
    places = list(expression)
    if places:
        issue["expression"] = places
    return {"resourceType": "OperationOutcome", "issue": [issue]}


class ServiceError(Exception):
    """Base of the tree. `diagnostics` is for the client's analyst; `expression` names the members concerned."""

    status = 500
    code = "exception"

    def __init__(self, diagnostics: str, *expression: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.expression = expression
        self.headers = dict(headers or {})

    @property
    def outcome(self) -> dict[str, Any]:
        return operation_outcome(self.code, self.diagnostics, self.expression)


class BadRequest(ServiceError):
    status = 400
    code = "invalid"


class NotJson(BadRequest):
    code = "structure"


class MemberMissing(BadRequest):
    code = "required"


class MemberInvalid(BadRequest):
    code = "value"


class NotFound(ServiceError):
    status = 404
    code = "not-found"


class MethodNotAllowed(ServiceError):
    status = 405
    code = "not-supported"


class Late(ServiceError):
    status = 408
    code = "timeout"


class NotEstablished(ServiceError):
    status = 412
    code = "incomplete"


class TooLarge(ServiceError):
    status = 413
    code = "too-long"


class UnsupportedMedia(ServiceError):
    status = 415
    code = "not-supported"


class Unavailable(ServiceError):
    status = 503
    code = "transient"


class Unexpected(ServiceError):
    """Says nothing of what happened; the log holds the place in the code, never the data."""
