"""The knowledge: what a clinician should be told about a patient with intrathecal baclofen, and when.

What is live is this one tuple. A site switches a rule off, silences it or caps its indicator in its site file.
"""

from __future__ import annotations

from rules.catheter_insertion import (
    anticoagulant,
    antiplatelet,
    baclofen_allergy,
    candidate_selection,
    coagulopathy,
    local_infection,
    spine_anatomy,
    systemic_infection,
    trial_missing,
)
from rules.identification import pump_summary, record_incomplete
from rules.interactions import (
    alcohol,
    cns_anaesthetic,
    cns_anticonvulsant,
    cns_antihistamine,
    cns_benzodiazepine,
    cns_combination,
    cns_muscle_relaxant,
    cns_opioid,
    cns_psychotropic,
    cns_sedative_hypnotic,
    discharge_depressants,
    oral_baclofen_added,
)
from rules.intrathecal_orders import (
    order_admixture,
    order_concentration,
    order_dose,
    order_dose_step,
    order_route,
    order_screening,
)
from rules.overdose import overdose_suspected, physostigmine_order
from rules.procedures import (
    hyperbaric_diathermy,
    mri_order,
    neuraxial_near_catheter,
    perioperative,
    post_mri_check,
    pregnancy,
)
from rules.withdrawal import (
    catheter_problem,
    device_fault,
    discharge_refill,
    explant_planned,
    intrathecal_stop,
    loss_of_effect,
    masking_treatment,
    oral_baclofen_stop,
    pump_end_of_service,
    pump_infection,
    recent_explant,
    recent_pump_change,
    refill_due,
    refill_plan_gap,
    rescue_baclofen_missing,
    withdrawal_mimic,
    withdrawal_suspected,
    withdrawal_treatment,
)

ALL_RULES = (
    pump_summary.RULE,  # R01 itb-pump-summary
    record_incomplete.RULE,  # R02 itb-record-incomplete
    refill_due.RULE,  # R03 itb-refill-due
    refill_plan_gap.RULE,  # R04 itb-refill-plan-gap
    pump_end_of_service.RULE,  # R05 itb-pump-end-of-service
    device_fault.RULE,  # R06 itb-device-fault
    catheter_problem.RULE,  # R07 itb-catheter-problem
    recent_pump_change.RULE,  # R08 itb-recent-pump-change
    withdrawal_suspected.RULE,  # R09 itb-withdrawal-suspected
    withdrawal_mimic.RULE,  # R10 itb-withdrawal-mimic
    loss_of_effect.RULE,  # R11 itb-loss-of-effect
    rescue_baclofen_missing.RULE,  # R12 itb-rescue-baclofen-missing
    intrathecal_stop.RULE,  # R13 itb-intrathecal-stop
    oral_baclofen_stop.RULE,  # R14 itb-oral-baclofen-stop
    pump_infection.RULE,  # R15 itb-pump-infection
    explant_planned.RULE,  # R16 itb-explant-planned
    recent_explant.RULE,  # R17 itb-recent-explant
    withdrawal_treatment.RULE,  # R18 itb-withdrawal-treatment
    masking_treatment.RULE,  # R19 itb-masking-treatment
    overdose_suspected.RULE,  # R20 itb-overdose-suspected
    physostigmine_order.RULE,  # R21 itb-physostigmine-order
    cns_opioid.RULE,  # R22 itb-cns-opioid
    cns_benzodiazepine.RULE,  # R23 itb-cns-benzodiazepine
    cns_sedative_hypnotic.RULE,  # R24 itb-cns-sedative-hypnotic
    cns_muscle_relaxant.RULE,  # R25 itb-cns-muscle-relaxant
    cns_antihistamine.RULE,  # R26 itb-cns-antihistamine
    cns_anticonvulsant.RULE,  # R27 itb-cns-anticonvulsant
    cns_psychotropic.RULE,  # R28 itb-cns-psychotropic
    cns_anaesthetic.RULE,  # R29 itb-cns-anaesthetic
    cns_combination.RULE,  # R30 itb-cns-combination
    alcohol.RULE,  # R31 itb-alcohol
    oral_baclofen_added.RULE,  # R32 itb-oral-baclofen-added
    order_dose.RULE,  # R33 itb-order-dose
    order_dose_step.RULE,  # R34 itb-order-dose-step
    order_concentration.RULE,  # R35 itb-order-concentration
    order_screening.RULE,  # R36 itb-order-screening
    order_route.RULE,  # R37 itb-order-route
    order_admixture.RULE,  # R38 itb-order-admixture
    anticoagulant.RULE,  # R39 itb-ci-anticoagulant
    antiplatelet.RULE,  # R40 itb-ci-antiplatelet
    coagulopathy.RULE,  # R41 itb-ci-coagulopathy
    systemic_infection.RULE,  # R42 itb-ci-systemic-infection
    local_infection.RULE,  # R43 itb-ci-local-infection
    spine_anatomy.RULE,  # R44 itb-ci-spine-anatomy
    baclofen_allergy.RULE,  # R45 itb-ci-baclofen-allergy
    trial_missing.RULE,  # R46 itb-candidate-trial-missing
    candidate_selection.RULE,  # R47 itb-candidate-selection
    mri_order.RULE,  # R48 itb-mri-order
    post_mri_check.RULE,  # R49 itb-post-mri-check
    neuraxial_near_catheter.RULE,  # R50 itb-neuraxial-near-catheter
    perioperative.RULE,  # R51 itb-perioperative
    hyperbaric_diathermy.RULE,  # R52 itb-hyperbaric-diathermy
    pregnancy.RULE,  # R53 itb-pregnancy
    discharge_refill.RULE,  # R54 itb-discharge-refill
    discharge_depressants.RULE,  # R55 itb-discharge-depressants
)
