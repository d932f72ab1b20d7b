#!/bin/sh
# The console in a real browser: Debian's Chromium driven by Playwright; accessibility by axe-core, pinned in
# tests/browser/package-lock.json; and the calls of the public sandbox from a page of another
# origin. Screenshots of every page at two sizes, light and dark, go to ci-output/screenshots
# (never committed).
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}

# Only what is missing: another source's Node.js brings its own npm, and Debian's package of npm does not go beside it.
MISSING=
command -v chromium >/dev/null || MISSING="chromium fonts-dejavu-core"
command -v npm >/dev/null || MISSING="$MISSING nodejs npm"
if [ -n "$MISSING" ]; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends $MISSING
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

[ $# -gt 0 ] || set -- tests/browser/flows.py tests/browser/sandbox.py
# One process a file: each has a Playwright of its own, of which a process takes one alone.
for file in "$@"; do
    CHROMIUM=$(command -v chromium) AXE=$CACHE/node_modules/axe-core/axe.min.js SCREENSHOTS=$SHOTS "$PYTHON" -m pytest -q "$file"
done
