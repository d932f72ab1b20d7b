"""Names of procedures, scans and drugs as orders carry them, and names that only look so (docs/fhir-mapping.md S7.3, S7.5)."""

from __future__ import annotations

import pytest

from tests.support.answers import of_a_pump_patient, order
from tests.support.reading import ME, knowledge


def names(concept: str, *texts: str) -> list[str]:
    """Those of the texts that name the event."""
    return [text for text in texts if concept in knowledge().event([], [text]).concepts]


SCANS = (
    "MR ANGIO NECK W CONTRAST",
    "CARDIAC MR",
    "MR arthrogram shoulder",
    "IMG MR PROSTATE",
    "MR LT KNEE WO CONTRAST",
    "MR BRAIN W/WO",
    "brain mr",
    "MR enterography",
    "MR spectroscopy",
    "MRCP",
    "fMRI language mapping",
    "MRA head",
    "MRV",
    "Magnetic resonance imaging of spine",
    "MR with and without contrast",
    "IMG1204 MR PELVIS",
)
NO_SCANS = (
    "Mitral regurgitation (MR), severe",
    "Echocardiogram for MR",
    "MR severe",
    "Medical record of brain MR",
    "MR# 12345",
    "MR 12345 knee x-ray",
    "Mr. Knee, transport",
    "CT head",
    "XR knee",
    "MR compatible wheelchair",
    "MR conditional device card",
    "Ultrasound prostate",
    "Cardiac rehabilitation",
)


def test_names_of_magnetic_resonance_are_told_from_look_alikes() -> None:
    assert names("mri", *SCANS, *NO_SCANS) == list(SCANS)


@pytest.mark.parametrize("text", SCANS[:4])
def test_an_order_for_a_scan_by_its_name_gets_the_card(text: str) -> None:
    assert "itbMriOrder" in of_a_pump_patient(
        drafts=[order({"text": text}, "ServiceRequest", occurrenceDateTime="2026-06-16")]
    )


@pytest.mark.parametrize("text", NO_SCANS[:6])
def test_an_order_for_something_else_does_not(text: str) -> None:
    asked = order({"text": text}, "ServiceRequest", occurrenceDateTime="2026-06-16")
    assert "itbMriOrder" not in of_a_pump_patient(drafts=[asked])


REFILLS = (
    "Pump refill",
    "Baclofen pump refill",
    "ITB pump refill",
    "Intrathecal pump refill",
    "Medtronic SynchroMed II pump refill",
    "SynchroMed II 40 mL pump refill",
    "Implanted pump refill",
    "Implantable infusion pump refill",
    "Implanted drug pump refill",
    "Refill of implanted infusion pump",
    "Refilling and maintenance of implantable pump or reservoir for drug delivery, spinal",
    "Pain pump refill",
    "Gablofen pump refill",
    "Same day pump refill",
    "Routine pump refill",
    "Clinic visit for pump refill",
    "Patient seen, pump refilled",
    "Dr Smith pump refill",
    "Botox and pump refill",
    "PM&R pump refill",
    "Refill: baclofen pump",
    "Pump - refill",
    "REFILL, PUMP",
    "Removal of residual baclofen from intrathecal pump and refill",
)
REFILLS_OF_OTHERS = (
    "PCA pump refill",
    "Insulin pump refill",
    "Feeding pump bag refill",
    "Syringe pump refill",
    "Heparin pump refill",
    "IV pump refill",
    "TPN pump refill",
    "Chemotherapy pump refill",
    "Hepatic artery infusion pump refill",
    "Treprostinil infusion pump refill",
    "Refill of milrinone pump",
    "Refill pump for feeding",
    "REFILL, PUMP, FEEDING",
)
REMOVALS = (
    "Pump explant",
    "Pump removed",
    "Removal of pump",
    "Pump and catheter removal",
    "Pump/catheter removal",
    "Laparoscopic pump removal",
    "Right abdominal pump removal",
    "Removal of baclofen pump, catheter left in place",
    "Removal of baclofen pump, PCA pump started",
    "Explantation of programmable infusion pump",
    "Removal of Prometra pump",
    "REMOVAL, PUMP, INTRATHECAL, LEFT",
    "EXPLANT, PUMP, BACLOFEN",
)
REMOVALS_OF_OTHERS = (
    "LVAD pump removal",
    "Impella pump removal",
    "Intra-aortic balloon pump removal",
    "Artificial urinary sphincter pump removal",
    "Hepatic arterial infusion pump removal",
    "Nerve block pump removal",
    "Wound vac pump removal",
    "Blood pump explant",
    "Breast pump removal",
    "Removal of PCA pump, baclofen pump stays",
    "Removal of implantable cardiac defibrillator, baclofen pump in place",
    "Removal of implantable insulin pump",
    "EXPLANT, PUMP, PCA",
    "REMOVAL, SUTURES, BACLOFEN PUMP",
    "Removal, sutures over baclofen pump",
    "Removal of baclofen pump catheter",
    "Baclofen pump - removal of staples",
)


