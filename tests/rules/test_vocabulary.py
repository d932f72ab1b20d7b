"""A rule cannot look for a concept that no chart ever holds: every name it spells is known, or its module is not
imported."""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cdshooks.knowledge.checks import RESOURCES
from rules import ALL_RULES, interplay, vocabulary
from rules.evaluation import STATUS_FREE, SUMMARY
from rules.parameters import PARAMETERS
from rules.recommendation import INDICATORS
from rules.terminology import known
from rules.vocabulary import UnknownConcept, names

RULES = Path(vocabulary.__file__).parents[1]
NOT_RULES = {"terminology", "vocabulary", "parameters"}
SOURCES = {
    path.relative_to(RULES.parent).with_suffix("").as_posix().replace("/", "."): ast.parse(path.read_text("utf-8"))
    for path in sorted(RULES.rglob("*.py"))
    if path.relative_to(RULES).parts[0] not in {*NOT_RULES, "chart", "concepts.py"} and path.name != "__init__.py"
}
HOLDS_CONCEPTS = {
    "concepts", "classes", "ingredients", "reasons", "status_reasons", "manifestations", "sites", "route", "family",
    "concept", "code",
}  # fmt: skip
"""Members of a chart's entries whose value is a concept, or a set of them; and what rules call their copies."""
OF_SETS = {"isdisjoint", "issubset", "issuperset", "union", "intersection", "difference", "get"}
ALL = frozenset().union(*known.names_by_domain().values(), *known.value_names().values())
ORDINARY = {
    ("rules.catheter_insertion.candidate_selection", "botulinum"): "looked for among the words of a name",
    ("rules.catheter_insertion.candidate_selection", "suicidality"): "how the card calls it",
    ("rules.catheter_insertion.systemic_infection", "other"): "an answer of definitions.infections",
    ("rules.definitions.antithrombotics", "normal"): "an answer of kidneys",
    ("rules.definitions.infections", "other"): "its answer",
    ("rules.definitions.state", "baclofen"): "looked for among the words of a name",
    ("rules.identification.pump_summary", "pump"): "part of a key",
    ("rules.identification.record_incomplete", "concentration"): "how the card calls it",
    ("rules.interactions.cns_combination", "opioid"): "how the card calls it",
    ("rules.interactions.cns_combination", "benzodiazepine"): "how the card calls it",
    ("rules.interactions.cns_combination", "gabapentinoid"): "how the card calls it",
    ("rules.intrathecal_orders.order_route", "epidural"): "how the card calls it",
    ("rules.phrases", "0"): "a digit",
}
"""Strings that are also the name of a concept, and are meant as words."""


def spelled(node: ast.AST) -> Iterator[str]:
    """The strings that an expression consists of: itself, or the members of a set, tuple or list."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Set | ast.Tuple | ast.List):
        for member in node.elts:
            yield from spelled(member)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("frozenset", "set", "tuple"):
        for argument in node.args:
            yield from spelled(argument)


def member(node: ast.AST) -> str | None:
    """The member of an entry that an expression reads, or the name of a variable that holds one."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
        return str(getattr(node.args[1], "value", None))
    if isinstance(node, ast.BinOp):
        return member(node.left) or member(node.right)
    return None


