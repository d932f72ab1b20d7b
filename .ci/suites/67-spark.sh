#!/bin/sh
# The population report on Apache Spark: the same bytes as on one machine, in 1, 2 and 8 partitions, of whole and of broken exports; a standalone cluster
# on loopback of which a worker dies; and what it costs. Needs Java 17; pyspark (400 MB) is installed only here.
set -eu
cd "$(dirname "$0")/../.."
if ! command -v java >/dev/null; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends openjdk-17-jre-headless
fi
PYTHON=${PYTHON:-.venv/bin/python}
[ -f .venv/.ready-spark ] || make -s .venv/.ready-spark
"$PYTHON" -m pytest -q --durations=5 tests/spark/same_rows.py
"$PYTHON" -m pytest -q --durations=5 tests/spark/lost_worker.py
"$PYTHON" -m benchmarks.on_spark --quick
