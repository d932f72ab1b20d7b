#!/usr/bin/env bash
# What would be published: source distribution and wheel, the page that a registry shows of them, and the wheel on every Python that the
# metadata names and this machine has (PATH, or ~/.pyenv). Each gets every vignette; one that is not here is named, 3.11 must be.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
tools=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-deploy-tools/packaging-1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

works() { "$1" -c 'import ensurepip, ssl, sqlite3, sys; sys.exit(f"{sys.version_info[0]}.{sys.version_info[1]}" != sys.argv[1])' "$2" 2>/dev/null; }
find_python() { # version: its path, or nothing
    for candidate in "$(command -v "python$1" || true)" ~/.pyenv/versions/"$1".*/bin/"python$1"; do
        if [ -x "$candidate" ] && works "$candidate" "$1"; then printf '%s' "$candidate"; return; fi
    done
}
oldest=$(find_python 3.11)
[ -n "$oldest" ] || { echo "Python 3.11 is not here"; exit 1; }

[ -x "$tools/bin/twine" ] || { rm -rf "$tools"; "$oldest" -m venv "$tools"; "$tools/bin/pip" install --quiet build==1.6.1 twine==7.0.0; }
mkdir "$dir/source"
git -c safe.directory="$PWD" archive HEAD | tar -x -C "$dir/source"
"$oldest" -m venv "$dir/builder"
"$dir/builder/bin/pip" install --quiet --require-hashes --requirement requirements-build.lock
"$dir/builder/bin/pip" install --quiet build==1.6.1
"$dir/builder/bin/python" -m build --no-isolation --outdir "$dir/dist" "$dir/source" >"$dir/build.log" 2>&1 || { tail -20 "$dir/build.log"; exit 1; }
"$tools/bin/twine" check --strict "$dir"/dist/*
wheel=$(ls "$dir"/dist/*.whl)
listing=$("$oldest" -m zipfile --list "$wheel" | awk '{print $1}') # whole: a grep that ends early would break the pipe
for marker in cdshooks/py.typed rules/py.typed cdshooks/PACKAGE.md; do
    grep -qx "$marker" <<<"$listing" || { echo "not in the wheel: $marker"; exit 1; }
done
# The page leads nowhere inside the repository.
if grep -nE '\]\((\.|[a-z]+/|[A-Z]+\.md)' cdshooks/PACKAGE.md; then echo "a registry would show a dead link"; exit 1; fi

tried=0
for version in $(sed -n 's/^ *Programming Language :: Python :: \(3\.[0-9]*\)$/\1/p' setup.cfg); do
    python=$(find_python "$version")
    if [ -z "$python" ]; then echo "Python $version is not here: not tried"; continue; fi
    venv=$dir/venv-$version
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --require-hashes --requirement requirements.lock
    "$venv/bin/pip" install --quiet --no-deps "$wheel"
    "$venv/bin/pip" check
    (cd "$dir" && XDG_STATE_HOME="$dir/state" "$venv/bin/itb-cds" validate && "$venv/bin/python" "$root/.ci/every_vignette.py")
    rm -rf "$venv"
    tried=$((tried + 1))
done
echo "the wheel works on $tried Pythons"
