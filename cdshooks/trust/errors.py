"""Why a caller was refused: said to the log and to metrics, never to the caller."""

from __future__ import annotations

from enum import Enum

CHALLENGE = {"WWW-Authenticate": "Bearer"}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "login", "diagnostics": "This call is not authorised."}],
}


class RefusalReason(Enum):
    """A closed list, so that a metric's label never carries what a caller wrote."""

    NO_TOKEN = "no-token"
    NOT_BEARER = "not-bearer"
    TOO_LONG = "too-long"
    MALFORMED = "malformed"
    TYPE = "wrong-type"
    ISSUER = "issuer-not-listed"
    JKU = "jku-not-listed"
    TENANT = "tenant-not-listed"
    SUBJECT = "sub-not-listed"
    ALGORITHM = "algorithm-not-allowed"
    KEY = "key-unknown"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    FAR_END = "expires-too-late"
    NOT_YET = "not-yet-valid"
    CLAIM = "claim-missing-or-malformed"
    REPLAY = "replayed"
    UNCONFIRMED = "replay-unconfirmed"


class Refused(Exception):
    """A caller that is not let in: 401 with `OUTCOME` and the headers of `CHALLENGE`, the same for every `reason`.

    A body that told "unknown key" from "wrong audience" would guide whoever is trying.
    """

    status = 401
    outcome = OUTCOME
    headers = CHALLENGE

    def __init__(self, reason: RefusalReason, client: str | None = None) -> None:
        super().__init__("the caller is not authorised")
        self.reason = reason
        self.client = client
        """Name of the client in the site file, as far as it was recognised; not proven unless the signature was
        checked."""
