#!/bin/sh
# A dose in a C-CDA document, in two readers: in one 0.5 mg are 0.5 international units, in the other an unknown dose is 1 and 5000 units are none.
#
# Software: @medplum/ccda 4.5.2 (npm; 5.1.10 differs in the unknown dose alone, which it leaves out) and ccda-to-fhir 0.3 (PyPI), seen on 2026-11-29 with Node 20 and Python 3.11.
# Guess:    value and unit of doseQuantity are copied, they have the same form on both sides; what is unknown is left out; a rate becomes a rate.
# Seen:     Medplum writes the unit [IU] whatever the unit was, mg and mL too, and drops the rate; a start in June 2025 becomes January 1. ccda-to-fhir reads doses by the
#           function that it has for the period of a timing: without a value it is 1 (without a unit), and above 3650 it is no dose at all. In an order (moodCode INT) it copies
#           5000 [iU]; an unknown dose is 1 there as well.
# So:       check a converter with doses that are unknown, large, in mL and given as a rate. A dose of 1 without a unit, or of a small molecule in [IU], is none.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @medplum/ccda@4.5.2 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ccda-to-fhir==0.3
cat >write.py <<'PY'
T = "2.16.840.1.113883.10.20.22"
HEAD = f'''<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="{T}.1.1" extension="2015-08-01"/>
<id root="1.2.3" extension="document"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary</title>
<effectiveTime value="20260610100000-0400"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
<recordTarget><patientRole><id root="1.2.3" extension="p"/><addr><city>Town</city></addr><telecom nullFlavor="UNK"/><patient><name><given>Ann</given><family>Lee</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700301"/></patient></patientRole></recordTarget>
<author><time value="20260610100000-0400"/><assignedAuthor><id root="1.2.3" extension="a"/><assignedPerson><name><given>Dan</given><family>Roe</family></name></assignedPerson></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.3"/><name>Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>'''
GIVEN = (
    ("1292", "baclofen", "EVN", "20260601", '<doseQuantity value="0.5" unit="mg"/>'),
    ("1292", "baclofen", "EVN", "20260601", '<doseQuantity value="10" unit="mL"/>'),
    ("1292", "baclofen", "EVN", "202506", '<rateQuantity value="400" unit="ug/d"/>'),
    ("1292", "baclofen", "EVN", "20260601", '<doseQuantity nullFlavor="UNK"/>'),
    ("5224", "heparin", "EVN", "20260601", '<doseQuantity value="5000" unit="[iU]"/>'),
    ("5224", "heparin", "INT", "20260601", '<doseQuantity value="5000" unit="[iU]"/>'),
)
entries = ""
for number, (code, name, mood, start, dose) in enumerate(GIVEN):
    drug = f'<manufacturedMaterial><code code="{code}" codeSystem="2.16.840.1.113883.6.88" displayName="{name}"/></manufacturedMaterial>'
    product = f'<consumable><manufacturedProduct classCode="MANU"><templateId root="{T}.4.23" extension="2014-06-09"/>{drug}</manufacturedProduct></consumable>'
    when = f'<statusCode code="active"/><effectiveTime xsi:type="IVL_TS"><low value="{start}"/></effectiveTime>'
    begin = f'<templateId root="{T}.4.16" extension="2014-06-09"/><id root="1.2.3" extension="m{number}"/>'
    entries += f'<entry typeCode="DRIV"><substanceAdministration classCode="SBADM" moodCode="{mood}">{begin}{when}{dose}{product}</substanceAdministration></entry>'
told = f'<templateId root="{T}.2.1.1" extension="2014-06-09"/><code code="10160-0" codeSystem="2.16.840.1.113883.6.1"/><title>Medications</title><text>see entries</text>'
NAMESPACES = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
with open("summary.xml", "w") as file:
    body = f"<component><structuredBody><component><section>{told}{entries}</section></component></structuredBody></component>"
    file.write(f"<ClinicalDocument {NAMESPACES}>{HEAD}{body}</ClinicalDocument>")
for _, name, mood, start, dose in GIVEN:
    print("given       ", name, mood, start, dose)
PY
cat >ask.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { convertCcdaToFhir, convertXmlToCcda } from '@medplum/ccda';
process.stdout.write(JSON.stringify(convertCcdaToFhir(convertXmlToCcda(readFileSync('summary.xml', 'utf8')))));
JS
cat >ask.py <<'PY'
import json
import logging
import sys
from pathlib import Path

from ccda_to_fhir.convert import convert_document

logging.disable()
for name, bundle in {"medplum": json.load(sys.stdin), "ccda-to-fhir": convert_document(Path("summary.xml").read_text())["bundle"]}.items():
    for resource in (entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"].startswith("Medication")):
        [dosage] = resource.get("dosage") or resource.get("dosageInstruction") or [{}]
        doses = [f"{kind} {told['value']} {told.get('unit', 'without a unit')}" for one in dosage.get("doseAndRate", []) for kind, told in one.items()]
        periods = resource.get("dispenseRequest", {}).get("validityPeriod") or resource.get("effectivePeriod") or dosage["timing"]["repeat"]["boundsPeriod"]
        print(f"{name:12} {resource['medicationCodeableConcept']['text']} since {periods['start']}:", *doses or ["no dose"])
PY
cat >expected <<'TXT'
given        baclofen EVN 20260601 <doseQuantity value="0.5" unit="mg"/>
given        baclofen EVN 20260601 <doseQuantity value="10" unit="mL"/>
given        baclofen EVN 202506 <rateQuantity value="400" unit="ug/d"/>
given        baclofen EVN 20260601 <doseQuantity nullFlavor="UNK"/>
given        heparin EVN 20260601 <doseQuantity value="5000" unit="[iU]"/>
given        heparin INT 20260601 <doseQuantity value="5000" unit="[iU]"/>
medplum      baclofen since 2026-06-01T00:00:00Z: doseQuantity 0.5 [IU]
medplum      baclofen since 2026-06-01T00:00:00Z: doseQuantity 10 [IU]
medplum      baclofen since 2025-01-01T00:00:00Z: no dose
medplum      baclofen since 2026-06-01T00:00:00Z: doseQuantity None [IU]
medplum      heparin since 2026-06-01T00:00:00Z: doseQuantity 5000 [IU]
medplum      heparin since 2026-06-01T00:00:00Z: doseQuantity 5000 [IU]
ccda-to-fhir baclofen since 2026-06-01: doseQuantity 0.5 mg
ccda-to-fhir baclofen since 2026-06-01: doseQuantity 10 mL
ccda-to-fhir baclofen since 2025-06: rateQuantity 400 ug/d
ccda-to-fhir baclofen since 2026-06-01: doseQuantity 1 without a unit
ccda-to-fhir heparin since 2026-06-01: no dose
ccda-to-fhir heparin since 2026-06-01: doseQuantity 5000 [iU]
TXT
{ env/bin/python write.py; node ask.mjs 2>log | env/bin/python ask.py 2>>log; } | tee seen
diff expected seen
