"""R21 itb-physostigmine-order."""

from __future__ import annotations

from build import case
from drugs import INTRAVENOUS
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from patient import ordering
from patient import patient

RULE = "itb-physostigmine-order"
DRUG = {"text": "Physostigmine salicylate 1 mg/mL injection"}


def one(name, title, request, fires, **more):
    return case(RULE, name, title, request, [f"{RULE} warning"] if fires else [], **more)


CASES = [
    one("ordered", "Physostigmine for a pump patient is a warning", select(draft("rx", DRUG, INTRAVENOUS)), True, says=["toxicology"]),
    one("no-route", "Physostigmine without a route is a warning too", select(draft("rx", {"text": "Physostigmine"})), True),
    one("pump-by-words", "A pump known from words only brings the warning on physostigmine, and the record suggests the pump", select(draft("rx", DRUG), swap=[TEXT_PUMP]), True, says=["record suggests"]),
    one(
        "eye-drops",
        "Physostigmine eye drops are not alerted",
        select(draft("rx", {"text": "Physostigmine eye drops"}, {"route": {"text": "ophthalmic"}})),
        False,
    ),
    one("neostigmine", "Neostigmine is another drug and not alerted", select(draft("rx", {"text": "Neostigmine 2.5 mg/mL injection"})), False),
    one("stop", "An order that stops physostigmine is not alerted", select(draft("rx", DRUG, INTRAVENOUS, status="stopped")), False),
    one("no-pump", "Physostigmine for a patient without a pump is not alerted", ordering([patient()], [draft("rx", DRUG, INTRAVENOUS)]), False),
]
