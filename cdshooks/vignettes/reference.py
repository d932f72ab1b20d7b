"""The tables of ``fixtures/vignettes/README.md``: ``python -m cdshooks.vignettes.reference`` writes them."""

from __future__ import annotations

from collections.abc import Iterator

from cdshooks.vignettes import FOLDER
from cdshooks.vignettes.cases import CALL_WORDS
from cdshooks.vignettes.charts import documents
from cdshooks.vignettes.terms import vocabulary
from cdshooks.vignettes.words import entry_words

BEGIN, END = "<!-- tables: made by python -m cdshooks.vignettes.reference -->", "<!-- end of tables -->"
SECTIONS = ("drugs", "conditions", "procedures", "findings", "pumps", "devices", "routes", "stays", "modalities")
KINDS = {"code": "a word of the pump data", "date": "date", "integer": "whole number"}


def tables() -> str:
    """All tables in Markdown."""
    parts = [*_case_words(), *_charts(), *_resource_words(), *_clauses(), *_measurements(), *_names()]
    return "\n".join(parts) + "\n"


def with_tables(text: str) -> str:
    """The README with fresh tables between its two marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{rest.partition(END)[2]}"


def _rows(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _head(title: str, *columns: str) -> list[str]:
    return ["", f"### {title}", "", _rows(*columns), "|" + "---|" * len(columns)]


def _case_words() -> Iterator[str]:
    yield from _head("Words of a case", "word", "means")
    yield from (_rows(f"`{name}`", means) for name, means in CALL_WORDS.items())


def _charts() -> Iterator[str]:
    yield from _head("Base charts", "chart", "who", "holds")
    for name, document in documents().items():
        held = ", ".join(f"`{word}`" for word in document if word in entry_words()) or "nothing"
        yield _rows(f"`{name}`", document["about"], held)


def _resource_words() -> Iterator[str]:
    yield from _head("Words that fill the chart or place orders", "word", "means", "example", "short for")
    for word in entry_words().values():
        if word.measures:
            continue
        short = f"`{word.begins.strip()} …`" if word.begins else ""
        yield _rows(f"`{word.name}`", word.means, f"`{word.name}: {word.example}`", short)


def _clauses() -> Iterator[str]:
    yield from _head("Clauses: what may follow, after a comma or before a date", "after", "clauses", "status")
    seen: dict[int, list[str]] = {}
    for word in entry_words().values():
        if not word.measures:
            seen.setdefault(id(word.clauses), []).append(word.name)
    for names in seen.values():
        known = entry_words()[names[0]].clauses
        after = ", ".join(f"`{name}`" for name in names)
        if "observation" in names:
            after += ", measurements"
        clauses = ", ".join(f"`{clause}`" for clause in (*known.setters, "note"))
        yield _rows(after, clauses, ", ".join(f"`{status.replace('-', ' ')}`" for status in known.statuses))


def _measurements() -> Iterator[str]:
    yield from _head("Measurements", "word", "usual unit, or kind of value", "code")
    for name, row in vocabulary()["measurements"].items():
        kind = KINDS[row["value"]] if "value" in row else row.get("in", "number without unit")
        yield _rows(f"`{name}`", kind + (f"; read {row['at']} unless said" if "at" in row else ""), row["is"])


def _names() -> Iterator[str]:
    yield from _head("Names", "of", "names")
    for section in SECTIONS:
        yield _rows(section, ", ".join(vocabulary()[section]))
    yield _rows("units", ", ".join(f"`{unit}`" for unit in (*vocabulary()["units"], *vocabulary()["unit-codes"])))
    yield _rows("systems of codes", ", ".join(vocabulary()["systems"]))


if __name__ == "__main__":
    readme = FOLDER / "README.md"
    readme.write_text(with_tables(readme.read_text(encoding="utf-8")), encoding="utf-8")
