"""The chart and the plain manifest say the same: `chart_is_manifest.py RENDERED MANIFEST`. Names what differs, exit status 1.

Compared without what Helm adds: labels and selectors of its own, the checksum that starts new pods.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

HELM_S = ("app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart")
LEFT_OUT = {*HELM_S, "checksum/site", "imagePullPolicy"}


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if name not in LEFT_OUT}
    if isinstance(value, list):
        members = [plain(member) for member in value]
        named = all(isinstance(member, dict) and "name" in member for member in members)
        return sorted(members, key=lambda member: member["name"]) if named else members
    return value


def documents(file: str) -> dict[tuple[str, str], Any]:
    found = yaml.safe_load_all(Path(file).read_text(encoding="utf-8"))
    return {(one["kind"], one["metadata"]["name"]): plain(one) for one in found if one}


def main() -> int:
    chart, manifest = documents(sys.argv[1]), documents(sys.argv[2])
    differ = [key for key in sorted({*chart, *manifest}) if chart.get(key) != manifest.get(key)]
    for key in differ:
        print(*key, "chart:", json.dumps(chart.get(key)), "manifest:", json.dumps(manifest.get(key)), sep="\n  ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
