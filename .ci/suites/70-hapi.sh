#!/bin/sh
# A HAPI FHIR JPA server (Maven Central, H2 in memory) on loopback: 37 vignettes and the fixtures of clients by prefetch templates and by callbacks, and what that server does
# with pages, unknown parameters, deleted and merged records, expiring tokens; R4, R5 and DSTU3. Versions are pinned in tests/fhir_server/hapi/pom.xml.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
began=$(date +%s)
HAPI_DIR=$(sh tests/fhir_server/hapi/build.sh)
export HAPI_DIR
[ -x "$PYTHON" ] || make -s .venv/.ready-test
built=$(date +%s)
[ $# -gt 0 ] || set -- tests/fhir_server/hapi_same_answer.py tests/fhir_server/hapi_fixtures.py tests/fhir_server/hapi_behavior.py tests/fhir_server/hapi_versions.py
"$PYTHON" -m pytest -q --durations=5 "$@"
echo "built in $((built - began)) s, tested in $(($(date +%s) - built)) s"
