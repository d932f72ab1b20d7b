#!/bin/sh
# Compiles the server and the validator, and prints the folder in which they are: outside the checkout, built once for each state of the sources.
set -eu
cd "$(dirname "$0")"
if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends default-jdk-headless maven >&2
fi
BUILT=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-hapi-$(cat pom.xml java/* resources/* | cksum | cut -d ' ' -f 1)
if [ ! -f "$BUILT/built" ]; then
    mkdir -p "$BUILT"
    cp -r pom.xml java resources "$BUILT"
    mvn -B -q -f "$BUILT/pom.xml" compile dependency:build-classpath -Dmdep.outputFile="$BUILT/dependencies" >&2
    printf '%s:%s' "$BUILT/target/classes" "$(cat "$BUILT/dependencies")" >"$BUILT/classpath"
    touch "$BUILT/built"
fi
printf '%s\n' "$BUILT"
