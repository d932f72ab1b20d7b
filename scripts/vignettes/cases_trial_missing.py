"""R46 itb-candidate-trial-missing."""

from __future__ import annotations

from build import case
from insertion import CATHETER
from insertion import PUMP
from insertion import bolus
from insertion import candidate
from insertion import inr
from insertion import platelets
from patient import CPT
from patient import concept
from patient import event
from patient import order
from patient import ordering
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity

RULE = "itb-candidate-trial-missing"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"
SEED = "indications, first-line therapies, stroke 3–6 months, trial before implant, expected benefits"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def implanting(*more, code=PUMP, **options):
    return ordering(candidate(*more), [order("pump-order", code, at="2026-06-25")], **options)


def trial(at):
    return procedure("trial-1", event("itb-screening-trial"), at)


def response(code, at="2026-06-01", dose=None, id="response-1"):
    panel = pump_data(id, "screening-response", at, code)
    if dose is None:
        return panel
    parts = [
        {"code": concept("urn:itb-cds:pump-data", "screening-dose"), "valueQuantity": quantity(dose, "ug")},
        {"code": concept("urn:itb-cds:pump-data", "screening-response"), "valueCodeableConcept": concept("urn:itb-cds:pump-data", code)},
    ]
    return {**pump_data(id, "pump-interrogation", at), "component": parts}


CASES = [
    c("no-trial", "A pump to be implanted with no trial on record is a warning", implanting(), [WARNING], says=["trial"], seeds=[SEED]),
    c("trial-365-days-ago", "A trial 365 days before the implant order counts", implanting(trial("2025-06-15")), []),
    c("trial-366-days-ago", "A trial 366 days before the implant order is too old", implanting(trial("2025-06-14")), [WARNING]),
    c("trial-in-words", "A trial named in words only counts", implanting(procedure("trial-1", {"text": "Intrathecal baclofen trial"}, "2026-05-01")), []),
    c("test-dose-given", "A test dose that was given counts as a trial", implanting(bolus(50, "2026-05-01T09:00:00Z")), []),
    c("test-dose-not-given", "A test dose that was not given is no trial", implanting(bolus(50, "2026-05-01T09:00:00Z", status="not-done")), [WARNING]),
    c("trial-only-planned", "A trial that is only planned does not count", implanting(procedure("trial-1", event("itb-screening-trial"), "2026-06-20", status="preparation")), [WARNING]),
    c("no-response-at-100", "A documented lack of response to 100 µg is critical", implanting(response("no-response", dose=100)), [CRITICAL], says=["100"]),
    c("no-response-at-100-separate", "A lack of response on the day when 100 µg were given is critical", implanting(bolus(100, "2026-06-01T09:00:00Z"), response("no-response")), [CRITICAL]),
    c("no-response-at-75", "A lack of response to 75 µg is a warning, as a higher dose may still work", implanting(response("no-response", dose=75)), [WARNING]),
    c("positive-after-no-response", "A later positive response to a trial silences an earlier failure", implanting(response("no-response", "2026-05-01", 100), response("positive", "2026-06-01", id="response-2")), []),
    c("replacement", "A replacement in a pump patient needs no trial", ordering(pump_chart(platelets(250), inr(1.0)), [order("pump-order", PUMP, at="2026-06-25")]), []),
    c("removal-and-implant", "A removal and an implant ordered together are a replacement and need no trial",
      ordering(candidate(), [order("pump-order", PUMP, at="2026-06-25"), order("out", concept(CPT, "62365", text="Removal of intrathecal pump"))]), []),
    c("catheter-for-a-trial", "A catheter ordered alone is no pump implant and needs no trial", implanting(code=CATHETER), []),
    c("implant-in-words", "An implant named in words only is a warning when no trial is on record", implanting(code={"text": "Intrathecal baclofen pump implantation"}), [WARNING]),
    c("not-looked-at", "Without procedures and given drugs no trial is claimed to be missing", implanting(withhold=("Procedure", "MedicationAdministration")), []),
]  # fmt: skip