def test_work_on_the_baclofen_pump_is_told_from_work_on_another_one() -> None:
    assert names("pump-refill", *REFILLS, *REFILLS_OF_OTHERS) == list(REFILLS)
    assert names("pump-explant", *REMOVALS, *REMOVALS_OF_OTHERS) == list(REMOVALS)


def test_a_new_catheter_is_told_from_a_new_pump() -> None:
    pumps = (
        "Replacement of baclofen pump and catheter",
        "Baclofen pump/catheter replacement",
        "Replacement of baclofen pump, catheter retained",
        "Pump exchange",
        "REPLACEMENT, PUMP, INTRATHECAL",
    )
    others = (
        "Replacement of baclofen pump catheter due to kink",
        "Baclofen pump catheter exchange",
        "Baclofen pump dressing replacement",
        "Blood pump exchange",
        "REPLACEMENT, PUMP, FEEDING",
    )
    assert names("pump-replacement", *pumps, *others) == list(pumps)
    assert names("pump-implant", "Baclofen pump catheter placement", *pumps, *others) == list(pumps)
    assert names(
        "catheter-implant", "Baclofen pump catheter placement", "INSERTION, CATHETER, INTRATHECAL", *others
    ) == [
        "Baclofen pump catheter placement",
        "INSERTION, CATHETER, INTRATHECAL",
    ]


def test_short_forms_in_a_note_say_nothing() -> None:
    known = knowledge()
    for text in (
        "MR brain",
        "cardiac MR",
        "LP guided by history",
        "section",
        "bypass",
        "insert spine infusion pump",
        "IMG MR",
    ):
        assert known.event([], (), [text]).concepts == frozenset(), text
        assert known.event([], [text]).concepts, text


def test_short_names_of_pump_work_are_read() -> None:
    """As the short descriptors of procedure codes have them."""
    wanted = {
        "Insert spine infusion device": "pump-implant",
        "Implant spine infusion pump": "pump-implant",
        "Remove spine infusion device": "pump-explant",
        "Revise spinal infusion pump": "pump-revision",
        "Analyze spine infusion pump": "pump-interrogation",
        "Analyze spine infus pump w/reprog": "pump-reprogramming",
        "Refill spinal infusion pump": "pump-refill",
        "Implant spinal canal cath": "catheter-implant",
        "Revise spinal canal catheter": "catheter-revision",
        "Remove spinal canal catheter": "catheter-explant",
    }
    assert {
        text: concept for text, concept in wanted.items() if concept not in knowledge().event([], [text]).concepts
    } == {}


def test_pumps_of_another_kind_are_not_meant() -> None:
    texts = (
        "Insert insulin infusion pump",
        "Remove central venous catheter",
        "Refill insulin infusion pump",
        "Analyze pacemaker",
        "Implant penile device",
        "Remove spine hardware",
    )
    pumps = {
        "pump-implant",
        "pump-explant",
        "pump-revision",
        "pump-refill",
        "pump-interrogation",
        "catheter-implant",
        "catheter-explant",
    }
    assert [text for text in texts if knowledge().event([], [text]).concepts & pumps] == []


def test_lumbar_punctures_by_their_short_names() -> None:
    good = ("LP", "FL LP GUIDED", "LP w fluoro", "IR LP DIAGNOSTIC", "FL GUIDED LUMBAR PUNCT", "Diagnostic LP")
    assert names(
        "lumbar_puncture", *good, "Lp(a)", "LP shunt, fluoro check", "Lipoprotein LP diagnostic", "LP 299V capsule"
    ) == list(good)


def test_injections_at_the_spine_by_their_short_names() -> None:
    good = (
        "Interlaminar ESI",
        "Lumbar ESI",
        "TFESI L5",
        "Transforaminal injection L5",
        "Medial branch block lumbar",
        "Radiofrequency ablation medial branch L3-5",
        "Nuclear medicine cisternography",
    )
    others = ("ESI triage level 3", "Trigger point injection", "Cervical injection of HPV vaccine", "MR cisternogram")
    assert names("neuraxial", *good, *others) == list(good)
    assert names("mri", "MR cisternogram")


