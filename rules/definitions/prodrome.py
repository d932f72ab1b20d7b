"""The prodrome of withdrawal (D5): itch without another cause, tingling, new anxiety, light-headedness.

Tremor and piloerection are weak: they count only while delivery is or may be interrupted (F). Itch is explained by a
rash, urticaria, eczema or allergic reaction of the same {symptom-hours} hours, and by scabies, lice, psoriasis,
xerosis, tinea, chickenpox, shingles, cholestasis or jaundice on the list of active problems.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Observation
from rules.definitions.findings import Sign, condition_signs, finding_signs
from rules.definitions.interruption import interruption
from rules.definitions.patient import conditions
from rules.definitions.results import newest_coded
from rules.definitions.status import began
from rules.definitions.symptoms import symptom_signs
from rules.definitions.times import within_hours

ITCH = vocabulary.observation("itch")
PRURITUS = vocabulary.condition("pruritus")
WITH_RASH = vocabulary.value("itch", "with-rash")
WITHOUT_RASH = vocabulary.value("itch", "without-rash")
SIGNS = vocabulary.conditions("pruritus", "paraesthesia", "dysphoria-anxiety", "light-headedness")
WEAK = vocabulary.conditions("tremor", "piloerection")
RASH = vocabulary.conditions("rash", "rash_itch_explained", "allergic-reaction")
ITCH_CAUSE = vocabulary.conditions("itch-cause")
SYMPTOMS = vocabulary.values("symptom", "paraesthesia", "dysaesthesia", "dysphoria", "anxiety", "light-headedness")


def _explained(chart: Chart) -> bool:
    """A rash in the same window, or another cause of itch that is active and not merely suspected."""
    hours = chart.parameter("symptom-hours")
    if any(within_hours(began(c), hours, chart) for c in conditions(chart, RASH)):
        return True
    return any(finding_signs("D5", RASH, chart, hours)) or any(not c.suspected for c in conditions(chart, ITCH_CAUSE))


def _is_itch(sign: Sign) -> bool:
    if isinstance(sign.fact, Observation):
        return sign.fact.concept in (ITCH, PRURITUS)
    return PRURITUS in sign.fact.concepts and not sign.fact.concepts & (SIGNS - {PRURITUS})


def _itch(chart: Chart) -> tuple[list[Sign], bool]:
    """Itch as pump data, and whether it is recorded with a rash."""
    newest = newest_coded(chart, ITCH)
    if newest is None or not within_hours(newest.time, chart.parameter("symptom-hours"), chart):
        return [], False
    found = [Sign("D5", newest, "itching without rash")] if newest.code == WITHOUT_RASH else []
    return found, newest.code == WITH_RASH


def prodrome(chart: Chart) -> list[Sign]:
    """D5, the weak signs among them while F holds."""
    hours = chart.parameter("symptom-hours")
    itch, with_rash = _itch(chart)
    found = symptom_signs("D5", SYMPTOMS, chart)
    found += finding_signs("D5", SIGNS, chart, hours) + condition_signs("D5", SIGNS, chart) + itch
    if any(_is_itch(sign) for sign in found) and (with_rash or _explained(chart)):
        found = [sign for sign in found if not _is_itch(sign)]
    weak = finding_signs("D5", WEAK, chart, hours) + condition_signs("D5", WEAK, chart)
    return found + weak if weak and interruption(chart) else found
