"""Drugs, routes and short forms for the vignettes of withdrawal treatment, overdose and interactions."""

from __future__ import annotations

from patient import ICD10
from patient import LOINC
from patient import RXNORM
from patient import SNOMED
from patient import concept
from patient import condition
from patient import device
from patient import lab
from patient import observation
from patient import oral
from patient import ordering
from patient import pump_chart
from patient import pump_data
from patient import quantity
from patient import request
from patient import statement

ATC = "http://www.whocc.no/atc"
V3_ROUTE = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"


def product(code, name):
    return concept(RXNORM, code, name)


OXYCODONE = product("1049621", "oxycodone hydrochloride 5 MG Oral Tablet")
FENTANYL_PATCH = product("583490", "72 HR Fentanyl 0.012 MG/HR Transdermal System [Duragesic]")
MORPHINE_INJECTION = product("1731530", "1 ML Morphine Sulfate 15 MG/ML Injection")
LOPERAMIDE = product("977986", "loperamide hydrochloride 0.2 MG/ML Oral Solution")
DIAZEPAM = product("197591", "diazepam 5 MG Oral Tablet")
LORAZEPAM = product("197901", "lorazepam 1 MG Oral Tablet")
LORAZEPAM_INJECTION = product("1665188", "1 ML lorazepam 2 MG/ML Injection")
MIDAZOLAM_INJECTION = product("1666814", "1 ML midazolam 5 MG/ML Injection")
ZOLPIDEM = product("854873", "zolpidem tartrate 10 MG Oral Tablet")
SUVOREXANT = product("1547104", "suvorexant 10 MG Oral Tablet")
PHENOBARBITAL = product("2671204", "1 ML phenobarbital sodium 130 MG/ML Injection")
OXYBATE = product("2636822", "sodium oxybate 4500 MG Granules for Oral Suspension")
TIZANIDINE = product("313413", "tizanidine 4 MG Oral Tablet")
CYCLOBENZAPRINE = product("828358", "24 HR cyclobenzaprine hydrochloride 15 MG Extended Release Oral Capsule")
DANTROLENE = product("856656", "dantrolene sodium 25 MG Oral Capsule")
HYDROXYZINE = product("995218", "hydroxyzine hydrochloride 10 MG Oral Tablet")
DIPHENHYDRAMINE_CREAM = product("1420992", "allantoin 5 MG/ML / diphenhydramine hydrochloride 20 MG/ML Topical Cream")
CYPROHEPTADINE = product("866144", "cyproheptadine hydrochloride 4 MG Oral Tablet")
GABAPENTIN = product("310431", "gabapentin 300 MG Oral Capsule")
LEVETIRACETAM = product("311289", "levetiracetam 500 MG Oral Tablet")
AMITRIPTYLINE = product("856834", "amitriptyline hydrochloride 25 MG Oral Tablet")
QUETIAPINE = product("312744", "quetiapine 25 MG Oral Tablet")
HALOPERIDOL_INJECTION = product("1719646", "1 ML haloperidol 5 MG/ML Injection")
HALOPERIDOL_TABLET = product("310671", "haloperidol 1 MG Oral Tablet")
PROPOFOL = product("1808234", "10 ML propofol 10 MG/ML Injection")
DEXMEDETOMIDINE = product("309710", "2 ML dexmedetomidine 0.1 MG/ML Injection")
LIDOCAINE_DENTAL = product("1293648", "1.7 ML epinephrine 0.01 MG/ML / lidocaine hydrochloride 20 MG/ML Cartridge")
BACLOFEN_TABLET = product("197391", "baclofen 10 MG Oral Tablet")
CODEINE_BUTALBITAL = product("1431286", "acetaminophen 300 MG / butalbital 50 MG / caffeine 40 MG / codeine phosphate 30 MG Oral Capsule")
EPIDURAL = {"route": concept(V3_ROUTE, "EPI", "Injection, epidural")}
INTRAVENOUS = {"route": concept(SNOMED, "47625008", "Intravenous route")}
INTRAMUSCULAR = {"route": concept(SNOMED, "78421000", "Intramuscular route")}
SEIZURE = concept(ICD10, "R56.9", "Unspecified convulsions")
EPILEPSY = concept(ICD10, "G40.909", "Epilepsy, unspecified, not intractable, without status epilepticus")
ALCOHOL_WITHDRAWAL = concept(ICD10, "F10.230", "Alcohol dependence with withdrawal, uncomplicated")
COMFORT = condition("comfort", concept(ICD10, "Z51.5", "Encounter for palliative care"), onset="2026-05-01")
FEVER = observation("fever", concept(LOINC, "8310-5"), "2026-06-15T08:00:00Z", quantity(38.6, "Cel"))
RIGID = pump_data("tone", "tone-change", "2026-06-15T08:00:00Z", "rigidity")
TEXT_PUMP = device(model=None, name=None, type={"text": "Implantable intrathecal infusion pump"})
"""The pump of the quiet patient, known by its words alone."""


def draft(id, medication, dosage=None, status="draft", **more):
    return request(id, medication, status, "2026-06-15", dosage, **more)


def taking(id, medication, since="2026-06-01", **dose):
    """A current entry of the medication list."""
    return statement(id, medication, "active", since, dosage=oral(None, **dose))


def select(drafts, *more, **how):
    """order-select for the quiet pump patient plus `more`."""
    drafts = drafts if isinstance(drafts, list) else [drafts]
    keep = {key: how.pop(key) for key in ("drop", "swap") if key in how}
    return ordering(pump_chart(*more, **keep), drafts, **how)


def egfr(number, at="2026-06-01", unit="mL/min/{1.73_m2}"):
    return lab("egfr", "33914-3", at, number, unit)
