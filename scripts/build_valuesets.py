"""Write ``rules/valuesets`` from the collected terminology tables. Not needed at run time.

    python scripts/build_valuesets.py ../shared

Reads ``terminology/*.csv`` below the given folder, the codes that ``docs/fhir-mapping.md`` names, and the hand-written
choices in
``rules/valuesets/sources``: which rows make which finer concept (``selection.json``), how routes are grouped
(``routes.json``), what is recalled (``recalled.json``). The same input gives the same bytes. Afterwards
``python scripts/build_vocabulary.py`` makes new concepts known to the rules. Raises SystemExit when a
chosen code stands in none of the tables.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from valuesets.domains import condition_rows, event_rows, observation_rows, route_rows, write_pump_data
from valuesets.drugs import write_drugs
from valuesets.selection import finer_rows, recalled_rows
from valuesets.tables import HERE, VALUESETS, choices, coded_rows, own_wording, spoken, table
from valuesets.titles import titles
from valuesets.writer import Writer


def main(folder: Path) -> None:
    """Write the value sets made from the tables in `folder`, all or none."""
    writer = Writer()
    conditions = condition_rows(folder)
    domains = {
        "conditions": conditions + finer_rows("conditions", conditions),
        "observations": observation_rows(folder),
        "events": event_rows(folder),
        "devices": list(coded_rows(table(folder, "devices"))),
        "routes": route_rows(folder),
    }
    titled = {domain: [own_wording(row, spoken) for row in rows] for domain, rows in domains.items()}
    writer.write(VALUESETS / "titles.json", titles(titled, choices("titles")["not"]))
    for domain, rows in domains.items():
        writer.value_sets(domain, [*rows, *recalled_rows(domain)], spoken)
    write_drugs(folder, writer)
    write_pump_data(writer)
    writer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "shared"))
