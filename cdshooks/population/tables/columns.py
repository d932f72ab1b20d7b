"""The data dictionary: every table of a report, and what each of its columns holds. Whatever is told of a column elsewhere
is made of this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cdshooks.population.burden.counts import MANY
from cdshooks.population.worklists import WORKLISTS

TEXT, YES, DAY, TIME, COUNT, RATE, JSON = "text", "yes/no", "date", "time", "count", "rate", "JSON"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    """One of the names above."""
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; its file is named after it."""

    name: str
    says: str
    columns: tuple[Column, ...]
    burden: bool = False
    """Written where an alert burden is asked for."""


_WHO = (
    Column(
        "server", TEXT, "Whose ids these are: the folder or address of the export; empty where one server's was read"
    ),
    Column(
        "patient", TEXT, "Keyed hash of the patient's id, as the service's record has it; the id where --ids was said"
    ),
)
_ROW = (
    *_WHO,
    Column("rule", TEXT, "Id of the rule; empty for a patient of whom nobody can tell whether there is a pump"),
    Column("version", TEXT, "Of the rule"),
    Column("hook", TEXT, "What the chart was judged as: patient-view"),
    Column("at", TIME, "When it was judged", "ISO 8601 with offset, the site's time zone"),
    Column("indicator", TEXT, "info, warning or critical, after the site's cap"),
    Column("shown", YES, "It stands on a card of the answer to a hook call"),
    Column("hidden", TEXT, "Why it does not: another rule hides it, it is silent or not approved, five others are more urgent"),
    Column("summary", TEXT, "The line of the card; the title of the rule where no card is shown"),
    Column("due", DAY, "The low-reservoir date of a refill, the day of the end of service; empty for other rules", "ISO 8601"),
    Column("values", JSON, "What the words of the card are filled with; each rule's page names its values", "as named there"),
    Column("suggests", YES, "Read from free text in part, or not confirmed: the record suggests it"),
    Column("state", TEXT, "State of the patient's pump (docs/definitions/state.md)"),
    Column("established", YES, "no: whether there is a pump cannot be told"),
    Column("missing", JSON, "Lists that would tell"),
    Column("unreadable", COUNT, "Resources of the patient that could not be read, the same in each of the patient's rows", "resources"),
    Column("not_seen", JSON, "Lists that were not seen whole: list, state, why"),
)  # fmt: skip
_ALERT = (
    *_WHO,
    Column("at", TIME, "When the hook call would have been made", "ISO 8601 with offset, the site's time zone"),
    Column("hook", TEXT, "patient-view (an encounter starts) or order-select (an order is written)"),
    Column("rule", TEXT, "Id of the rule; empty where whether there was a pump could not be told"),
    Column("version", TEXT, "Of the rule"),
    Column("indicator", TEXT, "Of the card, after the site's cap; empty where none would have been shown"),
    Column("shown", YES, "A card would have been shown"),
    Column("hidden", TEXT, "Why not: another rule hides it, it is off, silent or not approved, five others are more urgent"),
    Column("without_settings", TEXT, "Indicator of the card without the site's switches, caps and approvals; empty for no card"),
    Column("number", COUNT, "Which of the patient's calls in the period, from 0", "calls"),
)  # fmt: skip
_DAY = (
    Column("day", DAY, "Day of the calls, in the site's calendar", "ISO 8601"),
    Column("hook", TEXT, "patient-view or order-select"),
    Column("calls", COUNT, "Hook calls that would have been made, for everybody", "calls"),
    Column("with_card", COUNT, "Those that would have been answered with a card", "calls"),
    Column("cards", COUNT, "Cards on them", "cards"),
)
_RULE = (
    Column("hook", TEXT, "patient-view or order-select"),
    Column("rule", TEXT, "Id of the rule"),
    Column("cards", COUNT, "Cards that would have been shown", "cards"),
    *(Column(name, COUNT, f"Those that are {name}", "cards") for name in ("critical", "warning", "info")),
    Column("per_100_encounters", RATE, "Cards for 100 encounters that start in the period", "cards/100 encounters"),
    Column("per_100_calls", RATE, "Cards for 100 calls of this hook", "cards/100 calls"),
    Column("silent", COUNT, "Calls whose card the site's silence keeps back: it would have shown", "calls"),
    Column("not_approved", COUNT, "Calls whose card the missing approval keeps back: it would have shown", "calls"),
    Column("switched_off", COUNT, "Calls with a card, were the rule not switched off", "calls"),
    Column("hidden_otherwise", COUNT, "Calls in which another rule hides it, or five others are more urgent", "calls"),
    Column("without_settings", COUNT, "Cards without the site's switches, caps and approvals", "cards"),
)
_PATIENTS = (
    Column("cards", COUNT, f"Cards on all of a patient's calls in the period; more than {MANY} are many", "cards"),
    Column("patients", COUNT, "Patients with so many", "patients"),
)
_ERROR = (
    Column("file", TEXT, "File that was not read, or not whole, below the folder that was given"),
    Column("line", COUNT, "Which line of it, from 1; empty for the whole file"),
    Column("reason", TEXT, "Why; never what stands there"),
    Column("list", TEXT, "List of resources that lacks it; empty where nobody can tell"),
    Column("everybody", YES, "Nobody can tell whose it is: that list is partial for every patient of the server"),
)

ERRORS = Table("errors", "What was not read, one line or file a row. Always written, as CSV.", _ERROR)
TABLES = (
    Table("rows", "One row a patient and rule, in order of server, patient and rule.", _ROW),
    *(Table(one.name, one.says, _ROW) for one in WORKLISTS),
    Table(
        "alerts", "One row a hook call and rule that had something to say, in order of patient and time.", _ALERT, True
    ),
    Table("burden-days", "Calls and cards by day and hook.", _DAY, True),
    Table("burden-rules", "Cards by rule and hook, and what the site's settings keep back.", _RULE, True),
    Table("burden-patients", "Patients by their number of cards.", _PATIENTS, True),
)


def dictionary() -> Iterator[tuple[str, str, str, str, str]]:
    """Give table, column, type, unit and meaning of every column there is."""
    for table in (*TABLES, ERRORS):
        for column in table.columns:
            yield table.name, column.name, column.type, column.unit, column.meaning


def page() -> str:
    """Return the dictionary as a page of the documentation (Markdown)."""
    parts = [
        "# Columns of a population report",
        "What stands in each file that [`population`](population.md) leaves, as `.csv` and `.parquet` alike. Written by "
        "`python scripts/write_columns.py` from [columns.py](../cdshooks/population/tables/columns.py); a copy, "
        "`dictionary.csv`, lies in each report.",
        "| type | CSV | Parquet |\n|---|---|---|\n"
        "| text | as it is; `'` stands before what a spreadsheet would take for a formula | string |\n"
        "| yes/no | `yes`, `no` | boolean |\n| date | `2026-06-15` | date32 |\n"
        "| time | `2026-06-15T10:00:00+02:00` | timestamp, UTC |\n| count | whole number | int64 |\n"
        "| rate | number | double |\n| JSON | JSON, empty for nothing | string with JSON, null for nothing |",
    ]
    told: dict[tuple[Column, ...], list[Table]] = {}
    for table in (*TABLES, ERRORS):
        told.setdefault(table.columns, []).append(table)
    for columns, tables in told.items():
        parts.append("## " + ", ".join(f"{one.name}" for one in tables))
        parts.append("\n".join(f"- `{one.name}`: {one.says}" for one in tables))
        rows = [f"| `{one.name}` | {one.type} | {one.unit} | {one.meaning} |" for one in columns]
        parts.append("\n".join(["| column | type | unit | meaning |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"
