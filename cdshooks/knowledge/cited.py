"""What a rule's page cites, so that the page holds it: patient states, sign domains, the flag F, the withdrawal
context, definitions.

Everything is read from the code that decides and from the parameters.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from cdshooks.cards.values import spoken
from cdshooks.knowledge import sign_tables
from cdshooks.knowledge.definition_modules import modules
from rules.definitions import interruption, overdose_signs, state, withdrawal
from rules.parameters import latest
from rules.recommendation import Rule
from rules.statements import filled, unfilled

OVERDOSE = "itb-overdose-suspected"
_PAGE = re.compile(r"docs/definitions/(\w+)\.md")


@dataclass(frozen=True)
class Section:
    """One thing that is cited: text, and a table where there is one."""

    title: str
    text: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def sections(rule: Rule) -> list[Section]:
    """What the rule's statement and code refer to, in the order in which a reader needs it."""
    text, used = unfilled(rule), _used(rule)
    asked = (
        (state in used or "pump" in text, _states),
        (
            bool(re.search(r"\bD[1-5]\b|signs? of withdrawal|withdrawal context|definitions/signs", text)),
            _withdrawal_signs,
        ),
        (
            bool(re.search(r"\bT[1-4]\b|overdose picture|signs of overdose", text))
            or overdose_signs in used
            or rule.id == OVERDOSE,
            _overdose_signs,
        ),
        (interruption in used or "flag" in text or "definitions/interruption" in text, _flag),
        ("withdrawal context" in text or "definitions/withdrawal" in text, _context),
    )
    return [make() for wanted, make in asked if wanted] + [_definition(module) for module in _named(text)]


def _used(rule: Rule) -> set[ModuleType | None]:
    """The modules of definitions that the rule's own module takes something from."""
    own = sys.modules[rule.evaluate.__module__]
    return {sys.modules.get(getattr(member, "__module__", "") or "") for member in vars(own).values()} & set(modules())


def _named(text: str) -> Iterator[ModuleType]:
    """The modules whose pages the statement names, but those that have a section of their own."""
    shown = {"signs", "overdose_signs", "interruption", "withdrawal", "state"}
    held = {module.__name__.rpartition(".")[2]: module for module in modules()}
    return (held[name] for name in dict.fromkeys(_PAGE.findall(text)) if name in held and name not in shown)


def _states() -> Section:
    rows = tuple((kind.value, filled(text, latest())) for kind, text in state.CRITERIA.items())
    return Section(
        "Patient states",
        "One state a patient; the first that fits, a death and a removal before all others.",
        ("state", "criteria"),
        rows,
    )


def _withdrawal_signs() -> Section:
    text = "Facts that are looked at: those that show the domain and those that argue against it. Long-standing conditions explain a sign and do not show it."
    return Section(
        "Signs of withdrawal (D1 to D5)", text, sign_tables.HEAD, tuple(sign_tables.domain_rows(sign_tables.WITHDRAWAL))
    )


def _overdose_signs() -> Section:
    return Section(
        "Signs of overdose (T1 to T4)",
        "Facts that are looked at.",
        sign_tables.HEAD,
        tuple(sign_tables.domain_rows(sign_tables.OVERDOSE)),
    )


def _flag() -> Section:
    """The causes of `interruption`."""
    causes = {"F hard": interruption.hard_causes, "F soft": interruption.soft_causes}
    rows = [(kind, cause) for kind, function in causes.items() for cause in _causes(function)]
    return Section("Interruption of delivery (flag F)", "F holds when any cause does.", ("flag", "cause"), tuple(rows))


def _causes(function: Callable[..., Any]) -> list[str]:
    """The words that the function yields, each with the entries that show it."""
    tree = ast.parse(inspect.getsource(function))
    yields = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)
    ]
    return list(dict.fromkeys(text for told in yields for text in _texts(told.elts[0])))


def _texts(node: ast.expr) -> list[str]:
    """The texts that an expression can be, numbers of parameters filled in."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    if isinstance(node, ast.Tuple):
        return [text for part in node.elts for text in _texts(part)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(_piece(part) for part in node.values)]
    return []


def _piece(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    named = [inner.value for inner in ast.walk(part) if isinstance(inner, ast.Constant) and inner.value in latest()]
    return spoken(latest()[str(named[0])]) if named else "n"


def _context() -> Section:
    return Section("Withdrawal context", _text(withdrawal.withdrawal_context.__doc__))


def _definition(module: ModuleType) -> Section:
    """The page of one module: what it is about, and what its functions mean."""
    name = module.__name__.rpartition(".")[2].replace("_", " ").capitalize()
    told = [(key, _text(member.__doc__)) for key, member in vars(module).items() if _tells(key, member, module)]
    return Section(f"Definition: {name}", _text(module.__doc__), ("term", "meaning"), tuple(told))


def _tells(name: str, member: Any, module: ModuleType) -> bool:
    own = getattr(member, "__module__", None) == module.__name__ and (
        inspect.isfunction(member) or inspect.isclass(member)
    )
    return own and not name.startswith("_") and bool(member.__doc__) and not member.__doc__.startswith(f"{name}(")


def _text(doc: str | None) -> str:
    return " ".join(filled(inspect.cleandoc(doc or ""), latest()).split())
