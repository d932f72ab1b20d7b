#!/bin/sh
# fhir.resources holds a decimal exactly, and writes it as a float.
#
# Software: fhir.resources 8.1.0 (PyPI), R4B models, seen on 2026-11-29 with Python 3.11.
# Guess:    its values are of the type Decimal, so what was read is what is written; FHIR asks for that ("0.50" says more than "0.5").
# Seen:     model_validate_json() reads by way of a float: 0.50 becomes Decimal('0.5'), 400.00 becomes Decimal('400.0'). Read with parse_float=Decimal the model holds
#           Decimal('0.50'), but model_dump() and model_dump_json() both give the float 0.5; 12345678901234567.5 is written as 1.2345678901234568e+16. Partial dates are kept;
#           a time of .120Z is written as .120000Z.
# So:       a Decimal in the model says nothing about the bytes. Whoever stores, signs or compares resources keeps the text that came.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fhir.resources==8.1.0
cat >ask.py <<'PY'
import json
from decimal import Decimal

from fhir.resources.R4B.observation import Observation

TEXT = '{"resourceType":"Observation","status":"final","code":{"text":"dose"},"effectiveDateTime":"2026-06","valueQuantity":{"value":%s}}'
for digits in ("0.50", "400.00", "12345678901234567.5"):
    by_text = Observation.model_validate_json(TEXT % digits)
    exact = Observation.model_validate(json.loads(TEXT % digits, parse_float=Decimal))
    print(digits, "read as text:", repr(by_text.valueQuantity.value), "as Decimal:", repr(exact.valueQuantity.value))
    print("  dumped:", repr(exact.model_dump()["valueQuantity"]["value"]), "written:", exact.model_dump_json().split('"value":')[1].rstrip("}"))
    print("  date:", json.loads(exact.model_dump_json())["effectiveDateTime"])
timed = Observation.model_validate_json((TEXT % 1).replace("2026-06", "2026-06-15T10:00:00.120Z"))
print(json.loads(timed.model_dump_json())["effectiveDateTime"])
PY
cat >expected <<'TXT'
0.50 read as text: Decimal('0.5') as Decimal: Decimal('0.50')
  dumped: 0.5 written: 0.5
  date: 2026-06
400.00 read as text: Decimal('400.0') as Decimal: Decimal('400.00')
  dumped: 400.0 written: 400.0
  date: 2026-06
12345678901234567.5 read as text: Decimal('12345678901234568') as Decimal: Decimal('12345678901234567.5')
  dumped: 1.2345678901234568e+16 written: 1.2345678901234568e+16
  date: 2026-06
2026-06-15T10:00:00.120000Z
TXT
env/bin/python ask.py | tee seen
diff expected seen
