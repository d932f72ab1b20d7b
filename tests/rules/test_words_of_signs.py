"""What a sign is called, and what is called nearly so: the words around it decide, and hide no other sign."""

from __future__ import annotations

import pytest

from rules.terminology import store

HIGH_TONE = frozenset(
    ("tone-increased", "rigidity", "bare-spasticity", "muscle-spasm", "muscle-stiffness", "clonus", "myoclonus")
)
LOW_TONE = frozenset(("hypotonia",))
UNROUSABLE = frozenset(("decreased-consciousness",))
APNEA = frozenset(("sign_respiratory_depression", "respiratory-arrest"))
PSYCHOSIS = frozenset(("bare-psychosis", "hallucination-psychosis-acute"))
ITCH = frozenset(("pruritus",))
PHRASES = store.phrases("conditions")

SIGNS = {
    HIGH_TONE: """
        Increased spasticity | Spasticity | Spasticity not improved | Spasticity has not improved | Spasms | Rigidity
        Not improving spasticity | Worsening spasticity, improved gait | Pain improved, spasticity worse
        Dose reduced, spasticity | Decreased mobility due to increased spasticity | Loss of spasticity control
        Decreased spasticity control | Lower limb spasticity | Lower extremity spasms | Spasms of lower extremities
        Increased tone, reduced spasms | Reduced spasms, new rigidity | Rigidity of arms and legs
        Decreased spasticity in arms, increased tone in legs | Abdominal rigidity and increased tone in legs
        Loss of baclofen effect with spasticity | Rebound spasticity after pump refill | Loss of ambulation, spasticity
        Rigidity improved yesterday, worse today | Spasticity improved after refill, now increased again
        Rigidity improved then returned | Reduced appetite and rigidity | Spasms increased, less sleep | Spasticity, reduced ROM | Stiffness of legs
    """,
    LOW_TONE: """
        Decreased tone | Muscle tone decreased | Tone decreased | Low muscle tone | Low tone | Reduced muscle tone
        Loss of muscle tone | Loss of tone | Tone is low | Muscle tone has decreased | Decrease in muscle tone
        Hypotonia | Flaccid | Floppy | Increased tone in arms, decreased tone in legs | Hypotonia, flaccid bladder
        Decreased muscle tone, bladder distended
    """,
    UNROUSABLE: """
        Hard to wake | Hard to rouse | Difficult to arouse | Difficult to wake up | Unarousable | Nonresponsive
        Non-responsive | Cannot be aroused | Can't be woken | Could not be roused | Unable to arouse | Unresponsive
        Found unresponsive, hypotension unresponsive to fluids | Unresponsive to pain | Unresponsive to verbal stimuli
        Unresponsive to voice | Not responsive | Not responsive to voice | Not arousable | Unresponsive to naloxone
        Unresponsive to mother | Unresponsive to calling | Unresponsive to trapezius squeeze | Unresponsive to EMS
        Somnolent, pneumonia unresponsive to antibiotics | Difficulty arousing
    """,
    APNEA: "Apnea | Apneic | Apnea, on monitor | Apnea noted on monitor | Apnea spells",
    PSYCHOSIS: "Psychosis | Psychotic episode | Acute psychosis | Brief psychotic disorder | New onset psychosis",
    ITCH: "Itch | Itching | Pruritus | Jock itch, itching all over",
}
NO_SIGNS = {
    HIGH_TONE: """
        Decreased spasticity | Decrease in spasticity | Acute decrease in spasticity | Loss of spasticity
        Spasticity improved | Spasticity has improved | Spasticity much improved since bolus | Reduced spasms
        Fewer spasms | Less rigid | Rigidity improved | Rigidity improving | Improved tone | Relief of spasticity
        Decreased tone with increased drowsiness | Decreased spasticity, increased drowsiness | Spasms are better
        Decreased spasticity and increased drowsiness | Reduced frequency of leg spasms | Spasticity of legs improved
        Stiffness improved | Clonus decreased | Reduction in muscle spasms | Low tone, worse drowsiness
        Abdominal rigidity | Rigid abdomen | Rigidity of the abdomen | Abdominal wall rigidity | Nuchal rigidity
        Hypertonic bladder | Hypertonia of bladder | Bladder hypertonia | Hypertonic saline infusion
        Muscle rigidity - resolved
    """,
    LOW_TONE: """
        Flaccid neuropathic bladder, not elsewhere classified | Flaccid bladder | Hypotonic hyponatremia
        Hypotonic bladder | Bladder hypotonia | Hypotonic saline | Increased tone, decreased ROM | No loss of tone
        Increased muscle tone, reduced mobility | Low tone hearing loss | Normal tone, reduced strength
        Tone not decreased | Hypotonia of bladder
    """,
    UNROUSABLE: """
        Pneumonia unresponsive to antibiotics | Depression, unresponsive to SSRI | Nonresponsive to treatment
        Spasticity unresponsive to oral baclofen | Infection not responsive to antibiotics | Easily aroused
        No difficulty arousing | Not hard to wake | Awake and responsive | Non-responsive to therapy
        Never unresponsive | Can be aroused | Somnolence - resolved
    """,
    APNEA: "Apnea monitor | Apnea monitoring | Sleep apnea | Apnea-hypopnea index raised | Apnea test",
    PSYCHOSIS: "Chronic psychosis | Schizophrenia | History of psychosis | Recurrent psychotic episodes | No psychosis",
    ITCH: "Jock itch | Swimmer's itch",
}


def _cases(listed: dict[frozenset[str], str]) -> list[tuple[frozenset[str], str]]:
    return [
        (names, said.strip()) for names, texts in listed.items() for said in texts.strip().replace("\n", "|").split("|")
    ]


@pytest.mark.parametrize(("concepts", "said"), _cases(SIGNS))
def test_the_words_of_a_sign_are_read(concepts: frozenset[str], said: str) -> None:
    assert PHRASES.find([said]) & concepts


@pytest.mark.parametrize(("concepts", "said"), _cases(NO_SIGNS))
def test_words_that_are_nearly_those_of_a_sign_are_none(concepts: frozenset[str], said: str) -> None:
    assert not PHRASES.find([said]) & concepts


def test_asides_are_named_by_concepts_and_listed() -> None:
    texts = store.read_json("texts", "conditions.json")
    assert {line["aside"] for line in texts["concepts"].values() if "aside" in line} == texts["asides"].keys()
