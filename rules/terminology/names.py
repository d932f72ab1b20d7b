"""Drugs read from their names: ingredients, salts and brands as whole words, strength and dose form beside them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_WORD = re.compile(r"#?[a-z0-9]+")
_BRAND = re.compile(r"\[[^\[\]]*\]")
_DENIED_BY = frozenset({"no", "non", "not", "without"})
"""Words that turn the next drug word into its opposite ("non-codeine")."""


def name_words(name: str) -> tuple[str, ...]:
    """Lower-case words of a drug name without accents; "5MG/ACETAMINOPHEN" is three words with its number."""
    return tuple(_WORD.findall(_plain(_composed(name)).replace("'", "").replace("’", "")))


def _composed(name: str) -> str:
    """The name with each accented letter as one character."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _plain(name: str) -> str:
    """The name in lower case and without accents, character for character."""
    lower = name.lower()
    return lower if lower.isascii() else "".join(unicodedata.normalize("NFD", letter)[0] for letter in lower)


class NameIndex:
    """Finds ingredient, salt and brand names in the words of a drug name, the longest first.

    `names` is ``drugs/names.json``; `extra` is ``texts/drugs.json`` (names without codes, forms of other languages,
    look-alikes to pass over, brand names that are ordinary words).
    """

    def __init__(self, names: Mapping[str, Mapping[str, Sequence[str]]], extra: Mapping[str, Any]) -> None:
        self._brands: dict[tuple[str, ...], frozenset[str]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
        ordinary = frozenset(extra.get("ordinary-words", ()))
        listed = dict(names["ingredients"])
        for drug, entry in extra.get("drugs", {}).items():
            listed |= {name: [drug] for name in (drug, *entry.get("names", ()))}
        listed |= {name: [drug] for drug, forms in extra.get("other-languages", {}).items() for name in forms}
        listed |= {name: _listed(meant) for name, meant in extra.get("synonyms", {}).items()}
        listed |= {name: [] for name in extra.get("look-alikes", ())}
        for name, ingredients in listed.items():
            self._add(name_words(name), frozenset(ingredients))
        for name, ingredients in names["brands"].items():
            self._brands[name_words(name)] = frozenset(ingredients)
            if name not in ordinary:
                self._add(name_words(name), frozenset(ingredients))
        self._trade = self._brands.keys() | {name_words(name) for name in extra.get("synonyms", {})}
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def _add(self, words: tuple[str, ...], ingredients: frozenset[str]) -> None:
        self._phrases.setdefault(words[0], []).append((words, ingredients))

    def find(self, name: str) -> frozenset[str]:
        """Ingredients named in a drug name. What stands before a [Brand] decides; a brand alone is looked up."""
        plain = name_words(_BRAND.sub(" ", name))
        if plain in self._brands:
            return self._brands[plain]
        if any(not word[0].isdigit() for word in plain):
            return self._scan(plain)
        return frozenset().union(*(self._brands.get(name_words(brand), frozenset()) for brand in _BRAND.findall(name)))

    def whole(self, name: str) -> bool:
        """True when the name is exactly one known drug or brand name."""
        words = name_words(name)
        return words in self._brands or any(
            phrase == words for phrase, _ in self._phrases.get(words[0] if words else "", ())
        )

    def brand(self, name: str) -> str:
        """The trade name (or other synonym) in a drug name, as it is written there; empty without one."""
        bracketed: list[str] = [found[1:-1].strip() for found in _BRAND.findall(name)]
        if bracketed:
            return bracketed[0]
        written = _composed(name).replace("'", "").replace("’", "")
        tokens = list(_WORD.finditer(_plain(written)))
        words = tuple(token[0] for token in tokens)
        for place in range(len(words)):
            phrase, _ = self._longest(words, place)
            if phrase in self._trade:
                return written[tokens[place].start() : tokens[place + len(phrase) - 1].end()]
        return ""

    def _scan(self, words: tuple[str, ...]) -> frozenset[str]:
        found: set[str] = set()
        place = 0
        while place < len(words):
            phrase, ingredients = self._longest(words, place)
            if ingredients and not _denied(words, place, len(phrase)):
                found |= ingredients
            place += max(len(phrase), 1)
        return frozenset(found)

    def _longest(self, words: tuple[str, ...], place: int) -> tuple[tuple[str, ...], frozenset[str]]:
        candidates = self._phrases.get(words[place], ())
        return next(
            ((phrase, found) for phrase, found in candidates if words[place : place + len(phrase)] == phrase),
            ((), frozenset()),
        )


def _listed(meant: str | Sequence[str]) -> Sequence[str]:
    """The ingredients of a synonym: one, or those of a compound."""
    return [meant] if isinstance(meant, str) else meant


def _denied(words: tuple[str, ...], place: int, length: int) -> bool:
    following = words[place + length : place + length + 1]
    return following == ("free",) or (place > 0 and words[place - 1] in _DENIED_BY)


class FormIndex:
    """Dose forms and routes in the words of a name (``texts/dose-forms.json``: phrases in order of precedence)."""

    def __init__(self, data: Iterable[Mapping[str, object]]) -> None:
        self._forms = [
            (name_words(str(line["form"])), str(line["form"]), line.get("route"), bool(line.get("injection")))
            for line in data
        ]

    def form_of(self, name: str) -> tuple[str | None, str | None, bool]:
        """(dose form, route, injection) of the first form in the list that the name holds; (None, None, False) when
        none does.
        """
        words = name_words(name)
        text = f" {' '.join(words)} "
        for phrase, form, route, injection in self._forms:
            if f" {' '.join(phrase)} " in text:
                return form, str(route) if route else None, injection
        return None, None, False
