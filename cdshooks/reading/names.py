"""What a thing of the record is called on a card (docs/fhir-mapping.md S7.10).

Its text, else the display of the coding that was recognised, else another display, else the name that this service
has for what it is. Never a code, a system, the id of a resource, ``null`` or a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cdshooks.fhir.json_values import Coding, Concept
from cdshooks.fhir.resource_types import TYPES
from rules.vocabulary import spoken

if TYPE_CHECKING:
    from rules.concepts import Drug, Knowledge

_LETTERS = re.compile(r"[^\W\d_]{2}")
_LOCAL_CODE = re.compile(r"[A-Za-z]{1,8}[-_.:]?\d{3,}[A-Za-z0-9.-]{0,20}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?:|urn:|#)\S+|(?:" + "|".join(TYPES) + r")/\S+")
_SEMANTIC_TAG = re.compile(
    r" \((?:disorder|finding|situation|event|procedure|regime/therapy|observable entity|physical object|product|substance"
    r"|medicinal product|clinical drug|morphologic abnormality)\)$"
)
"""What ends a fully specified name of SNOMED CT, and nobody says: ``Sepsis (disorder)``."""
_NOTHING = frozenset({"null", "none", "undefined", "nan", "n/a", "nil", "unknown"})


def readable(said: str, codes: Iterable[str] = ()) -> bool:
    """A text that a reader takes for a name: no code of the thing itself or of any other kind, no address, no word for
    nothing."""
    given = said.strip()
    folded = given.casefold()
    if folded in _NOTHING or folded in [code.strip().casefold() for code in codes] or not _LETTERS.search(given):
        return False
    if _LOCAL_CODE.fullmatch(given) or _UUID.fullmatch(given):
        return False
    return not ("/" in given or ":" in given or "#" in given) or _ADDRESS.fullmatch(given) is None


def shown_name(found: Concept, own: str, recognised: Callable[[Coding], bool]) -> str:
    """The name of a thing. `own`: the name that this service has for it; `recognised`: whether its tables know a
    coding."""
    codes = found.codes
    if found.text and readable(found.text, codes):
        return _SEMANTIC_TAG.sub("", found.text)
    displayed = [coding for coding in found.codings if coding[2] and readable(coding[2], codes)]
    known = next((coding for coding in displayed if recognised(coding)), None)
    if known is not None:
        return _SEMANTIC_TAG.sub("", str(known[2]))
    return own or next((_SEMANTIC_TAG.sub("", str(display)) for _, _, display in displayed), "")


def shown_drug_name(found: Concept, drug: Drug | None, knowledge: Knowledge) -> str:
    """The name of a drug, with its brand if the record names one.

    A product string ("1 ML haloperidol 5 MG/ML Injection") gives way to the ingredient.
    """
    if drug is None:
        return shown_name(found, "", lambda coding: False)
    own = spoken.name_of_drug(drug.ingredients, drug.classes)
    name = shown_name(found, own, lambda coding: knowledge.drug((coding[:2] + (None,),)) is not None)
    if not knowledge.is_product(name):
        return name
    brand = knowledge.brand(name)
    return f"{own} ({brand})" if brand and brand.casefold() not in own.casefold() else own
