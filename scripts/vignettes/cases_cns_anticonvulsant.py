"""R27 itb-cns-anticonvulsant."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import GABAPENTIN
from drugs import LEVETIRACETAM
from drugs import OXYCODONE
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from drugs import taking
from patient import ICD10
from patient import concept
from patient import condition
from patient import oral
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import statement

RULE = "itb-cns-anticonvulsant"


def lungs(clinical="active", code=None):
    return condition("lungs", code or concept(ICD10, "J44.9", "Chronic obstructive pulmonary disease, unspecified"), onset="2015-01-01", clinical=clinical)


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


INFO, WARNING = [f"{RULE} info"], [f"{RULE} warning"]

CASES = [
    one("gabapentin", "Gabapentin for a pump patient is a note", select(draft("rx", GABAPENTIN)), INFO, says=["do not stop"]),
    one("levetiracetam", "Levetiracetam for a pump patient is a note", select(draft("rx", LEVETIRACETAM)), INFO),
    one(
        "with-opioid",
        "Gabapentin while an opioid is taken is a warning",
        select(draft("rx", GABAPENTIN), taking("opi", OXYCODONE)),
        WARNING,
        says=["oxycodone"],
    ),
    one(
        "with-stopped-opioid",
        "An opioid that was stopped does not make gabapentin a warning",
        select(draft("rx", GABAPENTIN), statement("opi", OXYCODONE, "stopped", "2026-05-01", "2026-06-01")),
        INFO,
    ),
    one("with-copd", "Gabapentin with chronic lung disease is a warning", select(draft("rx", GABAPENTIN), lungs()), WARNING),
    one(
        "with-sleep-apnoea",
        "Gabapentin with sleep apnoea is a warning",
        select(draft("rx", GABAPENTIN), lungs(code=concept(ICD10, "G47.33", "Obstructive sleep apnea"))),
        WARNING,
    ),
    one("with-resolved-lung-disease", "A lung disease that is resolved does not make gabapentin a warning", select(draft("rx", GABAPENTIN), lungs("resolved")), INFO),
    one(
        "with-suspected-apnoea",
        "A suspected sleep apnoea leaves gabapentin a note, and the record suggests it",
        select(
            draft("rx", GABAPENTIN), condition("lungs", concept(ICD10, "G47.33", "Obstructive sleep apnea"), onset="2025-01-01", verification="unconfirmed")
        ),
        INFO,
        says=["record suggests"],
    ),
    one(
        "antiseizure-with-opioid", "Levetiracetam stays a note beside an opioid", select(draft("rx", LEVETIRACETAM), taking("opi", OXYCODONE)), INFO
    ),
    one("comfort-care", "Gabapentin beside an opioid is a note in comfort care", select(draft("rx", GABAPENTIN), taking("opi", OXYCODONE), COMFORT), INFO),
    one("by-name-only", "Pregabalin known by its name alone is a note", select(draft("rx", {"text": "Pregabalin 75 mg capsule"})), INFO),
    one(
        "pump-by-words",
        "A pump known from words only brings the note on gabapentin, and the record suggests the pump",
        select(draft("rx", GABAPENTIN), swap=[TEXT_PUMP]),
        INFO,
        says=["record suggests"],
    ),
    one(
        "renewal",
        "A renewal of gabapentin is not alerted",
        select(draft("rx", GABAPENTIN, oral(None, 300, 3)), taking("home", GABAPENTIN, "2026-05-16", dose_mg=300, per_day=3)),
        [],
    ),
    one("stop", "An order that stops gabapentin is not alerted", select(draft("rx", GABAPENTIN, status="stopped")), []),
    one("no-pump", "Gabapentin for a patient without a pump is not alerted", ordering([patient()], [draft("rx", GABAPENTIN)]), []),
    one(
        "conditions-missing",
        "Without the condition list gabapentin stays a note",
        ordering(pump_chart(lungs()), [draft("rx", GABAPENTIN)], withhold=("Condition",)),
        INFO,
    ),
]
