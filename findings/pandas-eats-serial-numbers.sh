#!/bin/sh
# pandas turns a pump's serial and lot numbers, which are JSON strings, into numbers.
#
# Software: pandas 3.1.1 (PyPI), seen on 2026-11-28 with Python 3.11, read_json(lines=True) with its defaults.
# Guess:    JSON has types, so a string stays a string; only CSV readers guess.
# Seen:     a column of strings that all look like numbers is converted: serial number "0012" becomes 12, lot "1e5" becomes 100000.0, id "007" becomes 7,
#           so that no reference Device/007 finds it any more. Strings inside nested elements (a coding's "0040901") stay. dtype=False keeps all.
# So:       a recall list matched by serial or lot number misses its pumps. Read with dtype=False, or do not read FHIR through columns.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1
cat >ask.py <<'PY'
import io

import pandas

LINES = """{"resourceType": "Device", "id": "007", "serialNumber": "0012", "lotNumber": "1e5", "type": {"coding": [{"code": "0040901"}]}}
{"resourceType": "Device", "id": "008", "serialNumber": "0013", "lotNumber": "2e5", "type": {"coding": [{"code": "0040902"}]}}
"""
for how in (None, False):
    pump = pandas.read_json(io.StringIO(LINES), lines=True, dtype=how).iloc[0]
    print(f"dtype={how}:", repr([str(pump.id), str(pump.serialNumber), str(pump.lotNumber), pump.type["coding"][0]["code"]]))
PY
cat >expected <<'TXT'
dtype=None: ['7', '12', '100000.0', '0040901']
dtype=False: ['007', '0012', '1e5', '0040901']
TXT
env/bin/python ask.py | tee seen
diff expected seen
