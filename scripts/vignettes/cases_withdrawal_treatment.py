"""R18 itb-withdrawal-treatment."""

from __future__ import annotations

from build import case
from drugs import BACLOFEN_TABLET
from drugs import CYPROHEPTADINE
from drugs import DANTROLENE
from drugs import DEXMEDETOMIDINE
from drugs import DIAZEPAM
from drugs import EPILEPSY
from drugs import FEVER
from drugs import HALOPERIDOL_INJECTION
from drugs import INTRAMUSCULAR
from drugs import INTRAVENOUS
from drugs import LORAZEPAM_INJECTION
from drugs import MORPHINE_INJECTION
from drugs import PHENOBARBITAL
from drugs import PROPOFOL
from drugs import RIGID
from drugs import SEIZURE
from drugs import TEXT_PUMP
from drugs import TIZANIDINE
from drugs import ZOLPIDEM
from drugs import draft
from drugs import select
from patient import CPT
from patient import ICD10
from patient import chart_opening
from patient import concept
from patient import condition
from patient import event
from patient import observation
from patient import oral
from patient import order
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import quantity

RULE = "itb-withdrawal-treatment"
WITHDRAWING = (FEVER, RIGID)
"""Fever and rigidity: withdrawal is suspected at critical."""
EXPLANT = order("out", event("pump-explant", "Removal of intrathecal pump"), "active", at="2026-06-20", authored="2026-06-12")
REMOVED = procedure("out", concept(CPT, "62365", text="Removal of intrathecal pump"), "2026-06-10")
WITHDRAWAL = condition("withdrawal", {"text": "Baclofen withdrawal"}, onset="2026-06-14")
INFO = [f"{RULE} info"]


def treats(name, title, drug, entries=WITHDRAWING, dosage=None, **more):
    reasons = {"reasonCode": [more.pop("reason")]} if "reason" in more else {}
    return case(RULE, name, title, select(draft("rx", drug, dosage, **reasons), *entries), INFO, **more)


def instead(name, title, drug, entries, cards, dosage=None, **more):
    return case(RULE, name, title, select(draft("rx", drug, dosage), *entries), cards, **more)


