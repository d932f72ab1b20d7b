#!/usr/bin/env bash
# The documentation site builds, and no link or anchor in it leads nowhere (strict). Its tools have an environment of their own.
set -euo pipefail
cd "$(dirname "$0")/../.."
export NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true
python=$(command -v python3.11 || command -v python3)
tool=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-deploy-tools/docs-$(cksum <docs/requirements.txt | cut -d ' ' -f 1)
[ -x "$tool/bin/mkdocs" ] || { rm -rf "$tool"; "$python" -m venv "$tool"; "$tool/bin/pip" install --quiet --requirement docs/requirements.txt; }
# A copy of what is committed: the site holds nothing else that lies about.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
git -c safe.directory="$PWD" archive HEAD | tar -x -C "$dir"
out=${CI_OUTPUT:-ci-output}/site
mkdir -p "$(dirname "$out")"
# Not --quiet: what is not logged does not count as a warning either.
"$tool/bin/mkdocs" build --strict --config-file "$dir/mkdocs.yml" --site-dir "$(realpath -m "$out")" 2>&1 | { grep -v '^INFO' || true; }
# That a dead link stops it: one is put in.
echo '[nowhere](docs/nowhere.md)' >>"$dir/README.md"
if "$tool/bin/mkdocs" build --strict --config-file "$dir/mkdocs.yml" --site-dir "$dir/site" >/dev/null 2>&1; then
    echo "a dead link was not noticed"
    exit 1
fi
echo "the site builds: $(find "$out" -name '*.html' | wc -l) pages, no dead link"
