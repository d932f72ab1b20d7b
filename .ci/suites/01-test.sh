#!/bin/sh
# Everything that needs only Python. Also sets up the environment that later suites use.
set -eu
cd "$(dirname "$0")/../.."
make test
