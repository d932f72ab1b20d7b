"""Lenient reading of JSON members: whatever stands there, no exception, and odd parts are dropped one by one.

One value or a list of them, a code, a Coding, a CodeableConcept or a CodeableReference: all come out in one form.
Numbers are exact (`Decimal`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from rules.terminology.text_bounds import LONGEST_CODE, LONGEST_NAME, LONGEST_NOTE, LONGEST_SYSTEM, MOST_CODINGS

Coding = tuple[str | None, str | None, str | None]
"""(system, code, display) as sent."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding bytes may raise when they are not sound JSON."""
_ENDLESS = re.compile(rb'"(?:[^"\\]|\\.)*"|[0-9]{41}[0-9.eE+\-]*', re.DOTALL)
"""A text, or a number of more than the 40 digits that are read (docs/fhir-mapping.md S8)."""
_NO_MEASUREMENT = b"9e999"
_EMPTY = (b"", b"null")
LONGEST_REMEMBERED = 2000
"""Bytes of a member whose meaning is remembered: real codes are shorter, and what is kept stays small whatever is
sent."""
NOTHING = Raw()
"""The member is absent."""


class Concept(NamedTuple):
    """A CodeableConcept of any version."""

    codings: tuple[Coding, ...] = ()
    text: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,) if self.text else ()

    @property
    def displays(self) -> tuple[str, ...]:
        return tuple([coding[2] for coding in self.codings if coding[2]])

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple([coding[1] for coding in self.codings if coding[1]])

    @property
    def name(self) -> str:
        """How the record calls it: its text, else the first display. Codes are no names (`cdshooks.reading.names`)."""
        return self.text or next(iter(self.displays), "")

    @property
    def words(self) -> str:
        """All its text, lower case."""
        return " ".join((*self.texts, *self.displays)).lower()


def decoded(raw: Raw | bytes) -> Any:
    """The JSON value of a member; None when it is absent, null or not sound."""
    if raw is NOTHING:
        return None
    try:
        return _decoder.decode(raw)
    except UNREADABLE:
        return _without_endless_numbers(bytes(raw))


def _without_endless_numbers(raw: bytes) -> Any:
    """The value, where nothing but numbers of too many digits kept it from being decoded: in their place stands one
    that nobody takes for a measurement. None where it is not sound for another reason.
    """
    found = _ENDLESS.sub(lambda match: match[0] if match[0][:1] == b'"' else _NO_MEASUREMENT, raw)
    try:
        return _decoder.decode(found) if found != raw else None
    except UNREADABLE:
        return None


def present(raw: Raw) -> bool:
    """The member is there and not null."""
    return bytes(raw) not in _EMPTY


def items(value: Any) -> list[Any]:
    """The values of a list, or the single value as a list; nulls are dropped."""
    if value.__class__ is list:
        return [item for item in value if item is not None]
    return [] if value is None else [value]


def objects(value: Any) -> list[dict[str, Any]]:
    if value.__class__ is list:
        return [item for item in value if item.__class__ is dict]
    return [value] if value.__class__ is dict else []


def first_object(value: Any) -> dict[str, Any]:
    """The (first) object, or an empty one."""
    if value.__class__ is dict:
        return value
    return next(iter(objects(value)), {})


def text_of(value: Any) -> str | None:
    """A non-empty string, stripped; the first of a list; a number as it is written."""
    if value.__class__ is str:
        return value.strip() or None
    for item in items(value):
        if isinstance(item, str) and item.strip():
            return item.strip()
        if isinstance(item, (int, Decimal)) and not isinstance(item, bool):
            return str(item)
    return None


def raw_text(raw: Raw) -> str | None:
    """A code, id or date of a member."""
    if raw is NOTHING:
        return None
    value = decoded(raw)
    return (value.strip() or None) if value.__class__ is str else text_of(value)


