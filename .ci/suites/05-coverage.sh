#!/bin/sh
# How much of the code the tests run, branches too: the total stands at the end, by file in ci-output/coverage.txt. Real processes and times are
# left to suite 01: their code is not measured here, and measuring would slow them.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
OUT=${CI_OUTPUT:-ci-output}
[ -f .venv/.ready-test ] || make -s .venv/.ready-test
mkdir -p "$OUT"
LEFT_OUT=$(grep -rlE '^from (benchmarks|tests\.support\.served)|subprocess\.Popen' tests --include='test_*.py' | sed 's/^/--ignore=/')
# shellcheck disable=SC2086 # one word a file
# Whether the tests hold is for suite 01 to say: measuring slows them, and some watch the clock.
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m pytest -q --cov=cdshooks --cov=rules --cov-branch --cov-report= $LEFT_OUT || echo "some tests did not hold while they were measured"
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m coverage report --skip-covered >"$OUT/coverage.txt"
tail -1 "$OUT/coverage.txt"
LEAST=${COVERAGE_LEAST:-75}
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m coverage report --fail-under="$LEAST" --format=total
