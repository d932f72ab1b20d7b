"""R32 itb-oral-baclofen-added."""

from __future__ import annotations

from build import case
from drugs import BACLOFEN_TABLET
from drugs import TEXT_PUMP
from drugs import draft
from drugs import egfr
from drugs import select
from drugs import taking
from patient import ICD10
from patient import concept
from patient import condition
from patient import event
from patient import oral
from patient import order
from patient import ordering
from patient import patient

RULE = "itb-oral-baclofen-added"
EXPLANT = order("out", event("pump-explant", "Removal of intrathecal pump"), "active", at="2026-06-20", authored="2026-06-12")
DIALYSIS = condition("dialysis", concept(ICD10, "Z99.2", "Dependence on renal dialysis"), onset="2024-01-01")


def tablets(id="rx", **more):
    return draft(id, BACLOFEN_TABLET, oral(None, 10, 3), **more)


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


INFO, WARNING = [f"{RULE} info"], [f"{RULE} warning"]

CASES = [
    one("added", "Baclofen tablets ordered beside the pump are a note that asks whether the pump delivers", select(tablets()), INFO, says=["pump"]),
    one("egfr-30", "An eGFR of exactly 30 leaves the tablets a note", select(tablets(), egfr(30)), INFO),
    one("egfr-29", "An eGFR of 29 makes the tablets a warning", select(tablets(), egfr(29)), WARNING, says=["eGFR 29", "encephalopathy"]),
    one(
        "egfr-reported-below-30",
        "An eGFR reported as below 30 makes the tablets a warning",
        select(tablets(), {**egfr(30), "valueQuantity": {**egfr(30)["valueQuantity"], "comparator": "<"}}),
        WARNING,
    ),
    one("egfr-90-days", "An eGFR below 30 of 90 days ago counts", select(tablets(), egfr(20, "2026-03-17")), WARNING),
    one("egfr-91-days", "An eGFR below 30 of 91 days ago does not count", select(tablets(), egfr(20, "2026-03-16")), INFO),
    one("egfr-newer-normal", "A newer normal eGFR silences an older low one and leaves the tablets a note", select(tablets(), {**egfr(20, "2026-05-01"), "id": "old"}, egfr(60)), INFO),
    one("egfr-unknown-unit", "An eGFR without a unit is not used, and the tablets stay a note", select(tablets(), {**egfr(20), "valueQuantity": {"value": 20}}), INFO),
    one("dialysis", "Dialysis makes the tablets a warning", select(tablets(), DIALYSIS), WARNING),
    one("as-needed", "Baclofen tablets ordered as needed are not alerted", select(draft("rx", BACLOFEN_TABLET, oral(None, 10, prn=True))), []),
    one(
        "as-needed-poor-kidneys",
        "Baclofen tablets ordered as needed are a warning when the eGFR is below 30",
        select(draft("rx", BACLOFEN_TABLET, oral(None, 10, prn=True)), egfr(29)),
        WARNING,
    ),
    one(
        "as-needed-egfr-30", "Baclofen tablets ordered as needed are not alerted at an eGFR of 30", select(draft("rx", BACLOFEN_TABLET, oral(None, 10, prn=True)), egfr(30)), []
    ),
    one("renewal", "A renewal of baclofen tablets is not alerted", select(tablets(), taking("home", BACLOFEN_TABLET, "2026-05-16", dose_mg=10, per_day=3)), []),
    one(
        "as-needed-entry-is-no-renewal",
        "Rescue tablets on the list do not make a scheduled order a renewal",
        select(tablets()),
        INFO,
    ),
    one("by-name-only", "Baclofen tablets known by name alone are a note", select(draft("rx", {"text": "Baclofen 10 mg oral tablet"})), INFO),
    one("pump-by-words", "A pump known from words only brings the note on tablets, and the record suggests the pump", select(tablets(), swap=[TEXT_PUMP]), INFO, says=["record suggests"]),
    one("around-removal", "Baclofen tablets around removal of the pump are treatment and no note", select(tablets(), EXPLANT), ["itb-withdrawal-treatment info"]),
    one("no-pump", "Baclofen tablets for a patient without a pump are not alerted", ordering([patient()], [tablets()]), []),
]
