"""The words of a card: a rule's ``.md`` file and the values of its findings -> summary, detail, labels.

A words file has the sections ``# summary``, ``# detail`` and ``# suggestion <name>`` (lines ``label:`` and ``description:``).
A line of the summary, a paragraph or a list item may begin with a condition, ``[dose not late]``: it is used only when
`dose` has a value and `late` has none. ``{name}`` stands for a value. Of the summary the first line that can be used is taken.

The words themselves are trusted. Every value comes from a chart and is not: the public sandbox renders a detail's raw HTML,
other clients show Markdown as it is, so values are guarded to be neither markup nor link in either, and to read well plain.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import Decimal

from rules.chart import Precision
from rules.chart import When

LOG = logging.getLogger(__name__)
MOST_SUMMARY = 139
"""Characters, as UTF-16 counts them: fewer than 140 in every client's language."""
SHORTEST_VALUE = 12
LONGEST_VALUE = 160
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SECTION = re.compile(r"^# (summary|detail|suggestion [a-z][a-z0-9-]*)[ \t]*$", re.MULTILINE)
_CONDITION = re.compile(r"\[((?:not )?[a-z]\w*(?: (?:not )?[a-z]\w*)*)\] ")
_TERM = re.compile(r"(not )?([a-z]\w*)")
_PLACEHOLDER = re.compile(r"\{([a-z]\w*)\}")
_BOLD_ALONE = re.compile(r"\*\*[^*]+\*\*:?")

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_MARKS = re.compile(r"[\\`~*]|(?<!\w)_|_(?!\w)")
_LINE_START = re.compile(r"([-+=#>|:]|\d+[.)])")
_LINKING = re.compile(r"(://|\bwww\.|\bmailto:)", re.IGNORECASE)
_ORDINARY = re.compile(r"[A-Za-z0-9µ/,.%()-]+(?: [A-Za-z0-9µ/,.%()-]+)*")
"""Nothing of it needs guarding but ``www.``, and a number or dash where a block begins: nearly every value is like this."""


