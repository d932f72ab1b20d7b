#!/bin/sh
# The console in a real browser: Debian's Chromium driven by Playwright; accessibility by axe-core, pinned in
# tests/browser/package-lock.json. Screenshots of every page at two widths go to ci-output/screenshots (never committed).
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}

if ! command -v chromium >/dev/null || ! command -v npm >/dev/null; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core nodejs npm
fi
[ -x "$PYTHON" ] || make -s .venv/.ready-test
"$PYTHON" -c 'import playwright' 2>/dev/null || "$PYTHON" -m pip install --quiet --disable-pip-version-check --requirement tests/browser/requirements.txt
# Installed outside the checkout's files, once for each lock file.
LOCK=$(cksum <tests/browser/package-lock.json | cut -d ' ' -f 1)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-browser-$LOCK
if [ ! -f "$CACHE/installed" ]; then
    mkdir -p "$CACHE"
    cp tests/browser/package.json tests/browser/package-lock.json "$CACHE"
    npm ci --prefix "$CACHE" --ignore-scripts --no-audit --no-fund --loglevel=error
    touch "$CACHE/installed"
fi
SHOTS=${CI_OUTPUT:-ci-output}/screenshots
mkdir -p "$SHOTS"

CHROMIUM=$(command -v chromium) AXE=$CACHE/node_modules/axe-core/axe.min.js SCREENSHOTS=$SHOTS \
    "$PYTHON" -m pytest -q "${@:-tests/browser/flows.py}"
