#!/bin/sh
# Medplum's C-CDA reader takes no notice of negationInd: "no sepsis", "baclofen not given", "not allergic" and "pump not implanted" become the opposite.
#
# Software: @medplum/ccda 4.5.2 (npm), seen on 2026-11-29 with Node 20, convertXmlToCcda() and convertCcdaToFhir(); 5.1.10 does the same. Beside it ccda-to-fhir 0.3 (PyPI), Python 3.11.
# Guess:    negationInd is what every guide to C-CDA warns of first; a converter refutes the problem, writes not-done for the procedure, and makes no order of a drug not to be given.
# Seen:     the word stands nowhere in the code that reads. Beside each entry its negation comes out alike: Condition confirmed, Procedure completed, MedicationRequest active,
#           AllergyIntolerance confirmed. The other reader refutes, forbids, and writes not-done; of the allergy it keeps no code.
# So:       resources that came by way of this reader are no evidence of a disease, an allergy or an implant. Ask where FHIR resources come from before rules judge them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @medplum/ccda@4.5.2 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ccda-to-fhir==0.3
cat >write.py <<'PY'
RXNORM, SNOMED, LOINC = "2.16.840.1.113883.6.88", "2.16.840.1.113883.6.96", "2.16.840.1.113883.6.1"
T = "2.16.840.1.113883.10.20.22"
ids = iter(range(1, 99))


def template(oid, version):
    return f'<templateId root="{T}.{oid}" extension="{version}"/><id root="1.2.3" extension="{next(ids)}"/>'


def concern(oid, version, observation):
    begun = '<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/><effectiveTime><low value="20260601"/></effectiveTime>'
    return f'<act classCode="ACT" moodCode="EVN">{template(oid, version)}{begun}<entryRelationship typeCode="SUBJ">{observation}</entryRelationship></act>'


def observed(oid, version, rest, negated):
    since = '<statusCode code="completed"/><effectiveTime><low value="20260601"/></effectiveTime>'
    return f'<observation classCode="OBS" moodCode="EVN"{negated}>{template(oid, version)}{rest.format(since=since)}</observation>'


DRUG = f'<code code="1292" codeSystem="{RXNORM}" displayName="baclofen"/>'
SEPSIS = f'<code code="55607006" codeSystem="{SNOMED}"/>{{since}}<value xsi:type="CD" code="91302008" codeSystem="{SNOMED}" displayName="Sepsis"/>'
ALLERGY = f'<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/>{{since}}<value xsi:type="CD" code="416098002" codeSystem="{SNOMED}" displayName="Allergy to drug"/>'
ALLERGY += f'<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">{DRUG}</playingEntity></participantRole></participant>'


def problem(negated):
    return concern("4.3", "2015-08-01", observed("4.4", "2015-08-01", SEPSIS, negated))


def allergy(negated):
    return concern("4.30", "2015-08-01", observed("4.7", "2014-06-09", ALLERGY, negated))


def medication(negated):
    product = f'<manufacturedProduct classCode="MANU"><templateId root="{T}.4.23" extension="2014-06-09"/><manufacturedMaterial>{DRUG}</manufacturedMaterial></manufacturedProduct>'
    when = '<statusCode code="active"/><effectiveTime xsi:type="IVL_TS"><low value="20260601"/></effectiveTime><doseQuantity value="0.5" unit="mg"/>'
    return f'<substanceAdministration classCode="SBADM" moodCode="EVN"{negated}>{template("4.16", "2014-06-09")}{when}<consumable>{product}</consumable></substanceAdministration>'


def procedure(negated):
    what = f'<code code="307810006" codeSystem="{SNOMED}" displayName="Implantation of a pump"/><statusCode code="completed"/><effectiveTime value="20260601"/>'
    return f'<procedure classCode="PROC" moodCode="EVN"{negated}>{template("4.14", "2014-06-09")}{what}</procedure>'


SECTIONS = (("2.6.1", "48765-2", allergy), ("2.1.1", "10160-0", medication), ("2.5.1", "11450-4", problem), ("2.7.1", "47519-4", procedure))
ENTRIES = ("", ' negationInd="true"')
body = ""
for oid, code, entry in SECTIONS:
    told = f'<templateId root="{T}.{oid}" extension="2015-08-01"/><code code="{code}" codeSystem="{LOINC}"/><title>{entry.__name__}</title><text>see entries</text>'
    entries = "".join(f'<entry typeCode="DRIV">{entry(negated)}</entry>' for negated in ENTRIES)
    body += f"<component><section>{told}{entries}</section></component>"
HEAD = f'''<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="{T}.1.1" extension="2015-08-01"/>
<id root="1.2.3" extension="document"/><code code="34133-9" codeSystem="{LOINC}"/><title>Summary</title>
<effectiveTime value="20260610100000-0400"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
<recordTarget><patientRole><id root="1.2.3" extension="p"/><addr><city>Town</city></addr><telecom nullFlavor="UNK"/><patient><name><given>Ann</given><family>Lee</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700301"/></patient></patientRole></recordTarget>
<author><time value="20260610100000-0400"/><assignedAuthor><id root="1.2.3" extension="a"/><assignedPerson><name><given>Dan</given><family>Roe</family></name></assignedPerson></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.3"/><name>Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>'''
NAMESPACES = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
with open("summary.xml", "w") as file:
    file.write(f"<ClinicalDocument {NAMESPACES}>{HEAD}<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>")
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


def said(resource):
    words = [resource.get("status"), *(coding["code"] for coding in resource.get("verificationStatus", {}).get("coding", []))]
    words += ["doNotPerform"] * resource.get("doNotPerform", False)
    words += ["of nothing"] * (resource["resourceType"] == "AllergyIntolerance" and "code" not in resource)
    return " ".join(filter(None, words))


bundles = {"medplum": json.load(sys.stdin), "ccda-to-fhir": convert_document(Path("summary.xml").read_text())["bundle"]}
for kind in ("Condition", "AllergyIntolerance", "Medication", "Procedure"):
    for name, bundle in bundles.items():
        plain, negated = (said(entry["resource"]) for entry in bundle["entry"] if entry["resource"]["resourceType"].startswith(kind))
        print(f"{name:12} {kind}: {plain}; negated: {negated}")
PY
cat >expected <<'TXT'
medplum      Condition: confirmed; negated: confirmed
ccda-to-fhir Condition: confirmed; negated: refuted
medplum      AllergyIntolerance: confirmed; negated: confirmed
ccda-to-fhir AllergyIntolerance: confirmed; negated: confirmed of nothing
medplum      Medication: active; negated: active
ccda-to-fhir Medication: active; negated: active doNotPerform
medplum      Procedure: completed; negated: completed
ccda-to-fhir Procedure: completed; negated: not-done
TXT
env/bin/python write.py
node ask.mjs 2>log | env/bin/python ask.py 2>>log | tee seen
diff expected seen
