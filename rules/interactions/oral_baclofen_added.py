"""R32 Oral baclofen added to intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is oral or enteral baclofen, or baclofen of which nothing tells whether tablets or the pump are
    meant: information; a warning when the newest eGFR of the last {egfr-days} days is below {egfr-low} mL/min/1.73 m²
    or the patient is on dialysis.
Unless: a withdrawal context (itb-withdrawal-treatment speaks instead); an as-needed supply, unless kidney function is
    that low; renewal (both only where the route is told); the order stops the drug.
If data are missing: without a kidney value the note stays information.
Why: it adds to the pump (S1); a new need for tablets may mean that the pump delivers too little; baclofen is cleared
    by the kidneys and accumulates to encephalopathy (P35).
"""

from __future__ import annotations

from rules.chart import Chart, Medication, Observation, Order, must
from rules.definitions.limits import shown_number
from rules.definitions.orders import is_renewal
from rules.definitions.patient import poor_kidneys
from rules.definitions.state import patient_state
from rules.definitions.therapy import BACLOFEN, is_oral_baclofen, is_unrouted_baclofen
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, facts, removal, silent
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order, finding


def _is_meant(medication: Medication) -> bool:
    """Oral baclofen, or baclofen that nothing tells to be oral or the pump's."""
    return is_oral_baclofen(medication) or is_unrouted_baclofen(medication)


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    reason = silent(order, chart, _is_meant)
    if reason is not None:
        return reason
    draft = must(order.medication)
    unrouted = is_unrouted_baclofen(draft)
    if not unrouted and is_renewal(draft, chart):
        return NoAction("renewal of a long-term drug")
    kidneys = poor_kidneys(chart)
    if draft.prn and kidneys is None and not unrouted:
        return NoAction("as-needed supply")
    measured = kidneys if isinstance(kidneys, Observation) else None
    values = {
        **facts(order, chart),
        "unrouted": unrouted,
        "kidneys": kidneys is not None,
        "egfr": shown_number(measured) if measured else None,
        "egfr_date": measured.time if measured else None,
        "dialysis": kidneys is not None and measured is None,
    }
    return finding(
        "warning" if kidneys is not None else "info",
        f"{order.key}:{kidneys.key if kidneys else ''}",
        (kidneys,) if kidneys else (),
        probable=patient_state(chart).by_text,
        values=values,
        order=order,
        suggestions=removal(order) if kidneys is not None else (),
    )


RULE = Rule(
    id="itb-oral-baclofen-added",
    number=32,
    title="Oral baclofen added to an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose=(
        "Oral baclofen adds to the pump, may show that the pump delivers too little, and accumulates when the "
        "kidneys fail."
    ),
    evidence=(
        Evidence("S1", "central depressants add to intrathecal baclofen; oral baclofen beside the pump"),
        Evidence("P35", "renal accumulation of baclofen"),
        Evidence("A", "eGFR below 30 within 90 days", tag="A"),
    ),
    needs=NEEDS,
    overrides=(
        "benefit-outweighs-risk-monitored",
        "dose-reduced",
        "tolerated-long-term",
        "treating-baclofen-withdrawal",
        "end-of-life-care",
        "not-itb-patient",
    ),
    evaluate=each_order(judge),
    orders=OfOrders(frozenset({BACLOFEN}), OTHER_DRUG),
    gives=(*GIVES, "unrouted", "kidneys", "egfr", "egfr_date", "dialysis"),
    offers=("withdraw",),
    parameters=("egfr-low", "egfr-days", "renewal-days"),
)
