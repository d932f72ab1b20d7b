"""R28 itb-cns-psychotropic."""

from __future__ import annotations

from build import case
from drugs import AMITRIPTYLINE
from drugs import ATC
from drugs import FEVER
from drugs import HALOPERIDOL_INJECTION
from drugs import INTRAMUSCULAR
from drugs import QUETIAPINE
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from drugs import taking
from patient import concept
from patient import oral
from patient import ordering
from patient import patient

RULE = "itb-cns-psychotropic"


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


INFO = [f"{RULE} info"]

CASES = [
    one("quetiapine", "Quetiapine for a pump patient is a note", select(draft("rx", QUETIAPINE)), INFO),
    one("amitriptyline", "Amitriptyline for a pump patient is a note", select(draft("rx", AMITRIPTYLINE)), INFO),
    one(
        "levodopa", "Levodopa for a pump patient is a note about confusion", select(draft("rx", concept(ATC, "N04BA02", "levodopa and carbidopa"))), INFO, says=["hallucinations"]
    ),
    one("by-name-only", "Mirtazapine known by its name alone is a note", select(draft("rx", {"text": "Mirtazapine 15 mg tablet"})), INFO),
    one(
        "pump-by-words",
        "A pump known from words only brings the note on quetiapine, and the record suggests the pump",
        select(draft("rx", QUETIAPINE), swap=[TEXT_PUMP]),
        INFO,
        says=["record suggests"],
    ),
    one("sertraline", "Sertraline is not alerted", select(draft("rx", {"text": "Sertraline 50 mg tablet"})), []),
    one(
        "renewal",
        "A renewal of quetiapine is not alerted",
        select(draft("rx", QUETIAPINE, oral(None, 25, 1)), taking("home", QUETIAPINE, "2026-05-16", dose_mg=25, per_day=1)),
        [],
    ),
    one(
        "masking",
        "Haloperidol by injection for a feverish patient brings the masking card instead",
        select(draft("rx", HALOPERIDOL_INJECTION, INTRAMUSCULAR), FEVER),
        ["itb-masking-treatment warning"],
    ),
    one("stop", "An order that stops quetiapine is not alerted", select(draft("rx", QUETIAPINE, status="stopped")), []),
    one("no-pump", "Quetiapine for a patient without a pump is not alerted", ordering([patient()], [draft("rx", QUETIAPINE)]), []),
]