def compared(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """(member, string, line) wherever a string is compared with or looked for in a member."""
    for node in ast.walk(tree):
        pairs: list[tuple[ast.AST, ast.AST]] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            pairs = [*zip(sides, sides[1:], strict=False), *zip(sides[1:], sides, strict=False)]
        elif isinstance(node, ast.BinOp):
            pairs = [(node.left, node.right), (node.right, node.left)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OF_SETS:
            pairs = [(node.func.value, argument) for argument in node.args]
        for held, other in pairs:
            if (name := member(held)) is not None:
                yield from ((name, text, node.lineno) for text in spelled(other))


def takes_concepts() -> dict[str, list[int]]:
    """Functions of the rules that take a concept, with the places of those arguments."""
    found: dict[str, list[int]] = defaultdict(list)
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                places = [
                    place for place, argument in enumerate(node.args.args) if argument.arg in ("concept", "concepts")
                ]
                found[node.name] += places
    return {name: places for name, places in found.items() if places}


@pytest.mark.parametrize("module", SOURCES)
def test_no_concept_is_compared_with_a_bare_string(module: str) -> None:
    bare = [
        f"line {line}: {text!r} with .{name}"
        for name, text, line in compared(SOURCES[module])
        if name in HOLDS_CONCEPTS
    ]
    assert bare == []


@pytest.mark.parametrize("module", SOURCES)
def test_no_concept_is_handed_over_as_a_bare_string(module: str) -> None:
    takes, bare = takes_concepts(), []
    assert {"dated_values", "conditions", "newest_number", "first_condition"} <= takes.keys()
    for node in ast.walk(SOURCES[module]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            places = takes.get(node.func.id, [])
            if node.func.id == "Suggest":
                places = [2]
            given = [argument for place, argument in enumerate(node.args) if place in places]
            given += [keyword.value for keyword in node.keywords if keyword.arg in ("concept", "concepts")]
            bare += [f"line {node.lineno}: {text!r}" for argument in given for text in spelled(argument)]
    assert bare == []


@pytest.mark.parametrize("module", SOURCES)
def test_the_name_of_a_concept_stands_nowhere_else_than_in_the_vocabulary(module: str) -> None:
    assert [f"line {line}: {text!r}" for text, line in loose(module) if (module, text) not in ORDINARY] == []


def loose(module: str) -> Iterator[tuple[str, int]]:
    """Strings that are names of concepts, outside of calls of the vocabulary, the metadata of a rule and the keys of
    dicts."""
    tree = SOURCES[module]
    within: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Rule", "Evidence", "NoAction", "chart.parameter"):
            within.update(ast.walk(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("vocabulary."):
            within.update(ast.walk(node))
        elif isinstance(node, ast.Dict):
            within.update(key for key in node.keys if key is not None)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in ALL and node not in within:
            yield node.value, node.lineno


def test_every_word_that_is_excused_is_there() -> None:
    assert {(module, text) for module in SOURCES for text, _ in loose(module)} == set(ORDINARY)


def names_of(module: str) -> list[ast.Constant]:
    """The names that a module asks the vocabulary for."""
    calls = [
        n
        for n in ast.walk(SOURCES[module])
        if isinstance(n, ast.Call) and ast.unparse(n.func).startswith("vocabulary.")
    ]
    return [argument for call in calls for argument in call.args if isinstance(argument, ast.Constant)]


@pytest.mark.parametrize("module", [module for module in SOURCES if names_of(module)])
def test_a_module_that_misspells_a_concept_cannot_be_imported(module: str) -> None:
    """Each name in turn gets a letter too many; a copy of the module is run as an import runs it."""
    tree = ast.parse(ast.unparse(SOURCES[module]))
    namespace = {"__name__": module, "__file__": importlib.import_module(module).__file__}
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).startswith("vocabulary.")]
    for argument in [argument for call in calls for argument in call.args]:
        assert isinstance(argument, ast.Constant)
        right, argument.value = argument.value, f"{argument.value}x"
        with pytest.raises(UnknownConcept, match=re.escape(repr(argument.value))):
            exec(compile(tree, module, "exec"), dict(namespace))  # noqa: S102 - a copy of our own source
        argument.value = right
    exec(compile(tree, module, "exec"), dict(namespace))  # noqa: S102 - the same, with every name right


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda: vocabulary.condition("cirhosis"), "'cirhosis' is no condition; near: cirrhosis"),
        (lambda: vocabulary.conditions("dic", "hemophilia"), "'hemophilia' is no condition; near: haemophilia"),
        (lambda: vocabulary.event("pump_refill"), "'pump_refill' is no event; near: pump-refill"),
        (
            lambda: vocabulary.value("pump-alarm", "motor-stal"),
            "'motor-stal' is no value of pump-alarm; near: motor-stall",
        ),
        (lambda: vocabulary.values("pump-alert", "none"), "'pump-alert' is no observation with value codes"),
        (lambda: vocabulary.drug_class("opioids"), "'opioids' is no drug class; near: opioid"),
        (lambda: vocabulary.ingredients("tizanidine", "tizanidine"), "stands twice in tizanidine, tizanidine"),
        (lambda: vocabulary.route("qqqq"), "'qqqq' is no route"),
    ],
)
def test_an_unknown_name_is_told_with_those_near_to_it(ask, near: str) -> None:
    with pytest.raises(UnknownConcept, match=re.escape(near)):
        ask()


def test_what_is_asked_for_is_given_back() -> None:
    assert vocabulary.event("transfusion") == "transfusion"
    assert vocabulary.conditions("dic", "cirrhosis") == {"dic", "cirrhosis"}


def test_the_vocabulary_is_as_new_as_the_value_sets_and_texts() -> None:
    assert list(known.vocabulary_problems()) == []
    assert {name: getattr(names, name) for name in known.names_by_domain()} == known.names_by_domain()
    assert names.VALUES == known.value_names()


def test_a_vocabulary_that_is_older_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "names.py"
    older.write_text(known.FILE.read_text(encoding="utf-8").replace("pump-refill", "refill"), encoding="utf-8")
    monkeypatch.setattr(known, "FILE", older)
    (problem,) = known.vocabulary_problems()
    assert "names.py is older than the value sets and texts" in problem


