"""The definitions that rules share, as a reviewer reads them: one page a module of ``rules.definitions``
(docs/definitions)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import ModuleType

from cdshooks.knowledge.definition_modules import modules
from cdshooks.knowledge.rule_pages import paragraphs, parameter_table
from rules import interplay
from rules.parameters import PARAMETERS, latest
from rules.statements import filled

_ASKED = re.compile(r"^([A-Z][A-Z0-9_]*) = .*?\bvocabulary\.", re.MULTILINE)
_STRING = re.compile(r'"([a-z][a-z0-9-]*)"')


def definition_files() -> dict[str, str]:
    """File name → content of docs/definitions."""
    made = {f"{_name(module)}.md": definition_page(module) for module in modules()}
    return {"README.md": definition_index(), "interplay.md": _interplay(), **made}


def definition_index() -> str:
    """The table of all pages."""
    rows = [f"| [{_name(module)}]({_name(module)}.md) | {_first(module.__doc__)} |" for module in modules()]
    rows.append(f"| [interplay](interplay.md) | {_first(interplay.__doc__)} |")
    return "\n".join(
        [
            "# Definitions",
            "",
            "What the rules mean by *current*, *recent*, *withdrawal context* and the like; made from `rules/definitions` by",
            "`flask --app cdshooks rules --pages docs/rules`.",
            "",
            "| page | what it defines |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def definition_page(module: ModuleType) -> str:
    """What one module defines, the numbers it reads and the concepts it names."""
    lines = [f"# {_name(module).replace('_', ' ').capitalize()}", "", *_text(module.__doc__), "", "## Definitions", ""]
    for name, member in _defined(module):
        lines += [f"- **{name}**: {' '.join(part for part in _text(member.__doc__) if part)}"]
    numbers = [name for name in dict.fromkeys(_STRING.findall(inspect.getsource(module))) if name in PARAMETERS]
    lines += ["", "## Numbers", "", *parameter_table(numbers)]
    concepts = list(_concepts(module))
    if concepts:
        lines += ["", "## Groups of concepts", "", "| name | holds |", "|---|---|", *concepts]
    return "\n".join([*lines, ""])


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _first(doc: str | None) -> str:
    return filled(inspect.cleandoc(doc or "").split("\n\n")[0], latest()).replace("\n", " ")


def _text(doc: str | None) -> list[str]:
    return paragraphs(filled(inspect.cleandoc(doc or ""), latest()))


def _defined(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The functions and classes of the module that say what they are, in the order of the source."""
    for name, member in vars(module).items():
        own = getattr(member, "__module__", None) == module.__name__ and (
            inspect.isfunction(member) or inspect.isclass(member)
        )
        if own and not name.startswith("_") and not (member.__doc__ or name + "(").startswith(f"{name}("):
            yield name, member


def _concepts(module: ModuleType) -> Iterator[str]:
    """Rows of the sets of concepts that the module makes."""
    for name in _ASKED.findall(inspect.getsource(module)):
        held = getattr(module, name)
        if isinstance(held, frozenset) and len(held) > 1:
            yield f"| `{name}` | {', '.join(sorted(map(str, held)))} |"


def _interplay() -> str:
    """Which card gives way to which."""
    lines = ["# Interplay", "", *_text(interplay.__doc__), "", "| shown | hides | from | how |", "|---|---|---|---|"]
    for row in interplay.TABLE:
        how = "the same order" if row.same_order else "the whole chart"
        how += ", information only" if row.only_info else ""
        how += "" if row.when is interplay.always else f"; {_first(row.when.__doc__).rstrip('.')}"
        by = row.by if row.by == interplay.ANY else f"`{row.by}`"
        lines.append(f"| {by} | {', '.join(f'`{name}`' for name in row.hidden)} | {row.least} | {how} |")
    return "\n".join([*lines, ""])
