#!/bin/sh
# DuckDB reads a dose of "< 0.5 mg/d" in a late line of an export as 0 mg/d, and says nothing.
#
# Software: duckdb 2.0.1 (PyPI), seen on 2026-11-28 with Python 3.11, read_ndjson_auto with its defaults.
# Guess:    the types are taken from the first lines; a later line that does not fit them ends in an error.
# Seen:     with whole numbers in all the lines that it samples the member becomes an integer, a later 0.5 is rounded to 0, and the comparator, an element first seen
#           late, is gone. With the same line among the first ones value and comparator are read as they are.
# So:       an export is text until one's own reader of FHIR has seen the line. Where an engine must read it, declare the columns or take the whole line
#           as one string.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat >ask.py <<'PY'
import json

import duckdb

whole = [{"resourceType": "Observation", "id": f"n{n}", "valueQuantity": {"value": 400, "unit": "ug/d"}} for n in range(30_000)]
odd = {"resourceType": "Observation", "id": "odd", "valueQuantity": {"value": 0.5, "comparator": "<", "unit": "mg/d"}}
for name, rows in (("late", [*whole, odd]), ("early", [odd, *whole])):
    with open(f"{name}.ndjson", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    [(value,)] = duckdb.sql(f"select valueQuantity from read_ndjson_auto('{name}.ndjson') where id = 'odd'").fetchall()
    print(name, json.dumps(value, sort_keys=True))
PY
cat >expected <<'TXT'
late {"unit": "mg/d", "value": 0}
early {"comparator": "<", "unit": "mg/d", "value": 0.5}
TXT
env/bin/python ask.py | tee seen
diff expected seen
