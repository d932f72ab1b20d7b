#!/bin/sh
# The HL7 FHIR validator (Maven Central, with the definitions in its own packages: no network) over every resource that the service emits or ships,
# and over requests, answers, discovery and feedback by the logical models of the CDS Hooks guide.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
began=$(date +%s)
HAPI_DIR=$(sh tests/fhir_server/hapi/build.sh)
export HAPI_DIR
[ -x "$PYTHON" ] || make -s .venv/.ready-test
built=$(date +%s)
[ $# -gt 0 ] || set -- tests/fhir_server/validator.py tests/fhir_server/by_model.py
"$PYTHON" -m pytest -q --durations=5 "$@"
echo "built in $((built - began)) s, tested in $(($(date +%s) - built)) s"
