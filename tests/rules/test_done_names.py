"""What a procedure that is charted as done says took place: its name may only speak of the event, or of another thing
that was removed near the pump. A removal that was none would silence the pump for good, a refill that was none the
reminder of it."""

from __future__ import annotations

import pytest

from tests.support.reading import knowledge

REMOVED = (
    "Removal of infected baclofen pump",
    "Explant of intrathecal pump due to infection",
    "Pump removal for infection, drain placed",
    "Removal of intrathecal drug delivery system",
    "Explanted SynchroMed II",
    "Baclofen pump removed",
    "Intrathecal pump and catheter removal",
    "Removal of spinal infusion pump",
    "Removal of left abdominal baclofen pump and pocket washout",
    "Removal of failed intrathecal baclofen pump",
    "Removal of baclofen pump - not replaced",
    "Removal of baclofen pump - complications: none",
    "Intrathecal baclofen pump removal for end of life",
    "Removal of baclofen pump - unable to find catheter",
    "Removal of baclofen pump. Could not reach family.",
    "Removal of baclofen pump with complications: none",
    "Removal of baclofen pump with delayed replacement",
    "Baclofen pump removal, replacement planned in 6 weeks",
    "Removal of ITB pump, replacement when infection cleared",
    "Baclofen pump removal and hip replacement",
)
NOT_REMOVED = (
    "Removal of residual baclofen from intrathecal pump and refill",
    "Removal of sutures over baclofen pump",
    "Staple removal, baclofen pump incision",
    "Removal of dressing, intrathecal pump site",
    "Baclofen pump pocket hematoma removal",
    "Removal of hardware spine, baclofen pump in situ",
    "Removal of kidney stone, patient has baclofen pump",
    "Gastrostomy tube removal (baclofen pump patient)",
    "Removed air bubble from intrathecal pump",
    "Nerve stimulator removal, intrathecal pump check",
    "Pump removal not performed - baclofen pump retained",
    "Baclofen pump check - removed 3 mL",
    "Baclofen pump removal - cancelled",
    "CANCELLED - baclofen pump removal",
    "Baclofen pump removal: postponed until fever settles",
    "Aborted: removal of baclofen pump",
    "Baclofen pump removal cancelled",
    "Consult for baclofen pump removal",
    "Baclofen pump removal discussion",
    "Intrathecal pump catheter removal",
)
REFILLED = (
    "Baclofen pump refill",
    "Pump refill done, next refill scheduled 9/1",
    "Scheduled baclofen pump refill",
    "Baclofen pump refill - patient declined sedation",
    "Baclofen pump refill - no complications",
    "Time out performed. Baclofen pump refill. EBL: none",
    "Allergies: none. Baclofen pump refill",
    "Pump refill; next visit scheduled",
    "Pump refill - alarm resolved",
    "Pump refill - residual 3 mL removed",
    "Pump refill, interrogation not available",
    "Encounter for baclofen pump refill",
    "Refill of baclofen pump due to low reservoir",
    "Pump refill, patient education provided",
    "ITB pump refill visit",
    "Pump refill completed without complication",
    "Baclofen pump refilled",
    "Baclofen pump refill; could not reach family",
    "Baclofen pump refill (complications: none)",
    "Baclofen pump refill -- complications: none",
    "Baclofen pump refill | Complications: none",
    "Baclofen pump refill - not seen by neurology",
)
NOT_REFILLED = (
    "Baclofen pump refill scheduled",
    "Refill of baclofen pump planned",
    "Baclofen pump refill not done - patient declined",
    "Telephone encounter: needs baclofen pump refill",
    "Attempted pump refill, unsuccessful",
    "Baclofen pump refill education",
    "Discussed pump refill",
    "Order for baclofen pump refill",
    "Pump refill order",
    "Pump refill due",
    "Pump refill not needed",
    "Pump refill, port not accessed",
    "Pump refill - unable to access port",
    "Baclofen pump refill follow-up call",
    "Consent for baclofen pump refill",
    "Prior authorization for pump refill",
    "Pre-refill assessment of baclofen pump",
    "Telephone encounter re baclofen pump refill",
    "Reminder: baclofen pump refill",
    "Baclofen pump refill: not done, port blocked",
    "NOT DONE: baclofen pump refill",
    "Baclofen pump refill. Not done.",
    "Baclofen pump refill at the clinic with Dr. Smith - cancelled",
    "Baclofen pump refill \u2013 cancelled",
    "Pump refill - canceled/rescheduled",
    "Pump refill - rescheduled to 20 June",
    "Pump refill - patient's mother declined",
    "Pump refill - no show",
    "Unable to refill pump",
    "Missed baclofen pump refill",
    "Baclofen pump refill due next week",
    "Baclofen pump refill - could not be completed",
    "Baclofen pump refill - cancelled by patient",
    "Baclofen pump refill: not done due to fever",
)
INTERROGATED = (
    "Pump interrogation",
    "Interrogation of baclofen pump after MRI",
    "Pump interrogated, no faults",
    "Pump interrogation - no faults",
)
NOT_INTERROGATED = (
    "Unable to interrogate pump",
    "Pump interrogation not performed",
    "Pump interrogation failed",
    "Pump interrogation - not done",
    "Pump interrogation ordered",
    "Pump interrogation not available",
)
REPLACED = (
    "Intrathecal pump change",
    "Baclofen pump exchange",
    "Removal and replacement of baclofen pump",
    "Replacement of baclofen pump, s/p hip replacement",
    "Removal of baclofen pump with immediate replacement",
)
NOT_REPLACED = (
    "Intrathecal baclofen pump dose change",
    "Baclofen pump dressing change",
    "Baclofen pump pocket revision",
    "Intrathecal pump catheter revision",
    "Baclofen pump removal and hip replacement",
    "Removal of baclofen pump with delayed replacement",
    "Total knee replacement, baclofen pump in place",
)


