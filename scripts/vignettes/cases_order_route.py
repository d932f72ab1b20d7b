"""R37 itb-order-route."""

from __future__ import annotations

from build import case
from insertion import ROUTES
from insertion import drug
from patient import BACLOFEN
from patient import INTRATHECAL
from patient import ORAL
from patient import RXNORM
from patient import SNOMED
from patient import SUBJECT
from patient import concept
from patient import device
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import statement

RULE = "itb-order-route"
CRITICAL = f"{RULE} critical"
INJECTION = concept(RXNORM, "105398", "baclofen 0.5 MG/ML Injectable Solution")


def draft(by, medication=BACLOFEN, status="draft", **more):
    dosage = {} if by is None else {"route": by if isinstance(by, dict) else concept(SNOMED, ROUTES[by])}
    return {
        "resourceType": "MedicationRequest", "id": "baclofen-draft", "status": status, "intent": "order", "subject": SUBJECT,
        "medicationCodeableConcept": medication, "dosageInstruction": [dosage], **more,
    }  # fmt: skip


def c(name, title, chart, order, cards, **more):
    return case(RULE, name, title, ordering(chart, [order], **more.pop("request", {})), cards, **more)


CASES = [
    c("intravenous", "Baclofen ordered into a vein is critical in a patient without a pump", [patient()], draft("iv"), [CRITICAL], says=["intravenous", "intrathecal"]),
    c("intramuscular", "Baclofen ordered into a muscle is critical", [patient()], draft("im"), [CRITICAL]),
    c("subcutaneous", "Baclofen ordered under the skin is critical", [patient()], draft("sc"), [CRITICAL]),
    c("epidural", "Baclofen ordered into the epidural space is critical", [patient()], draft(concept("http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", "EPI", "epidural")), [CRITICAL], says=["epidural"]),
    c("route-in-words", "Baclofen ordered into a vein in words only is critical", [patient()], draft({"text": "IV push"}), [CRITICAL]),
    c("in-a-pump-patient", "A wrong route of baclofen in a pump patient is one critical card", pump_chart(), draft("iv"), [CRITICAL]),
    c("pump-with-another-drug", "A wrong route of baclofen is critical in a patient whose pump holds morphine, too",
      [patient(), device(), statement("morphine", drug("7052", "morphine"), "active", "2026-01-01", dosage={"route": INTRATHECAL})], draft("iv"), [CRITICAL]),
    c("intrathecal", "Baclofen ordered into the spinal fluid has the right route and brings no card", pump_chart(), draft(INTRATHECAL), []),
    c("oral", "Baclofen ordered by mouth is no injection and brings no card", [patient()], draft(ORAL, drug("197391", "baclofen 10 MG Oral Tablet")), []),
    c("no-route", "A baclofen order without a route is not judged", [patient()], draft(None), []),
    c("another-drug", "Another drug ordered into a vein is not judged", [patient()], draft("iv", drug("7052", "morphine")), []),
    c("stop-order", "An order that stops intravenous baclofen is not judged", [patient()], draft("iv", status="stopped"), []),
    c("research-study", "A visit for a research study is left alone",
      [patient(), {"resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": "IMP"}, "subject": SUBJECT, "type": [{"text": "Research study visit"}]}],
      draft("iv"), []),
    c("lists-withheld", "A wrong route of baclofen is critical even when no list was delivered", [patient()], draft("iv"), [CRITICAL, "itb-not-assessed info"],
      request={"withhold": ("Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Condition", "Observation", "Procedure")}),
    c("deceased", "A patient who has died gets no card on the route", [patient(deceasedBoolean=True)], draft("iv"), []),
]  # fmt: skip
