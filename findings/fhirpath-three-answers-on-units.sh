#!/bin/sh
# One FHIRPath expression on units of mass, three engines, three answers.
#
# Software: fhirpath 5.2.2 and @medplum/core 4.5.2 (npm), fhirpathpy 2.2.4 (PyPI), seen on 2026-11-28 with Node 20 and Python 3.11.
# Guess:    an engine that takes quantities converts between mg and ug, or answers empty where it cannot, as the specification asks.
# Seen:     fhirpath.js converts (true). Medplum compares the numbers alone and answers false, so a filter drops the resource in silence.
#           The Python engine finds 5 mg and 5000 ug unequal, and raises a TypeError when one is asked to be more than the other.
# So:       a limit on a dose is not portable as a FHIRPath expression. Bring both sides to one unit before comparing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fhirpath@5.2.2 @medplum/core@4.5.2 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fhirpathpy==2.2.4
cat >ask.mjs <<'JS'
import fhirpath from 'fhirpath';
import { evalFhirPath } from '@medplum/core';
for (const asked of ["5 'mg' > 4000 'ug'", "5 'mg' = 5000 'ug'", "5 'mg' > 4 'mg'"]) {
  console.log(`fhirpath.js  ${asked}: ${fhirpath.evaluate({}, asked)}`);
  console.log(`medplum      ${asked}: ${evalFhirPath(asked, {})}`);
}
JS
cat >ask.py <<'PY'
from fhirpathpy import evaluate

for asked in ("5 'mg' > 4000 'ug'", "5 'mg' = 5000 'ug'"):
    try:
        answer = evaluate({}, asked)
    except Exception as error:
        answer = type(error).__name__
    print(f"fhirpathpy   {asked}: {answer}")
PY
cat >expected <<'TXT'
fhirpath.js  5 'mg' > 4000 'ug': true
medplum      5 'mg' > 4000 'ug': false
fhirpath.js  5 'mg' = 5000 'ug': true
medplum      5 'mg' = 5000 'ug': false
fhirpath.js  5 'mg' > 4 'mg': true
medplum      5 'mg' > 4 'mg': true
fhirpathpy   5 'mg' > 4000 'ug': TypeError
fhirpathpy   5 'mg' = 5000 'ug': [False]
TXT
{ node ask.mjs; env/bin/python ask.py; } | tee seen
diff expected seen
