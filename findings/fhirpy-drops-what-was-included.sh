#!/bin/sh
# fhirpy asks a server for included resources and throws them away.
#
# Software: fhirpy 2.3.1 (PyPI), seen on 2026-11-28 with Python 3.11.
# Guess:    a search built with .include(…) gives matches and included resources over all pages by fetch_all(); only warnings of the server
#           (entries of mode "outcome") are left out.
# Seen:     the request carries _include, the server answers the Medication with the order, and fetch_all() gives the order alone: whatever is not of the searched type
#           is dropped, so the drug's name is gone. fetch_raw() gives the whole Bundle, of one page.
# So:       "no Medication in the result" is no sign that the server has none. Resolve references by reading them, or take the Bundle apart oneself.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fhirpy==2.3.1
cat >ask.py <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer

from fhirpy import SyncFHIRClient

ORDER = {"resourceType": "MedicationRequest", "id": "o", "status": "active", "intent": "order"}
ORDER |= {"subject": {"reference": "Patient/p"}, "medicationReference": {"reference": "Medication/m"}}
DRUG = {"resourceType": "Medication", "id": "m", "code": {"text": "Baclofen 2000 mcg/mL intrathecal"}}
asked = []


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        entry = [{"resource": ORDER, "search": {"mode": "match"}}]
        if "_include" in self.path:
            entry.append({"resource": DRUG, "search": {"mode": "include"}})
        body = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entry}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
search = SyncFHIRClient(f"http://127.0.0.1:{server.server_port}/fhir").resources("MedicationRequest").search(patient="p")
search = search.include("MedicationRequest", "medication")
print("fetch_all:", [found["resourceType"] for found in search.fetch_all()])
print("asked with _include:", "_include=MedicationRequest" in asked[0])
print("fetch_raw:", [entry["resource"]["resourceType"] for entry in search.fetch_raw()["entry"]])
PY
cat >expected <<'TXT'
fetch_all: ['MedicationRequest']
asked with _include: True
fetch_raw: ['MedicationRequest', 'Medication']
TXT
env/bin/python ask.py | tee seen
diff expected seen
