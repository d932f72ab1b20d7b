"""Clinical and verification status of a Condition, in the spellings of FHIR's versions and of converters.

Converters of C-CDA leave the SNOMED CT code of the problem's status in place of FHIR's word, and some send "Problem
resolved" or "Entered in Error" as text. A status that is there and says nothing known leaves the Condition suspected
(docs/fhir-mapping.md S1, row 15); one that is only said to be missing or unknown is none. The codes, with their sources,
stand in ``status_codes.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec import Raw

from cdshooks.fhir.json_values import concepts, decoded, raw_code

CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
_CLINICAL_OR_ERROR = (*CLINICAL, "entered-in-error")
VERIFICATION = ("confirmed", "provisional", "unconfirmed", "differential", "refuted", "entered-in-error")
_CODES = json.loads(Path(__file__).with_name("status_codes.json").read_bytes())
_CLINICAL_CODES, _VERIFICATION_CODES = (
    {said: word for word, spelled in _CODES[kind].items() for said in spelled} for kind in ("clinical", "verification")
)
"""Codes of SNOMED CT, and names of theirs that differ from FHIR's words."""
_SAYS_NOTHING = ("data-absent-reason", "v3-nullflavor", "v3/nullflavor")
ODD = "odd"
"""A status is there and no word of FHIR."""


class Statuses(NamedTuple):
    clinical: str | None
    verification: str | None
    in_error: bool


def statuses(clinical: Raw, verification: Raw) -> Statuses:
    """Both, in FHIR's words."""
    active = _word(clinical, _CLINICAL_OR_ERROR, _CLINICAL_CODES)
    verified = _word(verification, VERIFICATION, _VERIFICATION_CODES)
    in_error = active == "entered-in-error" or verified == "entered-in-error"
    if ODD in (active, verified) and verified in (None, ODD, "confirmed", "provisional"):
        verified = "unconfirmed"
    return Statuses(active if active in CLINICAL else None, verified, in_error)


def _word(raw: Raw, known: tuple[str, ...], codes: dict[str, str]) -> str | None:
    word = raw_code(raw)
    if word is None or word in known:
        return word
    spelled = list(_spelled(raw))
    told = next((one for said in spelled if (one := said if said in known else codes.get(said)) is not None), None)
    if told is not None:
        return told
    return ODD if spelled else None


def _spelled(raw: Raw) -> Iterator[str]:
    """Every code, name and text but those that say that nothing is known."""
    for one in concepts(decoded(raw)):
        for system, code, display in one.codings:
            if not (system or "").lower().endswith(_SAYS_NOTHING):
                yield from (_plain(said) for said in (code, display) if said and _plain(said) != "unknown")
        if one.text and _plain(one.text) != "unknown":
            yield _plain(one.text)


def _plain(said: str) -> str:
    return "-".join(said.lower().replace("_", " ").split())
