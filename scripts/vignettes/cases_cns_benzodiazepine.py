"""R23 itb-cns-benzodiazepine."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from drugs import DIAZEPAM
from drugs import LORAZEPAM
from drugs import SEIZURE
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from drugs import taking
from patient import CPT
from patient import concept
from patient import oral
from patient import procedure

RULE = "itb-cns-benzodiazepine"


def fires(name, title, request, indicator="warning", **more):
    return case(RULE, name, title, request, [f"{RULE} {indicator}"], **more)


CASES = [
    fires("diazepam", "Diazepam for a pump patient who is well is a warning", select(draft("rx", DIAZEPAM, oral(None, 5, 3))), says=["diazepam"]),
    fires("by-atc", "A benzodiazepine coded another way is a warning", select(draft("rx", concept("http://www.whocc.no/atc", "N05BA01", "diazepam")))),
    fires("pump-by-words", "A pump known from words only brings the warning on diazepam, and the record suggests the pump", select(draft("rx", DIAZEPAM), swap=[TEXT_PUMP]), says=["record suggests"]),
    fires("comfort-care", "Diazepam for a pump patient in comfort care is a note", select(draft("rx", DIAZEPAM), COMFORT), "info"),
    fires(
        "renewal",
        "A renewal of long-term diazepam is a note",
        select(draft("rx", DIAZEPAM, oral(None, 5, 3)), taking("home", DIAZEPAM, "2026-05-16", dose_mg=5, per_day=3)),
        "info",
        says=["abruptly"],
    ),
    fires(
        "not-yet-renewal",
        "Diazepam taken for 29 days is not yet a renewal",
        select(draft("rx", DIAZEPAM, oral(None, 5, 3)), taking("home", DIAZEPAM, "2026-05-17", dose_mg=5, per_day=3)),
    ),
    fires(
        "epilepsy-is-no-seizure",
        "Diazepam with epilepsy as its reason is no treatment of withdrawal",
        select(draft("rx", DIAZEPAM, reasonCode=[concept("http://hl7.org/fhir/sid/icd-10-cm", "G40.909", "Epilepsy")])),
    ),
    case(
        RULE,
        "for-seizure",
        "Diazepam for a seizure is treatment of withdrawal and no interaction",
        select(draft("rx", DIAZEPAM, reasonCode=[SEIZURE])),
        ["itb-withdrawal-treatment info"],
    ),
    case(RULE, "stop", "An order that stops diazepam is not alerted", select(draft("rx", DIAZEPAM, status="stopped")), []),
    case(
        RULE,
        "with-opioid",
        "Diazepam beside an opioid brings the card on the combination instead",
        select(draft("rx", DIAZEPAM), taking("home", {"text": "oxycodone 5 mg tablet"})),
        ["itb-cns-combination critical"],
    ),
    case(
        RULE,
        "pump-taken-out",
        "A benzodiazepine after the pump was taken out is treatment and no interaction",
        select(draft("rx", LORAZEPAM), procedure("out", concept(CPT, "62365", text="Removal of intrathecal pump"), "2026-06-10")),
        ["itb-withdrawal-treatment info"],
    ),
]
