"""The house: imports run one way, and the picture of the rooms is drawn from them as they are."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from scripts import draw_rooms

ROOT = Path(__file__).parents[2]
LONG = re.compile(r"\bLong[,:]")


def test_no_room_imports_from_one_that_imports_from_it() -> None:
    assert max(draw_rooms.floors(draw_rooms.rooms()).values()) <= 10


def test_no_module_imports_from_one_that_imports_from_it() -> None:
    draw_rooms.floors(draw_rooms.imports())


def test_a_circle_is_found_and_named() -> None:
    with pytest.raises(draw_rooms.Circle, match="cards -> hooks -> cards"):
        draw_rooms.floors({"cards": {"hooks"}, "hooks": {"cards"}, "rules": set()})


def test_the_picture_of_the_rooms_is_fresh() -> None:
    assert draw_rooms.PICTURE.read_text(encoding="utf-8") == draw_rooms.picture(), "python scripts/draw_rooms.py"


def test_the_knowledge_imports_the_standard_library_alone() -> None:
    for name, path in draw_rooms.modules().items():
        if name.split(".")[0] == "rules":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                named = (
                    [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else [one.name for one in node.names]
                    if isinstance(node, ast.Import)
                    else []
                )
                assert {one.split(".")[0] for one in named} <= sys.stdlib_module_names | {"rules", "__future__"}, name


def test_at_the_top_stand_the_application_its_entry_and_its_errors_alone() -> None:
    top = {path.stem for path in (ROOT / "cdshooks").glob("*.py")}
    assert top == {"__init__", "__main__", "app", "errors", "logs", "serve"}


def test_a_module_is_short_or_says_why_not() -> None:
    """300 lines a module, 40 a function; longer ones give the reason in their docstring ("Long, since …")."""
    for name, path in draw_rooms.modules().items():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        assert len(text.splitlines()) <= 300 or LONG.search(ast.get_docstring(tree) or ""), name
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 40 or LONG.search(ast.get_docstring(node) or ""), f"{name}.{node.name}: {length} lines"
