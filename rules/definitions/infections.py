"""Infections and wounds before a catheter insertion: one infection gives one card (R42, R43).

`place` decides: at the back, the lumbar spine, the sacrum or the implant site it belongs to R43, anywhere else to
R42. Infections of the skin or of a wound whose site is not recorded belong to R43, because the implant site cannot be
excluded.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Medication, Observation
from rules.definitions.limits import exceeds, reaches
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, new_conditions, newest_number
from rules.definitions.status import began, current
from rules.definitions.times import within_days, within_hours

ANTIMICROBIAL_SYSTEMIC = vocabulary.drug_class("antimicrobial_systemic")
BODY_TEMPERATURE = vocabulary.observation("body_temperature")
CRP = vocabulary.observation("crp")
INFECTION_EXCLUDED = vocabulary.condition("infection-excluded")
PUMP_INFECTION = vocabulary.condition("pump-infection")
WBC = vocabulary.observation("wbc")
LOCALIZED = vocabulary.condition("localized-infection")
PUMP_WOUND = vocabulary.conditions("pump-wound")
SYSTEMIC = vocabulary.conditions("sepsis_systemic_infection", "meningitis_cns_infection")
SKIN_OR_WOUND = vocabulary.conditions(
    "pump_pocket_or_site_infection", "other_skin_soft_tissue_infection", "pump-infection"
)
OTHER = vocabulary.conditions("other_active_infection")
INFECTIONS = SYSTEMIC | SKIN_OR_WOUND | OTHER
WOUNDS = vocabulary.conditions(
    "pressure-injury", "wound-dehiscence", "pump-wound", "open-wound", "open_wound_abdomen_back", "ostomy"
)
PRESSURE = vocabulary.conditions("pressure-injury")
SPINE = vocabulary.sites("back", "lumbar", "sacral", "spine", "pump")
NEAR = SPINE | vocabulary.sites("abdomen")
SPINE_ALONE = vocabulary.sites("spine")
"""Where a catheter enters or a pump lies."""


def _near(condition: Condition, places: frozenset[str]) -> bool:
    """At one of the places; a spine infection of the neck is not near a lumbar entry."""
    if condition.sites == SPINE_ALONE and "cervic" in condition.text:
        return False
    return bool(condition.sites & places)


def place(condition: Condition) -> str | None:
    """Whose infection it is: ``local``, ``local-unknown`` (site not recorded), ``systemic`` or ``other``; None for
    none that counts.
    """
    concepts = condition.concepts
    if INFECTION_EXCLUDED in concepts or not concepts & INFECTIONS or "arachnoiditis" in condition.text:
        return None
    if PUMP_INFECTION in concepts:
        return "local"
    if concepts & SYSTEMIC and not ("abscess" in condition.text and _near(condition, SPINE)):
        return "systemic"
    if concepts & SKIN_OR_WOUND:
        if not condition.sites:
            return "other" if "cervic" in condition.text else "local-unknown"
        return "local" if _near(condition, NEAR) else "other"
    return "local" if _near(condition, SPINE) else "other"


@once_a_chart
def infections(chart: Chart) -> tuple[tuple[Condition, str], ...]:
    """Every infection on the list that holds (suspected ones too), with its place."""
    return tuple((c, where) for c in conditions(chart, INFECTIONS) if (where := place(c)) is not None)


@once_a_chart
def wounds(chart: Chart) -> tuple[Condition, ...]:
    """Pressure injuries (from the stage that counts, or of unknown stage), dehiscences, open wounds and stomata near
    the site, or without a site.
    """
    least = chart.parameter("pressure-injury-stage")
    found = []
    for c in conditions(chart, WOUNDS):
        shallow = bool(c.concepts & PRESSURE) and c.stage is not None and c.stage < least
        if (not c.sites or _near(c, NEAR)) and not shallow and not c.healed and place(c) is None:
            found.append(c)
    return tuple(found)


@once_a_chart
def antimicrobial(chart: Chart) -> Medication | None:
    """A systemic antimicrobial that is taken, was started recently and is not prophylaxis."""
    days = chart.parameter("antimicrobial-days")
    for m in chart.medications:
        if (
            ANTIMICROBIAL_SYSTEMIC in m.classes
            and m.systemic
            and not m.prophylaxis
            and current(m, chart)
            and within_days(m.start, days, chart)
        ):
            return m
    return None


@once_a_chart
def fever_cause(chart: Chart) -> Condition | None:
    """A localized infection of the last {new-condition-days} days that explains a fever.

    Influenza, COVID-19, pneumonia, urinary infection, cellulitis, gastroenteritis, otitis and the like. Sepsis,
    meningitis, bacteremia, an infection without a site and one of the pump or near it never explain it, and while one
    of them is active nothing does: they are the look-alikes of withdrawal.
    """
    new = new_conditions(chart)
    if any(c.concepts & SYSTEMIC or PUMP_INFECTION in c.concepts or c.concepts & PUMP_WOUND for c in new):
        return None
    return next(
        (
            c
            for c in new
            if LOCALIZED in c.concepts
            and not c.suspected
            and INFECTION_EXCLUDED not in c.concepts
            and place(c) in (None, "other", "local-unknown")
        ),
        None,
    )


def fresh(condition: Condition, chart: Chart) -> bool:
    """The infection began recently or is under treatment that was started recently."""
    return (
        within_days(began(condition), chart.parameter("infection-onset-days"), chart)
        or antimicrobial(chart) is not None
    )


@once_a_chart
def febrile(chart: Chart) -> tuple[Observation, ...]:
    """Fever together with raised white cells or C-reactive protein: the newest values that show it, else nothing."""
    hours = chart.parameter("insertion-fever-hours")

    def newest(concept: str) -> Observation | None:
        found = newest_number(chart, concept)
        return found if found is not None and within_hours(found.time, hours, chart) else None

    temperature, cells, protein = newest(BODY_TEMPERATURE), newest(WBC), newest(CRP)
    if temperature is None or not reaches(temperature, chart.parameter("insertion-fever")):
        return ()
    if cells is not None and exceeds(cells, chart.parameter("insertion-wbc")):
        return (temperature, cells)
    return (temperature, protein) if protein is not None and exceeds(protein, chart.parameter("insertion-crp")) else ()
