"""``check_sbom.py SBOM LOCK SETUP``: makes the project the subject of the bill of materials, and holds the rest against
the lock file."""

from __future__ import annotations

import configparser
import json
import re
import sys
from pathlib import Path


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(bill: Path, lock: Path, setup: Path) -> None:
    document = json.loads(bill.read_text())
    metadata = configparser.ConfigParser()
    metadata.read(setup)
    ours = plain(metadata["metadata"]["name"])
    found = {plain(part["name"]): part for part in document["components"]}
    document["metadata"]["component"] = {**found.pop(ours), "type": "application"}
    document["metadata"]["component"].pop("externalReferences", None)  # the folder that it was installed from
    document["components"] = list(found.values())
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(), re.MULTILINE))
    wanted = {plain(name): version for name, version in locked.items()}
    there = {name: part["version"] for name, part in found.items()}
    assert there == wanted, f"not in both: {sorted(set(there.items()) ^ set(wanted.items()))}"
    unlicensed = sorted(name for name, part in found.items() if not part.get("licenses"))
    bill.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    print(
        f"{document['bomFormat']} {document['specVersion']}: {ours} {document['metadata']['component']['version']}, {len(there)} packages;",
        end=" ",
    )
    print(f"without a licence in their metadata: {', '.join(unlicensed) or 'none'}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
