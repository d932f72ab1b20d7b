#!/bin/sh
# Clients that common generators make from docs/openapi.yaml: openapi-python-client (PyPI), openapi-generator for Python and TypeScript (Maven Central),
# openapi-typescript with openapi-fetch (npm), compiled strictly. Each reads discovery, calls hooks and sends feedback to a running service.
set -eu
cd "$(dirname "$0")/../.."
ROOT=$PWD
PYTHON=${PYTHON:-.venv/bin/python}
GENERATOR=7.25.0
missing=
command -v java >/dev/null && command -v mvn >/dev/null || missing="default-jre-headless maven"
command -v npm >/dev/null || missing="$missing nodejs npm"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends $missing
fi
[ -x "$PYTHON" ] || make -s .venv/.ready-test
# Generators and what the generated code imports: outside the checkout's files, once for each state of what is pinned.
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-clients-$(cat tests/clients/requirements.txt tests/clients/package-lock.json .ci/suites/58-clients.sh | cksum | cut -d ' ' -f 1)
if [ ! -f "$TOOLS/installed" ]; then
    rm -rf "$TOOLS"
    "$PYTHON" -m venv "$TOOLS/venv"
    "$TOOLS/venv/bin/pip" install --quiet --requirement tests/clients/requirements.txt
    mvn -B -q dependency:copy -Dartifact="org.openapitools:openapi-generator-cli:$GENERATOR" -DoutputDirectory="$TOOLS"
    cp tests/clients/package.json tests/clients/package-lock.json "$TOOLS"
    npm ci --prefix "$TOOLS" --ignore-scripts --no-audit --no-fund --loglevel=error
    touch "$TOOLS/installed"
fi
CLIENTS_DIR=$(mktemp -d)
trap 'rm -rf "$CLIENTS_DIR"' EXIT
export CLIENTS_DIR
ln -s "$TOOLS/venv" "$CLIENTS_DIR/venv"
ln -s "$TOOLS/node_modules" "$CLIENTS_DIR/node_modules"
cp tests/clients/package.json tests/clients/tsconfig.json tests/clients/*.ts "$CLIENTS_DIR"

PATH="$TOOLS/venv/bin:$PATH" openapi-python-client generate --path docs/openapi.yaml --meta none --fail-on-warning --output-path "$CLIENTS_DIR/python/itb_cds_client"
openapi_generator() { # generator, folder, properties
    java -jar "$TOOLS/openapi-generator-cli-$GENERATOR.jar" generate -i docs/openapi.yaml -g "$1" -o "$CLIENTS_DIR/$2" --additional-properties="$3" \
        --global-property apiDocs=false,modelDocs=false,apiTests=false,modelTests=false >"$CLIENTS_DIR/$1.log" 2>&1 || { tail -n 30 "$CLIENTS_DIR/$1.log"; exit 1; }
}
openapi_generator python made packageName=openapi_client
cp -r "$CLIENTS_DIR/made/openapi_client" "$CLIENTS_DIR/python"
openapi_generator typescript-fetch generated/fetch importFileExtension=.js
cd "$CLIENTS_DIR"
node_modules/.bin/openapi-typescript "$ROOT/docs/openapi.yaml" --output generated/paths.d.ts >openapi-typescript.log
node_modules/.bin/tsc --project tsconfig.json
cd "$ROOT"
PYTHONPATH="$CLIENTS_DIR/python" "$PYTHON" -m pytest -q --durations=5 "${@:-tests/clients/generated_clients.py}"
