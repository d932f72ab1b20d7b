"""Phrases found in the words of a record.

A phrase is data (``rules/valuesets/texts``), written in a small language:

``word``        that word, case ignored; hyphens, slashes and commas are spaces
``word*``       a word beginning so; ``*word`` a word ending so
``a|b``         either word
``?a|b``        either word, or neither
``~a|b``        and then neither word
``...``         up to six further words
``!a|b``        any word but these
``-a|b``        and before it neither word
``a & b``       both parts somewhere in the same clause
``= words``     the whole text, and nothing else

A concept lists its phrases under ``any``; those under ``names`` count in names only, never in notes. A clause that one
of its ``not`` fits does not count at all; ``also`` holds further phrases with a ``not`` of their own besides. What its
list of ``asides`` fits is left out, and the rest of the clause counts: "reduced spasms, but rigid legs". There a comma
parts words, and what is itself denied ("not improving") stays.

Text is read clause by clause. A hit counts unless its clause negates it ("no evidence of", "ruled out" …; the cues are
data too). Beside a ``not`` phrase it never counts; beside an ``unless`` phrase where the clause denies that ("not
healed"). What ``lowers`` a card, or takes it away, does not count where it is refused, called off, asked or merely
spoken of either ("declined hospice"). Of what is ``denied-near`` only the next words are read so, of what is
``denied-inside`` those between too ("pump without replacement"). Nothing here knows medicine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rules.terminology.denials import Cues, Denial
from rules.terminology.phrase_language import CLAUSE, WORD, clause_of, phrase_pattern, with_questions
from rules.terminology.text_bounds import LONGEST_NOTE

_FOLD = str.maketrans({"µ": "u", "μ": "u", "’": "", "'": "", "–": "-", "—": " - ", "\xa0": " ", "™": " ", "℠": " "})
_TRADE_MARK = re.compile(r"\((?:r|tm|sm)\)")
_UNDENIED = r"(?<! no )(?<! not )(?<! without )"


def folded(text: str) -> str:
    """The text in lower case, without apostrophes, accents and the marks of a trade name (``Eliquis™``, ``(R)``)."""
    text = text[:LONGEST_NOTE]
    if text.isascii():
        folded = text.replace("'", "").lower()
    else:
        folded = unicodedata.normalize("NFKD", text.translate(_FOLD)).lower()
        folded = "".join(c for c in folded if not unicodedata.combining(c))[:LONGEST_NOTE]
    return _TRADE_MARK.sub(" ", folded) if "(" in folded else folded


def clauses(text: str) -> tuple[str, ...]:
    """The clauses of a plain text, each as words between single blanks, with a blank at both ends."""
    return tuple(clause for part in CLAUSE.split(text)[::2] if (clause := clause_of(part)))


def words(text: str) -> tuple[str, ...]:
    """All words of a text in order."""
    return tuple(word for clause in clauses(folded(text)) for word in clause.split())


@dataclass(frozen=True, slots=True)
class Phrase:
    parts: tuple[str, ...]
    """Regular expressions, compiled when first tried: few of the many phrases ever are."""
    triggers: tuple[str, ...]
    """Words (``word``, ``word*`` or ``*word``) one of which is in every text that the phrase fits."""
    stems: tuple[str, ...]
    """The triggers without their stars."""

    def fits(self, clause: str, denied: Denial | None) -> bool:
        """Whether every part stands in the clause, where nothing denies it."""
        if not any(stem in clause for stem in self.stems):
            return False
        hits = (_regex(part).finditer(clause) for part in self.parts)
        return all(any(denied is None or not denied(clause, hit) for hit in found) for found in hits)


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def compile_phrase(text: str) -> Phrase:
    """The phrase of a line of data. Raises ValueError for an empty one."""
    whole = text.startswith("=")
    parts = [part.split() for part in text.lstrip("= ").lower().split("&")]
    if not all(parts):
        raise ValueError(f"empty phrase: {text!r}")
    anchor = max((token for part in parts for token in part if token != "..." and token[0] not in "?~!-"), key=_weight)
    triggers = tuple(anchor.split("|"))
    return Phrase(
        tuple(phrase_pattern(part, whole=whole) for part in parts),
        triggers,
        tuple(word.strip("*") for word in triggers),
    )


def _weight(token: str) -> int:
    """How seldom a token stands in a text: long words do, one of many words does not."""
    listed = token.split("|")
    return min(len(word.strip("*")) - 3 * ("*" in word) for word in listed) - len(listed) // 8


@dataclass(frozen=True, slots=True)
class _Entry:
    concept: str
    phrases: tuple[Phrase, ...]
    denied: Denial | None
    """None: negation is not looked for (``plain``)."""
    excluding: tuple[Phrase, ...]
    """Their clause does not count."""
    ending: tuple[Phrase, ...]
    """Nor does theirs, unless it denies them ("not healed")."""
    ending_denied: Denial
    aside: re.Pattern[str] | None = None
    """What is left out of a clause before its phrases are looked for."""

    def besides(self, part: str) -> str:
        """The clause of a part of a text without the asides."""
        pieces = map(clause_of, part.split(","))
        left = "".join(self.aside.sub("", piece) if self.aside is not None else piece for piece in pieces)
        return f" {' '.join(left.split())} "


class Phrasebook:
    """The phrases of one kind of thing, indexed by the words that can start a hit."""

    def __init__(
        self, data: Mapping[str, Mapping[str, Any]], cues: Cues, asides: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._cues = cues
        self._exact: dict[str, list[tuple[_Entry, Phrase]]] = {}
        self._starts: dict[str, list[tuple[_Entry, Phrase]]] = {}
        self._ends: dict[str, list[tuple[_Entry, Phrase]]] = {}
        self.concepts = frozenset(data)
        self.order = tuple(data)
        patterns = {name: _aside(listed) for name, listed in (asides or {}).items()}
        for concept, line in data.items():
            aside = patterns.get(line.get("aside", ""))
            self._index(_entry(concept, line, cues, aside))
            for more in line.get("also", ()):
                own = {**line, **more, "not": [*line.get("not", ()), *more["not"]]}
                self._index(_entry(concept, own, cues, aside))
        short = {c: {**line, "any": line["names"], "names": ()} for c, line in data.items() if line.get("names")}
        self._short = Phrasebook(short, cues, asides) if short else None
        """Short forms that mean this in the name of an order, and anything in a note."""

    def _index(self, entry: _Entry) -> None:
        for phrase in entry.phrases:
            for word in phrase.triggers:
                if word.startswith("*"):
                    self._ends.setdefault(word.strip("*")[-4:], []).append((entry, phrase))
                elif word.endswith("*"):
                    self._starts.setdefault(word.strip("*")[:4], []).append((entry, phrase))
                else:
                    self._exact.setdefault(word, []).append((entry, phrase))

    def find(self, texts: Iterable[str], *, free: bool = False) -> frozenset[str]:
        """Concepts named in any of the texts. `free`: they are notes, in which short forms of names are not read."""
        spoken = [folded(text) for text in texts if text]
        found = self._named(spoken)
        return found if free or self._short is None else found | self._short._named(spoken)

    def _named(self, spoken: Iterable[str]) -> frozenset[str]:
        """Concepts named in plain texts."""
        return frozenset(
            concept
            for text in spoken
            if self.may_hit(text)
            for clause, part in self._cues.clauses(with_questions(text))
            for concept in self._in_clause(clause, part)
        )

    def stems(self, concepts: Collection[str]) -> frozenset[str]:
        """Parts of words, one of which is in every note that names one of the concepts."""
        phrases = (
            found
            for index in (self._exact, self._starts, self._ends)
            for entries in index.values()
            for found in entries
        )
        found = {stem for entry, phrase in phrases if entry.concept in concepts for stem in phrase.stems}
        return frozenset(stem for stem in found if not any(other in stem for other in found - {stem}))

    def may_hit(self, text: str) -> bool:
        """A trigger stands in the plain text: most notes hold none, and need not be read clause by clause."""
        said = set(WORD.findall(text))
        if not self._exact.keys().isdisjoint(said):
            return True
        heads = {word[:4] for word in said} | {word[:3] for word in said}
        return not (
            self._starts.keys().isdisjoint(heads) and self._ends.keys().isdisjoint({word[-4:] for word in said})
        )

    def _in_clause(self, clause: str, part: str) -> set[str]:
        found: set[str] = set()
        for entry, phrase in self._candidates(clause):
            if entry.concept not in found and self._holds(entry, phrase, clause):
                whole = entry.aside is None or self._cues.comes_back(clause)
                if whole or self._holds(entry, phrase, entry.besides(part)):
                    found.add(entry.concept)
        return found

    def _candidates(self, clause: str) -> list[tuple[_Entry, Phrase]]:
        """Phrases with a trigger in the clause, each once for a beginning or ending, however many words share it."""
        said = set(clause.split())
        heads = {word[:4] for word in said} | {word[:3] for word in said}
        found: list[tuple[_Entry, Phrase]] = []
        for index, keys in ((self._exact, said), (self._starts, heads), (self._ends, {word[-4:] for word in said})):
            for key in index.keys() & keys:
                found += index[key]
        return found

    def _holds(self, entry: _Entry, phrase: Phrase, clause: str) -> bool:
        if not phrase.fits(clause, entry.denied):
            return False
        told = self._cues.without_idle(clause) if entry.excluding else clause
        excluded = any(other.fits(told, None) for other in entry.excluding)
        return not excluded and not any(other.fits(clause, entry.ending_denied) for other in entry.ending)


def _aside(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(_UNDENIED + pattern for text in phrases for pattern in compile_phrase(text).parts))


def _entry(concept: str, line: Mapping[str, Any], cues: Cues, aside: re.Pattern[str] | None) -> _Entry:
    return _Entry(
        concept,
        tuple(compile_phrase(text) for text in line["any"]),
        None if line.get("plain") else _denial(line, cues),
        tuple(compile_phrase(text) for text in line.get("not", ())),
        tuple(compile_phrase(text) for text in line.get("unless", ())),
        cues.wary.deny_near,
        aside,
    )


def _denial(line: Mapping[str, Any], cues: Cues) -> Denial:
    """How the hits of a concept are denied. ``acute``: "history of" means that it is over."""
    if line.get("denied-near"):
        return cues.wary.deny_near
    read_by = cues.wary if line.get("lowers") else cues
    around = read_by.deny_acute if line.get("acute") else read_by.deny
    if not line.get("denied-inside"):
        return around
    return lambda clause, hit: around(clause, hit) or cues.wary.deny_inside(hit)
