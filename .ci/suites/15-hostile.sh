#!/bin/sh
# The adversary with minutes to spend (tests/hostile): mutated requests to real workers, every tenth damage of one fact, growing texts
# and lists, lying FHIR servers, stalled and large bodies, broken database files. Seeded: the same each time. CDSHOOKS_HOSTILE=full does all.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
# The servers that tests start need not compile the service each time.
export PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX="$PWD/build/bytecode"
CDSHOOKS_HOSTILE=${CDSHOOKS_HOSTILE:-long} "$PYTHON" -m pytest -q --durations=10 tests/hostile
