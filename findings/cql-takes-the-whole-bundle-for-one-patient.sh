#!/bin/sh
# In CQL's context Patient, another patient's pump counts as this patient's.
#
# Software: cql-execution 3.3.2 with cql-exec-fhir 2.2.0 (npm), seen on 2026-11-29 with Node 20.
# Guess:    "context Patient" restricts every retrieve to the resources of that patient, by their references, as CQL describes it; a line of another patient is not seen.
# Seen:     its patient source takes each Bundle for one patient and never looks at a reference: the Device of patient b is retrieved for patient a, so a patient without a pump
#           has one. Only a second Patient in the Bundle is noticed, as an error of SingletonFrom.
# So:       a Bundle for this engine has to be sorted by patient before it gets there: a page of a search over several patients, or a client's stray resource, becomes somebody's chart.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts cql-execution@3.3.2 cql-exec-fhir@2.2.0 >/dev/null
cat >ask.js <<'JS'
const cql = require('cql-execution');
const fhir = require('cql-exec-fhir');
const retrieve = type => ({ type: 'Retrieve', dataType: `{http://hl7.org/fhir}${type}` });
const library = new cql.Library({ library: {
  identifier: { id: 'Pumps', version: '1' },
  schemaIdentifier: { id: 'urn:hl7-org:elm', version: 'r1' },
  usings: { def: [{ localIdentifier: 'FHIR', uri: 'http://hl7.org/fhir', version: '4.0.1' }] },
  statements: { def: [
    { name: 'Patient', context: 'Patient', expression: { type: 'SingletonFrom', operand: retrieve('Patient') } },
    { name: 'Pumps', context: 'Patient', expression: retrieve('Device') },
  ] },
} });
const patient = id => ({ resourceType: 'Patient', id });
const pump = (id, whose) => ({ resourceType: 'Device', id, patient: { reference: `Patient/${whose}` }, type: { text: 'infusion pump' } });
async function told(...resources) {
  const source = fhir.PatientSource.FHIRv401();
  source.loadBundles([{ resourceType: 'Bundle', type: 'collection', entry: resources.map(resource => ({ resource })) }]);
  try {
    const { patientResults } = await new cql.Executor(library).exec(source);
    return Object.entries(patientResults).map(([id, found]) => `${id} has ${found.Pumps.map(one => one.id.value).join(', ') || 'none'}`).join('; ');
  } catch (error) {
    return /SingletonFrom/.test(error.message) ? 'error of SingletonFrom' : error.message;
  }
}
(async () => {
  console.log('a alone:', await told(patient('a')));
  console.log('a, and a pump of b:', await told(patient('a'), pump('pump-of-b', 'b')));
  console.log('a and b, and a pump of b:', await told(patient('a'), patient('b'), pump('pump-of-b', 'b')));
})();
JS
cat >expected <<'TXT'
a alone: a has none
a, and a pump of b: a has pump-of-b
a and b, and a pump of b: error of SingletonFrom
TXT
node ask.js | tee seen
diff expected seen
