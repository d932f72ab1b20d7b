"""The body of a feedback request -> its items, as the specification has them and as Epic does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from cdshooks.protocol.errors import (
    BadRequest,
    MemberInvalid,
    MemberMissing,
    NotJson,
    operation_outcome,
)

OUTCOMES = ("accepted", "overridden")
LONGEST_ID = 512
LONGEST_CODE = 200
LONGEST_COMMENT = 10_000
MOST_ISSUES = 20
EPIC = "com.epic.cdshooks.feedback.overrideReason"
_REASON_NAMES = ("overrideReason", "overrideReasons")
Wrong = tuple[str, str]
"""Path of a member, and what it must be."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a user did with one card."""

    card: str
    outcome: str
    at: datetime
    suggestions: tuple[str, ...] = ()
    reason_code: str | None = None
    reason_system: str | None = None
    comment: str | None = None

    @property
    def key(self) -> str:
        """The same for the same item sent again."""
        parts = [self.card, self.outcome, sorted(self.suggestions), self.at.isoformat()]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


class FeedbackInvalid(BadRequest):
    """400: names every member that is wrong, not only the first, so that an analyst need not send a batch again and
    again."""

    code = "value"

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("The feedback is invalid.", *(place for place, _ in wrong))
        self.wrong = tuple(wrong[:MOST_ISSUES])

    @property
    def outcome(self) -> dict[str, Any]:
        issues = [
            issue
            for place, must in self.wrong
            for issue in operation_outcome(self.code, f"{place} {must}", [place])["issue"]
        ]
        return {"resourceType": "OperationOutcome", "issue": issues}


def parse_feedback(body: bytes) -> tuple[Item, ...]:
    """Return the items of a body. Raises BadRequest naming every member that is wrong."""
    try:
        document = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJson("The body is not JSON in UTF-8.") from None
    if not isinstance(document, dict):
        raise MemberInvalid("The body must be a JSON object with the member feedback.")
    entries = document.get("feedback")
    if entries is None:
        raise MemberMissing("feedback is missing: an array of feedback items.", "feedback")
    if not isinstance(entries, list):
        raise MemberInvalid("feedback must be an array of feedback items.", "feedback")
    wrong: list[Wrong] = []
    items = [_item(entry, f"feedback[{index}]", wrong) for index, entry in enumerate(entries)]
    if wrong:
        raise FeedbackInvalid(wrong)
    return tuple(item for item in items if item is not None)


def _item(entry: Any, path: str, wrong: list[Wrong]) -> Item | None:
    if not isinstance(entry, dict):
        wrong.append((path, "must be an object."))
        return None
    before = len(wrong)
    card: Any = entry.get("card")
    if not _is_id(card):
        wrong.append((f"{path}.card", f"must be the uuid of the card: a string of 1 to {LONGEST_ID} characters."))
    outcome: Any = entry.get("outcome")
    if outcome not in OUTCOMES:
        wrong.append((f"{path}.outcome", "must be accepted or overridden."))
    at = _instant(entry.get("outcomeTimestamp"))
    if at is None:
        wrong.append(
            (f"{path}.outcomeTimestamp", "must be a date and time as in RFC 3339, such as 2026-06-15T10:00:00Z.")
        )
    suggestions = _suggestions(entry, path, wrong) if outcome == "accepted" else ()
    code, system, comment = _override(entry, path, wrong)
    if len(wrong) > before or at is None:
        return None
    return Item(card, outcome, at, suggestions, code, system, comment)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.strip() != "" and value.isprintable()


def _instant(value: Any) -> datetime | None:
    """Return a time in UTC, which one without a zone is taken for; None for what is none."""
    if not isinstance(value, str) or "T" not in value.upper() or not 16 <= len(value) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _suggestions(entry: dict[str, Any], path: str, wrong: list[Wrong]) -> tuple[str, ...]:
    """Return the ids of what was accepted; `accepted` needs one."""
    accepted = entry.get("acceptedSuggestions")
    if not isinstance(accepted, list) or not accepted:
        wrong.append((f"{path}.acceptedSuggestions", "must be an array of at least one object with an id."))
        return ()
    ids: list[Any] = [one.get("id") if isinstance(one, dict) else None for one in accepted]
    wrong.extend(
        (f"{path}.acceptedSuggestions[{index}].id", "must be the uuid of a suggestion.")
        for index, one in enumerate(ids)
        if not _is_id(one)
    )
    return tuple(dict.fromkeys(one for one in ids if _is_id(one)))


def _override(entry: dict[str, Any], path: str, wrong: list[Wrong]) -> tuple[str | None, str | None, str | None]:
    """Return code and system of the override reason, and the comment. The specification's member comes before Epic's
    plural."""
    name = next((name for name in _REASON_NAMES if entry.get(name) is not None), None)
    if name is None:
        return None, None, None
    given = entry[name]
    if isinstance(given, list):
        given = given[0] if given else {}
    if not isinstance(given, dict):
        wrong.append((f"{path}.{name}", "must be an object."))
        return None, None, None
    code, system, words = _override_code(given, f"{path}.{name}", wrong)
    comment = given.get("userComment")
    texts = [text for text in (words, comment) if isinstance(text, str) and text.strip()]
    return code, system, "\n".join(texts)[:LONGEST_COMMENT].replace("\0", "") or None


def _override_code(given: dict[str, Any], path: str, wrong: list[Wrong]) -> tuple[str | None, str | None, str | None]:
    """Return code, system, and what the client calls it. The extension counts where there is no coding."""
    coding = given.get("reason")
    if coding is not None and not isinstance(coding, dict):
        wrong.append((f"{path}.reason", "must be a Coding: an object with code and system."))
        return None, None, None
    if coding and (coding.get("code") is not None or coding.get("system") is not None):
        if not _is_code(coding.get("code")):
            wrong.append((f"{path}.reason.code", f"must be a string of 1 to {LONGEST_CODE} characters."))
        system = coding.get("system")
        if system is not None and not _is_code(system):
            wrong.append((f"{path}.reason.system", f"must be a URI of at most {LONGEST_CODE} characters."))
        # The display of a coded reason says nothing that the code does not.
        return coding.get("code"), system, None
    extension = given.get("extension")
    if isinstance(extension, dict):
        category: Any = extension.get(f"{EPIC}.reasonCategory")
        words = extension.get(f"{EPIC}.reasonTitle") or extension.get(f"{EPIC}.reasonDisplay")
        if isinstance(category, int) and not isinstance(category, bool):
            category = str(category)
        return (category, EPIC, words) if _is_code(category) else ("uncoded", EPIC, words)
    return None, None, coding.get("display") if coding else None


def _is_code(value: Any) -> bool:
    return _is_id(value) and len(value) <= LONGEST_CODE
