#!/usr/bin/env bash
# The Helm chart: linted, rendered with several sets of values, each held to the schemas of Kubernetes; with its own values it says what
# the plain manifest says. Helm is taken from PATH or built by `go install`, outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$(command -v python3.11 || command -v python3)
tools=${XDG_CACHE_HOME:-$HOME/.cache}/cdshooks-deploy-tools
chart=deploy/helm/itb-cds
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

HELM_VERSION=v3.22.0
helm=$(command -v helm || true)
if [ -z "$helm" ]; then
    helm=$tools/helm-$HELM_VERSION/helm
    [ -x "$helm" ] || GOBIN=$(dirname "$helm") CGO_ENABLED=0 go install -trimpath -ldflags "-s -w" "helm.sh/helm/v3/cmd/helm@$HELM_VERSION"
fi
export HELM_CACHE_HOME=$dir/cache HELM_CONFIG_HOME=$dir/config HELM_DATA_HOME=$dir/data
validate=$tools/kubernetes-validate-1.37.0/bin
[ -x "$validate/kubernetes-validate" ] || { rm -rf "${validate%/bin}"; "$python" -m venv "${validate%/bin}"; "$validate/pip" install --quiet kubernetes-validate==1.37.0; }

for values in "$chart"/ci/*.yaml; do
    name=$(basename "$values" .yaml)
    echo "-- $name"
    # The oldest version that the chart says it runs on, and the newest that the validator knows.
    for kubernetes in 1.25 1.37; do
        "$helm" lint --strict --quiet --kube-version "$kubernetes.0" "$chart" --values "$values"
        "$helm" template itb-cds "$chart" --kube-version "$kubernetes.0" --values "$values" >"$dir/$name.yaml"
        "$validate/kubernetes-validate" --strict --quiet --kubernetes-version "$kubernetes" "$dir/$name.yaml"
    done
done
for kind in Deployment Service ServiceAccount PodDisruptionBudget NetworkPolicy CronJob; do
    grep -q "^kind: $kind$" "$dir/smallest.yaml" || { echo "no $kind"; exit 1; }
done
for kind in HorizontalPodAutoscaler Ingress Secret ConfigMap; do
    grep -q "^kind: $kind$" "$dir/everything.yaml" || { echo "no $kind"; exit 1; }
done

echo "-- refusals"
refused() { ! "$helm" template itb-cds "$chart" --kube-version 1.37.0 "${@:2}" >/dev/null 2>"$dir/said" && grep -q "$1" "$dir/said" || { echo "not refused: $1"; exit 1; }; }
refused "Say who may call"
refused "database.existingSecret" --set site.existingConfigMap=s --set database.existingSecret=
refused "additional" --set site.existingConfigMap=s --set replica=3
refused "digest" --set site.existingConfigMap=s --set image.digest=latest

echo "-- its site file"
[ -x .venv/bin/python ] || make -s .venv/.ready
"$validate/python" -c 'import sys, yaml; print(next(one["data"]["site.json"] for one in yaml.safe_load_all(open(sys.argv[1])) if one["kind"] == "ConfigMap"))' "$dir/everything.yaml" >"$dir/site.json"
.venv/bin/python -m cdshooks site check "$dir/site.json" | sed -n 1,3p

echo "-- the plain manifest"
"$validate/python" .ci/chart_is_manifest.py "$dir/smallest.yaml" deploy/kubernetes/itb-cds.yaml
echo "the chart holds"
