"""Words that turn what a clause names into its opposite: "no evidence of", "ruled out", "not done".

The words are data (``rules/valuesets/texts``). Nothing here knows medicine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from rules.terminology.phrase_language import CLAUSE, any_phrase, clause_of

_BEFORE = 6
_AFTER = 4
_NEAR = 2
"""Words around a hit that excludes another: more of them may speak of something else."""
_HEAD = re.compile(r"[,(/]")
_WHEN = "$|(?:19|20)[0-9]{2} |(?:[0-9]+ ){1,3}$"
"""Nothing more, or a year or date."""
_LISTED = re.compile(r"[,(\[/|*\t]|--|\b(?:with|and)\b")
"""Parts what is named before a colon: of that the last alone has the answer behind the colon."""
_DENIED = "# "
"""Ends a clause that a bare denial beside it denies as a whole; no word of a text looks so."""

PLACES = ("before", "right-before", "after", "next")
ALONE = ("then", "anything")
"""What may stand behind a denial that is a clause of its own."""
Denial = Callable[[str, re.Match[str]], bool]
"""Whether a clause denies a hit in it."""


class Cues:
    """Words that turn a hit into its opposite, from data: ``before``, ``right-before``, ``after``, ``next`` (right
    behind it), ``inside`` (before the last word of the hit: "pump not alarming"), and ``past`` for what is over. `wary`:
    the cues for what may take a card away.

    ``not-a-denial`` are words that only look so ("no change in", "not resolved"). A clause of nothing but a denial
    ("ruled out"; "not done, patient ill") belongs to the clause beside it: ``bare`` are more words that deny so, ``by``
    may stand before them, ``then`` behind all but the bare, and anything behind those of ``anything``. With a word of
    ``back`` it is no such clause ("resolved, now recurrent"). ``gone`` ("removed 2019") is read with what it stands behind.
    What a comma parts from a name and begins with one of ``others`` speaks of that ("sepsis, source not identified").
    """

    def __init__(self, data: Mapping[str, Sequence[str]], wary: Cues | None = None) -> None:
        self.wary = wary or self
        self._before = re.compile(any_phrase(data["before"]))
        self._idle = re.compile(any_phrase(data["not-a-denial"]))
        self._past = re.compile(any_phrase(data["past"]))
        self._after = re.compile(any_phrase(data["after"]))
        self._next = re.compile(any_phrase(data.get("next", ())))
        self._just_before = re.compile(f"(?:{any_phrase(data.get('right-before', ()))})$")
        self._inside = re.compile(f" (?:{any_phrase(data['inside'])})[^ ]+ $")
        self._back = re.compile(any_phrase(data["back"]))
        self._others = re.compile(f" (?:{any_phrase(data['others'])})(?:.* )?(?:{any_phrase(data['after'])})")
        self._gone = re.compile(f" (?:{any_phrase(data['gone'])})(?:(?:in|on|since) )?(?:{_WHEN})")
        behind = [*data["after"], *data.get("next", ())]
        self._behind = _standing_alone(data, behind)
        self._ahead = _standing_alone(data, [*behind, *data["before"], *data["gone"]])

    def clauses(self, text: str) -> list[tuple[str, str]]:
        """The clauses of a plain text, each with the part of it that it is read from.

        A bare denial is said of the clause before it ("Sepsis - ruled out"), of what is listed before a colon only of
        the last ("seizure, itching: no"); before a colon, or at the beginning before a dash, of the clause behind it
        ("Denies: spasms", "CANCELLED - pump refill"). It stands for itself too.
        """
        parts = [*self._parts(text)]
        if len(parts) == 1:
            return [(clause, text)] if (clause := clause_of(text)) else []
        said: list[tuple[str, str]] = []
        bare: list[tuple[str, str]] = []
        of_the_next, before = "", ("", "")
        for part, mark in parts:
            if not (clause := clause_of(part)):
                continue
            if said and self._gone.match(clause):
                said[-1] = (said[-1][0] + clause[1:], said[-1][1])
                continue
            ahead = mark == ":" or (mark.strip() == "-" and not said)
            if not self._stands_alone(part, clause, ahead=ahead):
                said.append((f"{of_the_next}{clause[1:]}{_DENIED}" if of_the_next else clause, part))
                of_the_next, before = "", (part, mark)
                continue
            bare.append((clause, part))
            if ahead:
                of_the_next = clause
            elif said:
                cuts = [*_LISTED.finditer(before[0])] if before[1] == ":" else []
                if cuts and (of_last := clause_of(last := before[0][cuts[-1].end() :])):
                    listed = before[0][: cuts[-1].start()]
                    said[-1:] = [(clause_of(listed), listed), (of_last, last)]
                denied, of = said[-1]
                said[-1] = (f"{denied}{clause[1:]}{_DENIED}", of)
                before = ("", "")
        return [*said, *bare]

    def _parts(self, text: str) -> Iterator[tuple[str, str]]:
        """The parts of a plain text that are clauses of their own, each with the mark behind it."""
        split = CLAUSE.split(text)
        for part, mark in zip(split[::2], (*split[1::2], ""), strict=True):
            first, *pieces = part.split(",")
            for piece in pieces:
                if self._others.match(clause_of(piece)):
                    yield first, ","
                    first = piece
                else:
                    first = f"{first},{piece}"
            yield first, mark

    def _stands_alone(self, part: str, clause: str, *, ahead: bool) -> bool:
        """Nothing but a denial, or a denial and, behind a comma, bracket or slash, more about it. `ahead`: of what
        stands behind it."""
        denial = self._ahead if ahead else self._behind
        return denial.match(clause_of(_HEAD.split(part, 1)[0])) is not None and not self.comes_back(clause)

    def comes_back(self, clause: str) -> bool:
        """What eased or resolved is there again: "improved, now worse"."""
        return self._back.search(clause) is not None

    def without_idle(self, clause: str) -> str:
        """The clause without the words that only look like a denial: "not healed" is not "healed"."""
        return self._idle.sub("_ ", clause)

    def deny(self, clause: str, hit: re.Match[str]) -> bool:
        """Whether the clause, or words around a hit in it, deny it."""
        whole = clause.endswith(_DENIED) or self._inside.search(self.without_idle(hit[0])) is not None
        return whole or self._deny(_last(clause[: hit.start()], _BEFORE), _first(clause[hit.end() :], _AFTER))

    def deny_acute(self, clause: str, hit: re.Match[str]) -> bool:
        """The same of what is over once it is past: "history of" denies it too."""
        lead = self.without_idle(_last(clause[: hit.start()], _BEFORE))
        return self.deny(clause, hit) or self._past.search(lead) is not None

    def deny_near(self, clause: str, hit: re.Match[str]) -> bool:
        """Whether the clause, or the words right before or behind a hit, deny it."""
        around = self._deny(_last(clause[: hit.start()], _NEAR), _first(clause[hit.end() :], _NEAR))
        return around or clause.endswith(_DENIED)

    def deny_inside(self, hit: re.Match[str]) -> bool:
        """Whether the words right before the last word of a hit deny it."""
        return self._just_before.search(_last(hit[0].rstrip().rpartition(" ")[0], _NEAR)) is not None

    def _deny(self, lead: str, trail: str) -> bool:
        lead, trail = self.without_idle(lead), self.without_idle(trail)
        found = self._before.search(lead) or self._just_before.search(lead)
        return bool(found or self._after.search(trail) or self._next.match(trail, 1))


def _standing_alone(data: Mapping[str, Sequence[str]], denials: Sequence[str]) -> re.Pattern[str]:
    """A clause of nothing but one of the denials: when it was, and why, may stand behind them."""
    by, anything, bare, then = (any_phrase(data[name]) for name in ("by", "anything", "bare", "then"))
    when = f"{_WHEN}|{then}"
    return re.compile(f" (?:{by}){{0,3}}(?:(?:{anything})|(?:{bare})$|(?:{any_phrase(denials)})(?:{when}))")


def _last(text: str, count: int) -> str:
    """The last words, found from the end: what stands before them is not taken apart for every hit."""
    return f" {' '.join(text.rsplit(None, count)[-count:])} "


def _first(text: str, count: int) -> str:
    return f" {' '.join(text.split(None, count)[:count])} "
