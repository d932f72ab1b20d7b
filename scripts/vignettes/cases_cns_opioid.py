"""R22 itb-cns-opioid."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import EPIDURAL
from drugs import FENTANYL_PATCH
from drugs import LOPERAMIDE
from drugs import MORPHINE_INJECTION
from drugs import OXYCODONE
from drugs import SEIZURE
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from drugs import taking
from patient import BACLOFEN
from patient import INTRATHECAL
from patient import oral
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import statement

RULE = "itb-cns-opioid"


def fires(name, title, request, indicator="warning", **more):
    return case(RULE, name, title, request, [f"{RULE} {indicator}"], **more)


def quiet(name, title, request, **more):
    return case(RULE, name, title, request, [], **more)


def twice_daily(number=5):
    return oral(None, number, 2)


CASES = [
    fires(
        "oxycodone",
        "Oxycodone ordered for a patient with a baclofen pump is a warning",
        select(draft("rx", OXYCODONE, twice_daily())),
        says=["oxycodone", "breathing", "400 µg/day"],
        seeds=["CNS depressants and alcohol list; driving"],
    ),
    fires(
        "no-route-no-unit",
        "Oxycodone ordered as one pill, without a route, is a warning all the same",
        select(draft("rx", OXYCODONE, {"doseAndRate": [{"doseQuantity": {"value": 1, "code": "{pill}"}}]})),
    ),
    fires("signing", "Oxycodone brings the same warning when the order is signed", select(draft("rx", OXYCODONE, twice_daily()), hook="order-sign")),
    fires("patch", "A fentanyl patch on the skin is a warning", select(draft("rx", FENTANYL_PATCH))),
    fires("by-name-only", "Tramadol known by its name alone is a warning", select(draft("rx", {"text": "Tramadol 50 mg tablet"})), says=["tramadol"]),
    fires("epidural", "Morphine ordered into the epidural space is critical", select(draft("rx", MORPHINE_INJECTION, EPIDURAL)), "critical", says=["breathlessness"]),
    fires("intrathecal", "Morphine ordered into the spinal fluid is critical", select(draft("rx", MORPHINE_INJECTION, {"route": INTRATHECAL})), "critical"),
    fires("epidural-comfort-care", "Epidural morphine in comfort care is a warning", select(draft("rx", MORPHINE_INJECTION, EPIDURAL), COMFORT)),
    fires("comfort-care", "Oxycodone in comfort care is a note", select(draft("rx", OXYCODONE, twice_daily()), COMFORT), "info"),
    fires(
        "renewal-after-30-days",
        "A renewal of oxycodone taken for 30 days at the same dose is a note",
        select(draft("rx", OXYCODONE, twice_daily()), taking("home", OXYCODONE, "2026-05-16", dose_mg=5, per_day=2)),
        "info",
    ),
    fires(
        "taken-29-days",
        "Oxycodone taken for 29 days only is not yet a renewal",
        select(draft("rx", OXYCODONE, twice_daily()), taking("home", OXYCODONE, "2026-05-17", dose_mg=5, per_day=2)),
    ),
    fires(
        "dose-raised",
        "A renewal of oxycodone at a higher dose is a warning",
        select(draft("rx", OXYCODONE, twice_daily(10)), taking("home", OXYCODONE, "2026-01-10", dose_mg=5, per_day=2)),
    ),
    fires(
        "as-needed-is-no-renewal-of-scheduled",
        "Oxycodone taken as needed does not make a scheduled order a renewal",
        select(draft("rx", OXYCODONE, twice_daily()), taking("home", OXYCODONE, "2026-01-10", dose_mg=5, per_day=2, prn=True)),
    ),
    fires(
        "dose-unknown-is-no-renewal",
        "An oxycodone order without a known dose is never called a renewal",
        select(draft("rx", OXYCODONE), taking("home", OXYCODONE, "2026-01-10", dose_mg=5, per_day=2)),
    ),
    fires(
        "pump-by-words",
        "A pump known from words only brings the warning on oxycodone, and the record suggests the pump",
        select(draft("rx", OXYCODONE, twice_daily()), swap=[TEXT_PUMP]),
        says=["record suggests"],
    ),
    fires(
        "opioid-is-never-exempt",
        "Morphine given for a seizure stays an interaction, since an opioid does not treat withdrawal",
        select(draft("rx", MORPHINE_INJECTION, reasonCode=[SEIZURE])),
    ),
    quiet("loperamide", "Loperamide acts in the gut and is not alerted", select(draft("rx", LOPERAMIDE))),
    quiet("amoxicillin", "An antibiotic ordered for a pump patient is not alerted", select(draft("rx", {"text": "Amoxicillin 500 mg capsule"}))),
    quiet("stop", "An order that stops oxycodone is not alerted", select(draft("rx", OXYCODONE, status="stopped"))),
    quiet(
        "not-selected",
        "An opioid order that is only in the background is not alerted",
        select([draft("rx", OXYCODONE), draft("other", {"text": "Amoxicillin 500 mg capsule"})], selections=["MedicationRequest/other"]),
    ),
    quiet(
        "oral-baclofen-only",
        "A patient who takes baclofen tablets and has no pump gets no card",
        ordering([patient(), statement("oral", BACLOFEN, "active", "2026-01-10", dosage=oral(None, 10, 3))], [draft("rx", OXYCODONE)]),
    ),
    case(
        RULE,
        "lists-missing",
        "Without the medication lists a recent refill still tells of the pump, and what was not seen is said",
        ordering(pump_chart(), [draft("rx", OXYCODONE)], withhold=("Device", "MedicationStatement", "MedicationRequest")),
        [f"{RULE} warning", "itb-not-assessed info"],
        says=["record suggests"],
    ),
    case(
        RULE,
        "pump-status-unknown",
        "Where nothing tells whether there is a pump, the request is refused with what is missing",
        ordering(
            pump_chart(), [draft("rx", OXYCODONE)], withhold=("Device", "MedicationStatement", "MedicationRequest", "Procedure", "MedicationAdministration")
        ),
        [],
        status=412,
    ),
]
