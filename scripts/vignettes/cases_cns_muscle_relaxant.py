"""R25 itb-cns-muscle-relaxant."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import CYCLOBENZAPRINE
from drugs import DANTROLENE
from drugs import TEXT_PUMP
from drugs import TIZANIDINE
from drugs import draft
from drugs import select
from drugs import taking
from patient import device
from patient import event
from patient import oral
from patient import order
from patient import ordering
from patient import patient

RULE = "itb-cns-muscle-relaxant"
EXPLANT = order("out", event("pump-explant", "Removal of intrathecal pump"), "active", at="2026-06-20", authored="2026-06-12")


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


WARNING = [f"{RULE} warning"]

CASES = [
    one("tizanidine", "Tizanidine for a pump patient is a warning", select(draft("rx", TIZANIDINE)), WARNING, says=["blood pressure"]),
    one("cyclobenzaprine", "Cyclobenzaprine for a pump patient is a warning", select(draft("rx", CYCLOBENZAPRINE)), WARNING),
    one("by-name-only", "Carisoprodol known by its name alone is a warning for a pump patient", select(draft("rx", {"text": "Carisoprodol 350 mg tablet"})), WARNING),
    one("by-an-old-brand-name", "Flexeril, a brand no longer sold, is a warning like cyclobenzaprine", select(draft("rx", {"text": "Flexeril 10 mg"})), WARNING),
    one(
        "pump-by-words",
        "A pump known from words only brings the warning on tizanidine, and the record suggests the pump",
        select(draft("rx", TIZANIDINE), swap=[TEXT_PUMP]),
        WARNING,
        says=["record suggests"],
    ),
    one(
        "pump-without-status",
        "A pump on the device list without a status brings the warning, and the record suggests the pump",
        select(draft("rx", TIZANIDINE), swap=[{key: value for key, value in device().items() if key != "status"}]),
        WARNING,
        says=["record suggests"],
    ),
    one("comfort-care", "Tizanidine for a pump patient in comfort care is a note", select(draft("rx", TIZANIDINE), COMFORT), [f"{RULE} info"]),
    one("dantrolene", "Dantrolene acts in the muscle and is not alerted", select(draft("rx", DANTROLENE)), []),
    one(
        "renewal",
        "A renewal of tizanidine at the same dose is not alerted",
        select(draft("rx", TIZANIDINE, oral(None, 4, 3)), taking("home", TIZANIDINE, "2026-05-16", dose_mg=4, per_day=3)),
        [],
    ),
    one(
        "dose-raised",
        "A higher dose of tizanidine than before is a warning",
        select(draft("rx", TIZANIDINE, oral(None, 4, 4)), taking("home", TIZANIDINE, "2026-01-10", dose_mg=4, per_day=3)),
        WARNING,
    ),
    one("in-withdrawal", "Tizanidine around removal of the pump is treatment and no interaction", select(draft("rx", TIZANIDINE), EXPLANT), ["itb-withdrawal-treatment info"]),
    one(
        "relaxant-in-withdrawal",
        "Cyclobenzaprine around removal of the pump stays an interaction",
        select(draft("rx", CYCLOBENZAPRINE), EXPLANT),
        WARNING,
    ),
    one("stop", "An order that stops tizanidine is not alerted", select(draft("rx", TIZANIDINE, doNotPerform=True)), []),
    one("no-pump", "Tizanidine for a patient without a pump is not alerted", ordering([patient()], [draft("rx", TIZANIDINE)]), []),
]