CASES = [
    treats(
        "lorazepam",
        "Lorazepam for a rigid, feverish pump patient is treatment, not an interaction",
        LORAZEPAM_INJECTION,
        dosage=INTRAVENOUS,
        says=["does not replace"],
        seeds=["treatment ladder: ABC, restore ITB, high-dose benzodiazepine, enteral baclofen, dexmedetomidine, tizanidine, LP rescue, intubation/ICU"],
    ),
    treats(
        "baclofen-tablets",
        "Baclofen tablets in withdrawal are treatment that often fails alone",
        BACLOFEN_TABLET,
        dosage=oral(None, 10, 3),
        says=["unreliable"],
    ),
    treats("dexmedetomidine", "Dexmedetomidine in withdrawal is treatment", DEXMEDETOMIDINE, dosage=INTRAVENOUS),
    treats("tizanidine", "Tizanidine in withdrawal is treatment", TIZANIDINE),
    treats("propofol", "Propofol in withdrawal is treatment", PROPOFOL, dosage=INTRAVENOUS),
    treats("cyproheptadine", "Cyproheptadine in withdrawal is treatment with little experience", CYPROHEPTADINE, says=["4 patients"]),
    treats("dantrolene", "Dantrolene in withdrawal is treatment", DANTROLENE),
    treats("for-seizure", "A benzodiazepine for a seizure is treatment even without any other sign", DIAZEPAM, (), reason=SEIZURE),
    treats("barbiturate-for-seizure", "A barbiturate for a seizure is treatment", PHENOBARBITAL, (), reason=SEIZURE),
    treats(
        "barbiturate-after-seizure",
        "A barbiturate after a seizure in withdrawal is treatment",
        PHENOBARBITAL,
        (*WITHDRAWING, condition("seizure", SEIZURE, onset="2026-06-15")),
    ),
    treats("withdrawal-on-the-list", "Baclofen withdrawal on the problem list makes diazepam a treatment", DIAZEPAM, (WITHDRAWAL,)),
    treats(
        "withdrawal-as-reason",
        "Baclofen withdrawal as the reason of the order makes diazepam a treatment",
        DIAZEPAM,
        (),
        reason={"text": "Intrathecal baclofen withdrawal"},
    ),
    treats("removal-ordered", "A removal of the pump on order makes diazepam a treatment", DIAZEPAM, (EXPLANT,)),
    treats("removed", "A pump taken out five days ago makes diazepam a treatment", DIAZEPAM, (REMOVED,)),
    case(
        RULE,
        "pump-by-words",
        "A pump known from words only still makes diazepam for a seizure a treatment, and the record suggests the pump",
        select(draft("rx", DIAZEPAM, reasonCode=[SEIZURE]), swap=[TEXT_PUMP]),
        INFO,
        says=["record suggests"],
    ),
    instead("opioid", "Morphine in withdrawal stays an interaction", MORPHINE_INJECTION, WITHDRAWING, ["itb-cns-opioid warning"], INTRAVENOUS),
    instead("antipsychotic", "Haloperidol in withdrawal stays a note", HALOPERIDOL_INJECTION, WITHDRAWING, ["itb-cns-psychotropic info"], INTRAMUSCULAR),
    instead("z-drug", "Zolpidem in withdrawal stays an interaction", ZOLPIDEM, WITHDRAWING, ["itb-cns-sedative-hypnotic warning"]),
    instead("quiet-patient", "Diazepam for a patient without any sign of withdrawal is an interaction", DIAZEPAM, (), ["itb-cns-benzodiazepine warning"]),
    instead(
        "fever-alone",
        "Fever alone is no withdrawal, and diazepam stays an interaction",
        DIAZEPAM,
        (FEVER,),
        ["itb-cns-benzodiazepine warning"],
    ),
    case(
        RULE,
        "epilepsy-as-reason",
        "Diazepam ordered for long-standing epilepsy is no treatment of withdrawal",
        select(draft("rx", DIAZEPAM, reasonCode=[EPILEPSY])),
        ["itb-cns-benzodiazepine warning"],
    ),
    instead(
        "fifteen-days-after-removal",
        "Diazepam ordered fifteen days after removal of the pump brings no card",
        DIAZEPAM,
        (procedure("out", concept(CPT, "62365", text="Removal of intrathecal pump"), "2026-05-31"),),
        [],
    ),
    instead(
        "tone-normal-again",
        "A later normal temperature ends the withdrawal, and diazepam is an interaction again",
        DIAZEPAM,
        (FEVER, RIGID, observation("cool", concept("http://loinc.org", "8310-5"), "2026-06-15T09:30:00Z", quantity(36.8, "Cel"))),
        ["itb-cns-benzodiazepine warning"],
    ),
    case(RULE, "stop", "An order that stops diazepam in withdrawal is no treatment", select(draft("rx", DIAZEPAM, status="stopped"), *WITHDRAWING), []),
    case(RULE, "no-pump", "Diazepam for a seizure in a patient without a pump brings no card", ordering([patient()], [draft("rx", DIAZEPAM, reasonCode=[SEIZURE])]), []),
    case(
        RULE,
        "observations-missing",
        "Without observations the withdrawal cannot be seen, and the interaction is told",
        ordering(pump_chart(*WITHDRAWING), [draft("rx", DIAZEPAM)], withhold=("Observation",)),
        ["itb-cns-benzodiazepine warning"],
    ),
    case(
        RULE,
        "at-chart-opening",
        "A rigid, feverish pump patient gets the card of suspected withdrawal when the chart is opened",
        chart_opening(pump_chart(*WITHDRAWING, condition("ms-2", concept(ICD10, "G35", "Multiple sclerosis"), onset="2015-04-01"))),
        ["itb-withdrawal-suspected critical", "itb-pump-summary info"],
    ),
]
