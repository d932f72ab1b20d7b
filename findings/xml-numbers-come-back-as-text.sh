#!/bin/sh
# The npm package "fhir" makes JSON from XML in which every decimal is a string, so nine platelets are not fewer than fifty; and it moves a mark of "masked" to the neighbor.
#
# Software: fhir 4.12.0 (npm, Lantana), seen on 2026-11-29 with Node 20, xmlToObj() and objToXml() with their defaults.
# Guess:    the decimal's last zeros may be lost, as everywhere in JavaScript, but numbers are numbers; and a list of primitives keeps null where the item has only an extension,
#           since that is how FHIR's JSON lines values and extensions up.
# Seen:     valueDecimal and Quantity.value come as strings ("0.50": the digits are right, the type is not), integers as numbers, and in JavaScript "9" < "50" is false. A name
#           of three given names, the second masked, comes back as two: the mark stands beside the third name now. The XML between the two is right.
# So:       JSON that once was XML may carry numbers as text: read both, compare neither as text; and take no extension of a list's item at its place without counting the items.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fhir@4.12.0 >/dev/null
cat >ask.js <<'JS'
const { Fhir } = require('fhir');
const fhir = new Fhir();
const quantity = value => ({ value, system: 'http://unitsofmeasure.org', code: '10*3/uL' });
const count = value => fhir.xmlToObj(fhir.objToXml({ resourceType: 'Observation', status: 'final', code: { text: 'Platelets' }, valueQuantity: quantity(value) })).valueQuantity.value;
console.log('9 and 50 come back as', JSON.stringify([count(9), count(50)]), 'and 9 is fewer:', count(9) < count(50));
console.log('digits:', fhir.xmlToObj('<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="0.50"/></valueQuantity></Observation>').valueQuantity);
const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };
const xml = fhir.objToXml({ resourceType: 'Patient', multipleBirthInteger: 2, name: [{ given: ['Ann', null, 'Lee'], _given: [null, masked, null] }] });
console.log(xml.slice(xml.indexOf('<name>'), xml.indexOf('</name>')).replace(/ url="[^"]*"/, ''));
const { multipleBirthInteger, name } = fhir.xmlToObj(xml);
console.log('integer:', multipleBirthInteger, 'given:', JSON.stringify(name[0].given), '_given:', JSON.stringify(name[0]._given.map(one => one && one.extension[0].valueCode)));
JS
cat >expected <<'TXT'
9 and 50 come back as ["9","50"] and 9 is fewer: false
digits: { value: '0.50' }
<name><given value="Ann"/><given><extension><valueCode value="masked"/></extension></given><given value="Lee"/>
integer: 2 given: ["Ann","Lee"] _given: [null,"masked"]
TXT
node ask.js | tee seen
diff expected seen
