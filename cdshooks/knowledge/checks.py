"""Is the knowledge whole? Every rule registered, cited, documented and shown by vignettes; every parameter dated; no
value set idle.

`knowledge_problems` answers with sentences a rule author can act on; an empty list means that all holds. Part
of the tests and of ``flask --app cdshooks validate``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from cdshooks.cards.book import template_file
from cdshooks.cards.sources import Source, sources
from rules import ALL_RULES, history
from rules.parameters import PARAMETERS, Parameter
from rules.recommendation import MOMENTS, Rule
from rules.statements import parameters_named, unfilled
from rules.terminology import known, store

EXPECTED = range(1, 56)
VALUESETS = store.VALUESETS
NOTICED = {
    "url": "a url",
    "version": "a version",
    "date": "a date",
    "publisher": "a publisher",
    "description": "a description",
    "copyright": "a licence notice (copyright)",
}
"""What a value set must carry, so that a reader knows where it comes from and who may use it."""
LABELS = ("Who:", "When:", "Unless:", "If data are missing:", "Why:")
TAGS = ("", "A", "K")
TIERS = ("SAFE", "ASSIST", "WEAK")
VERSION = re.compile(r"^\d+\.\d+\.\d+$")
RESOURCES = frozenset(
    "Patient Device MedicationStatement MedicationRequest MedicationAdministration Condition Observation Procedure ServiceRequest AllergyIntolerance "
    "Appointment CarePlan Encounter ImagingStudy DetectedIssue Flag DiagnosticReport DeviceUseStatement Communication".split()
)


def knowledge_problems(vignettes: Path | None, override_reasons: Iterable[str]) -> list[str]:
    """All that is wrong. `vignettes`: the folder with one document a rule, or None where they are not to be checked."""
    cited, reasons = sources(), frozenset(override_reasons)
    found = list(_registry())
    for rule in sorted(ALL_RULES, key=lambda rule: rule.number):
        found += [
            f"{rule.id}: {text}"
            for text in (
                *_metadata(rule),
                *_history(rule),
                *_evidence(rule, cited),
                *_overrides(rule, reasons),
                *_words(rule),
            )
        ]
        if vignettes is not None:
            found += [f"{rule.id}: {text}" for text in _shown(vignettes, rule)]
    found += [
        f"rules/history.json: there is no rule {name}"
        for name in sorted(history.rules_with_history() - {rule.id for rule in ALL_RULES})
    ]
    if vignettes is not None:
        ids = {rule.id for rule in ALL_RULES}
        found += [
            f"{file.name}: there is no rule of this id"
            for file in sorted(vignettes.glob("*.yaml"))
            if file.stem not in ids
        ]
    found += [f"parameter {p.name}: {text}" for p in PARAMETERS.values() for text in _parameter(p, cited)]
    return found


def everything(vignettes: Path | None) -> list[str]:
    """`knowledge_problems`, and what the words, the override reasons and the value sets lack."""
    from cdshooks.cards import book, template_check

    reasons = json.loads(files("rules.parameters").joinpath("override_reasons.json").read_text(encoding="utf-8"))
    found = knowledge_problems(vignettes, [row["code"] for row in reasons["reasons"]])
    found += [f"override reason {row['code']}: has no display" for row in reasons["reasons"] if not row.get("display")]
    found += [
        f"override reason {code} stands {count} times"
        for code, count in Counter(row["code"] for row in reasons["reasons"]).items()
        if count > 1
    ]
    try:
        book.rule_templates()
    except ValueError as error:  # the words cannot be read: nothing more can be said of them
        return [*found, *_value_sets(), *known.vocabulary_problems(), f"words: {error}"]
    found += template_check.template_problems()
    for rule in sorted(ALL_RULES, key=lambda rule: rule.number):
        found += [f"{rule.id}: {text}" for text in _buttons(rule, set(book.rule_templates()[rule.id].buttons))]
    return list(dict.fromkeys([*found, *_value_sets(), *known.vocabulary_problems()]))


def summary_of_checks() -> str:
    """What was found whole."""
    sets = sum(1 for _ in _resources())
    return f"Whole: {len(ALL_RULES)} rules, {len(PARAMETERS)} parameters, {sets} value sets, maps and code systems."


def _buttons(rule: Rule, written: set[str]) -> Iterator[str]:
    """Suggestions that the rule offers have words; words of suggestions are used."""
    offered = set(rule.offers)
    yield from (f"its words lack “# suggestion {name}”" for name in sorted(offered - written))
    yield from (f"it does not offer the suggestion “{name}” of its words" for name in sorted(written - offered))


def _resources() -> Iterator[tuple[Path, dict[str, Any]]]:
    for file, content in store.shipped_files():
        document = json.loads(content)
        if document.get("resourceType") in ("ValueSet", "CodeSystem", "ConceptMap"):
            yield file, document


def _value_sets() -> Iterator[str]:
    concepts: dict[str, str] = {}
    for file, document in _resources():
        name = f"{file.relative_to(VALUESETS).as_posix()} {document['id']}"
        yield from (
            f"value set {name}: has no {what.removeprefix('a ')}"
            for member, what in NOTICED.items()
            if not document.get(member)
        )
        if document["resourceType"] == "ValueSet":
            if not any(group.get("concept") or group.get("filter") for group in document["compose"]["include"]):
                yield f"value set {name}: holds no code"
            concepts |= {row["value"]: name for row in document["identifier"] if row["system"] == "urn:itb-cds:concept"}
    kept = json.loads((VALUESETS / "sources" / "unread.json").read_text(encoding="utf-8"))["concepts"]
    idle = set(idle_concepts(concepts, [VALUESETS.parent]))
    yield from (
        f"value set {concepts[name]}: nothing reads it, and sources/unread.json does not say why it is there"
        for name in sorted(idle - set(kept))
    )
    yield from (f"sources/unread.json: {name} is no value set" for name in sorted(set(kept) - set(concepts)))


def _registry() -> Iterator[str]:
    numbers, ids = Counter(rule.number for rule in ALL_RULES), Counter(rule.id for rule in ALL_RULES)
    yield from (f"R{number:02} is not registered" for number in EXPECTED if not numbers[number])
    yield from (f"R{number:02} is registered {count} times" for number, count in numbers.items() if count > 1)
    yield from (f"{name} is registered {count} times" for name, count in ids.items() if count > 1)


def _metadata(rule: Rule) -> Iterator[str]:
    if not rule.hooks or set(rule.hooks) - set(MOMENTS):
        yield "names no known hook"
    if rule.tier not in TIERS:
        yield f"has the unknown tier {rule.tier}"
    if not VERSION.match(rule.version):
        yield "has no version of the form 1.2.3"
    if not rule.purpose or not rule.title or not rule.review:
        yield "lacks a title, a purpose or a review status"
    yield from (f"needs the unknown resource type {name}" for name in rule.needs if name not in RESOURCES)
    yield from (f"reads the unknown parameter {name}" for name in rule.parameters if name not in PARAMETERS)
    text = unfilled(rule)
    yield from (
        f"its clinical statement names {name}, which is none of its parameters"
        for name in parameters_named(text)
        if name not in rule.parameters
    )
    yield from (f"its clinical statement lacks “{label}”" for label in LABELS if label not in text)


def _history(rule: Rule) -> Iterator[str]:
    """Each version tells what changed in it: whoever approved the one before reads only that."""
    made = history.revisions(rule.id)
    if not made or made[-1].version != rule.version:
        yield f"rules/history.json does not say what changed in its version {rule.version}"
    numbers = [tuple(map(int, revision.version.split("."))) for revision in made if VERSION.match(revision.version)]
    if len(numbers) < len(made) or numbers != sorted(set(numbers)):
        yield "rules/history.json does not list its versions in their order, each once"
    yield from (
        f"rules/history.json does not say what changed in its version {revision.version}"
        for revision in made
        if not revision.change.strip()
    )
    yield from (
        f"rules/history.json: version {revision.version} has the date {revision.on}"
        for revision in made
        if not _is_day(revision.on)
    )


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _evidence(rule: Rule, known: dict[str, Source]) -> Iterator[str]:
    if not rule.evidence:
        yield "cites nothing"
    for item in rule.evidence:
        if item.source not in known:
            yield f"cites the unknown source {item.source}"
        if item.tag not in TAGS:
            yield f"has the unknown evidence tag {item.tag}"
        if item.source == "A" and item.tag != "A":
            yield "cites an assumption without its tag [A]"


def _overrides(rule: Rule, reasons: frozenset[str]) -> Iterator[str]:
    if len(rule.overrides) > 6:
        yield "offers more than six override reasons"
    yield from (f"offers the unknown override reason {code}" for code in rule.overrides if code not in reasons)


def _words(rule: Rule) -> Iterator[str]:
    file = template_file(rule)
    if not file.is_file():
        yield "has no words for its card"
        return
    text = file.read_text(encoding="utf-8")
    for heading in ("# summary", "# detail"):
        if heading not in text:
            yield f"its words lack “{heading}”"
    if re.search(r"^\s*(#{2,}|\||<|!\[)", text, re.MULTILINE):
        yield "its words hold a heading, table, image or HTML, which clients do not show"


def _shown(folder: Path, rule: Rule) -> Iterator[str]:
    from cdshooks import vignettes  # it reads YAML, which a running service must not load

    try:
        cases = [{"request": vignette.request, **vignette.expected} for vignette in vignettes.of_rule(rule.id, folder)]
    except vignettes.VignetteError as error:
        yield str(error)
        return
    fires = [case for case in cases if any(card["rule"] == rule.id for card in case["cards"])]
    if not fires:
        yield "no vignette shows it firing"
    if len(fires) == len(cases):
        yield "no vignette shows it silent"
    if len(cases) < 5:
        yield f"has only {len(cases)} vignettes"
    titles = Counter(case["title"] for case in cases)
    yield from (f"the vignette title “{title}” stands twice" for title, count in titles.items() if count > 1)


def _parameter(parameter: Parameter, known: dict[str, Source]) -> Iterator[str]:
    if not parameter.values:
        yield "has no dated value"
    yield from (f"has the date {start}" for start, _ in parameter.values if not _is_day(start))
    if not parameter.description or not parameter.source:
        yield "lacks a description or a source"
    if parameter.tag not in TAGS:
        yield f"has the unknown tag {parameter.tag}"
    yield from (f"cites the unknown source {name}" for name in parameter.source if name not in known)
    held = parameter.values[-1][1] if parameter.values else None
    if parameter.bounds and held is not None and not parameter.bounds[0] <= held <= parameter.bounds[1]:
        yield "its own value is out of its bounds"


def unconfirmed() -> list[Parameter]:
    """The numbers that still need a clinician's tick."""
    return [parameter for parameter in PARAMETERS.values() if parameter.tag]


def idle_concepts(concepts: Iterable[str], folders: Iterable[Path]) -> list[str]:
    """Concept names that no code and no data file under `folders` speaks of."""
    text = "\n".join(
        file.read_text(encoding="utf-8")
        for folder in folders
        for pattern in ("*.py", "texts/*.json")
        for file in sorted(folder.rglob(pattern))
    )
    return [name for name in sorted(set(concepts)) if f'"{name}"' not in text]
