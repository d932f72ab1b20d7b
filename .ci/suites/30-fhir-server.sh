#!/bin/sh
# The callbacks against a real FHIR R4 server (Medplum's router and in-memory repository, Node): the same patient by
# prefetch and by callback gives the same body. Packages are pinned in tests/fhir_server/package-lock.json and installed
# without their scripts.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}

if ! command -v node >/dev/null; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends nodejs npm
fi
# Installed outside the checkout's files, once for each lock file.
LOCK=$(cksum <tests/fhir_server/package-lock.json | cut -d ' ' -f 1)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-fhir-server-$LOCK
if [ ! -f "$CACHE/installed" ]; then
    mkdir -p "$CACHE"
    cp tests/fhir_server/package.json tests/fhir_server/package-lock.json "$CACHE"
    npm ci --prefix "$CACHE" --ignore-scripts --no-audit --no-fund --loglevel=error
    touch "$CACHE/installed"
fi
cp tests/fhir_server/server.mjs "$CACHE"

FHIR_SERVER_DIR=$CACHE "$PYTHON" -m pytest -q "${@:-tests/fhir_server/same_answer.py}"
