#!/usr/bin/env bash
# `make run` from a fresh clone, where python3 is called python3.11 alone: the curl that it prints and the README's show a critical card.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
pid=
clean_up() {
    [ -z "$pid" ] || { kill -TERM -- "-$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
    rm -rf "$dir"
}
trap clean_up EXIT
export HOME="$dir/home" XDG_STATE_HOME="$dir/state"
mkdir -p "$HOME" "$dir/clone" "$dir/bin"
git -c safe.directory="$PWD" archive HEAD | tar -x -C "$dir/clone"
python=$(command -v python3.11 || command -v python3)
# A PATH without python3 and python: everything else of the usual places, and one python3.11.
for place in /usr/bin /bin; do
    for tool in "$place"/*; do
        case "$(basename "$tool")" in python* | pip*) ;; *) ln -sf "$tool" "$dir/bin/" ;; esac
    done
done
ln -sf "$python" "$dir/bin/python3.11"
cd "$dir/clone"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
set -m
PATH="$dir/bin" PORT=$port WORKERS=2 make run >"$dir/out" 2>&1 &
pid=$!
set +m
for _ in $(seq 3000); do curl -fsS -o /dev/null "http://127.0.0.1:$port/health/live" 2>/dev/null && break; kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
cat "$dir/out"
printed=$(sed -n 's/^ *\(curl .*\)$/\1/p' "$dir/out" | sed -n 1p)
readme=$(grep -m 1 '^curl -s -H' README.md | sed "s/:8000/:$port/")
for command in "$printed" "$readme"; do
    echo "\$ $command"
    answer=$(bash -c "$command")
    grep -q '"indicator":"critical"' <<<"$answer" || { echo "no critical card"; exit 1; }
done
echo "make run works"