def test_operations_near_the_pump_by_their_short_names() -> None:
    good = (
        "Spinal cord stimulator implant",
        "SCS trial - spinal cord stimulator trial leads",
        "PEG placement",
        "Gastrostomy tube placement",
        "IR G-tube insertion",
    )
    others = (
        "G-tube feeding",
        "PEG tube change",
        "Gastrostomy tube replacement",
        "NG tube placement",
        "PEG-3350 17 g",
        "Confirm G-tube placement",
        "Spinal cord stimulator interrogation",
        "Consult for spinal cord stimulator trial",
    )
    assert names("surgery-near-pump", *good, *others) == list(good)
    assert knowledge().event([], (), ["s/p PEG placement"]).concepts == frozenset()
    assert names(
        "surgery", "VP shunt revision", "Removal of hardware, ankle", "VP shunt series X-ray", "Shunt tap"
    ) == [
        "VP shunt revision",
        "Removal of hardware, ankle",
    ]
    assert names("anaesthesia", "EGD under moderate sedation", "Wean sedation", "Sedation holiday") == [
        "EGD under moderate sedation"
    ]


def test_operations_by_their_short_names() -> None:
    good = ("Cesarean section", "Coronary artery bypass", "ORIF ankle", "Bowel resection", "Fusion L4-L5")
    assert names(
        "surgery", *good, "Frozen section pathology", "PET fusion", "Platelet transfusion", "Gastric bypass diet"
    ) == list(good)


OPIOIDS = (
    "Co-codamol 30mg/500mg tablets",
    "co-dydramol",
    "Co-codaprin",
    "dihydrocodeine",
    "Oramorph 10 mg/5 mL",
    "Sevredol",
    "Zomorph",
    "MST Continus 10 mg",
    "MST",
    "MXL",
    "Longtec",
    "Oxynorm",
    "Shortec",
    "Targinact",
    "Targin",
    "Temgesic",
    "Butrans",
    "Transtec",
    "Palexia",
    "Zaldiar",
    "Tramacet",
    "Zydol",
    "Durogesic",
    "Abstral",
    "Actiq",
    "Meptid",
    "Palladone",
    "Hydromorph Contin",
    "tilidine",
    "Valoron",
    "piritramide",
    "Dipidolor",
    "paregoric",
    "pethidine",
    "diamorphine",
    "nalbuphine",
)


def test_opioids_of_other_countries_are_opioids_by_name() -> None:
    assert [text for text in OPIOIDS if "opioid" not in knowledge().drug([], [text]).classes] == []


@pytest.mark.parametrize(
    "text",
    ["Co-amoxiclav", "co-careldopa", "Co-trimoxazole", "codeine-free linctus", "Macrogol", "Mistletoe", "naloxone"],
)
def test_other_drugs_are_not(text: str) -> None:
    drug = knowledge().drug([], [text])
    assert drug is None or "opioid" not in drug.classes


def test_a_compound_counts_for_each_of_its_drugs_and_other_classes_are_read_too() -> None:
    known = knowledge()
    assert known.drug([], ["co-codaprin"]).ingredients == {"codeine", "aspirin"}
    assert known.drug([], ["Parafon Forte"]).classes == {"muscle_relaxant"}
    assert known.drug([], ["phenobarb 30 mg"]).classes == {"barbiturate"}


@pytest.mark.parametrize(
    ("text", "card"), [("Co-codamol 30mg/500mg tablets", True), ("Oramorph", True), ("co-amoxiclav", False)]
)
def test_an_opioid_by_its_name_gets_the_card(text: str, card: bool) -> None:
    assert ("itbCnsOpioid" in of_a_pump_patient(drafts=[order({"text": text})])) is card


def test_the_title_of_a_code_gets_the_card_of_its_code() -> None:
    title = "Infection and inflammatory reaction due to cranial or spinal infusion catheter, initial encounter"
    infected = {
        "resourceType": "Condition",
        "id": "c",
        "subject": ME,
        "code": {"text": title},
        "onsetDateTime": "2026-06-10",
    }
    other = {
        **infected,
        "code": {"text": title.replace("cranial or spinal infusion catheter", "other nervous system device")},
    }
    assert "itbPumpInfection" in of_a_pump_patient(infected)
    assert "itbPumpInfection" not in of_a_pump_patient(other)
