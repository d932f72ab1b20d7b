#!/usr/bin/env bash
# `pip install .` into an empty environment gives a working service, away from the checkout: value sets, words, schemas and samples are in the wheel.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
pids=()
clean_up() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap clean_up EXIT
export HOME="$dir/home" XDG_STATE_HOME="$dir/state"
mkdir -p "$HOME" "$dir/source"
git -c safe.directory="$PWD" archive HEAD | tar -x -C "$dir/source"
python=$(command -v python3.11 || command -v python3)
"$python" -m venv "$dir/venv"
# What it needs comes by hash; pip then finds setup.cfg's demands met by that, or fetches what the lock file lacks, which is a fault.
"$dir/venv/bin/pip" install --quiet --require-hashes --requirement requirements-build.lock --requirement requirements.lock
before=$("$dir/venv/bin/pip" list --format=freeze | sort)
"$dir/venv/bin/pip" install --quiet --no-build-isolation "$dir/source"
after=$("$dir/venv/bin/pip" list --format=freeze | grep -v '^itb-cds-hooks==' | sort)
[ "$before" = "$after" ] || { echo "requirements.lock does not hold what setup.cfg asks for"; exit 1; }
# Whatever stands in the two packages of the tree is installed: words, value sets, schemas, migrations, samples, the console's files.
packages=$("$dir/venv/bin/python" -c 'import pathlib, sys; print(next(path for path in sys.path if path.endswith("site-packages")))')
(cd "$dir/source" && find cdshooks rules fixtures -type f) | sed 's,^fixtures/,cdshooks/fixtures/,' | while read -r file; do
    [ -e "$packages/$file" ] || { echo "not in the wheel: $file"; exit 1; }
done
rm -rf "$dir/source"
cd "$dir"
"$dir/venv/bin/pip" check

free_port() { "$dir/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await() { for _ in $(seq 900); do curl -fsS -o /dev/null "$1" 2>/dev/null && return; sleep 0.2; done; echo "no answer from $1"; return 1; }
sample=$("$dir/venv/bin/python" -c 'from importlib.resources import files; print(files("cdshooks") / "fixtures/clients/epic/patient-view.json")')
shows_a_critical_card() {
    answer=$(curl -fsS -H 'Content-Type: application/json' -d @"$sample" "$1/cds-services/itb-patient-view")
    grep -q '"indicator":"critical"' <<<"$answer" || { echo "no critical card from $1"; return 1; }
}

port=$(free_port)
"$dir/venv/bin/flask" --app cdshooks run --port "$port" & pids+=($!)
await "http://127.0.0.1:$port/cds-services"
shows_a_critical_card "http://127.0.0.1:$port"
catalogue=$(curl -fsS "http://127.0.0.1:$port/cds-services")
grep -q pumpObservations <<<"$catalogue"

port=$(free_port)
PORT=$port WORKERS=2 "$dir/venv/bin/itb-cds-hooks" --development & pids+=($!)
await "http://127.0.0.1:$port/health/ready"
shows_a_critical_card "http://127.0.0.1:$port"

if "$dir/venv/bin/itb-cds-hooks" 2>refusal; then echo "started without trust.mode"; exit 1; fi
grep -q "trust" refusal
echo "the wheel works"
