"""The formats that a report can be written in, by name."""

from __future__ import annotations

from cdshooks.population.report import Form
from cdshooks.population.tables.csv_files import as_csv
from cdshooks.population.tables.fhir import as_ndjson
from cdshooks.population.tables.page import as_html
from cdshooks.population.tables.parquet import as_parquet, lacks_pyarrow

FORMS: dict[str, Form] = {"csv": as_csv, "html": as_html, "ndjson": as_ndjson, "parquet": as_parquet}
NEEDS_PYARROW = "parquet needs pyarrow: pip install 'itb-cds-hooks[population]'"


class UnknownFormat(ValueError):
    """A name that no format has, or one that needs what is not installed. The message is for a person."""


def forms(names: str) -> list[Form]:
    """Return the formats that are asked for, by names with commas between. Raises UnknownFormat."""
    asked = dict.fromkeys(name.strip() for name in names.split(",") if name.strip())
    unknown = [name for name in asked if name not in FORMS]
    if unknown or not asked:
        raise UnknownFormat(f"{', '.join(unknown) or 'no format'}: there is {', '.join(FORMS)}")
    if "parquet" in asked and lacks_pyarrow():
        raise UnknownFormat(NEEDS_PYARROW)
    return [FORMS[name] for name in asked]
