"""Write fixtures/vignettes from the case modules beside this file: ``python scripts/vignettes/build.py [rule-id …]``.

A case module defines ``CASES``: a list of `case(rule, name, title, request, cards, …)`. The expected cards are written by hand from
the rule table, never taken from the service's answer. Each case becomes a folder ``fixtures/vignettes/<rule>/<name>/`` with a POSTable
``request.json`` and an ``expected.json``.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).parent
TARGET = HERE.parents[1] / "fixtures" / "vignettes"
sys.path.insert(0, str(HERE))

from patient import NOW  # noqa: E402

SERVICES = {"patient-view": "itb-patient-view", "order-select": "itb-order-select", "order-sign": "itb-order-sign"}


def case(rule, name, title, request, cards, *, says=(), silent_on=(), now=NOW, status=200, seeds=(), site=None):
    """One vignette.

    `cards`: every card of the answer in order, as "rule-id indicator". `says`: texts that the rule's card must contain.
    `silent_on`: texts that no card may contain. `seeds`: seed statements (tests/seed_coverage.json) that this case shows.
    """
    return {
        "rule": rule,
        "name": name,
        "request": request,
        "expected": {
            "title": title,
            "service": SERVICES[request["hook"]],
            "now": now,
            "status": status,
            "cards": [dict(zip(("rule", "indicator"), card.split(), strict=True)) for card in cards],
            **({"says": list(says)} if says else {}),
            **({"silentOn": list(silent_on)} if silent_on else {}),
            **({"seeds": list(seeds)} if seeds else {}),
            **({"site": site} if site else {}),
        },
    }


def write(item):
    folder = TARGET / item["rule"] / item["name"]
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("request", "expected"):
        (folder / f"{part}.json").write_text(json.dumps(item[part], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(wanted):
    sys.modules.setdefault("build", sys.modules["__main__"])
    cleared = set()
    for module in sorted(HERE.glob("cases_*.py")):
        for item in importlib.import_module(module.stem).CASES:
            if wanted and item["rule"] not in wanted:
                continue
            if item["rule"] not in cleared:
                shutil.rmtree(TARGET / item["rule"], ignore_errors=True)
                cleared.add(item["rule"])
            write(item)
    print(f"{len(cleared)} rules written")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
