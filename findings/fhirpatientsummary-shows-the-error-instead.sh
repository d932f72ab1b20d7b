#!/bin/sh
# A patient summary shows the platelet count that was entered in error, and leaves out the right one.
#
# Software: @imranq2/fhirpatientsummary 1.0.45 (npm, b.well), seen on 2026-11-29 with Node 20: readBundleAsync() of a Bundle, the text of the International Patient Summary's sections.
# Guess:    a summary for other clinicians takes orders that are active and results that are final: what is marked as an error, as refuted or as not to be done is left out, or is shown
#           with its mark.
# Seen:     results are not asked for their status, and of each code only the latest is shown: a count of 9 entered in error takes the place of 150. An allergy entered in error, which
#           in FHIR must not have a clinical status, is listed under "Active" for lack of one. A refuted sepsis is a problem, an order not to give enoxaparin is an order of enoxaparin,
#           and the drug that an order contains is a blank cell. (A result that is "<" a value keeps its sign, and a second line of a dose is there.)
# So:       the text of a summary, which is what a reader sees, may say the contrary of its entries. Filter by status, verificationStatus and doNotPerform before a summary is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @imranq2/fhirpatientsummary@1.0.45 >/dev/null
cat >ask.js <<'JS'
const { ComprehensiveIPSCompositionBuilder } = require('@imranq2/fhirpatientsummary');
const subject = { reference: 'Patient/p' };
const concept = (system, code, display) => ({ coding: [{ system, code, display }] });
const hl7 = (name, code) => concept(`http://terminology.hl7.org/CodeSystem/${name}`, code, code);
const daysAgo = days => new Date(Date.now() - days * 86400000).toISOString().slice(0, 10);
const result = (code, display, status, effectiveDateTime, valueQuantity) => ({
  resourceType: 'Observation', status, category: [hl7('observation-category', 'laboratory')], code: concept('http://loinc.org', code, display), subject, effectiveDateTime, valueQuantity,
});
const allergy = (text, verification, clinical) => ({
  resourceType: 'AllergyIntolerance', code: { text }, patient: subject, verificationStatus: hl7('allergyintolerance-verification', verification),
  ...(clinical && { clinicalStatus: hl7('allergyintolerance-clinical', clinical) }),
});
const order = more => ({ resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject, authoredOn: daysAgo(9), ...more });
const problem = (text, verification) => ({
  resourceType: 'Condition', code: { text }, subject, clinicalStatus: hl7('condition-clinical', 'active'), verificationStatus: hl7('condition-ver-status', verification),
});
const resources = [
  { resourceType: 'Patient', name: [{ family: 'LEE', given: ['ANN'] }], gender: 'male' },
  result('777-3', 'Platelets', 'final', daysAgo(9), { value: 150, unit: '10*3/uL' }),
  result('777-3', 'Platelets', 'entered-in-error', daysAgo(8), { value: 9, unit: '10*3/uL' }),
  result('2160-0', 'Creatinine', 'final', daysAgo(8), { value: 0.2, comparator: '<', unit: 'mg/dL' }),
  allergy('latex', 'confirmed', 'active'),
  allergy('baclofen', 'entered-in-error'),
  problem('spasticity', 'confirmed'),
  problem('sepsis', 'refuted'),
  order({ medicationCodeableConcept: { text: 'gabapentin' }, dosageInstruction: [{ text: '300 mg in the morning' }, { text: '600 mg at night' }] }),
  order({ medicationCodeableConcept: { text: 'enoxaparin' }, doNotPerform: true }),
  order({ contained: [{ resourceType: 'Medication', id: 'drug', code: { text: 'baclofen' } }], medicationReference: { reference: '#drug' }, dosageInstruction: [{ text: '400 ug/d' }] }),
];
const entry = resources.map((resource, at) => ({ resource: { id: resource.resourceType === 'Patient' ? 'p' : `r${at}`, ...resource } }));
const quiet = { info() {}, warn() {}, error() {} };
(async () => {
  const builder = new ComprehensiveIPSCompositionBuilder();
  await builder.readBundleAsync({ resourceType: 'Bundle', type: 'collection', entry }, 'UTC', false, false, quiet);
  for (const { title, text } of builder.getSections()) {
    for (const part of text.div.split(/(?=<tr>|<h3>)/).slice(1)) {
      const cells = part.split(/<\/td>|<\/h3>/).slice(0, -1).map(cell => cell.replace(/<[^>]*>/g, '').trim());
      const told = cells.filter(cell => !/^\d\d(\d\d-|\/)\d\d/.test(cell)).join(' | ');
      if (cells.length) console.log(`${title}: ${told.replace(/[ |]+$/, '')}`);
    }
  }
})();
JS
cat >expected <<'TXT'
Problem List: Spasticity
Problem List: Sepsis
Allergies and Intolerances: Active
Allergies and Intolerances: Latex | active
Allergies and Intolerances: Baclofen
Allergies and Intolerances: Resolved
Allergies and Intolerances: No resolved allergies recorded
Medication Summary: Request | Gabapentin |  | 300 mg in the morning, 600 mg at night
Medication Summary: Request | Enoxaparin
Medication Summary: Request |  |  | 400 ug/d
Results Summary: Observations
Results Summary: Platelets | 777-3 (LOINC) | 9 10*3/uL
Results Summary: Creatinine | 2160-0 (LOINC) | &lt; 0.2 mg/dL
TXT
node ask.js | tee seen
diff expected seen
