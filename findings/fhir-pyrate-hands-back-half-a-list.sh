#!/bin/sh
# FHIR-PYrate makes a table of the pages that it got when the next one fails, and of a search with _id a read that forgets the rest of the question.
#
# Software: fhir-pyrate 0.2.6 (PyPI), seen on 2026-11-29 with Python 3.11, steal_bundles_to_dataframe() against a server of a few lines.
# Guess:    a page that the server refuses (503, busy) is an error, or at least the table says that it is not whole; and all that stands in request_params is asked of the server.
# Seen:     the error goes to the log and the page counts as the last, so two orders of four are the table, and nothing in it says so. With _id among the parameters the others are
#           left out of the request: an order that was stopped is the answer to status=active, _revinclude brings nothing, and two ids (p,q) are a read of one, which is not found: an
#           empty table.
# So:       compare the rows with the total of the first page, take a line in the log for a failure, and check the status of what came. A table of a study may have lost half a patient.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fhir-pyrate==0.2.6
cat >ask.py <<'PY'
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from fhir_pyrate import Pirate


def order(name, status="active"):
    return {"resourceType": "MedicationRequest", "id": name, "status": status, "intent": "order", "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": "baclofen"}}


def answer(path, asked):
    if path == "/fhir/MedicationRequest/old":
        return 200, order("old", "stopped")
    if path == "/fhir/Patient/p":
        return 200, {"resourceType": "Patient", "id": "p"}
    if path != "/fhir/MedicationRequest":
        return 404, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
    page = int(asked.get("page", 1))
    if page == 2 and busy:
        return 503, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "throttled"}]}
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": 4, "entry": [{"resource": order(f"{page}{letter}")} for letter in "ab"]}
    if page == 1:
        bundle["link"] = [{"relation": "next", "url": f"{base}/MedicationRequest?patient=p&_sort=_id&page=2"}]
    return 200, bundle


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        requests.append(self.path.removeprefix("/fhir/"))
        parts = urlsplit(self.path)
        code, resource = answer(parts.path, dict(parse_qsl(parts.query)))
        body = json.dumps(resource).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


logging.disable()
requests, busy = [], False
server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
base = f"http://127.0.0.1:{server.server_port}/fhir"
threading.Thread(target=server.serve_forever, daemon=True).start()
client = Pirate(auth=None, base_url=base)


def tell(resource_type, **asked):
    requests.clear()
    table = client.steal_bundles_to_dataframe(resource_type, dict(asked), fhir_paths=["id", "status"])
    rows = [] if isinstance(table, dict) else [" ".join(map(str, row)) for row in table.values]
    print(f"{resource_type} {asked}{' (busy at page 2)' if busy else ''}: {rows}; requests: {requests}")


tell("MedicationRequest", patient="p", _sort="_id")
busy = True
tell("MedicationRequest", patient="p", _sort="_id")
busy = False
tell("MedicationRequest", _id="old", status="active")
tell("Patient", _id="p", _revinclude="MedicationRequest:subject")
tell("Patient", _id="p,q")
PY
cat >expected <<'TXT'
MedicationRequest {'patient': 'p', '_sort': '_id'}: ['1a active', '1b active', '2a active', '2b active']; requests: ['MedicationRequest?_sort=_id&patient=p', 'MedicationRequest?patient=p&_sort=_id&page=2']
MedicationRequest {'patient': 'p', '_sort': '_id'} (busy at page 2): ['1a active', '1b active']; requests: ['MedicationRequest?_sort=_id&patient=p', 'MedicationRequest?patient=p&_sort=_id&page=2']
MedicationRequest {'_id': 'old', 'status': 'active'}: ['old stopped']; requests: ['MedicationRequest/old']
Patient {'_id': 'p', '_revinclude': 'MedicationRequest:subject'}: ['p']; requests: ['Patient/p']
Patient {'_id': 'p,q'}: []; requests: ['Patient/p,q']
TXT
env/bin/python ask.py 2>log | tee seen
diff expected seen
