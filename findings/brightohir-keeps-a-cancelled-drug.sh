#!/bin/sh
# An HL7 v2 message that discontinues a pump's drug gives two FHIR resources in brightohir: an order that is revoked, and the drug, active.
#
# Software: brightohir 2.1.2 (PyPI), seen on 2026-11-29 with Python 3.11, v2_to_r5(); hl7v2-fhir-converter 1.0.19 (Maven) makes "stopped" and "cancelled" of the same message.
# Guess:    the order control of the message (ORC-1: DC, CA, HD) is the status of the drug order, since RXE, where the drug stands, has no status of its own.
# Seen:     it is the status of a ServiceRequest that names no drug. The MedicationRequest, which does, is active whether the order is new, discontinued, cancelled, or on hold,
#           nothing refers from one to the other, and ORC's order numbers are on the ServiceRequest only.
# So:       a medication list from such a feed never ends. Try a gateway with a message that stops something, and ask what is active afterwards.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check brightohir==2.1.2
cat >ask.py <<'PY'
import logging

from brightohir import v2_to_r5

logging.disable()
for control, status in (("NW", ""), ("DC", "DC"), ("CA", "CA"), ("HD", "HD")):
    segments = (
        "MSH|^~\\&|EHR|WARD|PHARMACY|HOSPITAL|20260610143000||RDE^O11^RDE_O11|1|P|2.5.1",
        "PID|1||p^^^HOSPITAL^MR||LEE^ANN||19700301|F",
        f"ORC|{control}|4711^EHR|8^PHARMACY||{status}",
        "RXE|1^QD^^20260610^^R|1292^baclofen^RXNORM|400||ug|INJ",
        "RXR|IT^Intrathecal^HL70162",
    )
    bundle = v2_to_r5("\r".join(segments))
    for resource in (entry["resource"] for entry in bundle["entry"]):
        if resource["resourceType"].endswith("Request"):
            drug = resource.get("medication", {}).get("concept", {}).get("coding", [{}])[0].get("display", "no drug")
            number = "with" if resource.get("identifier") else "without"
            print(f"{control}: {resource['resourceType']}, {drug}, {resource['status']}, {number} an order number, refers to", *sorted({"subject", "basedOn", "priorPrescription"} & set(resource)))
PY
cat >expected <<'TXT'
NW: ServiceRequest, no drug, active, with an order number, refers to subject
NW: MedicationRequest, baclofen, active, without an order number, refers to subject
DC: ServiceRequest, no drug, revoked, with an order number, refers to subject
DC: MedicationRequest, baclofen, active, without an order number, refers to subject
CA: ServiceRequest, no drug, revoked, with an order number, refers to subject
CA: MedicationRequest, baclofen, active, without an order number, refers to subject
HD: ServiceRequest, no drug, on-hold, with an order number, refers to subject
HD: MedicationRequest, baclofen, active, without an order number, refers to subject
TXT
env/bin/python ask.py | tee seen
diff expected seen
