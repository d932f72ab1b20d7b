"""The names of all concepts. Made by ``python scripts/build_vocabulary.py``: do not edit.

Long, since it is a list; read by ``rules.vocabulary`` alone.
"""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.strip().removesuffix(",").split(","))


CONDITIONS = _listed("""
    agitation, alcohol-remission, alcohol-use-disorder, alcohol-withdrawal, alcohol_related, allergic-reaction,
    allergy, altered-mental-status, anaphylaxis, angioedema, anoxic_brain_injury, anticoagulant-status,
    antiplatelet-status, antithrombotic-status, anxiety, aspiration-pneumonia, aspirin-status,
    autonomic-dysreflexia, baclofen-pump, baclofen-withdrawal, baclofen_poisoning_adverse_underdose,
    bare-psychosis, bare-spasticity, cannot-communicate, cardiomyopathy, catheter-mechanical, cervical-only,
    cirrhosis, clonus, coagulopathy, comfort-care, constipation_or_ileus, contracture, cp_cerebral_origin,
    creatine-kinase-raised, csf-block, csf-shunt, csf_leak_or_shunt, decreased-consciousness, delirium, dialysis,
    dic, drug_withdrawal, dysautonomia, dysphoria-anxiety, dystonia, epilepsy, epilepsy-intractable, haemophilia,
    hallucination-psychosis-acute, hypotonia, infection-excluded, itb-alarm-complaint, itch-cause, itp,
    leg-weakness, lethargy, light-headedness, liver-failure-acute, localized-infection, lung-disease,
    lung-infection, malignant-hyperthermia, meningitis_cns_infection, ms, multi-organ-failure, muscle-spasm,
    muscle-stiffness, myoclonus, myoglobinuria, nms, open-wound, open_wound_abdomen_back,
    opioid_use_disorder_or_overdose, opisthotonus, organ_failure_dic, ostomy, other_active_infection,
    other_skin_soft_tissue_infection, paraesthesia, piloerection, pregnancy, pregnancy_over, pressure-injury,
    prophylaxis, pruritus, psychosis, pump-alarm-complaint, pump-infection, pump-mechanical, pump-wound,
    pump_catheter_complication, pump_pocket_or_site_infection, rash, rash_itch_explained, renal_impairment,
    respiratory-arrest, respiratory-failure, respiratory-failure-chronic, rhabdomyolysis, rigidity,
    sci-t6-or-above, sci_spinal_origin, sedative-withdrawal, sedative_poisoning, seizure,
    sepsis_systemic_infection, serotonin-syndrome, side-effect, sign_altered_mental_status,
    sign_autonomic_dysreflexia, sign_bradycardia_hypotension_hypothermia, sign_decreased_consciousness_overdose,
    sign_fever, sign_hypotonia_weakness, sign_pruritus_paresthesia, sign_respiratory_depression,
    sign_rhabdomyolysis, sign_seizure, sign_tachycardia_hypertension, sleep_apnea_respiratory_risk,
    spasm-elsewhere, spasticity, spinal_anatomical_abnormality, spine-strain, status-dystonicus,
    status-epilepticus, stroke_cerebral_origin, suicidality, sympathomimetic-toxicity, tbi_cerebral_origin,
    tetraplegia, thrombocytopenia, thrombophilia, thyrotoxicosis, tone-increased, tremor, unreliable-follow-up,
    uraemic-bleeding, von-willebrand, wound-dehiscence,
""")
OBSERVATIONS = _listed("""
    anti_xa, aptt, audit_c, body_temperature, body_weight, bp_diastolic, bp_mean, bp_panel, bp_systolic, bun,
    catheter-finding, catheter-tip-level, chief-complaint, co2_partial_pressure, concentration, consciousness,
    creatine_kinase, creatinine, crp, csf_culture, csf_protein_glucose, csf_wbc, daily-dose, drug_screen, egfr,
    elective-replacement-date, esr, estimated_delivery_date, ethanol_level, expected-residual-volume, fibrinogen,
    gcs_total, heart_rate, implant-date, implant-depth, inr, interrogation-result, itch, lactate,
    low-reservoir-alarm-date, modified-ashworth, months-to-replacement, myoglobin, pain_score, platelets,
    potassium, pregnancy_status, procalcitonin, prothrombin_time, pump-alarm, pump-model, pump-serial,
    reservoir-volume-after-refill, residual-volume, respiratory_rate, screening-dose, screening-effect-duration,
    screening-response, spo2, symptom, tone-change, wbc,
""")
EVENTS = _listed("""
    anaesthesia, botulinum, catheter-explant, catheter-implant, catheter-revision, cervical-fusion,
    concentration-change, diathermy, external-itb-infusion, hyperbaric, itb-screening-trial, itb-wean,
    lumbar_puncture, mechanical-ventilation, mri, neuraxial, physical-therapy, pump-explant, pump-implant,
    pump-interrogation, pump-priming, pump-refill, pump-replacement, pump-replacement-refused,
    pump-reprogramming, pump-revision, spinal-fusion, spinal-instrumentation, surgery, surgery-near-pump,
    transfusion,
""")
DRUG_CLASSES = _listed("""
    alcohol, anesthetic_general, anesthetic_local, anesthetic_local-weak, anticoagulant, anticoagulant-weak,
    antidepressant_sedating, antihistamine_sedating, antimicrobial_systemic, antiplatelet, antiplatelet-weak,
    antipsychotic, antiseizure, baclofen, barbiturate, benzodiazepine, botulinum, bromocriptine, gabapentinoid,
    levodopa, muscle_relaxant, nsaid, opioid, opioid_peripheral, orexin_or_melatonin, other_cns_depressant,
    other_cns_depressant-weak, sedative_hypnotic_other, sedative_hypnotic_other-weak, thrombolytic, z_drug,
""")
INGREDIENTS = _listed("""
    abciximab, acamprosate, acenocoumarol, acepromazine, acetophenazine, acetyldihydrocodeine,
    acetylglycinamide chloral hydrate, acrivastine, adinazolam, alfaxalone, alfentanil, allobarbital, aloxiprin,
    alprazolam, alteplase, amineptine, amino(diphenylhydantoin) valeric acid, aminobutyric acid, amisulpride,
    amitriptyline, amobarbital, amoxapine, anagrelide, ancrod, anileridine, anisindione, anistreplase,
    antimicrobial, antithrombin iii, apadamtase alfa, apixaban, aprobarbital, apronal, ardeparin, argatroban,
    aripiprazole, aripiprazole lauroxil, articaine, asenapine, aspirin, azatadine, baclofen, barbexaclone,
    barbital, barbiturates in combination with other drugs, beclamide, bemiparin, benperidol, bentazepam,
    benzhydrocodone, benzocaine, benzoctamine, beraprost, betrixaban, bezitramide, bivalirudin, botulinum toxin,
    brexanolone, brexpiprazole, brinase, brivaracetam, bromazepam, bromides, bromisoval, bromocriptine,
    bromodiphenhydramine, bromperidol, brompheniramine, brotizolam, buclizine, bupivacaine, buprenorphine,
    buspirone, butabarbital, butalbital, butanilicaine, butaperazine, butobarbital, butorphanol, butriptyline,
    calcium carbimide, camazepam, cangrelor, cannabidiol, caplacizumab, capsaicin, captodiame, carbamazepine,
    carbasalate calcium, carbinoxamine, carbromal, cariprazine, carisbamate, carisoprodol, celecoxib, cenobamate,
    certoparin, chloral hydrate, chloralodol, chlorcyclizine, chlordiazepoxide, chlormezanone, chloroform,
    chloroprocaine, chloropyramine, chlorphenesin, chlorpheniramine, chlorphenoxamine, chlorproethazine,
    chlorpromazine, chlorprothixene, chlorzoxazone, cilostazol, cinchocaine, cinolazepam, clemastine, clobazam,
    clomethiazole, clomipramine, clonazepam, clonidine, clopenthixol, clopidogrel, clorazepate,
    clorazepate dipotassium, cloricromen, clorindione, clotiapine, clotiazepam, cloxazolam, clozapine, cocaine,
    codeine, combinations, combinations of barbiturates, cyamemazine, cyclizine, cyclobarbital, cyclobenzaprine,
    cyproheptadine, dabigatran etexilate, dalteparin, danaparoid, dantrolene, daridorexant, defibrotide,
    dermatan sulfate, desflurane, desipramine, desirudin, dexbrompheniramine, dexchlorpheniramine,
    dexmedetomidine, dextromoramide, dezocine, diazepam, dibenzepin, dichloralphenazone, diclofenac, dicumarol,
    diethyl ether, difelikefalin, difenoxin, diflunisal, dihydrocodeine, dimdazenil, dimemorfan, dimenhydrinate,
    dimetacrine, dimetindene, diphenadione, diphenhydramine, diphenoxylate, diphenylpyraline, dipipanone,
    dipiperonylaminoethanol, dipyridamole, disulfiram, ditazole, divalproex sodium, dixyrazine, dosulepin,
    doxefazepam, doxepin, doxylamine, dronabinol, droperidol, drotrecogin alfa, dyclonine, edoxaban, eluxadoline,
    emepronium, emylcamate, enflurane, enoxaparin, eperisone, epoprostenol, eptifibatide, esketamine,
    eslicarbazepine, estazolam, eszopiclone, etallobarbital, ethadione, ethanol, ethchlorvynol, ethosuximide,
    ethotoin, ethyl biscoumacetate, ethyl chloride, ethyl loflazepate, ethylmorphine, etidocaine, etifoxine,
    etizolam, etodolac, etomidate, ezogabine, fabomotizole, febarbamate, felbamate, fenfluramine, fenoprofen,
    fentanyl, fenyramidol, fibrinolysin, fluanisone, fludiazepam, fluindione, flunitrazepam, flupenthixol,
    fluphenazine, flurazepam, flurazepam hydrochloride, flurbiprofen, fluspirilene, fondaparinux, fosphenytoin,
    fospropofol, gabapentin, gabapentin enacarbil, ganaxolone, gedocarnil, glutethimide, halazepam, haloperidol,
    halothane, heparin, heptabarbital, heroin, hexapropymate, hexobarbital, histapyrrodine, hydrocodone,
    hydromorphone, hydroxyethylpromethazine, hydroxyzine, ibuprofen, iloperidone, iloprost, imipramine,
    imipramine oxide, indobufen, indomethacin, iprindole, isoflurane, isothipendyl, ketamine, ketazolam,
    ketobemidone, ketoprofen, ketorolac, ketotifen, lacosamide, lamotrigine, lavandulae aetheroleum, lemborexant,
    lepirudin, levetiracetam, levobupivacaine, levodopa, levomethadyl, levorphanol, levosulpiride, lidocaine,
    limaprost, lofepramine, lofexidine, loperamide, loperamide oxide, loprazolam, lorazepam, lormetazepam,
    loxapine, lumateperone, lurasidone, maprotiline, mebutamate, meclizine, meclofenamate, medazepam,
    medetomidine, mefenamic acid, melagatran, melatonin, melitracen, meloxicam, melperone, meperidine,
    mephenesin, mephenoxalone, mephenytoin, mephobarbital, mepivacaine, meprobamate, meptazinol, mequitazine,
    mesoridazine, metabutethamine, metaxalone, methadone, methapyrilene, methaqualone, metharbital, methdilazine,
    methocarbamol, methohexital, methotrimeprazine, methoxyflurane, methsuximide, methylpentynol, methyprylon,
    mexazolam, mianserin, midazolam, mirogabalin, mirtazapine, molindone, moperone, morphine, mosapramine,
    nabilone, nabumetone, nadroparin, nalbuphine, nalmefene, naltrexone, naproxen, narcobarbital, nefazodone,
    niaprazine, nicomorphine, nimetazepam, nitrazepam, nitrous oxide, nordazepam, normethadone, nortriptyline,
    noscapine, olanzapine, oliceridine, ondelopran, opipramol, opium, opium alkaloids with morphine,
    orphenadrine, oxaprozin, oxatomide, oxazepam, oxcarbazepine, oxomemazine, oxybate, oxycodone, oxymorphone,
    oxypertine, paliperidone, papaveretum, paraldehyde, paramethadione, parnaparin, penfluridol, pentazocine,
    pentobarbital, pentoxifylline, perampanel, perazine, periciazine, perphenazine, phenacemide, phenazocine,
    pheneturide, phenindamine, phenindione, pheniramine, phenobarbital, phenol, phenoperidine, phenprobamate,
    phenprocoumon, phensuximide, phenyltoloxamine, phenytoin, pholcodine, physostigmine, picotamide,
    pimavanserin, pimozide, pinazepam, pipamperone, pipotiazine, piritramide, piroxicam, prasugrel, prazepam,
    pregabalin, pridinol, prilocaine, primidone, procaine, prochlorperazine, progabide, promazine, promethazine,
    propanidid, propiomazine, propofol, propoxyphene, protein c, prothipendyl, protriptyline, proxibarbal,
    pyrilamine, pyrithyldione, quazepam, quetiapine, quinupramine, ramelteon, remifentanil, remimazolam,
    remoxipride, reposal, reteplase, reviparin, risperidone, rivaroxaban, ropivacaine, rufinamide, salsalate,
    saruplase, scopolamine, secobarbital, selexipag, sertindole, sevoflurane, sodium oxybate, stiripentol,
    streptokinase, styramate, sufentanil, sulfinpyrazone, sulindac, sulodexide, sulpiride, sultiame, sultopride,
    suvorexant, talastine, talbutal, tapentadol, tasimelteon, temazepam, tenecteplase, tetracaine, tetrazepam,
    thiamylal, thiazinam, thiethylperazine, thiocolchicoside, thiopental, thiopropazate, thioproperazine,
    thioridazine, thiothixene, thonzylamine, tiagabine, tiapride, ticagrelor, ticlopidine, tilidine, tinzaparin,
    tioclomarol, tirofiban, tizanidine, tofisopam, tolmetin, tolperisone, topiramate, tramadol, trazodone,
    treprostinil, triazolam, trichloroethylene, triclofos, trifluoperazine, trifluperidol, triflupromazine,
    triflusal, trimeprazine, trimethadione, trimethobenzamide, trimipramine, tripelennamine, triprolidine,
    urokinase, valerianae radix, valnoctamide, valproate, valproic acid, valpromide, veralipride, vigabatrin,
    vinbarbital, vinyl ether, vinylbital, vorapaxar, warfarin, xanomeline, xenon, ximelagatran, xylazine,
    zaleplon, ziconotide, ziprasidone, zolpidem, zonisamide, zopiclone, zotepine, zuclopenthixol, zuranolone,
""")
ROUTES = _listed("""
    buccal, dental, enteral, epidural, im, infiltration, inhalation, intrathecal, irrigation, iv, lock, nasal,
    ophthalmic, oral, other, otic, rectal, sc, sublingual, topical, transdermal, vaginal,
""")
REMARKS = _listed("""
    catheter-kept, given-as-prophylaxis, healed, line-flush, line-kept-open, platelets-clumped,
""")
PUMP_FAMILIES = _listed("prometra, synchromed, synchromed-el, synchromed-ii, synchromed-iii")
SITES = _listed("abdomen, back, head, limb, lumbar, other, pump, sacral, spine")
ALERTS = _listed("baclofen-pump, itb-flag")
ANTITHROMBOTIC_KINDS = _listed("anticoagulant, antiplatelet, nsaid, p2y12, thrombin-inhibitor")
ANTITHROMBOTICS = _listed("""
    acenocoumarol, apixaban, aspirin, cilostazol, clopidogrel, dabigatran, dalteparin, diclofenac, dipyridamole,
    direct thrombin inhibitor, edoxaban, enoxaparin, fondaparinux, ibuprofen, intravenous heparin, ketorolac,
    meloxicam, naproxen, other NSAID, other anticoagulant, other antiplatelet,
    other low molecular weight heparin, other strong platelet inhibitor, piroxicam, prasugrel, rivaroxaban,
    subcutaneous heparin, thrombolytic, ticagrelor, warfarin,
""")
VALUES = {
    "catheter-finding": _listed("disconnection, fracture, intact, kink, leak, migration, occlusion, tip-mass"),
    "consciousness": _listed("alert, coma, somnolent, stupor"),
    "finding": _listed("absent, present"),
    "interrogation-result": _listed("abnormal, normal, not-possible"),
    "itch": _listed("absent, with-rash, without-rash"),
    "modified-ashworth": _listed("0, 1, 1+, 2, 3, 4"),
    "pump-alarm": _listed("""
        critical-alarm, elective-replacement-alarm, empty-reservoir, low-reservoir-alarm, memory-error,
        motor-stall, none, programming-error, pump-stopped, recovered, reset, safe-state,
    """),
    "screening-response": _listed("adverse-effect, no-response, positive"),
    "symptom": _listed("""
        anxiety, confusion, delirium, dysaesthesia, dysphoria, hallucination, light-headedness, none,
        paraesthesia, seizure,
    """),
    "tone-change": _listed("clonus, decreased, flaccid, increased, normal, rigidity"),
}
