"""Draw docs/images/rooms.svg from the imports: ``python scripts/draw_rooms.py`` writes it, ``--check`` says whether it
is fresh.

A room is a package of ``cdshooks``, a module at its top, or the whole of ``rules``. A room stands one floor above the
highest room that it imports from, so that every arrow points down; a circle between rooms is an error that names them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "rooms.svg"
PACKAGES = ("cdshooks", "rules")
LEFT_OUT = ("fixtures", "migrations")
"""Folders that hold data, or scripts that only Alembic runs."""
BOX, GAP, FLOOR, MARGIN = 104, 22, 74, 20
HEIGHT = 34


class Circle(ValueError):
    """Rooms or modules import each other. The message names them."""


def modules() -> dict[str, Path]:
    """Every module of the two packages by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if not set(parts) & set(LEFT_OUT):
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports() -> dict[str, set[str]]:
    """Module -> modules that it imports, wherever in it the import stands."""
    known = modules()
    return {name: set(_imported(path, known)) - {name} for name, path in known.items()}


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else node.module


def room_of(module: str) -> str:
    """``cdshooks.reading.events`` -> ``reading``; all of ``rules`` is one room; ``cdshooks`` itself belongs to
    ``app``."""
    parts = module.split(".")
    if parts[0] == "rules":
        return "rules"
    return parts[1] if len(parts) > 1 else "app"


def rooms() -> dict[str, set[str]]:
    """Room -> rooms that it imports from."""
    found: dict[str, set[str]] = {}
    for module, imported in imports().items():
        room = room_of(module)
        found.setdefault(room, set()).update({room_of(other) for other in imported} - {room})
    return found


def floors(graph: Mapping[str, set[str]]) -> dict[str, int]:
    """Name -> floor, the lowest 0. Raises Circle."""
    found: dict[str, int] = {}

    def floor(name: str, way: tuple[str, ...]) -> int:
        if name in way:
            raise Circle(" -> ".join((*way[way.index(name) :], name)))
        if name not in found:
            found[name] = 1 + max((floor(other, (*way, name)) for other in sorted(graph[name])), default=-1)
        return found[name]

    for name in sorted(graph):
        floor(name, ())
    return found


def without_shortcuts(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The graph less each arrow to a room that another way leads to: what is left can be read."""

    def reached(name: str) -> set[str]:
        return graph[name].union(*(reached(other) for other in graph[name]))

    return {
        name: {other for other in beside if not any(other in reached(third) for third in beside - {other})}
        for name, beside in graph.items()
    }


def picture() -> str:
    """The rooms as SVG: the highest floor above, an arrow for every import that no other way stands for."""
    graph = rooms()
    levels = floors(graph)
    rows = [sorted(room for room in levels if levels[room] == level) for level in range(max(levels.values()), -1, -1)]
    width = 2 * MARGIN + max(len(row) for row in rows) * (BOX + GAP) - GAP
    middle: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        start = (width - (len(row) * (BOX + GAP) - GAP)) / 2
        for place, room in enumerate(row):
            middle[room] = (start + place * (BOX + GAP) + BOX / 2, MARGIN + number * FLOOR + HEIGHT / 2)
    drawn = without_shortcuts(graph)
    lines = [_arrow(middle[room], middle[other]) for room in sorted(drawn) for other in sorted(drawn[room])]
    boxes = [_box(room, *middle[room]) for room in sorted(middle)]
    height = 2 * MARGIN + (len(rows) - 1) * FLOOR + HEIGHT
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
    title = "<title>The rooms of the house: each imports only from rooms below it</title>"
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, title, ground, *lines, *boxes, "</svg>"]) + "\n"


def _arrow(above: tuple[float, float], below: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = above, below
    return (
        f'<line x1="{x1:g}" y1="{y1 + HEIGHT / 2:g}" x2="{x2:g}" y2="{y2 - HEIGHT / 2:g}" '
        'stroke="#8aa0b4" stroke-width="0.8"/>'
        f'<circle cx="{x2:g}" cy="{y2 - HEIGHT / 2:g}" r="2.2" fill="#44607a"/>'
    )


def _box(room: str, x: float, y: float) -> str:
    fill = "#dcefe4" if room == "rules" else "#e8eef5"
    return (
        f'<rect x="{x - BOX / 2:g}" y="{y - HEIGHT / 2:g}" width="{BOX}" height="{HEIGHT}" rx="5" fill="{fill}" stroke="#44607a"/>'
        f'<text x="{x:g}" y="{y + 5:g}" text-anchor="middle">{escape(room)}</text>'
    )


def main(arguments: list[str]) -> int:
    drawn = picture()
    if "--check" in arguments:
        fresh = PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == drawn
        print("fresh" if fresh else "stale: run python scripts/draw_rooms.py")
        return 0 if fresh else 1
    PICTURE.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
