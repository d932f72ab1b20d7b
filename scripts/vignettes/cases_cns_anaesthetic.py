"""R29 itb-cns-anaesthetic."""

from __future__ import annotations

from build import case
from drugs import DEXMEDETOMIDINE
from drugs import INTRAVENOUS
from drugs import LIDOCAINE_DENTAL
from drugs import PROPOFOL
from drugs import SEIZURE
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from patient import ordering
from patient import patient

RULE = "itb-cns-anaesthetic"


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


INFO = [f"{RULE} info"]

CASES = [
    one("propofol", "Propofol ordered for a pump patient is a note for anaesthesia", select(draft("rx", PROPOFOL, INTRAVENOUS)), INFO, says=["fentanyl"]),
    one("dexmedetomidine", "Dexmedetomidine for a pump patient who is not in withdrawal is a note", select(draft("rx", DEXMEDETOMIDINE, INTRAVENOUS)), INFO),
    one("by-name-only", "Ketamine known by its name alone is a note for a pump patient", select(draft("rx", {"text": "Ketamine injection"})), INFO),
    one(
        "pump-by-words",
        "A pump known from words only brings the note on propofol, and the record suggests the pump",
        select(draft("rx", PROPOFOL, INTRAVENOUS), swap=[TEXT_PUMP]),
        INFO,
        says=["record suggests"],
    ),
    one(
        "in-withdrawal",
        "Propofol for a seizure is treatment of withdrawal and no interaction",
        select(draft("rx", PROPOFOL, INTRAVENOUS, reasonCode=[SEIZURE])),
        ["itb-withdrawal-treatment info"],
    ),
    one("ketamine-in-withdrawal", "Ketamine for a seizure stays a note for anaesthesia", select(draft("rx", {"text": "Ketamine injection"}, reasonCode=[SEIZURE])), INFO),
    one("dental-lidocaine", "A local anaesthetic at the dentist is not alerted", select(draft("rx", LIDOCAINE_DENTAL)), []),
    one("stop", "An order that stops propofol is not alerted", select(draft("rx", PROPOFOL, INTRAVENOUS, status="stopped")), []),
    one("no-pump", "Propofol for a patient without a pump is not alerted", ordering([patient()], [draft("rx", PROPOFOL)]), []),
]
