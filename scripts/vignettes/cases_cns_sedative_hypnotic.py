"""R24 itb-cns-sedative-hypnotic."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import EPILEPSY
from drugs import OXYBATE
from drugs import PHENOBARBITAL
from drugs import SEIZURE
from drugs import SUVOREXANT
from drugs import TEXT_PUMP
from drugs import ZOLPIDEM
from drugs import draft
from drugs import select
from drugs import taking
from patient import condition
from patient import event
from patient import oral
from patient import order

RULE = "itb-cns-sedative-hypnotic"
EXPLANT = order("out", event("pump-explant", "Removal of intrathecal pump"), "active", at="2026-06-20", authored="2026-06-12")


def fires(name, title, request, indicator="warning", **more):
    return case(RULE, name, title, request, [f"{RULE} {indicator}"], **more)


CASES = [
    fires("zolpidem", "Zolpidem for a pump patient is a warning", select(draft("rx", ZOLPIDEM)), says=["zolpidem"]),
    fires("oxybate", "Sodium oxybate is a warning, since it acts on the same receptor as baclofen", select(draft("rx", OXYBATE)), says=["GABA-B"]),
    fires("suvorexant", "Suvorexant for a pump patient is a note", select(draft("rx", SUVOREXANT)), "info"),
    fires("by-name-only", "Zopiclone known by its name alone is a warning", select(draft("rx", {"text": "Zopiclone 7.5 mg tablet"}))),
    fires("pump-by-words", "A pump known from words only brings the warning on zolpidem, and the record suggests the pump", select(draft("rx", ZOLPIDEM), swap=[TEXT_PUMP]), says=["record suggests"]),
    fires("phenobarbital", "Phenobarbital for a patient without epilepsy is a warning", select(draft("rx", PHENOBARBITAL))),
    fires(
        "phenobarbital-in-epilepsy",
        "Phenobarbital for a patient with known epilepsy is a note",
        select(draft("rx", PHENOBARBITAL), condition("epilepsy", EPILEPSY, onset="2012-01-01")),
        "info",
    ),
    fires("epilepsy-as-reason", "Phenobarbital with epilepsy as its reason is a note", select(draft("rx", PHENOBARBITAL, reasonCode=[EPILEPSY])), "info"),
    fires(
        "epilepsy-resolved",
        "Phenobarbital is a warning when the epilepsy on the list is resolved",
        select(draft("rx", PHENOBARBITAL), condition("epilepsy", EPILEPSY, onset="2012-01-01", clinical="resolved")),
    ),
    fires("comfort-care", "Zolpidem for a pump patient in comfort care is a note", select(draft("rx", ZOLPIDEM), COMFORT), "info"),
    fires(
        "renewal",
        "A renewal of long-term zolpidem is a note",
        select(draft("rx", ZOLPIDEM, oral(None, 10, 1)), taking("home", ZOLPIDEM, "2026-05-16", dose_mg=10, per_day=1)),
        "info",
    ),
    fires("z-drug-is-never-exempt", "Zolpidem is no treatment of withdrawal, even with removal of the pump on order", select(draft("rx", ZOLPIDEM), EXPLANT)),
    fires(
        "barbiturate-without-seizure",
        "Phenobarbital around removal of the pump, but not for a seizure, stays an interaction",
        select(draft("rx", PHENOBARBITAL), EXPLANT),
    ),
    case(
        RULE,
        "barbiturate-for-seizure",
        "Phenobarbital for a seizure is treatment of withdrawal",
        select(draft("rx", PHENOBARBITAL, reasonCode=[SEIZURE])),
        ["itb-withdrawal-treatment info"],
    ),
    case(RULE, "melatonin", "Melatonin for a pump patient is not alerted", select(draft("rx", {"text": "Melatonin 3 mg tablet"})), []),
    case(RULE, "stop", "An order that stops zolpidem is not alerted", select(draft("rx", ZOLPIDEM, status="cancelled")), []),
]
