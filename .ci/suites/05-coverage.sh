#!/bin/sh
# How much of the code the tests run, branches too: the total stands at the end, by file in ci-output/coverage.txt. Of rules/, where an untried branch is
# a patient nobody thought of, all of it: a vignette for what is missing, or away with the branch. Real processes and times are
# left to suite 01: their code is not measured here, and measuring would slow them.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
OUT=${CI_OUTPUT:-ci-output}
[ -f .venv/.ready-test ] || make -s .venv/.ready-test
mkdir -p "$OUT"
LEFT_OUT=$(grep -rlE '^from (benchmarks|tests\.support\.served)|subprocess\.Popen' tests --include='test_*.py' | sed 's/^/--ignore=/')
# Measuring slows whatever runs: tests that watch the clock (tests/support/patience.py) are left out. Any other that fails, fails the suite.
# shellcheck disable=SC2086 # one word a file
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m pytest -q --numprocesses=auto --dist=worksteal -m "not flaky" \
    --cov=cdshooks --cov=rules --cov-branch --cov-report= $LEFT_OUT
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m coverage report --skip-covered >"$OUT/coverage.txt"
tail -1 "$OUT/coverage.txt"
LEAST=${COVERAGE_LEAST:-93}
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m coverage report --fail-under="$LEAST" --format=total
COVERAGE_FILE="$OUT/.coverage" "$PYTHON" -m coverage report --show-missing --skip-covered --include 'rules/*' --fail-under=100
