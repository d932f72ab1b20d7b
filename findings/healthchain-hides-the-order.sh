#!/bin/sh
# A CDS Hooks service built with HealthChain is asked about an order that is being signed, and never gets to see the order.
#
# Software: healthchain 0.16.1 (PyPI), seen on 2026-11-29 with Python 3.11, its own gateway and its own decorator for the hook order-sign.
# Guess:    the handler gets what the client sent: the library has a model of the context of order-sign, in which draftOrders is required.
# Seen:     the request that a handler gets holds userId and patientId and nothing else of the context: draftOrders, selections and encounterId are dropped without an error,
#           and whatever the handler says about "no orders" is answered with 200. A request whose member "extension" is an object, as the specification has it,
#           is refused with 422, since the model wants a list.
# So:       "200 and no cards" of an order hook is no sign that the order was looked at. Try a service with an order that must bring a card, through its own front door.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check healthchain==0.16.1 httpx2
cat >ask.py <<'PY'
import json

from fastapi.testclient import TestClient
from healthchain.gateway import CDSHooksService
from healthchain.gateway import HealthChainAPI
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import CDSResponse

ORDER = {"resourceType": "MedicationRequest", "id": "o", "status": "draft", "intent": "order", "subject": {"reference": "Patient/p"}}
ORDER |= {"medicationCodeableConcept": {"text": "oxycodone 5 mg"}}
CONTEXT = {"userId": "Practitioner/d", "patientId": "p", "encounterId": "e"}
CONTEXT |= {"draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": ORDER}]}}
REQUEST = {"hook": "order-sign", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": CONTEXT}
service, seen = CDSHooksService(), []


@service.hook("order-sign", id="orders")
def orders(request: CDSRequest) -> CDSResponse:
    seen.append(request)
    return CDSResponse(cards=[])


app = HealthChainAPI()
app.register_service(service, path="/cds")
client = TestClient(app)
answer = client.post("/cds/cds-services/orders", json=REQUEST)
print("sent:", sorted(CONTEXT))
print("status:", answer.status_code, answer.text)
print("the handler got:", sorted(json.loads(seen[0].model_dump_json())["context"]))
extended = client.post("/cds/cds-services/orders", json={**REQUEST, "extension": {"com.example.area": "ward"}})
print("with an extension:", extended.status_code, extended.json()["detail"][0]["msg"])
PY
cat >expected <<'TXT'
sent: ['draftOrders', 'encounterId', 'patientId', 'userId']
status: 200 {"cards":[]}
the handler got: ['patientId', 'userId']
with an extension: 422 Input should be a valid list
TXT
env/bin/python ask.py | tee seen
diff expected seen