def test_a_misspelt_drug_in_a_table_of_the_parameters_is_named() -> None:
    row = {"agent": "warfarin", "ingredients": ["warfarine"], "classes": ["anticoagulant"]}
    assert list(known.table_problems([row], ["baclofen", "tizanadine"])) == [
        "parameter antithrombotic-intervals: warfarin names warfarine, which is nowhere under ingredients",
        "parameter oral-antispastics: tizanadine is no ingredient",
    ]


@pytest.mark.parametrize("domain", sorted(known.names_by_domain()))
def test_no_concept_is_spelt_in_two_ways(domain: str) -> None:
    spellings = defaultdict(set)
    for name in known.names_by_domain()[domain]:
        spellings[re.sub(r"[^a-z0-9]", "", name.lower())].add(name)
    assert [sorted(same) for same in spellings.values() if len(same) > 1] == []


# --- what reads the terminologies, and the other names that rules spell
# -----------------------------------------------------


BELOW = [*(RULES / "terminology").glob("*.py"), RULES / "concepts.py"]
"""The modules that the vocabulary is made with: they cannot ask it, and are held to it here."""
FORMS = {"injection", "patch"}
"""What the tables of drug products say in the place of a route."""


@pytest.mark.parametrize("path", BELOW, ids=lambda path: path.stem)
def test_what_reads_the_terminologies_compares_with_concepts_that_there_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [text for name, text, _ in compared(tree) if name in HOLDS_CONCEPTS and text not in ALL | FORMS] == []
    for node in ast.walk(tree):
        told = list(spelled(node)) if isinstance(node, ast.Set | ast.Tuple) else []
        if len(told) > 2 and len(set(told) & ALL) > 1:
            assert set(told) <= ALL, f"line {node.lineno}"


@pytest.mark.parametrize("module", SOURCES)
def test_numbers_and_lists_are_asked_for_by_names_that_there_are(module: str) -> None:
    for node in ast.walk(SOURCES[module]):
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            texts = [text for argument in node.args for text in spelled(argument)]
            if function == "chart.parameter":
                assert set(texts) <= PARAMETERS.keys(), f"line {node.lineno}"
            elif function in ("chart.delivered", "CannotAssess"):
                assert set(texts) <= RESOURCES, f"line {node.lineno}"


def test_rules_that_are_named_elsewhere_are_rules() -> None:
    ids = {rule.id for rule in ALL_RULES}
    assert STATUS_FREE <= ids and SUMMARY in ids
    assert {name for row in interplay.TABLE for name in (row.by, *row.hidden)} <= ids | {interplay.ANY}
    assert {row.least for row in interplay.TABLE} <= set(INDICATORS)


# --- the words of FHIR, and of the chart
# --------------------------------------------------------------------------------


def words_of_the_chart() -> dict[str, set[str]]:
    """Member → the words that ``rules.chart`` names for it: in double backquotes, in the docstring below the member."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in RULES.glob("chart/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                for field, doc in zip(node.body, node.body[1:], strict=False):
                    if (
                        isinstance(field, ast.AnnAssign)
                        and isinstance(doc, ast.Expr)
                        and isinstance(doc.value, ast.Constant)
                    ):
                        found[getattr(field.target, "id", "")] |= set(re.findall(r"``([^`]+)``", str(doc.value.value)))
    return found


def words_of_fhir(member: str) -> set[str]:
    """The codes that FHIR R4B lets a status or an intent have, in any of the resources that are read."""
    found: set[str] = set()
    for kind in (
        "Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Observation", "Procedure", "ServiceRequest",
        "Appointment", "CarePlan", "Encounter", "ImagingStudy", "DetectedIssue", "Flag", "Communication", "DiagnosticReport",
    ):  # fmt: skip
        field = get_fhir_model_class(kind).model_fields.get(member)
        found |= set((field.json_schema_extra or {}).get("enum_values", ())) if field else set()
    return found


@pytest.mark.parametrize("module", SOURCES)
def test_a_status_or_kind_that_is_looked_for_is_one_that_there_is(module: str) -> None:
    held = words_of_the_chart()
    held["status"] |= words_of_fhir("status")
    held["intent"] |= words_of_fhir("intent")
    held["indicator"] = held["level"] = set(INDICATORS)
    looked_at = (
        "status",
        "intent",
        "kind",
        "source",
        "clinical",
        "verification",
        "type",
        "criticality",
        "severity",
        "sex",
        "hook",
        "indicator",
        "level",
    )
    for name, text, line in compared(SOURCES[module]):
        if name in looked_at:
            assert text in held[name], f"line {line}: .{name} is never {text!r}"
