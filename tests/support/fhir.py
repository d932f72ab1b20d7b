"""A small FHIR server for the tests: searches and reads of one patient's resources, in pages, on a real socket."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

from tests.support import servers
from tests.support.servers import Handler, Server, serve


class Repository:
    """`resources` of one patient. Knows the search parameters of the prefetch templates; does not sort, and does not
    cut."""

    def __init__(self, resources: list[dict]) -> None:
        self.resources = resources

    def answer(self, query: str) -> dict | None:
        """What a template with its placeholders replaced asks for: a Bundle, a resource, or None when there is no such
        resource."""
        path, is_search, params = query.partition("?")
        kind, _, identity = path.partition("/")
        if not is_search:
            return next(
                (one for one in self.resources if (one["resourceType"], one.get("id")) == (kind, identity)), None
            )
        wanted = {name: value.split(",") for name, value in parse_qsl(params) if name in ("category", "code", "status")}
        return servers.bundle(
            *(
                one
                for one in self.resources
                if one["resourceType"] == kind and all(_has(one, *item) for item in wanted.items())
            )
        )


def _has(resource: dict, name: str, values: list[str]) -> bool:
    if name == "status":
        return resource.get("status") in values
    concepts = resource.get(name) or []
    codings = [
        coding
        for concept in (concepts if isinstance(concepts, list) else [concepts])
        for coding in concept.get("coding", ())
    ]
    return any(
        text in (coding.get("code"), f"{coding.get('system')}|{coding.get('code')}")
        for coding in codings
        for text in values
    )


@contextlib.contextmanager
def repository(resources: list[dict], page: int = 1000) -> Iterator[tuple[Repository, Server]]:
    """The repository and its server, which gives `page` entries at a time. Its base is ``<url>/fhir``."""
    found = Repository(resources)

    def act(handler: Handler) -> None:
        path, _, params = handler.path.partition("?")
        asked = [pair for pair in parse_qsl(params) if pair[0] != "_page"]
        number = int(dict(parse_qsl(params)).get("_page", 0))
        answer = found.answer(path.removeprefix("/fhir/") + (f"?{urlencode(asked)}" if params else ""))
        if answer is None:
            return servers.status(404)(handler)
        entries = answer.get("entry", []) if params else []
        if len(entries) <= page:
            return servers.body(answer)(handler)
        following = (
            f"{path}?{urlencode([*asked, ('_page', number + 1)])}" if (number + 1) * page < len(entries) else None
        )
        return servers.body(
            servers.bundle(
                *(entry["resource"] for entry in entries[number * page : (number + 1) * page]), following=following
            )
        )(handler)

    with serve({"*": act}) as server:
        yield found, server
