"""Building blocks for the order, insertion and procedure vignettes: a quiet candidate without a pump, and the orders placed for one."""

from __future__ import annotations

from patient import BACLOFEN
from patient import CPT
from patient import ICD10
from patient import INTRATHECAL
from patient import RXNORM
from patient import SNOMED
from patient import SUBJECT
from patient import administration
from patient import chart_opening
from patient import concept
from patient import condition
from patient import lab
from patient import oral
from patient import order
from patient import ordering
from patient import patient
from patient import quantity
from patient import statement

ROUTES = {"iv": "47625008", "sc": "34206005", "im": "78421000", "oral": "26643006"}
CATHETER = concept(CPT, "62350", text="Implantation of an intrathecal catheter")
PUMP = concept(CPT, "62362", text="Implantation of a programmable intrathecal pump")
SEED_INSERTION = "catheter-insertion contraindications (anticoagulant, coagulopathy, local/systemic infection, spine anatomy)"


def route(name):
    return concept(SNOMED, ROUTES[name])


def drug(code, name):
    return concept(RXNORM, code, name)


def platelets(number, at="2026-06-14T08:00:00Z", unit="10*9/L", **more):
    return lab("platelets-1", "777-3", at, number, unit, **more)


def inr(number, at="2026-06-14T08:00:00Z", unit=None, **more):
    return lab("inr-1", "6301-6", at, number, unit, **more)


def candidate(*more, drop=(), swap=()):
    """A patient without a pump: oral baclofen for multiple sclerosis, normal platelets and INR of yesterday. Nothing speaks against an insertion."""
    base = [
        patient(),
        statement("oral-baclofen", drug("197391", "baclofen 10 MG Oral Tablet"), "active", "2024-01-10", dosage=oral(None, 20, 3)),
        condition("ms", concept(ICD10, "G35", "Multiple sclerosis"), onset="2015-04-01"),
        platelets(250),
        inr(1.0),
    ]
    kept = [resource for resource in base if resource["id"] not in set(drop) | {resource["id"] for resource in swap}]
    return kept + list(swap) + list(more)


def catheter(at="2026-06-18T10:00:00Z", id="catheter-order", **more):
    """A draft to implant an intrathecal catheter; `at` None: undated."""
    return order(id, CATHETER, at=at, **more)


def inserting(*more, at="2026-06-18T10:00:00Z", drop=(), swap=(), drafts=None, **options):
    """The candidate's order-select request with a catheter draft."""
    return ordering(candidate(*more, drop=drop, swap=swap), drafts or [catheter(at)], **options)


def standing(*more, at="2026-06-18T10:00:00Z", authored="2026-06-10", drop=(), swap=(), **options):
    """The candidate's chart is opened; a catheter implant stands ordered."""
    placed = order("catheter-order", CATHETER, "active", at=at, authored=authored)
    return chart_opening(candidate(placed, *more, drop=drop, swap=swap), **options)


def taken(code, name, status="active", start="2025-01-10", end=None, dosage=None, id=None, **more):
    return statement(id or f"{name.split()[0].lower()}-1", drug(code, name), status, start, end, dosage, **more)


def dose(number, unit, per_day=None, by="sc"):
    dosage = {"route": route(by), "doseAndRate": [{"doseQuantity": quantity(number, unit)}]}
    if per_day:
        dosage["timing"] = {"repeat": {"frequency": per_day, "period": 1, "periodUnit": "d"}}
    return dosage


def itb_draft(dose=None, unit="ug/d", id="itb-draft", medication=None, single=None, event=None, **more):
    """A draft of intrathecal baclofen: a daily rate (`dose`), or one dose (`single`, µg)."""
    dosage = {"route": INTRATHECAL}
    if dose is not None:
        dosage["doseAndRate"] = [{"rateQuantity": quantity(dose, unit)}]
    if single is not None:
        dosage["doseAndRate"] = [{"doseQuantity": quantity(single, unit if unit != "ug/d" else "ug")}]
    if event:
        dosage["timing"] = {"event": [event]}
    return {
        "resourceType": "MedicationRequest", "id": id, "status": "draft", "intent": "order", "subject": SUBJECT,
        "medicationCodeableConcept": medication or BACLOFEN, "dosageInstruction": [dosage], **more,
    }  # fmt: skip


def bolus(number, at, id="bolus-1", status="completed"):
    """A screening bolus that was given."""
    dosage = {"route": INTRATHECAL, "dose": quantity(number, "ug")}
    return administration(id, BACLOFEN, at, status, dosage)
