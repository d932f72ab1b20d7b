#!/bin/sh
# fhirclient.js asks the server for a Medication that the order contains, and puts whatever the server's root answers in its place.
#
# Software: fhirclient 2.6.3 (npm, SMART), seen on 2026-11-29 with Node 20, request() with resolveReferences.
# Guess:    "#drug" is the nearest reference to resolve: the resource is in the order. At worst it is left alone, as a note in the library's types says ("already resolved").
# Seen:     the address of "#drug" against the server's base is the base itself, so the client asks for that. A server that answers 404 leaves the reference as it was, with a
#           warning in the console; a server that answers its root with 200 has the answer taken for the Medication. References to other resources are resolved as they should be.
# So:       with servers that contain the Medication (as Oracle's may) an app on this client shows orders without a drug. Resolve "#" oneself, first; and check the type of what came.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fhirclient@2.6.3 >/dev/null
cat >ask.js <<'JS'
const http = require('http');
const smart = require('fhirclient');
const order = medicationReference => ({ resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/p' }, medicationReference });
const drug = text => ({ resourceType: 'Medication', code: { text } });
const held = {
  '/fhir/MedicationRequest/contained': { ...order({ reference: '#drug' }), contained: [{ ...drug('baclofen 2000 mcg/mL'), id: 'drug' }] },
  '/fhir/MedicationRequest/apart': order({ reference: 'Medication/m' }),
  '/fhir/Medication/m': drug('oxycodone 5 mg'),
};
let asked = [];
const server = http.createServer((request, answer) => {
  asked.push(request.url);
  const found = held[request.url];
  answer.statusCode = found ? 200 : 404;
  answer.setHeader('Content-Type', 'application/fhir+json');
  answer.end(JSON.stringify(found || { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] }));
});
server.listen(0, '127.0.0.1', async () => {
  const storage = { get: async () => undefined, set: async () => undefined, unset: async () => true };
  const client = smart({ url: '/', headers: { host: 'localhost' }, socket: {} }, {}, storage).client({ serverUrl: `http://127.0.0.1:${server.address().port}/fhir` });
  const tell = async id => {
    asked = [];
    const { medicationReference } = await client.request(`MedicationRequest/${id}`, { resolveReferences: 'medicationReference' });
    console.log(`${id}: ${JSON.stringify(medicationReference)}; asked ${asked.join(' ')}`);
  };
  await tell('apart');
  await tell('contained');
  held['/fhir/'] = { resourceType: 'Bundle', type: 'searchset', total: 0 };
  console.log('with a server that answers its root:');
  await tell('contained');
  server.close();
});
JS
cat >expected <<'TXT'
apart: {"resourceType":"Medication","code":{"text":"oxycodone 5 mg"}}; asked /fhir/MedicationRequest/apart /fhir/Medication/m
contained: {"reference":"#drug"}; asked /fhir/MedicationRequest/contained /fhir/
with a server that answers its root:
contained: {"resourceType":"Bundle","type":"searchset","total":0}; asked /fhir/MedicationRequest/contained /fhir/
TXT
node ask.js 2>log | tee seen
diff expected seen
