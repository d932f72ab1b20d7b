"""R26 itb-cns-antihistamine."""

from __future__ import annotations

from build import case
from drugs import CYPROHEPTADINE
from drugs import DIPHENHYDRAMINE_CREAM
from drugs import HYDROXYZINE
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from drugs import taking
from patient import ICD10
from patient import concept
from patient import oral
from patient import ordering
from patient import patient

RULE = "itb-cns-antihistamine"
WITHDRAWAL = {"text": "Baclofen withdrawal"}


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


INFO = [f"{RULE} info"]

CASES = [
    one("hydroxyzine", "Hydroxyzine for a pump patient is a note that names itch", select(draft("rx", HYDROXYZINE)), INFO, says=["itch", "withdrawal"]),
    one("by-name-only", "Diphenhydramine known by its name alone is a note for a pump patient", select(draft("rx", {"text": "Diphenhydramine 25 mg capsule"})), INFO),
    one(
        "itch-reason",
        "Hydroxyzine ordered for itching is the same note",
        select(draft("rx", HYDROXYZINE, reasonCode=[concept(ICD10, "L29.9", "Pruritus")])),
        INFO,
    ),
    one(
        "pump-by-words",
        "A pump known from words only brings the note on hydroxyzine, and the record suggests the pump",
        select(draft("rx", HYDROXYZINE), swap=[TEXT_PUMP]),
        INFO,
        says=["record suggests"],
    ),
    one("cyproheptadine", "Cyproheptadine for a pump patient who is not in withdrawal is a note", select(draft("rx", CYPROHEPTADINE)), INFO),
    one(
        "cyproheptadine-in-withdrawal",
        "Cyproheptadine for baclofen withdrawal is treatment",
        select(draft("rx", CYPROHEPTADINE, reasonCode=[WITHDRAWAL])),
        ["itb-withdrawal-treatment info"],
    ),
    one("cream", "An antihistamine cream for the skin is not alerted", select(draft("rx", DIPHENHYDRAMINE_CREAM)), []),
    one("loratadine", "Loratadine, which hardly sedates, is not alerted", select(draft("rx", {"text": "Loratadine 10 mg tablet"})), []),
    one(
        "renewal",
        "A renewal of hydroxyzine is not alerted",
        select(draft("rx", HYDROXYZINE, oral(None, 10, 2)), taking("home", HYDROXYZINE, "2026-05-16", dose_mg=10, per_day=2)),
        [],
    ),
    one("stop", "An order that stops hydroxyzine is not alerted", select(draft("rx", HYDROXYZINE, status="stopped")), []),
    one("no-pump", "Hydroxyzine for a patient without a pump is not alerted", ordering([patient()], [draft("rx", HYDROXYZINE)]), []),
]
