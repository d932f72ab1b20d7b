#!/bin/sh
# fhir-kit-client resolves "the patient with number 47" in a Bundle to whatever entry has an address that ends in 47, be it another patient or a pump.
#
# Software: fhir-kit-client 2.0.3 (npm), seen on 2026-11-29 with Node 20, resolve() with a Bundle as context.
# Guess:    a reference is compared with the entries' fullUrl as text, and what is not in the Bundle is asked of the server. So a conditional reference (Patient?identifier=system|47,
#           as entries of a transaction may have) is a search at the server, or an error, but never an entry.
# Seen:     the reference becomes a regular expression as it is. Its "|" means "or", so the number alone is looked for at the end of any address: 47 is found in Patient/2047, and 4a
#           in the uuid of a Device, and the server is not asked. Only a number that no address ends in is searched for. And the dot, which FHIR allows in an id, is any character:
#           Medication/10.2 is Medication/1002, when that comes first.
# So:       the wrong patient or drug comes back without an error. Compare addresses as text, and check type, id and identifier of what was resolved.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fhir-kit-client@2.0.3 >/dev/null
cat >ask.mjs <<'JS'
import http from 'node:http';
import { Client } from 'fhir-kit-client';
let asked = [];
const searched = { resourceType: 'Bundle', type: 'searchset', total: 1, entry: [{ resource: { resourceType: 'Patient', id: 'p' } }] };
const server = http.createServer((request, answer) => {
  asked.push(request.url);
  answer.setHeader('Content-Type', 'application/fhir+json');
  answer.end(JSON.stringify(searched));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const client = new Client({ baseUrl: `http://127.0.0.1:${server.address().port}/fhir` });
const entry = (method, fullUrl, resource) => ({ fullUrl, resource, request: { method, url: [resource.resourceType, resource.id].filter(Boolean).join('/') } });
const context = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    entry('PUT', 'https://ehr.example/fhir/Patient/2047', { resourceType: 'Patient', id: '2047', name: [{ text: 'LEE^ANN' }] }),
    entry('POST', 'urn:uuid:5b0f64d6-2a3c-4c55-9d0e-7f1c2b3d004a', { resourceType: 'Device', type: { text: 'infusion pump' } }),
    entry('PUT', 'https://ehr.example/fhir/Medication/1002', { resourceType: 'Medication', id: '1002', code: { text: 'morphine 25 mg/mL' } }),
    entry('PUT', 'https://ehr.example/fhir/Medication/10.2', { resourceType: 'Medication', id: '10.2', code: { text: 'baclofen 2000 mcg/mL' } }),
  ],
};
const number = 'Patient?identifier=https://ehr.example/number|';
for (const reference of [`${number}48`, `${number}47`, `${number}4a`, 'Medication/10.2']) {
  asked = [];
  const { resourceType, id, type, name, code } = await client.resolve({ reference, context });
  console.log(`${reference}: ${JSON.stringify({ resourceType, id, type, name, code })}; asked of the server: ${asked.length}`);
}
server.close();
JS
cat >expected <<'TXT'
Patient?identifier=https://ehr.example/number|48: {"resourceType":"Bundle","type":"searchset"}; asked of the server: 1
Patient?identifier=https://ehr.example/number|47: {"resourceType":"Patient","id":"2047","name":[{"text":"LEE^ANN"}]}; asked of the server: 0
Patient?identifier=https://ehr.example/number|4a: {"resourceType":"Device","type":{"text":"infusion pump"}}; asked of the server: 0
Medication/10.2: {"resourceType":"Medication","id":"1002","code":{"text":"morphine 25 mg/mL"}}; asked of the server: 0
TXT
node ask.mjs | tee seen
diff expected seen
