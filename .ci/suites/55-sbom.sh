#!/usr/bin/env bash
# The software bill of materials of the service as it is installed: CycloneDX JSON in ci-output/sbom.cdx.json, with versions, licences and
# what needs what. Held against the lock file: every package of it is listed, and nothing else. The tool has an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$(command -v python3.11 || command -v python3)
out=${CI_OUTPUT:-ci-output}/sbom.cdx.json
tool=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-deploy-tools/cyclonedx-bom-7.5.0
[ -x "$tool/bin/cyclonedx-py" ] || { rm -rf "$tool"; "$python" -m venv "$tool"; "$tool/bin/pip" install --quiet cyclonedx-bom==7.5.0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$python" -m venv --without-pip "$dir/venv"
mkdir -p "$(dirname "$out")" "$dir/source"
git -c safe.directory="$PWD" archive HEAD | tar -x -C "$dir/source"
"$tool/bin/pip" --python "$dir/venv/bin/python" install --quiet --require-hashes --requirement requirements.lock
"$tool/bin/pip" --python "$dir/venv/bin/python" install --quiet --no-deps "$dir/source"
"$tool/bin/cyclonedx-py" environment --output-reproducible --output-format JSON --output-file "$out" "$dir/venv/bin/python"
"$python" .ci/check_sbom.py "$out" requirements.lock setup.cfg
