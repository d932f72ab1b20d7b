"""Sends every vignette that the installed package holds, and compares the cards: exit status 1 when one differs.

Needs nothing but the package, so that an installation is tried and not a checkout.
"""

from __future__ import annotations

import functools
import json
import platform
import sys
from pathlib import Path
from typing import Any

import cdshooks
from cdshooks import vignettes


@functools.cache
def client(now: str, site: str) -> Any:
    settings = {"CDSHOOKS_NOW": now, "TESTING": True, "RECORD": False, "SITE": json.loads(site)}
    return cdshooks.create_app(settings).test_client()


def topic(rule: str) -> str:
    first, *rest = rule.split("-")
    return first + "".join(part.capitalize() for part in rest)


def main() -> int:
    checkout = Path(__file__).parents[1]
    if Path(cdshooks.__file__).is_relative_to(checkout / "cdshooks"):
        print("this is the checkout, not an installation")
        return 1
    wrong, cases = [], vignettes.every()
    for case in cases:
        expected = case.expected
        web = client(expected["now"], json.dumps(expected.get("site"), sort_keys=True))
        answer = web.post(f"/cds-services/{expected['service']}", json=case.request)
        shown = [(card["source"]["topic"]["code"], card["indicator"]) for card in answer.get_json().get("cards", [])]
        if (answer.status_code, shown) != (
            expected["status"],
            [(topic(card["rule"]), card["indicator"]) for card in expected["cards"]],
        ):
            wrong.append(case.id)
    print(f"Python {platform.python_version()}: {len(cases)} vignettes, {len(wrong)} wrong", *wrong[:10])
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
