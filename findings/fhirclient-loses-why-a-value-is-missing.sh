#!/bin/sh
# fhirclient refuses a resource with a member that FHIR does not know, and drops a reason why a value is missing without a word.
#
# Software: fhirclient 4.4.0 (PyPI, SMART), seen on 2026-11-29 with Python 3.11.
# Guess:    its models are strict (an unknown member is an error), so what they accept they hold, extensions of primitive elements ("_birthDate") among them.
# Seen:     {"_effectiveDateTime": {data-absent-reason: masked}} is accepted, no attribute holds it, and as_json() gives the resource without it. Extensions of complex
#           elements are kept. So a date that is masked becomes a date that nobody gave, and a resource that is read, changed and written back has lost its extensions.
# So:       "no date" in this model may be "a date that may not be seen". Ask the JSON, not the model; and never send a whole resource back through it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fhirclient==4.4.0
cat >ask.py <<'PY'
import json

from fhirclient.models.observation import Observation

ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
FINE = {"resourceType": "Observation", "status": "final", "code": {"text": "low reservoir date", **ABSENT}}
held = Observation({**FINE, "_effectiveDateTime": ABSENT})
written = held.as_json()
print("extension of an element:", "extension" in written["code"])
print("extension of a date:", "_effectiveDateTime" in written, "in the model:", any("masked" in repr(v) for k, v in vars(held).items() if k.startswith("_eff")))
print("written:", json.dumps({name: value for name, value in written.items() if name != "code"}, sort_keys=True))
try:
    Observation({**FINE, "effectiveDay": "2026-06-15"})
except Exception as error:
    print("unknown member:", type(error).__name__)
PY
cat >expected <<'TXT'
extension of an element: True
extension of a date: False in the model: False
written: {"resourceType": "Observation", "status": "final"}
unknown member: FHIRValidationError
TXT
env/bin/python ask.py | tee seen
diff expected seen
