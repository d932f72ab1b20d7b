"""A client that does what the public sandbox was seen to do: its requests, member by member, its feedback, its
suggestions, and what its user sees (docs/real-systems.md has the version and the date).

Written from what the running app sent and showed; none of its code is here.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.support import tokens

ISSUER = "https://sandbox.cds-hooks.org"
JKU = f"{ISSUER}/.well-known/jwks.json"
ORIGIN = {"Origin": ISSUER}
ALL_CLEAR = "All clear! No clinical decision support cards are available for this context."
URGENCY = {"info": 0, "warning": 1, "critical": 2}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "clients" / "sandbox"
DSTU2_ABSENT = frozenset({"MedicationRequest", "ServiceRequest"})
"""What a DSTU2 server does not have."""
Fhir = Callable[[str, str, str], "tuple[int, Any]"]
"""(method, path, query) -> status and body."""


def site(**members: Any) -> dict[str, Any]:
    """A site file that trusts the sandbox, as docs/sandbox.md has it, with a key that the tests hold."""
    own = {"name": "sandbox", "iss": ISSUER, "jku": JKU, "jwks": tokens.jwks(tokens.public_jwk(tokens.key()))}
    return {
        "publicBaseUrl": tokens.BASE,
        "unapproved": "show",
        "trust": {"mode": "jwt", "clients": [own]},
        **members,
    }


class Records:
    """The FHIR server behind the sandbox, with the chart of one of its fixtures; `failing` types answer 500."""

    def __init__(self, fixture: str, failing: frozenset[str] = frozenset()) -> None:
        request = json.loads((FIXTURES / f"{fixture}.json").read_text(encoding="utf-8"))
        self.patient, self.failing = request["context"]["patientId"], failing
        self.held: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        for value in filter(None, request["prefetch"].values()):
            self.held += [e["resource"] for e in value.get("entry", ())] if "entry" in value else [value]

    def __call__(self, method: str, path: str, query: str) -> tuple[int, Any]:
        self.asked.append((method, path))
        kind, _, name = path.partition("/")
        if kind in self.failing:
            return 500, None
        held = [one for one in self.held if one["resourceType"] == kind]
        if name not in ("", "_search"):
            return next(((200, one) for one in held if one["id"] == name), (404, None))
        entries = [{"resource": one} for one in held]
        return 200, {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


class Sandbox:
    """One browser tab. `services`: clients of Flask, each a discovery endpoint; the FHIR server is R4 or DSTU2."""

    def __init__(self, services: list[Any], fhir: Fhir, patient: str, *, dstu2: bool = False) -> None:
        self.fhir, self.patient, self.dstu2 = fhir, patient, dstu2
        self.server = "https://launch.smarthealthit.org/v/r2/fhir" if dstu2 else "https://fhir.example.org/r4"
        self.dismissed: set[str] = set()
        self.answers: dict[tuple[int, str], Any] = {}
        """The last answer of each service; that of one that failed is gone."""
        self.drug: tuple[str, str] | None = None
        self.services = services
        self.listed = [self._discover(web) for web in services]

    # --- calls --------------------------------------------------------------------------------------------------------

    def token(self, path: str) -> str:
        """A fresh one for exactly this URL."""
        return tokens.bearer(tokens.token(iss=ISSUER, aud=tokens.BASE + path, headers={"typ": "JWT", "jku": JKU}))

    def ask(self, web: Any, method: str, path: str, **body: Any) -> Any:
        """A preflight without a token, then the call with one."""
        wanted = "authorization,content-type" if body else "authorization"
        asked = ORIGIN | {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
        preflight = web.options(path, headers=asked)
        allowed = preflight.headers["Access-Control-Allow-Headers"].lower()
        assert preflight.status_code < 300 and all(name in allowed for name in wanted.split(","))
        headers = ORIGIN | {"Accept": "application/json", "Authorization": self.token(path)}
        answer = web.open(path, method=method, headers=headers, **body)
        assert answer.headers["Access-Control-Allow-Origin"] == "*", "the page cannot read the answer"
        return answer

    def _discover(self, web: Any) -> list[dict[str, Any]]:
        answer = self.ask(web, "GET", "/cds-services")
        return answer.get_json()["services"] if answer.status_code == 200 else []

    def call(self, hook: str, **context: Any) -> list[int]:
        """Call every service of the hook, of every endpoint; return the statuses."""
        statuses = []
        for number, listed in enumerate(self.listed):
            for service in (one for one in listed if one["hook"] == hook):
                request = {
                    "hookInstance": str(uuid.uuid4()),
                    "hook": hook,
                    "fhirServer": self.server,
                    "context": {"patientId": self.patient, "userId": "Practitioner/COREPRACTITIONER1", **context},
                }
                if found := self._prefetch(service.get("prefetch", {})):
                    request["prefetch"] = found
                answer = self.ask(self.services[number], "POST", f"/cds-services/{service['id']}", json=request)
                self.answers[number, service["id"]] = answer.get_json() if answer.status_code == 200 else None
                statuses.append(answer.status_code)
        return statuses

    def _prefetch(self, templates: dict[str, str]) -> dict[str, Any]:
        """Search by POST, then by GET; a query that fails, or whose tokens cannot be filled, costs its key alone."""
        found = {}
        for key, template in templates.items():
            filled = template.replace("{{context.patientId}}", self.patient)
            if re.search(r"\{\{.*\}\}", filled):
                continue
            path, _, query = filled.partition("?")
            ways = (("POST", f"{path}/_search"), ("GET", path)) if query else (("GET", path),)
            for method, where in ways:
                status, body = self.fhir(method, where, urlencode(sorted(parse_qsl(query))))
                if status < 400:
                    found[key] = body
                    break
        return found

    # --- orders -------------------------------------------------------------------------------------------------------

    def order(self, hook: str = "order-select") -> list[int]:
        """The draft as it stands, with the drug that was chosen or without one."""
        return self.call(hook, **self.context_of_order(hook))

    def context_of_order(self, hook: str) -> dict[str, Any]:
        kind, name = ("MedicationOrder", "order-123") if self.dstu2 else ("MedicationRequest", "request-123")
        subject = {"reference": f"Patient/{self.patient}"}
        draft: dict[str, Any] = {"resourceType": kind, "id": name, "status": "draft"}
        draft |= {"patient": subject} if self.dstu2 else {"subject": subject}
        draft["dateWritten" if self.dstu2 else "authoredOn"] = "2026-06-15"
        if self.drug is not None:
            draft |= self._drug_members(*self.drug)
        orders = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
        selected = {"selections": [f"{kind}/{name}"]} if hook == "order-select" else {}
        return {**selected, "draftOrders": orders}

    def _drug_members(self, text: str, code: str) -> dict[str, Any]:
        units, category = (
            "http://unitsofmeasure.org",
            "http://terminology.hl7.org/CodeSystem/medicationrequest-category",
        )
        dose = {"value": 1, "system": units, "code": "{pill}"}
        repeat = {"frequency": 1, "period": 1, "periodUnits" if self.dstu2 else "periodUnit": "d"}
        given = {"doseQuantity": dose} if self.dstu2 else {"doseAndRate": [{"doseQuantity": dose}]}
        supply = {"value": 30, "unit": "days", "system": units, "code": "d"}
        return {
            "dosageInstruction": [{"timing": {"repeat": repeat}, **given}],
            "dispenseRequest": {"expectedSupplyDuration": supply},
            "intent": "order",
            "category": {"coding": [{"system": category, "code": "community"}]},
            "medicationCodeableConcept": {
                "text": text,
                "coding": [{"display": text, "system": RXNORM, "code": code}],
            },
        }

    # --- what its user sees and does ----------------------------------------------------------------------------------

    @property
    def cards(self) -> list[tuple[int, str, dict[str, Any]]]:
        """What is shown: endpoint, service and card, the most urgent first, without those that were dismissed."""
        held = [
            (number, service, card)
            for (number, service), answer in self.answers.items()
            for card in (answer or {}).get("cards", ())
            if card["uuid"] not in self.dismissed
        ]
        return sorted(held, key=lambda one: -URGENCY[one[2]["indicator"]])

    @property
    def screen(self) -> list[str]:
        """The summaries; without any, for whatever reason, the words of the empty screen."""
        return [card["summary"] for _, _, card in self.cards] or [ALL_CLEAR]

    def accept(self, place: int, label: str) -> None:
        """Take a suggestion: feedback first; then, by its actions, the draft is cleared or gets another drug."""
        number, service, card = self.cards[place]
        suggestion = next(one for one in card["suggestions"] if one["label"].startswith(label))
        self._feedback(number, service, card, "accepted", acceptedSuggestions=[{"id": suggestion["uuid"]}])
        for action in suggestion["actions"]:
            concept = action.get("resource", {}).get("medicationCodeableConcept")
            if action["type"] == "delete":
                self.drug = None
            elif concept:
                self.drug = concept["text"], concept["coding"][0]["code"]

    def dismiss(self, place: int, reason: int | None = None) -> None:
        """Dismiss a card, from the menu of reasons or by its button alone."""
        number, service, card = self.cards[place]
        more = {}
        if reason is not None:
            chosen = card["overrideReasons"][reason]
            more = {"overrideReason": {"reason": {"code": chosen["code"], "system": chosen["system"]}}}
        self._feedback(number, service, card, "overridden", **more)
        self.dismissed.add(card["uuid"])

    def _feedback(self, number: int, service: str, card: dict[str, Any], outcome: str, **more: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        item = {"card": card["uuid"], "outcome": outcome, "outcomeTimestamp": at, **more}
        path = f"/cds-services/{service}/feedback"
        answer = self.ask(self.services[number], "POST", path, json={"feedback": [item]})
        assert answer.status_code == 200, answer.get_data(as_text=True)
