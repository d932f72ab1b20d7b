"""R19 itb-masking-treatment."""

from __future__ import annotations

from build import case
from drugs import ALCOHOL_WITHDRAWAL
from drugs import ATC
from drugs import CYPROHEPTADINE
from drugs import DANTROLENE
from drugs import DIAZEPAM
from drugs import FEVER
from drugs import HALOPERIDOL_INJECTION
from drugs import HALOPERIDOL_TABLET
from drugs import INTRAMUSCULAR
from drugs import LORAZEPAM_INJECTION
from drugs import OXYCODONE
from drugs import RIGID
from drugs import TEXT_PUMP
from drugs import draft
from drugs import select
from drugs import taking
from patient import CPT
from patient import ICD10
from patient import concept
from patient import condition
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart

RULE = "itb-masking-treatment"
WARNING = [f"{RULE} warning"]
AGITATED = {"reasonCode": [concept(ICD10, "R45.1", "Restlessness and agitation")]}
NMS = condition("nms", concept(ICD10, "G21.0", "Malignant neuroleptic syndrome"), onset="2026-06-12")


def checked(at):
    return procedure("check", concept(CPT, "62367", text="Pump interrogation"), at)


def haloperidol(**more):
    return draft("rx", HALOPERIDOL_INJECTION, INTRAMUSCULAR, **more)


def one(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


CASES = [
    one(
        "haloperidol-in-fever",
        "Haloperidol by injection for a feverish pump patient is a warning to check the pump first",
        select(haloperidol(), FEVER),
        WARNING,
        says=["38.6", "haloperidol"],
        seeds=[
            "mimics (alcohol withdrawal, delirium, sympathomimetics, NMS, serotonin, thyrotoxicosis, rhabdomyolysis, sepsis, "
            "status epilepticus; MH, autonomic dysreflexia, meningitis)"
        ],
    ),
    one(
        "cyproheptadine", "Cyproheptadine in a feverish patient takes the place of the antihistamine note", select(draft("rx", CYPROHEPTADINE), FEVER), WARNING
    ),
    one("dantrolene", "Dantrolene in a feverish patient is a warning", select(draft("rx", DANTROLENE), FEVER), WARNING),
    one(
        "bromocriptine",
        "Bromocriptine with neuroleptic malignant syndrome on the list is a warning",
        select(draft("rx", concept(ATC, "N04BC01", "bromocriptine")), NMS),
        WARNING,
    ),
    one(
        "mimic-7-days",
        "A look-alike of withdrawal that began seven days ago counts",
        select(haloperidol(), condition("sepsis", concept(ICD10, "A41.9", "Sepsis"), onset="2026-06-08")),
        WARNING,
    ),
    one(
        "mimic-8-days",
        "A look-alike of withdrawal that began eight days ago does not count",
        select(haloperidol(), condition("sepsis", concept(ICD10, "A41.9", "Sepsis"), onset="2026-06-07")),
        ["itb-cns-psychotropic info"],
    ),
    one(
        "benzodiazepine-for-agitation",
        "A benzodiazepine for agitation in a feverish patient takes the place of its own card",
        select(draft("rx", LORAZEPAM_INJECTION, INTRAMUSCULAR, **AGITATED), FEVER),
        WARNING,
    ),
    one(
        "benzodiazepine-for-alcohol-withdrawal",
        "A benzodiazepine for alcohol withdrawal is a warning",
        select(draft("rx", DIAZEPAM, reasonCode=[ALCOHOL_WITHDRAWAL]), FEVER),
        WARNING,
    ),
    one(
        "benzodiazepine-without-reason",
        "A benzodiazepine ordered without such a reason keeps its own card",
        select(draft("rx", DIAZEPAM), FEVER),
        ["itb-cns-benzodiazepine warning"],
    ),
    one("haloperidol-tablet", "Haloperidol by mouth for a feverish patient does not count", select(draft("rx", HALOPERIDOL_TABLET), FEVER), ["itb-cns-psychotropic info"]),
    one("no-sign", "Haloperidol for a patient without a sign of withdrawal or a look-alike is a note only", select(haloperidol()), ["itb-cns-psychotropic info"]),
    one("raised-tone-only", "Raised muscle tone alone is not among the signs that count here", select(haloperidol(), RIGID), ["itb-cns-psychotropic info"]),
    one(
        "withdrawal", "Fever with rigidity is taken as withdrawal, and the drug's own card speaks", select(haloperidol(), FEVER, RIGID), ["itb-cns-psychotropic info"]
    ),
    one(
        "checked-24-hours",
        "A pump interrogated 24 hours ago answers the question",
        select(haloperidol(), FEVER, checked("2026-06-14T10:00:00Z")),
        ["itb-cns-psychotropic info"],
    ),
    one("checked-25-hours", "A pump interrogated 25 hours ago does not answer the question", select(haloperidol(), FEVER, checked("2026-06-14T09:00:00Z")), WARNING),
    one(
        "suspected-mimic",
        "A look-alike that is only suspected leaves a note, and the record suggests it",
        select(
            draft("rx", DANTROLENE), condition("nms", concept(ICD10, "G21.0", "Malignant neuroleptic syndrome"), onset="2026-06-12", verification="unconfirmed")
        ),
        [f"{RULE} info"],
        says=["record suggests"],
    ),
    one(
        "mimic-in-words",
        "A look-alike written in words alone is a warning, and the record suggests it",
        select(draft("rx", DANTROLENE), condition("nms", {"text": "Neuroleptic malignant syndrome"}, onset="2026-06-12")),
        WARNING,
        says=["record suggests"],
    ),
    one(
        "pump-by-words",
        "A pump known from words only brings the warning on haloperidol, and the record suggests the pump",
        select(haloperidol(), FEVER, swap=[TEXT_PUMP]),
        WARNING,
        says=["record suggests"],
    ),
    one(
        "with-opioid",
        "A lorazepam injection beside an opioid brings the more urgent card on the combination as well",
        select(draft("rx", LORAZEPAM_INJECTION, INTRAMUSCULAR, **AGITATED), FEVER, taking("opi", OXYCODONE)),
        ["itb-cns-combination critical", *WARNING],
    ),
    one("stop", "An order that stops haloperidol is not alerted", select(haloperidol(status="stopped"), FEVER), []),
    one("no-pump", "Haloperidol for a feverish patient without a pump is not alerted", ordering([patient(), FEVER], [haloperidol()]), []),
    one(
        "signs-missing",
        "Without conditions and observations no sign of withdrawal can be seen, and the drug's own card speaks",
        ordering(pump_chart(FEVER), [haloperidol()], withhold=("Condition", "Observation")),
        ["itb-cns-psychotropic info"],
    ),
]
