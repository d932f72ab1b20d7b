#!/bin/sh
# The benchmark in its quick mode: that it runs and gives every figure. The figures of a busy machine stray; docs/performance.md tells the measured ones.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT
"$PYTHON" -m benchmarks --quick --output "$OUT/results.json"