@pytest.mark.parametrize(
    ("concept", "done", "only_named"),
    [
        ("pump-explant", REMOVED, NOT_REMOVED),
        ("pump-refill", REFILLED, NOT_REFILLED),
        ("pump-interrogation", INTERROGATED, NOT_INTERROGATED),
        ("pump-replacement", REPLACED, NOT_REPLACED),
    ],
)
def test_a_procedure_charted_as_done_did_what_its_name_says(
    concept: str, done: tuple[str, ...], only_named: tuple[str, ...]
) -> None:
    told = [text for text in done + only_named if concept in knowledge().done_event([], [text]).concepts]
    assert told == list(done)


def test_an_order_or_visit_is_what_it_speaks_of() -> None:
    for text in ("Baclofen pump refill scheduled", "Baclofen pump refill due next week", "Schedule for pump refill"):
        assert "pump-refill" in knowledge().event([], [text]).concepts


def test_a_code_counts_whatever_stands_beside_it() -> None:
    coding = ("http://www.ama-assn.org/go/cpt", "62370", None)
    assert "pump-refill" in knowledge().done_event([coding], ["Pump refill scheduled"]).concepts


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Insertion of spinal infusion pump", "pump-implant"),
        ("Insertion of intrathecal drug delivery system", "pump-implant"),
        ("Spinal infusion pump insertion", "pump-implant"),
        ("Explantation of intrathecal drug delivery system", "pump-explant"),
        ("Baclofen pump catheter removal", "catheter-explant"),
        ("Intrathecal catheter replaced", "catheter-revision"),
        ("MR guided breast biopsy", "mri"),
        ("PET MR whole body", "mri"),
        ("HBO2 treatment 2.0 ATA", "hyperbaric"),
    ],
)
def test_names_of_orders(text: str, concept: str) -> None:
    assert concept in knowledge().event([], [text]).concepts
