"""Suspicion in the name of a diagnosis: "Suspected catheter leak", "Sepsis (possible)", "Catheter kink?".

What is known by its words alone, and only suspected by them, counts as unconfirmed, whatever its status says: many
charts call every entry of the problem list confirmed. Presumed is not suspected, as *provisional* is not.
"""

from __future__ import annotations

import re

_WORDS = "suspected|possible|possibly|probable|probably|likely|queried|questionable"
_AT_THE_BEGINNING = re.compile(
    rf"^\W*(?:(?:highly|strongly)\s+)?(?:\?|(?:{_WORDS}|suspect|query|(?:suspicion|suspicious|concern|concerning)\s+(?:of|for))\b)"
    r"(?:\s+(?:of|for)\b)?[\s:,-]*",
    re.IGNORECASE,
)
_AT_THE_END = re.compile(
    rf"\b(?:{_WORDS}|not\s+ruled\s+out|(?:cannot|can't)\s+be\s+(?:ruled\s+out|excluded))$", re.IGNORECASE
)
_MARKS = " \t\r\n?)]."
_PARTED = ",;:(["
_DENIED = ("not", "no longer", "never", "less", "not highly")
_LISTED = re.compile(r"[,;]")


def without_suspicion(name: str) -> str:
    """The name without the words that call it suspected; the same name where there are none."""
    begun = _AT_THE_BEGINNING.match(name)
    if begun is not None:
        return name[begun.end() :]
    plain = name.rstrip(_MARKS)
    ended = _AT_THE_END.search(plain)
    if ended is None and "?" not in name[len(plain) :]:
        return name
    rest = plain[: ended.start()].rstrip() if ended is not None else plain
    if rest.lower().endswith(_DENIED):
        return name
    parted = rest.endswith(tuple(_PARTED)) or rest.endswith(" -")
    if not parted and _LISTED.search(rest):
        return name  # "sepsis, urine infection likely": of the last of a list alone
    return rest.rstrip(f"{_PARTED} -")
