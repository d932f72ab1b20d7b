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
    c("clopidogrel", "Clopidogrel still taken before insertion is a warning", inserting(clopidogrel()), [WARNING], says=["clopidogrel", "7 days"]),
    c("clopidogrel-far-away", "Clopidogrel still taken with a far-away insertion date is a warning to plan the stop", inserting(clopidogrel(), at="2026-07-10"), [WARNING]),
    c("clopidogrel-interval-open", "Clopidogrel stopped a minute less than seven days before insertion is a warning", inserting(clopidogrel("stopped", "2026-06-11T10:01:00Z")), [WARNING]),
    c("clopidogrel-interval-met", "Clopidogrel stopped exactly seven days before insertion brings no card", inserting(clopidogrel("stopped", "2026-06-11T10:00:00Z")), []),
    c("ticagrelor-interval-open", "Ticagrelor stopped less than five days before insertion is a warning", inserting(taken("1116632", "ticagrelor", "stopped", end="2026-06-13T10:01:00Z")), [WARNING]),
    c("prasugrel-kidneys-unknown", "Prasugrel stopped eight days before is a warning while kidney function is unknown", inserting(prasugrel("2026-06-10T10:00:00Z")), [WARNING]),
    c("prasugrel-kidneys-normal", "Prasugrel stopped eight days before brings no card when kidney function is normal",
      inserting(prasugrel("2026-06-10T10:00:00Z"), lab("egfr-1", "33914-3", "2026-06-01", 90, "mL/min/{1.73_m2}")), []),
    c("aspirin", "Aspirin still taken before insertion is a note", inserting(aspirin()), [INFO], says=["aspirin", "6 days"]),
    c("aspirin-interval-met", "Aspirin stopped exactly six days before insertion brings no card", inserting(aspirin("stopped", "2026-06-12T10:00:00Z")), []),
    c("dual", "Clopidogrel and aspirin together are one warning about dual therapy", inserting(clopidogrel(), aspirin()), [WARNING], says=["dual", "stent"]),
    c("aspirin-and-dipyridamole", "Aspirin and dipyridamole together are a warning about dual therapy", inserting(aspirin(), taken("3521", "dipyridamole")), [WARNING], says=["dual"]),
    c("aspirin-and-ibuprofen", "Aspirin and ibuprofen together are a note and no dual therapy", inserting(aspirin(), nsaid("5640", "ibuprofen")), [INFO]),
    c("cilostazol", "Cilostazol still taken before insertion is a note", inserting(taken("21107", "cilostazol")), [INFO]),
    c("ibuprofen", "Ibuprofen still taken before insertion is a note", inserting(nsaid("5640", "ibuprofen")), [INFO], says=["ibuprofen"]),
    c("naproxen-interval-open", "Naproxen stopped less than four days before insertion is a note", inserting(nsaid("7258", "naproxen", "stopped", "2026-06-14T10:01:00Z")), [INFO]),
    c("naproxen-interval-met", "Naproxen stopped exactly four days before insertion brings no card", inserting(nsaid("7258", "naproxen", "stopped", "2026-06-14T10:00:00Z")), []),
    c("diclofenac-gel", "Diclofenac gel on the skin does not count before insertion", inserting(statement("gel", {"text": "diclofenac 1 % topical gel"}, "active", "2026-01-01")), []),
    c("name-only", "Clopidogrel known by its name only is a warning all the same", inserting(statement("clop", {"text": "Clopidogrel 75 mg tablet"}, "active", "2026-01-01")), [WARNING], says=["record suggests"]),
    c("by-atc", "Clopidogrel coded another way is a warning all the same", inserting(statement("clop", concept("http://www.whocc.no/atc", "B01AC04", "clopidogrel"), "active", "2026-01-01")), [WARNING]),
    c("with-an-anticoagulant", "Aspirin beside apixaban gives two cards, the anticoagulant first", inserting(aspirin(), taken("1364430", "apixaban")), ["itb-ci-anticoagulant critical", INFO]),
    c("status-code-alone", "Long-term antiplatelet use known from the problem list alone is a note to verify", inserting(condition("z", concept(ICD10, "Z79.02", "Long term (current) use of antithrombotics/antiplatelets"), recorded="2025-01-01")),
      [INFO], says=["verify"]),
    c("pump-exchange-catheter-kept", "Clopidogrel is one step less urgent when only the pump is exchanged and the catheter is kept",
      ordering(pump_chart(platelets(250), inr(1.0), clopidogrel()), [order("exchange", PUMP, at="2026-06-18", note=[{"text": "Pump replacement, catheter retained"}])]), [INFO]),
    c("at-opening", "Clopidogrel with a standing insertion order is a warning when the chart is opened", standing(clopidogrel()), [WARNING]),
    c("nothing-planned", "Clopidogrel with no insertion planned brings no card", chart_opening(candidate(clopidogrel())), []),
    c("no-medication-list", "Without any medication list the request is refused, since antiplatelet drugs cannot be checked", inserting(withhold=("MedicationStatement", "MedicationRequest", "MedicationAdministration")), [],
      status=412),
]  # fmt: skip
