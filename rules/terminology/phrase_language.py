"""The small language of phrases, as regular expressions, and the clauses that they are looked for in.

``rules.terminology.words`` tells the language; a clause is its words between single blanks, with a blank at both ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*\+?")
_ANSWER = r"(?!\s?(?:(?:patient|family|pt) )?(?:declined|refused)\W?$)"
"""A bare answer behind a name ("Hospice: declined"): whether it denies depends on what it is an answer about."""
CLAUSE = re.compile(rf"([;!?\n\r]|(?:(?<!\bdr)[.:](?=\s|$)|\s-\s){_ANSWER}|\b(?:but|however|although|except)\b)")
"""What parts clauses; it is kept, since a colon and a dash tell what a bare denial belongs to."""
_GAP = r"(?:[^ ]+ ){0,6}?"
_MARKS = {"": "{}", "?": "(?:{})?", "~": "(?!{})", "!": "(?!{})[^ ]+ "}
"""What a mark before a token makes of the pattern of its words."""
_ASKED = "questioned"
"""The word that a question mark leaves at the end of its clause."""


def with_questions(text: str) -> str:
    """A plain text whose question marks are words."""
    return text.replace("?", f" {_ASKED};") if "?" in text else text


def clause_of(part: str) -> str:
    """The words of a part of a plain text as a clause; empty without a word."""
    found = WORD.findall(part)
    return f" {' '.join(found)} " if found else ""


def phrase_pattern(tokens: Sequence[str], *, whole: bool) -> str:
    """The regular expression of the tokens of a phrase; `whole`: for the whole clause, and nothing else."""
    body = "".join(map(_token, tokens))
    return f"^ {body}(?:{_ASKED} )?$" if whole else f"(?<= ){body}"


def _token(token: str) -> str:
    if token == "...":
        return _GAP
    if token[0] == "-":
        return "".join(f"(?<! {re.escape(word)} )" for word in token[1:].split("|"))
    mark, listed = (token[0], token[1:]) if token[0] in _MARKS else ("", token)
    return _MARKS[mark].format(f"(?:{'|'.join(map(_word, listed.split('|')))}) ")


def _word(word: str) -> str:
    body = re.escape(word.strip("*"))
    return (r"[^ ]*" if word.startswith("*") else "") + body + (r"[^ ]*" if word.endswith("*") else "")


def any_phrase(phrases: Iterable[str]) -> str:
    """The regular expression for any of the phrases; for none where there is no phrase."""
    return "|".join(phrase_pattern(phrase.lower().split(), whole=False) for phrase in phrases) or "(?!)"
