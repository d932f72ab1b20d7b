"""R40 itb-ci-antiplatelet."""

from __future__ import annotations

from build import case
from insertion import PUMP
from insertion import candidate
from insertion import inr
from insertion import inserting
from insertion import platelets
from insertion import standing
from insertion import taken
from patient import ICD10
from patient import ORAL
from patient import chart_opening
from patient import concept
from patient import condition
from patient import lab
from patient import order
from patient import ordering
from patient import pump_chart
from patient import statement

RULE = "itb-ci-antiplatelet"
WARNING, INFO = f"{RULE} warning", f"{RULE} info"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def clopidogrel(status="active", end=None):
    return taken("32968", "clopidogrel", status, end=end)


def aspirin(status="active", end=None):
    return taken("1191", "aspirin", status, end=end, dosage={"route": ORAL})


def nsaid(code, name, status="active", end=None, **more):
    return taken(code, name, status, end=end, **more)


def prasugrel(end):
    return taken("613391", "prasugrel", "stopped", end=end)


CASES = [
    c("clopidogrel", "Clopidogrel is taken: warning", inserting(clopidogrel()), [WARNING], says=["clopidogrel", "7 days"]),
    c("clopidogrel-far-away", "Clopidogrel is taken and the date is far away: still a warning, plan it", inserting(clopidogrel(), at="2026-07-10"), [WARNING]),
    c("clopidogrel-interval-open", "Clopidogrel was stopped, seven days are over a minute too late", inserting(clopidogrel("stopped", "2026-06-11T10:01:00Z")), [WARNING]),
    c("clopidogrel-interval-met", "Clopidogrel was stopped exactly seven days before", inserting(clopidogrel("stopped", "2026-06-11T10:00:00Z")), []),
    c("ticagrelor-interval-open", "Ticagrelor was stopped less than five days before", inserting(taken("1116632", "ticagrelor", "stopped", end="2026-06-13T10:01:00Z")), [WARNING]),
    c("prasugrel-kidneys-unknown", "Prasugrel stopped eight days before, kidney function unknown: ten days hold", inserting(prasugrel("2026-06-10T10:00:00Z")), [WARNING]),
    c("prasugrel-kidneys-normal", "Prasugrel stopped eight days before with normal kidney function: seven days hold",
      inserting(prasugrel("2026-06-10T10:00:00Z"), lab("egfr-1", "33914-3", "2026-06-01", 90, "mL/min/{1.73_m2}")), []),
    c("aspirin", "Aspirin is taken: information", inserting(aspirin()), [INFO], says=["aspirin", "6 days"]),
    c("aspirin-interval-met", "Aspirin was stopped exactly six days before", inserting(aspirin("stopped", "2026-06-12T10:00:00Z")), []),
    c("dual", "Clopidogrel and aspirin are one card: dual, warning", inserting(clopidogrel(), aspirin()), [WARNING], says=["dual", "stent"]),
    c("aspirin-and-dipyridamole", "Two weak antiplatelet drugs: dual, warning", inserting(aspirin(), taken("3521", "dipyridamole")), [WARNING], says=["dual"]),
    c("aspirin-and-ibuprofen", "Aspirin and an NSAID are not dual therapy: information", inserting(aspirin(), nsaid("5640", "ibuprofen")), [INFO]),
    c("cilostazol", "Cilostazol is taken: information", inserting(taken("21107", "cilostazol")), [INFO]),
    c("ibuprofen", "Ibuprofen is taken: information", inserting(nsaid("5640", "ibuprofen")), [INFO], says=["ibuprofen"]),
    c("naproxen-interval-open", "Naproxen was stopped less than four days before", inserting(nsaid("7258", "naproxen", "stopped", "2026-06-14T10:01:00Z")), [INFO]),
    c("naproxen-interval-met", "Naproxen was stopped exactly four days before", inserting(nsaid("7258", "naproxen", "stopped", "2026-06-14T10:00:00Z")), []),
    c("diclofenac-gel", "Diclofenac gel on the skin does not count", inserting(statement("gel", {"text": "diclofenac 1 % topical gel"}, "active", "2026-01-01")), []),
    c("name-only", "Clopidogrel known by name only", inserting(statement("clop", {"text": "Clopidogrel 75 mg tablet"}, "active", "2026-01-01")), [WARNING], says=["record suggests"]),
    c("by-atc", "Clopidogrel coded in ATC", inserting(statement("clop", concept("http://www.whocc.no/atc", "B01AC04", "clopidogrel"), "active", "2026-01-01")), [WARNING]),
    c("with-an-anticoagulant", "Aspirin beside apixaban: two cards, the anticoagulant first", inserting(aspirin(), taken("1364430", "apixaban")), ["itb-ci-anticoagulant critical", INFO]),
    c("status-code-alone", "Only a code says long-term antiplatelet use: verify", inserting(condition("z", concept(ICD10, "Z79.02", "Long term (current) use of antithrombotics/antiplatelets"), recorded="2025-01-01")),
      [INFO], says=["verify"]),
    c("pump-exchange-catheter-kept", "Only the pump is exchanged, the catheter is kept: one step lower",
      ordering(pump_chart(platelets(250), inr(1.0), clopidogrel()), [order("exchange", PUMP, at="2026-06-18", note=[{"text": "Pump replacement, catheter retained"}])]), [INFO]),
    c("at-opening", "At chart opening with a standing order", standing(clopidogrel()), [WARNING]),
    c("nothing-planned", "Clopidogrel with nothing planned: no card", chart_opening(candidate(clopidogrel())), []),
    c("no-medication-list", "Without any medication list the question cannot be answered", inserting(withhold=("MedicationStatement", "MedicationRequest", "MedicationAdministration")), [],
      status=412),
]  # fmt: skip
