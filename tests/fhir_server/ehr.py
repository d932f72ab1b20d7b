"""An EHR beside a FHIR server, as far as CDS Hooks knows one: fills prefetch templates from it, or hands out its address.

For the suites that start a real server: ``same_answer.py`` (Medplum), ``hapi_*.py`` (HAPI).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cdshooks.app import create_app

Json = dict[str, Any]


@dataclass
class Ehr:
    """The FHIR server at `base`, and the token that it wants."""

    base: str
    token: str
    loaded: set[str] = field(default_factory=set)
    """``Type/id`` of all that `load` has put there."""
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.headers.update({"Authorization": f"Bearer {self.token}", "Cache-Control": "no-cache"})

    def get(self, path: str) -> requests.Response:
        """The answer to a search or a read below the base, or at a whole URL."""
        return self.session.get(path if path.startswith("http") else f"{self.base}/{path}")

    def load(self, resources: Iterable[Json]) -> None:
        """Replaces all that was loaded before, so that no chart of another test shines through."""
        wanted = {f"{one['resourceType']}/{one['id']}": one for one in resources}
        for name in sorted(
            self.loaded - set(wanted)
        ):  # one by one: HAPI 8.8 now and then fails to delete several in a transaction
            self.session.delete(f"{self.base}/{name}").raise_for_status()
        self.transact([{"resource": one, "request": {"method": "PUT", "url": name}} for name, one in wanted.items()])
        self.loaded = set(wanted)

    def transact(self, entries: list[Json]) -> Json:
        """The answer to a transaction of these entries."""
        answer = self.session.post(self.base, json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text[:1000]
        found: Json = answer.json()
        return found

    def prefetched(self, template: str, pages: int | None = None) -> Json | None:
        """What a CDS Client delivers for a template: the resource, null where there is none, or all pages in one Bundle.

        `pages`: it stops after so many, and leaves the link of the next one in the Bundle.
        """
        answer = self.get(template)
        if answer.status_code in (404, 410) and "?" not in template:
            return None
        if answer.status_code >= 400:
            outcome: Json = answer.json()
            return outcome
        found: Json = answer.json()
        if "?" not in template:
            return found
        page, read = found, 1
        while (link := _next(page)) and read != pages:
            page, read = self.get(link).json(), read + 1
            found.setdefault("entry", []).extend(page.get("entry", ()))
        found["link"] = [{"relation": "next", "url": link}] if link else []
        return found

    def filled(self, templates: dict[str, str], context: Json, pages: int | None = None) -> dict[str, Json | None]:
        """The prefetch: every template whose placeholders the context has a value for."""
        found = {}
        for key, template in templates.items():
            if all(context.get(name) for name in re.findall(r"{{context\.(\w+)}}", template)):
                query = re.sub(r"{{context\.(\w+)}}", lambda match: context[match[1]], template)
                found[key] = self.prefetched(query, pages)
        return found

    def access(self, token: str | None = None) -> Json:
        """The members of a request that let the service call this server."""
        granted = {"token_type": "Bearer", "expires_in": 300, "scope": "user/*.rs", "subject": "cds"}
        return {"fhirServer": self.base, "fhirAuthorization": {"access_token": token or self.token, **granted}}


def _next(page: Json) -> str | None:
    return next((link["url"] for link in page.get("link", ()) if link["relation"] == "next"), None)


def resources(request: Json) -> list[Json]:
    """All resources of the prefetch, once, each with an id."""
    found: dict[tuple[str, str], Json] = {}
    for key, value in (request.get("prefetch") or {}).items():
        bundle = (value or {}).get("resourceType") == "Bundle"
        entries = [entry.get("resource") for entry in value.get("entry", ())] if bundle else [value]
        for n, one in enumerate(one for one in entries if one and one.get("resourceType") != "OperationOutcome"):
            one.setdefault("id", f"{key}-{n}")
            found.setdefault((one["resourceType"], one["id"]), one)
    return list(found.values())


def service(base: str, now: str, site: Json | None = None, **members: object) -> FlaskClient:
    """A service that may call the server at `base`, with time enough to read it on a busy machine."""
    document = {**(site or {}), "fhirServers": [base], "callbacks": {"budgetSeconds": 30}, **members}
    return create_app({"CDSHOOKS_NOW": now, "TESTING": True, "RECORD": False, "SITE": document}).test_client()


def templates_of(client: FlaskClient, service_id: str) -> dict[str, str]:
    """The prefetch templates as discovery offers them."""
    found: dict[str, str] = next(
        one for one in client.get("/cds-services").get_json()["services"] if one["id"] == service_id
    )["prefetch"]
    return found


def without_prefetch(request: Json) -> Json:
    return {name: value for name, value in request.items() if name != "prefetch"}


def both_ways(ehr: Ehr, request: Json, expected: Json, **site: object) -> tuple[TestResponse, TestResponse]:
    """The answers to a client that fills all templates, and to one that sends its server's address instead.

    With the lean templates it sends the address as well: the service reads the rest where it sees a pump.
    """
    client = service(ehr.base, expected["now"], expected.get("site"), **site)
    filled = ehr.filled(templates_of(client, expected["service"]), request["context"])
    url = f"/cds-services/{expected['service']}"
    rest = ehr.access() if site.get("prefetchProfile") == "lean" else {}
    return (
        client.post(url, json={**request, "prefetch": filled} | rest),
        client.post(url, json=without_prefetch(request) | ehr.access()),
    )