class WordsError(ValueError):
    """A words file that cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, list item or summary line, with the condition under which it is used."""

    text: str
    terms: tuple[tuple[str, bool], ...] = ()
    """(value name, wanted)."""
    pieces: tuple[str, ...] = field(init=False)
    """The text, taken apart once: words, name of a value, words, name …, words."""
    placeholders: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        pieces = tuple(_PLACEHOLDER.split(self.text))
        object.__setattr__(self, "pieces", pieces)
        object.__setattr__(self, "placeholders", pieces[1::2])

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.terms) | frozenset(self.placeholders)

    def holds(self, values: Mapping[str, object]) -> bool:
        for name, wanted in self.terms:
            if bool(values.get(name)) is not wanted:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one line) or a list."""

    lines: tuple[Line, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """What stands on a suggestion and on its action."""

    label: Line
    description: Line


@dataclass(frozen=True, slots=True)
class Words:
    name: str
    summary: tuple[Line, ...]
    detail: tuple[Block, ...]
    buttons: Mapping[str, Button] = field(default_factory=dict)

    def lines(self) -> Iterator[Line]:
        yield from self.summary
        for block in self.detail:
            yield from block.lines
        for button in self.buttons.values():
            yield from (button.label, button.description)


# --- parsing ----------------------------------------------------------------------------------------------------------


def parse(text: str, name: str) -> Words:
    """The words in `text`; WordsError says what is wrong in the file `name`."""
    pieces = _SECTION.split(text.replace("\r\n", "\n"))
    if pieces[0].strip():
        raise WordsError(f"{name}: text before the first section")
    sections = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if len(sections) < len(pieces) // 2:
        raise WordsError(f"{name}: a section stands twice")
    if not sections.get("summary", "").strip() or not sections.get("detail", "").strip():
        raise WordsError(f"{name}: needs the sections summary and detail")
    summary = tuple(_line(raw) for raw in sections["summary"].splitlines() if raw.strip())
    if summary[-1].terms:
        raise WordsError(f"{name}: the last line of the summary must have no condition")
    words = Words(
        name=name,
        summary=summary,
        detail=tuple(_blocks(sections["detail"], name)),
        buttons={title.split()[1]: _button(body, name) for title, body in sections.items() if title.startswith("suggestion ")},
    )
    for line in words.lines():
        if "{" in _PLACEHOLDER.sub("", line.text) or "}" in _PLACEHOLDER.sub("", line.text):
            raise WordsError(f"{name}: not a placeholder: {line.text[:60]}")
    return words


def _line(raw: str) -> Line:
    text = " ".join(raw.split())
    found = _CONDITION.match(text)
    if not found:
        return Line(text)
    terms = tuple((name, not negated) for negated, name in _TERM.findall(found[1]))
    return Line(text[found.end() :], terms)


def _blocks(text: str, name: str) -> Iterator[Block]:
    for piece in re.split(r"\n[ \t]*\n", text.strip()):
        rows = [row.strip() for row in piece.splitlines() if row.strip()]
        items = [row.startswith("- ") for row in rows]
        if any(items) and not items[0]:
            raise WordsError(f"{name}: a list needs a blank line before it: {rows[0][:60]}")
        if not items[0]:
            yield Block((_line(" ".join(rows)),))
            continue
        joined: list[str] = []
        for row, starts in zip(rows, items, strict=True):
            if starts:
                joined.append(row[2:])
            else:
                joined[-1] += f" {row}"
        yield Block(tuple(_line(item) for item in joined), is_list=True)


def _button(text: str, name: str) -> Button:
    members = dict(row.split(":", 1) for row in text.splitlines() if ":" in row)
    if not members.get("label", "").strip() or not members.get("description", "").strip():
        raise WordsError(f"{name}: a suggestion needs label and description")
    return Button(Line(members["label"].strip()), Line(members["description"].strip()))


# --- values -----------------------------------------------------------------------------------------------------------


def day(value: date) -> str:
    """``14 Jun 2026``, whatever the locale."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def spoken(value: object) -> str:
    """A value as it reads in a sentence; empty for one that says nothing (None, False, True, an empty list)."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, When):
        if value.precision is Precision.YEAR:
            return str(value.date.year)
        return f"{MONTHS[value.date.month - 1]} {value.date.year}" if value.precision is Precision.MONTH else day(value.date)
    if isinstance(value, datetime):
        return f"{day(value)} {value:%H:%M}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Iterable):
        return listed(spoken(item) for item in value)
    return str(value)


def listed(items: Iterable[str]) -> str:
    """``a, b and c``."""
    names = [item for item in dict.fromkeys(items) if item]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def merged(several: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The values of all findings of one card: what differs becomes a list, what any has is there."""
    if len(several) == 1:
        return {name: _one_of(_parts(value)) for name, value in several[0].items()}
    found: dict[str, list[object]] = {}
    for values in several:
        for name, value in values.items():
            kept = found.setdefault(name, [])
            kept.extend(part for part in _parts(value) if part not in kept)
    return {name: _one_of(parts) for name, parts in found.items()}


def _parts(value: object) -> list[object]:
    """What a value says, each once."""
    if value.__class__ is str:
        return [value] if value else []
    if not isinstance(value, list | tuple | set | frozenset):
        return [] if value in (None, False, "") else [value]
    found: list[object] = []
    for part in value:
        if part not in (None, False, "") and part not in found:
            found.append(part)
    return found


def _one_of(parts: list[object]) -> object:
    return (parts[0] if len(parts) == 1 else _telling(parts)) if parts else None


def _telling(parts: list[object]) -> list[object] | bool:
    return [part for part in parts if part is not True] or True


# --- guarding ---------------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """One line without control, invisible or direction-changing characters, and without angle brackets."""
    if _ORDINARY.fullmatch(text):
        return text
    text = " ".join(_UNSEEN.sub("", text).split())
    return text.replace("<", "‹").replace(">", "›")


def clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def guarded(text: str, *, first: bool = False) -> str:
    """A value as text inside Markdown: no emphasis, code, link, image, HTML or autolink. `first`: it begins the block."""
    if not first and len(text) <= LONGEST_VALUE and _ORDINARY.fullmatch(text) and "www" not in text.lower():
        return text
    text = _LINKING.sub(lambda m: m[1] + " ", clipped(tidy(text), LONGEST_VALUE)).replace("[", "(").replace("]", ")")
    text = _MARKS.sub(lambda m: "\\" + m[0], text)
    if first and (start := _LINE_START.match(text)):
        text = text[: start.end() - 1] + "\\" + text[start.end() - 1 :]
    return text


# --- rendering --------------------------------------------------------------------------------------------------------


class Said(dict[str, str]):
    """The values of a card as they read in a sentence, each worked out once: ``said[name]``; empty for one that says nothing."""

    def __init__(self, values: Mapping[str, object], name: str) -> None:
        super().__init__()
        self._values, self._name = values, name

    def __missing__(self, placeholder: str) -> str:
        if placeholder not in self._values:  # no rule gives it: a fault of the words
            LOG.error("a placeholder has no value", extra={"words": self._name, "placeholder": placeholder})
        text = self[placeholder] = spoken(self._values.get(placeholder))
        return text


def _usable(line: Line, values: Mapping[str, object], said: Said) -> bool:
    if line.terms and not line.holds(values):
        return False
    for placeholder in line.placeholders:
        if not said[placeholder]:
            return False
    return True


def summary(words: Words, values: Mapping[str, object], otherwise: str) -> str:
    """The first line that can be used, in fewer than 140 characters; `otherwise` when there is none."""
    said = Said(values, words.name)
    for line in words.summary:
        if _usable(line, values, said):
            return shortened(line, said)
    return _cut(tidy(otherwise), MOST_SUMMARY)


def shortened(line: Line, said: Mapping[str, str], most: int = MOST_SUMMARY) -> str:
    """The line as plain text; if it is too long, the longest values are shortened until it fits."""
    texts = {name: clipped(tidy(said[name]), LONGEST_VALUE) for name in line.placeholders}
    while True:
        filled = "".join([texts[piece] if place % 2 else piece for place, piece in enumerate(line.pieces)])
        over = _units(filled) - most
        if over <= 0:
            return filled
        longest = max(texts, key=lambda name: len(texts[name]), default=None)
        if longest is None or len(texts[longest]) <= SHORTEST_VALUE:
            return _cut(filled, most)
        texts[longest] = clipped(texts[longest], max(SHORTEST_VALUE, len(texts[longest]) - over))


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> str:
    while _units(text) > most:
        text = text[: -max(2, _units(text) - most + 1)].rstrip() + "…"
    return text


def plain(line: Line, values: Mapping[str, object], name: str, most: int = 240) -> str:
    """A label or description; values that say nothing leave no gap."""
    said = Said(values, name)
    missing = not all([said[placeholder] for placeholder in line.placeholders])
    return shortened(line, {placeholder: said[placeholder] or "…" for placeholder in line.placeholders} if missing else said, most)


def detail(words: Words, values: Mapping[str, object]) -> str:
    """Markdown blocks with a blank line between them."""
    blocks: list[str] = []
    said = Said(values, words.name)
    for number, block in enumerate(words.detail):
        lines = [_filled(line, said) for line in block.lines if _usable(line, values, said)]
        if lines:
            blocks.append("- " + "\n- ".join(lines) if block.is_list else lines[0])
        elif block.is_list and blocks and number and _BOLD_ALONE.fullmatch(blocks[-1]):
            blocks.pop()  # a heading over nothing
    return "\n\n".join(blocks)


def _filled(line: Line, said: Said) -> str:
    pieces = line.pieces
    if len(pieces) == 1:
        return line.text
    return "".join([guarded(said[piece], first=place == 1 and not pieces[0]) if place % 2 else piece for place, piece in enumerate(pieces)])
