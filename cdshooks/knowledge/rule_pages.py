"""The rules as a reviewer reads them: one table, one page a rule (docs/rules), made from the rules' own metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cdshooks.cards.book import template_file
from cdshooks.cards.sources import Source, sources
from cdshooks.knowledge import cited, statement_parts
from cdshooks.knowledge.units import with_unit
from rules import ALL_RULES, history
from rules.parameters import PARAMETERS, Parameter, latest
from rules.recommendation import MOMENTS, ORDER, Rule

HOOK_NAMES = {**{name: name for name in MOMENTS}, ORDER: "order-select, order-sign"}
_PAGE = re.compile(r"docs/definitions/(\w+)\.md")
COLUMNS = ("number", "id", "hooks", "tier", "version", "review", "title")


def rule_rows() -> list[dict[str, str]]:
    """One row a rule, by number."""
    return [
        {
            "number": f"R{rule.number:02}",
            "id": rule.id,
            "hooks": ", ".join(HOOK_NAMES[hook] for hook in rule.hooks),
            "tier": rule.tier,
            "version": rule.version,
            "review": rule.review,
            "title": rule.title,
        }
        for rule in sorted(ALL_RULES, key=lambda rule: rule.number)
    ]


def paragraphs(text: str) -> list[str]:
    """The docstring as Markdown: indented continuation lines join their paragraph, each `Who:` … line is one of its
    own."""
    lines: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        head, colon, rest = line.partition(": ")
        label = head in statement_parts.LABELS
        if not line:
            lines.append("")
        elif label and colon:
            lines += ["", f"**{head}**: {rest}"]
        elif lines and lines[-1]:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return lines


def _parameter_row(parameter: Parameter) -> str:
    start, held = parameter.values[-1]
    shown = "see table in rules/parameters" if isinstance(held, (dict, list)) else with_unit(str(held), parameter.unit)
    bounds = f"{parameter.bounds[0]} to {parameter.bounds[1]}" if parameter.bounds else "fixed"
    tag = f" **[{parameter.tag}]**" if parameter.tag else ""
    return f"| `{parameter.name}` | {parameter.description} | {shown} | {start} | {', '.join(parameter.source)}{tag} | {bounds} |"


def parameter_table(names: Sequence[str]) -> list[str]:
    """The parameters as a table in Markdown."""
    if not names:
        return ["None of its own."]
    head = ["| name | meaning | value | since | source | a site may set |", "|---|---|---|---|---|---|"]
    own = 'A site sets its own number within these bounds in its site file: `"parameters": {"name": value}`.'
    return [*head, *(_parameter_row(PARAMETERS[name]) for name in names), "", own]


def _evidence(rule: Rule, known: dict[str, Source]) -> Iterable[str]:
    for item in rule.evidence:
        source = known[item.source]
        tag = f" **[{item.tag}]**" if item.tag else ""
        link = f" [{source.url}]({source.url})" if source.url else ""
        yield f"- **{item.source}**{tag} {source.citation} ({source.strength}): {item.says}.{link}"


def rule_page(rule: Rule, cases: Iterable[tuple[str, str]]) -> str:
    """The rule's page in Markdown; `cases` are (name, title) of its vignettes."""
    parts = _heading(rule)
    parts += parameter_table(rule.parameters)
    parts += [line for section in cited.sections(rule) for line in _cited(section)]
    parts += ["", "## Evidence", "", *_evidence(rule, sources()), ""]
    parts += ["## Reads", "", ", ".join(rule.needs), ""]
    parts += ["## Override reasons", "", ", ".join(f"`{code}`" for code in rule.overrides) or "None.", ""]
    words = template_file(rule).read_text(encoding="utf-8").strip()
    parts += ["## Words of the card", "", "```text", words, "```", ""]
    parts += ["## Vignettes", "", *(f"- {title} (`{name}`)" for name, title in cases)]
    parts += ["", "## Versions", "", "| version | since | what changed |", "|---|---|---|"]
    parts += [
        f"| {revision.version} | {revision.on} | {revision.change} |"
        for revision in reversed(history.revisions(rule.id))
    ]
    return "\n".join(parts).rstrip() + "\n"


def _heading(rule: Rule) -> list[str]:
    """Title, version, purpose and statement."""
    hooks = " and ".join(HOOK_NAMES[hook] for hook in rule.hooks)
    return [
        f"# R{rule.number:02} {rule.title}",
        "",
        f"`{rule.id}` · version {rule.version} · {hooks} · automation tier **{rule.tier}** · review: **{rule.review}**",
        "",
        f"Purpose: {rule.purpose}",
        "",
        "## Clinical statement",
        "",
        *_statement(rule),
        "## Numbers",
        "",
    ]


def _statement(rule: Rule) -> Iterable[str]:
    """Each part a paragraph; the cases of *When* and *Unless* as lists."""
    for label, text in statement_parts.parts(rule, latest()):
        linked = _PAGE.sub(r"[definitions: \1](../definitions/\1.md)", text)
        listed = statement_parts.cases(label, linked) if label in statement_parts.CASE_LABELS else []
        if len(listed) > 1:
            yield from (f"**{label}**:", "", *(f"- {case}" for case in listed), "")
        else:
            yield from (f"**{label}**: {linked}" if label else linked, "")


def _cited(section: cited.Section) -> Iterable[str]:
    yield from ("", f"## {section.title}", "")
    if section.text:
        yield from (section.text, "")
    if section.rows:
        yield "| " + " | ".join(section.head) + " |"
        yield "|" + "---|" * len(section.head)
        yield from ("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in section.rows)


def vignette_titles(rule_id: str) -> list[tuple[str, str]]:
    """(name, title) of a rule's vignettes, in their order."""
    from cdshooks import vignettes  # it reads YAML, which a running service must not load

    return [(vignette.name, vignette.title) for vignette in vignettes.of_rule(rule_id)]


def rule_index() -> str:
    """The table of all rules in Markdown."""
    lines = ["# The rules", "", "Made by `flask --app cdshooks rules --pages docs/rules`; do not edit by hand.", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for row in rule_rows():
        cells = [f"[{row[c]}]({row['id']}.md)" if c == "id" else row[c] for c in COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def rule_files() -> dict[str, str]:
    """File name → content of docs/rules."""
    made = {f"{rule.id}.md": rule_page(rule, vignette_titles(rule.id)) for rule in ALL_RULES}
    return {"README.md": rule_index(), **made}
