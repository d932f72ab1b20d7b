"""What the rules on central depressants share (R22–R30): which order they may speak of, the classes, and the finding.

A class rule speaks of a selected, systemic medication order of a patient with a (probable) intrathecal baclofen pump.
It is silent for a stop, for local routes, and for treatment of withdrawal (R18); renewals and comfort care lower it
(docs/definitions/interplay.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rules import vocabulary
from rules.chart import Chart, Medication, Order, must
from rules.definitions.changes import dated_changes
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import is_renewal
from rules.definitions.patient import comfort_care
from rules.definitions.state import patient_state
from rules.definitions.status import current
from rules.definitions.therapy import dose_in_force
from rules.definitions.times import within_days
from rules.definitions.treatments import treats_withdrawal
from rules.definitions.withdrawal import withdrawal
from rules.phrases import drug, per_day
from rules.recommendation import NO_PUMP, Finding, NoAction, Suggest, finding, step_down

MUSCLE_RELAXANT = vocabulary.drug_class("muscle_relaxant")
GROUPS = {
    vocabulary.drug_class("opioid"): "OPI",
    vocabulary.drug_class("benzodiazepine"): "BZD",
    vocabulary.drug_class("z_drug"): "HYP",
    vocabulary.drug_class("barbiturate"): "HYP",
    vocabulary.drug_class("sedative_hypnotic_other"): "HYP",
    vocabulary.drug_class("muscle_relaxant"): "MR",
    vocabulary.drug_class("antihistamine_sedating"): "AH",
    vocabulary.drug_class("gabapentinoid"): "ASM",
    vocabulary.drug_class("antipsychotic"): "PSY",
    vocabulary.drug_class("antidepressant_sedating"): "PSY",
    vocabulary.drug_class("anesthetic_general"): "AN",
}
"""Drug classes as R30 counts them (docs/fhir-mapping.md §5)."""
PERIPHERAL = vocabulary.ingredients("dantrolene")
"""Muscle relaxants that do not act on the brain."""
NOT_CENTRAL: frozenset[str] = frozenset()
NEURAXIAL = vocabulary.routes("epidural", "intrathecal")
OTHER_DRUG = NoAction("no drug of this class")
NEEDS = (
    "Device",
    "MedicationStatement",
    "MedicationRequest",
    "MedicationAdministration",
    "Condition",
    "Observation",
    "Procedure",
    "ServiceRequest",
    "CarePlan",
    "Encounter",
)
"""Pump, renewal, withdrawal context and comfort care."""
GIVES = ("drug", "dose", "changes", "comfort")
"""The names of `facts`."""
OVERRIDES = (
    "benefit-outweighs-risk-monitored",
    "tolerated-long-term",
    "dose-reduced",
    "treating-baclofen-withdrawal",
    "end-of-life-care",
    "not-itb-patient",
)


def is_muscle_relaxant(medication: Medication) -> bool:
    """A muscle relaxant that acts on the brain; dantrolene alone does not (R25)."""
    return MUSCLE_RELAXANT in medication.classes and medication.ingredients != PERIPHERAL


def depressant_classes(medication: Medication) -> frozenset[str]:
    """The classes a drug counts as in R30; a product of several ingredients counts once for each."""
    if medication.classes.isdisjoint(GROUPS) or medication.ingredients == PERIPHERAL:
        return NOT_CENTRAL
    return frozenset([GROUPS[name] for name in medication.classes if name in GROUPS])


def silent(order: Order, chart: Chart, belongs: Callable[[Medication], object]) -> NoAction | None:
    """Why an interaction rule has nothing to say of this order; None when it has. `belongs`: true of its drugs."""
    medication = order.medication
    if medication is None or not belongs(medication):
        return OTHER_DRUG
    if not patient_state(chart).pump:
        return NO_PUMP
    if order.stop:
        return NoAction("the order stops the drug")
    if not medication.systemic:
        return NoAction("not given systemically")
    if treats_withdrawal(order, chart):
        return NoAction("treatment of baclofen withdrawal")
    return None


@once_a_chart
def _background(chart: Chart) -> dict[str, object]:
    """What the words of every interaction card may say of the patient."""
    dose = dose_in_force(chart)
    return {
        "dose": per_day(dose.amount) if dose else None,
        "changes": dated_changes(chart),
        "comfort": comfort_care(chart),
    }


def suspected(chart: Chart) -> bool:
    """Withdrawal is suspected, below the critical picture that makes treatment exempt."""
    return withdrawal(chart).indicator is not None


def facts(order: Order, chart: Chart) -> dict[str, object]:
    """What the words of every interaction card may use."""
    return {"drug": drug(order.name, must(order.medication).ingredients), **_background(chart)}


def interaction(
    order: Order,
    chart: Chart,
    indicator: str,
    *,
    basis: tuple[object, ...] = (),
    values: Mapping[str, object] | None = None,
) -> Finding:
    """The finding of a class rule: one step lower in comfort care; from warning on it offers to withdraw the draft
    and to monitor.
    """
    if comfort_care(chart):
        indicator = step_down(indicator)
    suggestions: tuple[Suggest, ...] = ()
    if indicator != "info":
        suggestions = (*removal(order), Suggest("monitoring", "ServiceRequest"))
    return finding(
        indicator,
        order.key,
        basis,
        probable=patient_state(chart).by_text,
        values={**facts(order, chart), **(values or {})},
        order=order,
        suggestions=suggestions,
    )


def removal(order: Order) -> tuple[Suggest, ...]:
    """Offer to withdraw the draft, if the client named it."""
    return (Suggest("withdraw", "delete", order=order.reference),) if order.reference else ()


def class_note(
    order: Order,
    chart: Chart,
    belongs: Callable[[Medication], bool],
    indicator: str = "info",
    *,
    basis: tuple[object, ...] = (),
    values: Mapping[str, object] | None = None,
) -> Finding | NoAction:
    """A class rule that does not speak of renewals (R25–R29)."""
    reason = silent(order, chart, belongs)
    if reason is not None:
        return reason
    if is_renewal(must(order.medication), chart):
        return NoAction("renewal of a long-term drug")
    return interaction(order, chart, indicator, basis=basis, values=values)


def _still_used(medication: Medication, chart: Chart) -> bool:
    """An as-needed entry counts only with some evidence of use: started, written or given not long ago."""
    if not medication.prn:
        return True
    days = chart.parameter("prn-evidence-days")
    times = (medication.start, medication.asserted, medication.given)
    return medication.ingredients in _given_lately(chart) or any(within_days(time, days, chart) for time in times)


@once_a_chart
def _given_lately(chart: Chart) -> frozenset[frozenset[str]]:
    """Ingredients of what was given not long ago."""
    days = chart.parameter("prn-evidence-days")
    given = (m for m in chart.medications if m.source == "administration")
    return frozenset(m.ingredients for m in given if within_days(m.given, days, chart))


@once_a_chart
def taken(chart: Chart) -> tuple[Medication, ...]:
    """Current systemic drugs that count in R30."""
    return tuple(
        [
            m
            for m in chart.medications
            if depressant_classes(m) and m.systemic and current(m, chart) and _still_used(m, chart)
        ]
    )
