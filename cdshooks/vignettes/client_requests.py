"""Sample requests that ship: one or more in each client's dialect, of invented patients (``fixtures/clients``).

``fixtures/clients/index.json`` says of each what it shows and what the answer is at `SAMPLE_NOW`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

SAMPLE_NOW = "2026-06-15T10:00:00Z"


@dataclass(frozen=True, slots=True)
class ClientRequest:
    client: str
    """``epic``, ``oracle``, ``sandbox``, ``inferno``."""
    name: str
    title: str
    path: str
    """Below ``fixtures``."""
    service: str
    """Id of the CDS Service to POST it to."""
    feedback: bool = False
    """It goes to the service's feedback endpoint."""
    status: int = 200
    cards: tuple[tuple[str, str], ...] = ()
    """(rule, indicator) of the answer at `SAMPLE_NOW`, in order."""

    @property
    def text(self) -> str:
        return fixtures().joinpath(self.path).read_text(encoding="utf-8")

    @property
    def url_path(self) -> str:
        return f"/cds-services/{self.service}{'/feedback' if self.feedback else ''}"


def fixtures() -> Traversable:
    """The folder of sample requests and vignettes, in a checkout and installed alike."""
    return files("cdshooks").joinpath("fixtures")


@cache
def client_requests() -> tuple[ClientRequest, ...]:
    rows = json.loads(fixtures().joinpath("clients/index.json").read_text(encoding="utf-8"))["samples"]
    return tuple(
        ClientRequest(
            client=row["path"].split("/")[0],
            name=row["path"].split("/")[1].removesuffix(".json"),
            title=row["title"],
            path=f"clients/{row['path']}",
            service=row["service"],
            feedback=row.get("feedback", False),
            status=row.get("status", 200),
            cards=tuple((card["rule"], card["indicator"]) for card in row.get("cards", ())),
        )
        for row in rows
    )


def clients() -> tuple[str, ...]:
    return tuple(dict.fromkeys(sample.client for sample in client_requests()))