def is_true(value: Any) -> bool:
    """True, also when written as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def number(value: Any) -> Decimal | None:
    """An exact, finite number, also when written as text."""
    if value.__class__ is Decimal:
        found = value
    elif isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    else:
        try:
            found = Decimal(value)
        except (InvalidOperation, ValueError):
            return None
    # Exponents that no measurement has would only make arithmetic slow or overflow.
    return found if found.is_finite() and (not found or -30 < found.adjusted() < 30) else None


def _coding(value: Any) -> Coding:
    """One Coding; a string in its place is its display.

    A code or system that is too long to be one is left out; its display is still read.
    """
    if value.__class__ is not dict:
        return None, None, _name(value) if isinstance(value, str) else None
    system, code, display = text_of(value.get("system")), text_of(value.get("code")), _name(value.get("display"))
    if len(code or "") > LONGEST_CODE or len(system or "") > LONGEST_SYSTEM:
        return None, None, display
    return system, code, display


def _name(value: Any) -> str | None:
    """The text of a name, as far as names are read."""
    said = text_of(value)
    return said[:LONGEST_NAME] if said else None


def concept(value: Any) -> Concept:
    """One CodeableConcept, Coding, CodeableReference or plain string."""
    if value.__class__ is not dict:
        return Concept((), _name(value) if isinstance(value, str) else None)
    if "concept" in value:
        return concept(value["concept"])
    if "coding" not in value and ("code" in value or "display" in value):
        return Concept((_coding(value),), _name(value.get("text")))
    found = [coding for coding in map(_coding, items(value.get("coding"))[:MOST_CODINGS]) if any(coding)]
    return Concept(tuple(found), _name(value.get("text")))


def concepts(value: Any) -> list[Concept]:
    """All that say something, of one or of a list."""
    if value is None:
        return []
    return [found for found in map(concept, items(value)) if found.codings or found.text]


def copies(raws: Iterable[Raw]) -> list[bytes]:
    """Return the bytes of a member of thousands of resources. A sum copies them in half the time of `bytes`."""
    return [b"" + raw for raw in raws]


def are_alike(raws: list[Raw]) -> bool:
    """Return whether the members are all written as the first of them is, a text or an object, as those of a list from
    nearly every server are. Told of all together: what follows the end of a text or object is the next member."""
    if len(raws) < 2:
        return len(raws) == 1
    first = b"" + raws[0]
    joined = b"".join(raws)
    return len(joined) == len(first) * len(raws) and first.startswith((b'"', b"{")) and joined == first * len(raws)


_words: dict[bytes, str | None] = {}


def raw_code(raw: Raw) -> str | None:
    """The word of a status-like member, lower case: a plain code, or the code (else the text) of a CodeableConcept.

    The answer is remembered by the bytes, as there are few such words.
    """
    if raw is NOTHING:
        return None
    key = bytes(raw)
    if key in _words:
        return _words[key]
    word = code_of(decoded(key))
    if len(key) <= LONGEST_REMEMBERED:
        if len(_words) >= 5000:
            _words.clear()
        _words[key] = word
    return word


def code_of(value: Any) -> str | None:
    found = next(iter(concepts(value)), Concept())
    word = found.codes[0] if found.codes else found.text or next(iter(found.displays), None)
    return word.lower() if word else None


def references(value: Any) -> list[dict[str, Any]]:
    """References in a Reference, a list of them, a CodeableReference or a bare string."""
    found = []
    for item in items(value):
        if isinstance(item, str):
            found.append({"reference": item})
        elif isinstance(item, dict):
            inner = item.get("reference")
            found.append(
                inner if isinstance(inner, dict) else {"reference": inner} if "concept" in item and inner else item
            )
    return found


def notes(*values: Any) -> list[str]:
    """Texts of Annotations, strings and lists of either, as far as free text is read."""
    found = []
    for value in values:
        for item in items(value):
            said = text_of(item.get("text")) if isinstance(item, dict) else text_of(item)
            if said:
                found.append(said[:LONGEST_NOTE])
    return found
