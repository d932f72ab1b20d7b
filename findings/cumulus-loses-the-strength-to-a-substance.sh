#!/bin/sh
# In a table with Cumulus' schema the strength of a contained Medication is gone when any order of the same batch contains a Substance.
#
# Software: cumulus-fhir-support 1.12.2 with fhirclient 4.4.0 and pyarrow 26.0.1 (PyPI), seen on 2026-11-29 with Python 3.11: pyarrow_schema_from_rows().
# Guess:    the schema is made of the rows that it is for, and its description says that each of their fields is in it, so nothing of R4 is lost between the rows and the table; if one
#           batch holds more kinds of contained resources, their columns are put side by side.
# Seen:     the columns of the contained types are put into one struct by name, and of two types with a column of the same name the later in the alphabet wins. Medication and Substance
#           both have "ingredient", but only the one of Medication has a strength: as soon as an ingredient has an extension (or an id), which both allow, it is all that is left, without
#           an error. The Substance may be another patient's. Without the extension all is kept. Where the two columns differ in kind (code of PractitionerRole is a list) the whole
#           batch is refused with a TypeError of Arrow, though each row is fine alone.
# So:       a missing strength may be a matter of who else was in the batch. Make one table a contained type, or look into the JSON for what is contained.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cumulus-fhir-support==1.12.2 fhirclient==4.4.0 pyarrow==26.0.1
cat >ask.py <<'PY'
import json

import pyarrow
from cumulus_fhir_support import pyarrow_schema_from_rows

STRENGTH = {"numerator": {"value": 2000, "unit": "ug"}, "denominator": {"value": 1, "unit": "mL"}}
ACTIVE = {"extension": [{"url": "https://ehr.example/kind-of-ingredient", "valueCode": "active"}]}
CONCEPT = {"itemCodeableConcept": {"text": "baclofen"}}
REFERENCE = {"itemReference": {"reference": "#s"}}
SUBSTANCE = {"resourceType": "Substance", "id": "s", "code": {"text": "baclofen"}}
ROLE = {"resourceType": "PractitionerRole", "id": "r", "code": [{"text": "pain physician"}]}


def drug(*parts):
    ingredient = {"strength": STRENGTH}
    for part in parts:
        ingredient |= part
    return {"resourceType": "Medication", "id": "drug", "code": {"text": "baclofen"}, "ingredient": [ingredient]}


def order(patient, *contained, **more):
    row = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {"reference": f"Patient/{patient}"}, **more}
    return row | {"medicationReference": {"reference": "#drug"}, "contained": list(contained)}


def known(value):
    if isinstance(value, dict):
        return {name: known(part) for name, part in value.items() if part is not None}
    return [known(part) for part in value] if isinstance(value, list) else value


def tell(what, *rows):
    try:
        table = pyarrow.Table.from_pylist(list(rows), schema=pyarrow_schema_from_rows("MedicationRequest", rows))
        print(f"{what}: {json.dumps(known(table.to_pylist()[0]['contained'][0]['ingredient']))}")
    except pyarrow.ArrowTypeError as error:
        print(f"{what}: {type(error).__name__}")


tell("alone", order("p", drug(ACTIVE, CONCEPT)))
tell("no extension, with a Substance", order("p", drug(REFERENCE), SUBSTANCE))
tell("with a Substance", order("p", drug(ACTIVE, REFERENCE), SUBSTANCE))
tell("with another patient's Substance", order("p", drug(ACTIVE, CONCEPT)), order("q", drug(REFERENCE), SUBSTANCE))
tell("with another patient's PractitionerRole", order("p", drug(ACTIVE, CONCEPT)), order("q", drug(CONCEPT), ROLE, requester={"reference": "#r"}))
PY
cat >expected <<'TXT'
alone: [{"extension": [{"url": "https://ehr.example/kind-of-ingredient", "valueCode": "active"}], "itemCodeableConcept": {"text": "baclofen"}, "strength": {"denominator": {"unit": "mL", "value": 1.0}, "numerator": {"unit": "ug", "value": 2000.0}}}]
no extension, with a Substance: [{"itemReference": {"reference": "#s"}, "strength": {"denominator": {"unit": "mL", "value": 1.0}, "numerator": {"unit": "ug", "value": 2000.0}}}]
with a Substance: [{"extension": [{"url": "https://ehr.example/kind-of-ingredient", "valueCode": "active"}]}]
with another patient's Substance: [{"extension": [{"url": "https://ehr.example/kind-of-ingredient", "valueCode": "active"}]}]
with another patient's PractitionerRole: ArrowTypeError
TXT
env/bin/python ask.py | tee seen
diff expected seen
