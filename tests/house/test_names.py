"""One name, one meaning: a public function or class stands in one module alone, or means the same thing in all."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from pathlib import Path

from scripts import draw_rooms

SHARED = {
    "judge": "the answer of a rule to one order",
    "evaluate": "the answers of a rule, or of all rules, to a chart",
    "reasons": "what speaks against an insertion, by one rule",
    "read": "FHIR resources of one family to the entries of the chart",
    "command": "a command of the command line",
    "register": "add a part of the service to the Flask application",
    "create_app": "the Flask application: the package's is the module's",
    "rates": "how often rules fired, in a table and on the console's page",
}


def test_a_public_name_has_one_meaning() -> None:
    stands: dict[str, set[str]] = defaultdict(set)
    for module, path in draw_rooms.modules().items():
        if ".migrations." not in module:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                    stands[node.name].add(module)
    assert {name: modules for name, modules in stands.items() if len(modules) > 1 and name not in SHARED} == {}
    assert {name for name in SHARED if len(stands[name]) < 2} == set()


def test_reading_means_fhir_resources_to_entries_of_the_chart() -> None:
    readers = {module for module, path in draw_rooms.modules().items() if "\ndef read(" in path.read_text("utf-8")}
    assert {module.rpartition(".")[0] for module in readers} == {"cdshooks.reading"}


def test_no_two_test_files_share_a_name() -> None:
    """pytest collects only one of them in a run of all (``rootdir`` without packages)."""
    names = Counter(path.name for path in Path(__file__).parents[1].rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []
