"""Signs, pump data and short forms for the vignettes of identification and withdrawal."""

from __future__ import annotations

from patient import BACLOFEN
from patient import CPT
from patient import ICD10
from patient import INTRATHECAL
from patient import LOINC
from patient import RXNORM
from patient import SUBJECT
from patient import booking
from patient import chart_opening
from patient import concept
from patient import condition
from patient import event
from patient import itb_statement
from patient import lab
from patient import observation
from patient import oral
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity
from patient import statement

QUIET = "itb-pump-summary info"
REFILL_CODE = concept(CPT, "62370", text="Pump refill")
REFILL_VISIT = event("pump-refill", "Pump refill")
REPROGRAM = concept(CPT, "62368", text="Pump reprogramming")
IMPLANT = concept(CPT, "62362", text="Implantation of programmable intrathecal pump")
REMOVE = concept(CPT, "62365", text="Removal of intrathecal pump")
TABLET = concept(RXNORM, "197391", "baclofen 10 MG Oral Tablet")
HOUR_AGO = "2026-06-15T09:00:00Z"


def opened(*more, drop=(), swap=(), withhold=(), encounter=None):
    """The quiet pump patient's chart is opened, with `more` in it."""
    return chart_opening(pump_chart(*more, drop=drop, swap=swap), withhold=withhold, encounter=encounter)


def alarm(date, at="2026-05-01", id="alarm-1", **more):
    return pump_data(id, "low-reservoir-alarm-date", at, f"@{date}", **more)


OVERDUE = alarm("2026-06-10")


def refill(at, id="refill-1", **more):
    return procedure(id, REFILL_CODE, at, **more)


def volume(at, number=40):
    return pump_data("volume-1", "reservoir-volume-after-refill", at, quantity(number, "mL"))


def visit(date, id="visit-1", status="booked", code=REFILL_VISIT, **more):
    return booking(id, code, f"{date}T09:00:00Z", status=status, **more)


def implant(at, id="implant-1", **more):
    return procedure(id, IMPLANT, at, **more)


def fault(code, at="2026-06-14T08:00:00Z", id="fault-1", **more):
    return pump_data(id, "pump-alarm", at, code, **more)


def temperature(number, at=HOUR_AGO, unit="Cel", **more):
    return lab("temperature", "8310-5", at, number, unit, **more)


def heart_rate(number, at=HOUR_AGO):
    return lab("heart-rate", "8867-4", at, number, "/min")


def systolic(number, at=HOUR_AGO):
    return lab("systolic", "8480-6", at, number, "mm[Hg]")


def kinase(number, at=HOUR_AGO, unit="U/L"):
    return lab("kinase", "2157-6", at, number, unit)


def coma_score(number, at=HOUR_AGO, id="gcs"):
    return lab(id, "9269-2", at, number, "{score}")


def itch(value="without-rash", at=HOUR_AGO):
    return pump_data("itch", "itch", at, value)


def tone(value="increased", at=HOUR_AGO, id="tone"):
    return pump_data(id, "tone-change", at, value)


def symptom(value, at=HOUR_AGO, id="symptom"):
    return pump_data(id, "symptom", at, value)


def ashworth(number, at, id):
    return pump_data(id, "modified-ashworth", at, quantity(number, "{score}"))


def ill(code, name, onset="2026-06-14", id="ill", **more):
    """An ICD-10-CM diagnosis."""
    return condition(id, concept(ICD10, code, name), onset=onset, **more)


def doses(*rows):
    """Intrathecal entries (dose, start) of which the last is current and each earlier one ended when the next began."""
    found = []
    for place, (dose, start) in enumerate(rows):
        end = rows[place + 1][1] if place + 1 < len(rows) else None
        found.append(itb_statement(f"itb-{place + 1}", dose, start=start, end=end, status="completed" if end else "active"))
    return found


def tablets(id, milligrams, start, end=None, status="active", per_day=3, **more):
    """Scheduled oral baclofen."""
    return statement(id, TABLET, status, start, end, oral(None, milligrams, per_day=per_day), **more)


def encounter(kind="IMP", id="visit", status="in-progress", **more):
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {"resourceType": "Encounter", "id": id, "status": status, "class": {"system": system, "code": kind}, "subject": SUBJECT, **more}


def flag(text, id="flag-1", status="active", **more):
    return {"resourceType": "Flag", "id": id, "status": status, "code": {"text": text}, "subject": SUBJECT, **more}


def of_text(id, text, at=HOUR_AGO, value=None, **more):
    """An Observation that only words identify."""
    return observation(id, {"text": text}, at, value, **more)


def body_value(id, loinc, at, number, unit):
    return observation(id, concept(LOINC, loinc), at, quantity(number, unit))


def itb_entry(dosage, medication=BACLOFEN, id="itb-1", status="active", start="2026-01-10", end=None, **more):
    """An intrathecal entry with a dosage of its own making."""
    return statement(id, medication, status, start, end, {"route": INTRATHECAL, **dosage}, **more)
