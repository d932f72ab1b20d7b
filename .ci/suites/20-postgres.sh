#!/bin/sh
# Every test that needs a database, on a real PostgreSQL as well as on SQLite.
# Makes a cluster of its own in a temporary directory, on a free loopback port, and takes it down at the end.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
# The servers that tests start need not compile the service each time.
export PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX="$PWD/build/bytecode"

find_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | while read -r bin; do [ -x "$bin/initdb" ] && echo "$bin"; done | tail -1; }
BIN=$(find_postgres)
if [ -z "$BIN" ]; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends postgresql
    BIN=$(find_postgres)
fi

DIR=$(mktemp -d)
PORT=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    chown postgres "$DIR"
    AS="setpriv --reuid=postgres --regid=postgres --clear-groups --"
else
    AS=
fi
STOP="$AS $BIN/pg_ctl -D $DIR/data -m immediate -w stop"
START="$AS $BIN/pg_ctl -D $DIR/data -l $DIR/log -w start"
clean_up() {
    $STOP >/dev/null 2>&1 || true
    rm -rf "$DIR"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

$AS "$BIN/initdb" -D "$DIR/data" -U cdshooks --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
cat >>"$DIR/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $PORT
unix_socket_directories = '$DIR'
EOF
$START >/dev/null || { cat "$DIR/log"; exit 1; }

export CDSHOOKS_TEST_POSTGRES_URL="postgresql://cdshooks@127.0.0.1:$PORT/postgres"
export CDSHOOKS_TEST_POSTGRES_STOP="$STOP"
export CDSHOOKS_TEST_POSTGRES_START="$START"
export CDSHOOKS_TEST_POSTGRES_PIDFILE="$DIR/data/postmaster.pid"
# Every test file that asks for a database, whoever wrote it, and what is of PostgreSQL alone.
[ $# -gt 0 ] || set -- $(grep -rl 'tests\.support\.databases' tests --include='test_*.py') tests/audit/postgres_settings.py
"$PYTHON" -m pytest -q "$@"
