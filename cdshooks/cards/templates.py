"""Card templates: a rule's ``.md`` file -> the sentences, conditions and placeholders of its card.

A template has the sections ``# summary``, ``# detail`` (the fact, what to do now, why), ``# not seen`` (what could not
be read or checked; the line of severity and evidence stands before it) and ``# suggestion <name>`` (lines ``label:``
and ``description:``). A line of the summary, a paragraph or a list item may begin with a condition,
``[dose not late]``: it is used only when `dose` has a value and `late` has none. ``{name}`` stands for a value,
``{fault-days}`` for a parameter as in a clinical statement (rules/statements.py). Of the summary the first line that
can be used is taken; ``[[…]]`` in it holds a fact that may be left out where the line gets too long, or where a value
in it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cdshooks.cards.spoken_values import SpokenValues

_SECTION = re.compile(r"^# (summary|detail|not seen|suggestion [a-z][a-z0-9-]*)[ \t]*$", re.MULTILINE)
_CONDITION = re.compile(r"\[((?:not )?[a-z]\w*(?: (?:not )?[a-z]\w*)*)\] ")
_TERM = re.compile(r"(not )?([a-z]\w*)")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
_PLACEHOLDER = re.compile(r"\{([a-z][\w-]*(?:\[\d+\])?(?: [+-] \d+)?)\}")


class CardTemplateError(ValueError):
    """A template that cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """A stretch of a line."""

    text: str
    optional: bool = False
    pieces: tuple[str, ...] = field(init=False)
    """The text, taken apart once: words, name of a value, words, name …, words."""
    placeholders: tuple[str, ...] = field(init=False)
    opening: str = field(init=False)
    """The words before the first value; all of the text where it has none."""
    rest: tuple[tuple[str, str], ...] = field(init=False)
    """Name of a value, and the words after it."""

    def __post_init__(self) -> None:
        pieces = tuple(_PLACEHOLDER.split(self.text))
        object.__setattr__(self, "pieces", pieces)
        object.__setattr__(self, "placeholders", pieces[1::2])
        object.__setattr__(self, "opening", pieces[0])
        object.__setattr__(self, "rest", tuple(zip(pieces[1::2], pieces[2::2], strict=True)))

    def filled(self, texts: Mapping[str, str]) -> str:
        """The stretch with these texts in place of the names."""
        filled = self.opening
        for name, words in self.rest:
            filled += texts[name] + words
        return filled


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A paragraph, list item or summary line, with the condition under which it is used."""

    text: str
    """Without the marks of what may be left out."""
    terms: tuple[tuple[str, bool], ...] = ()
    """(value name, wanted)."""
    wanted: frozenset[str] = field(init=False)
    """Values that must be there, by its condition."""
    unwanted: frozenset[str] = field(init=False)
    """Values that must not."""
    whole: LinePart = field(init=False)
    parts: tuple[LinePart, ...] = field(init=False)
    """The text by what must stand and what may be left out."""
    needed: tuple[str, ...] = field(init=False)
    """Placeholders outside of what may be left out."""
    begins: bool = field(init=False)
    """A value begins it, or stands after nothing but the marks of bold."""

    def __post_init__(self) -> None:
        stretches = _OPTIONAL.split(self.text)
        parts = tuple([LinePart(text, bool(place % 2)) for place, text in enumerate(stretches) if text])
        whole = LinePart("".join(stretches))
        worked_out = {
            "text": whole.text,
            "wanted": frozenset([name for name, wanted in self.terms if wanted]),
            "unwanted": frozenset([name for name, wanted in self.terms if not wanted]),
            "whole": whole,
            "parts": parts,
            "needed": tuple([name for part in parts if not part.optional for name in part.placeholders]),
            "begins": bool(whole.rest) and not whole.opening.strip("*"),
        }
        for name, value in worked_out.items():
            object.__setattr__(self, name, value)

    @property
    def pieces(self) -> tuple[str, ...]:
        return self.whole.pieces

    @property
    def placeholders(self) -> tuple[str, ...]:
        return self.whole.placeholders

    @property
    def names(self) -> frozenset[str]:
        """Every value that the line asks for."""
        return self.wanted | self.unwanted | frozenset(self.placeholders)

    def usable(self, said: SpokenValues) -> bool:
        """Its condition holds and every value that it needs says something."""
        return self.wanted <= said.given and self.unwanted.isdisjoint(said.given) and said.tells(self.needed)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one line) or a list."""

    lines: tuple[TemplateLine, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """What stands on a suggestion and on its action."""

    label: TemplateLine
    description: TemplateLine

    @property
    def asks(self) -> bool:
        """A value stands in it."""
        return bool(self.label.needed or self.description.needed)


@dataclass(frozen=True, slots=True)
class CardTemplate:
    """The template of one rule's card. `name`: of its file."""

    name: str
    summary: tuple[TemplateLine, ...]
    detail: tuple[Block, ...]
    unseen: tuple[Block, ...] = ()
    """What could not be read or checked."""
    buttons: Mapping[str, Button] = field(default_factory=dict)

    def lines(self) -> Iterator[TemplateLine]:
        """Give every line of the template."""
        yield from self.summary
        for block in (*self.detail, *self.unseen):
            yield from block.lines
        for button in self.buttons.values():
            yield from (button.label, button.description)


def parse_template(text: str, name: str) -> CardTemplate:
    """Return the template in `text`; CardTemplateError says what is wrong in the file `name`."""
    pieces = _SECTION.split(text.replace("\r\n", "\n"))
    if pieces[0].strip():
        raise CardTemplateError(f"{name}: text before the first section")
    sections = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if len(sections) < len(pieces) // 2:
        raise CardTemplateError(f"{name}: a section stands twice")
    if not sections.get("summary", "").strip() or not sections.get("detail", "").strip():
        raise CardTemplateError(f"{name}: needs the sections summary and detail")
    summary = tuple(_line(raw) for raw in sections["summary"].splitlines() if raw.strip())
    if summary[-1].terms:
        raise CardTemplateError(f"{name}: the last line of the summary must have no condition")
    template = CardTemplate(
        name=name,
        summary=summary,
        detail=tuple(_blocks(sections["detail"], name)),
        unseen=tuple(_blocks(sections["not seen"], name)) if sections.get("not seen", "").strip() else (),
        buttons={
            title.split()[1]: _button(body, name) for title, body in sections.items() if title.startswith("suggestion ")
        },
    )
    for line in template.lines():
        if line not in summary and any(part.optional for part in line.parts):
            raise CardTemplateError(f"{name}: [[…]] may stand in the summary alone: {line.text[:60]}")
        if "{" in _PLACEHOLDER.sub("", line.text) or "}" in _PLACEHOLDER.sub("", line.text):
            raise CardTemplateError(f"{name}: not a placeholder: {line.text[:60]}")
    return template


def _line(raw: str) -> TemplateLine:
    """Read a line with the condition before it."""
    text = " ".join(raw.split())
    found = _CONDITION.match(text)
    if not found:
        return TemplateLine(text)
    terms = tuple((name, not negated) for negated, name in _TERM.findall(found[1]))
    return TemplateLine(text[found.end() :], terms)


def _blocks(text: str, name: str) -> Iterator[Block]:
    """Read the paragraphs and lists of a section."""
    for piece in re.split(r"\n(?:[ \t]*\n)+", text.strip()):
        rows = [row.strip() for row in piece.splitlines() if row.strip()]
        items = [row.startswith("- ") for row in rows]
        if any(items) and not items[0]:
            raise CardTemplateError(f"{name}: a list needs a blank line before it: {rows[0][:60]}")
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
    """Read the label and description of a suggestion."""
    members = dict(row.split(":", 1) for row in text.splitlines() if ":" in row)
    if not members.get("label", "").strip() or not members.get("description", "").strip():
        raise CardTemplateError(f"{name}: a suggestion needs label and description")
    return Button(TemplateLine(members["label"].strip()), TemplateLine(members["description"].strip()))
