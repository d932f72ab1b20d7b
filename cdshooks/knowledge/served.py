"""``GET /fhir/ValueSet|CodeSystem|ConceptMap/{id}``: the knowledge that cards and records refer to, as FHIR R4.

Served are the shipped files of rules/valuesets (without the parts that the site leaves out) and the CodeSystems of the
project, made from the data that the service itself uses. ``GET /fhir/{type}`` lists them; ``?url=`` finds one. Nothing
here is patient data: open to all.

Two files can share an id, where one concept has codes under several licences: then the second is served as
``<id>-<folder>``, so that an address names one resource.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from cdshooks.cards import book
from cdshooks.protocol.errors import NotFound
from cdshooks.settings.current import current_config
from rules import ALL_RULES
from rules.terminology import store
from rules.terminology.store import PARTS, VALUESETS

BLUEPRINT = Blueprint("knowledge", __name__)
TYPES = ("ValueSet", "CodeSystem", "ConceptMap")
MEDIA_TYPE = "application/fhir+json"
LISTED = ("url", "version", "name", "title", "status", "experimental", "date", "publisher", "copyright", "content")
LONGEST_ID = 64


@dataclass(frozen=True)
class Shipped:
    """A file that is served under `id`."""

    id: str
    kind: str
    file: Path
    part: str
    """The part of the folder that a site can leave out, or empty."""
    header: dict[str, Any]
    """The members that a list shows."""
    own_id: bool
    """The file says the id under which it is served."""
    etag: str
    line: bytes = b""
    """What a line of a file of value sets holds; empty where the whole file is the resource."""

    def body(self) -> bytes:
        """As the file has it: the largest has five megabytes, and anybody may ask for it."""
        content = self.line or self.file.read_bytes()
        return content.strip() if self.own_id else _encoded({**json.loads(content), "id": self.id})


@cache
def shipped_resources() -> dict[tuple[str, str], Shipped]:
    """(type, id) → resource. The files of no part come first and keep their ids."""
    found: dict[tuple[str, str], Shipped] = {}
    for file, content in sorted(store.shipped_files(), key=lambda pair: (_part(pair[0]) != "", pair[0].as_posix())):
        document = json.loads(content)
        kind = document.get("resourceType")
        if kind not in TYPES:
            continue
        name = next(name for name in _names(document["id"], file) if (kind, name) not in found)
        header = {member: document[member] for member in LISTED if member in document}
        etag = hashlib.sha256(name.encode() + content).hexdigest()[:32]
        line = content if file.suffix == ".ndjson" else b""
        found[kind, name] = Shipped(name, kind, file, _part(file), header, name == document["id"], etag, line)
    return found


def _part(file: Path) -> str:
    first = file.relative_to(VALUESETS).parts[0]
    return first if first in PARTS else ""


def _names(shipped_id: str, file: Path) -> Iterator[str]:
    """The id itself, then with the folders that the file lies in."""
    *folders, last = file.relative_to(VALUESETS).parts
    if file.suffix == ".ndjson":
        folders.append(last.removesuffix(".ndjson"))
    yield shipped_id
    yield from (f"{shipped_id}-{folder}"[:LONGEST_ID] for folder in (folders[0], "-".join(folders)))
    yield from (f"{shipped_id[: LONGEST_ID - 4]}-{number}" for number in range(2, 100))


# ---------------------------------------------------------------- made from data


@cache
def made_resources() -> dict[tuple[str, str], dict[str, Any]]:
    """The CodeSystems that have no file of their own."""
    reasons = json.loads(files("rules.parameters").joinpath("override_reasons.json").read_text(encoding="utf-8"))
    concepts = [{"code": row["code"], "display": row["display"]} for row in reasons["reasons"]]
    own = _code_system(
        "itb-override-reason", reasons["system"], "ItbOverrideReason", reasons["title"], reasons["version"], concepts
    )
    topics = [_topic(rule) for rule in (*ALL_RULES, *book.OWN)]
    title = "Recommendations: the topics of the cards"
    version = hashlib.sha256(json.dumps(topics).encode()).hexdigest()[:12]
    listed = _code_system("itb-recommendation", book.TOPICS, "ItbRecommendation", title, version, topics)
    listed["property"] = [
        {"code": "version", "description": "version of the rule", "type": "string"},
        {"code": "rule", "description": "id of the rule", "type": "string"},
    ]
    return {("CodeSystem", system["id"]): system for system in (own, listed)}


def _topic(rule: Any) -> dict[str, Any]:
    properties = [{"code": "version", "valueString": rule.version}, {"code": "rule", "valueString": rule.id}]
    return {"code": book.topic_code(rule.id), "display": rule.title, "definition": rule.purpose, "property": properties}


def _code_system(
    name: str, url: str, computable: str, title: str, version: str, concepts: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": url,
        "version": version,
        "name": computable,
        "title": title,
        "status": "active",
        "experimental": False,
        "publisher": "Intrathecal baclofen pump safety service (this project)",
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


# ---------------------------------------------------------------- served


def _served(left_out: tuple[str, ...], kind: str) -> dict[str, Shipped | dict[str, Any]]:
    found: dict[str, Shipped | dict[str, Any]] = {
        name: entry
        for (type_, name), entry in shipped_resources().items()
        if type_ == kind and entry.part not in left_out
    }
    found.update({name: document for (type_, name), document in made_resources().items() if type_ == kind})
    return found


def _of_this_site(kind: str) -> dict[str, Shipped | dict[str, Any]]:
    if kind not in TYPES:
        raise NotFound(f"Served are {', '.join(TYPES)}.")
    return _served(tuple(current_config().site.leave_out), kind)


@BLUEPRINT.get("/fhir/<kind>")
def search_type(kind: str) -> BaseResponse:
    """A searchset of what there is, without the codes; with ``url``, of the one resource, whole."""
    entries = _of_this_site(kind)
    url = request.args.get("url")
    if url is None:
        return _answer(
            _searchset(kind, {name: _encoded(_subset(kind, name, entry)) for name, entry in entries.items()})
        )
    found = {name: _body(entry) for name, entry in entries.items() if _header(entry)["url"] == url}
    return _answer(_searchset(kind, found))


def _subset(kind: str, name: str, entry: Shipped | dict[str, Any]) -> dict[str, Any]:
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    header = {member: value for member, value in _header(entry).items() if member in LISTED}
    return {"resourceType": kind, "id": name, "meta": {"tag": [tag]}, **header}


def _header(entry: Shipped | dict[str, Any]) -> dict[str, Any]:
    return entry.header if isinstance(entry, Shipped) else entry


def _body(entry: Shipped | dict[str, Any]) -> bytes:
    return entry.body() if isinstance(entry, Shipped) else _encoded(entry)


def _searchset(kind: str, resources: Mapping[str, bytes]) -> bytes:
    """Resources by id, each with the URL it is read at. Without ``entry`` when nothing was found: FHIR knows no empty lists."""
    base = current_config().site.public_base_url or request.host_url.rstrip("/")
    entries = b",".join(
        f'{{"fullUrl":{json.dumps(f"{base}/fhir/{kind}/{name}")},"resource":'.encode()
        + resource
        + b',"search":{"mode":"match"}}'
        for name, resource in resources.items()
    )
    head = f'{{"resourceType":"Bundle","type":"searchset","total":{len(resources)}'.encode()
    return head + (b',"entry":[' + entries + b"]}" if resources else b"}")


def _encoded(document: Any) -> bytes:
    return msgspec.json.encode(document)


@BLUEPRINT.get("/fhir/<kind>/<name>")
def read_instance(kind: str, name: str) -> BaseResponse:
    entry = _of_this_site(kind).get(name)
    if entry is None:
        raise NotFound(f"There is no {kind} of this id here. GET /fhir/{kind} lists what there is.")
    if isinstance(entry, Shipped) and entry.etag in request.if_none_match:
        return _answer(b"", entry.etag)
    return _answer(_body(entry), entry.etag if isinstance(entry, Shipped) else None)


def _answer(body: bytes, etag: str | None = None) -> BaseResponse:
    response = Response(body, mimetype=MEDIA_TYPE)
    response.set_etag(etag) if etag else response.add_etag()
    response.headers["Cache-Control"] = "public, max-age=300"
    return response.make_conditional(request)
