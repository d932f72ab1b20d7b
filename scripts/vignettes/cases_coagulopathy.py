"""R41 itb-ci-coagulopathy."""

from __future__ import annotations

from build import case
from insertion import SEED_INSERTION
from insertion import candidate
from insertion import inr
from insertion import inserting
from insertion import platelets
from insertion import standing
from insertion import taken
from patient import ICD10
from patient import SNOMED
from patient import chart_opening
from patient import concept
from patient import condition
from patient import lab
from patient import observation
from patient import procedure

RULE = "itb-ci-coagulopathy"
CRITICAL, WARNING, INFO = (f"{RULE} {level}" for level in ("critical", "warning", "info"))


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def count(number, **more):
    return inserting(swap=[platelets(number, **more)])


def ratio(number, **more):
    return inserting(swap=[inr(number, **more)])


def aptt(number, high=38):
    more = {"referenceRange": [{"high": {"value": high, "unit": "s"}}]} if high else {}
    return inserting(lab("aptt-1", "14979-9", "2026-06-14T08:00:00Z", number, "s", **more))


def ill(code, text, system=ICD10, **more):
    return inserting(condition("bleeding", concept(system, code, text), onset="2020-01-01", **more))


CASES = [
    c("normal", "Platelets and INR are normal: nothing to say", inserting(), []),
    c("platelets-49", "Platelets 49: critical", count(49), [CRITICAL], says=["platelets 49"], seeds=[SEED_INSERTION]),
    c("platelets-50", "Platelets 50: warning", count(50), [WARNING]),
    c("platelets-99", "Platelets 99: warning", count(99), [WARNING]),
    c("platelets-100", "Platelets 100: nothing", count(100), []),
    c("platelets-per-microlitre", "Platelets 49 000 per microlitre are the same as 49", count(49000, unit="/uL"), [CRITICAL]),
    c("platelets-without-unit", "Platelets without a unit are no result", count(49, unit=None), [INFO], says=["platelet"]),
    c("inr-1.5", "INR 1.5: critical", ratio(1.5), [CRITICAL], says=["INR 1.5"]),
    c("inr-1.49", "INR 1.49: warning", ratio(1.49), [WARNING]),
    c("inr-1.21", "INR 1.21: warning", ratio(1.21), [WARNING]),
    c("inr-1.2", "INR 1.2: nothing", ratio(1.2), []),
    c("inr-with-unit-one", "INR with the unit 1 is read", ratio(1.6, unit="1"), [CRITICAL]),
    c("aptt-over-one-and-a-half", "aPTT above one and a half times the upper limit: critical", aptt(57.1), [CRITICAL]),
    c("aptt-one-and-a-half", "aPTT of exactly one and a half times the upper limit: warning", aptt(57), [WARNING]),
    c("aptt-six-above", "aPTT more than 5 seconds above the upper limit: warning", aptt(43.1), [WARNING]),
    c("aptt-five-above", "aPTT 5 seconds above the upper limit: nothing", aptt(43), []),
    c("aptt-without-range", "aPTT without a reference range is not judged", aptt(90, high=None), []),
    c("no-results", "Neither platelets nor INR: information", inserting(drop=("platelets-1", "inr-1")), [INFO], says=["platelet count and INR"]),
    c("no-inr", "No INR: information", inserting(drop=("inr-1",)), [INFO], says=["INR"]),
    c("results-30-days-old", "Results of 30 days ago are used", inserting(swap=[platelets(250, "2026-05-16"), inr(1.0, "2026-05-16")]), []),
    c("results-31-days-old", "Results of 31 days ago are too old", inserting(swap=[platelets(40, "2026-05-15"), inr(1.0, "2026-05-16")]), [INFO]),
    c("newest-counts", "A later normal count silences a low one", inserting(platelets(250), swap=[{**platelets(40, "2026-06-10"), "id": "platelets-0"}]), []),
    c("two-reasons-one-card", "Low platelets and a raised INR give one card", inserting(swap=[platelets(60), inr(1.8)]), [CRITICAL], says=["INR 1.8", "platelets 60"]),
    c("haemophilia", "Haemophilia: critical", ill("D66", "Haemophilia A"), [CRITICAL]),
    c("haemophilia-snomed", "Haemophilia in SNOMED CT: critical", ill("90935002", "Hemophilia", SNOMED), [CRITICAL]),
    c("haemophilia-in-words", "Haemophilia in words only", inserting(condition("bleeding", {"text": "Haemophilia A"}, onset="2001-01-01")), [CRITICAL], says=["record suggests"]),
    c("haemophilia-suspected", "Haemophilia is only suspected: one step lower", ill("D66", "Haemophilia A", verification="unconfirmed"), [WARNING], says=["record suggests"]),
    c("haemophilia-refuted", "Haemophilia was refuted", ill("D66", "Haemophilia A", verification="refuted"), []),
    c("dic", "Disseminated intravascular coagulation: critical", ill("D65", "Disseminated intravascular coagulation"), [CRITICAL]),
    c("liver-failure", "Acute liver failure: critical", ill("K72.00", "Acute and subacute hepatic failure without coma"), [CRITICAL]),
    c("von-willebrand-severe", "Severe von Willebrand disease: critical",
      ill("D68.09", "Other von Willebrand disease", severity={"text": "severe"}), [CRITICAL]),
    c("von-willebrand-mild", "Mild von Willebrand disease: warning", ill("D68.01", "Von Willebrand disease, type 1", severity={"text": "mild"}), [WARNING]),
    c("immune-thrombocytopenia", "Immune thrombocytopenia: warning even with a normal count", ill("D69.3", "Immune thrombocytopenic purpura"), [WARNING]),
    c("thrombocytopenia-normal-count", "A recorded thrombocytopenia with a normal newest count: nothing", ill("D69.6", "Thrombocytopenia"), []),
    c("thrombocytopenia-resolved", "A resolved thrombocytopenia: nothing", ill("D69.6", "Thrombocytopenia", clinical="resolved"), []),
    c("factor-deficiency", "Another coded bleeding disorder: warning", ill("D68.2", "Hereditary deficiency of other clotting factors"), [WARNING]),
    c("factor-v-leiden", "A tendency to clot is no tendency to bleed: nothing", ill("D68.51", "Activated protein C resistance"), []),
    c("clumped", "Clumped platelets are no result: repeat", count(40, note=[{"text": "Platelet clumping, count unreliable"}]), [INFO], says=["repeat"]),
    c("transfused-since", "A transfusion followed the sample: repeat",
      inserting(procedure("transfusion-1", {"text": "Platelet transfusion"}, "2026-06-15T06:00:00Z"), swap=[platelets(40)]), [INFO], says=["repeat"]),
    c("transfused-before", "The sample was taken after the transfusion: the value counts",
      inserting(procedure("transfusion-1", {"text": "Platelet transfusion"}, "2026-06-14T06:00:00Z"), swap=[platelets(40)]), [CRITICAL]),
    c("warfarin-reminder", "Warfarin was stopped eight days ago: a fresh INR is reminded of, no extra card",
      inserting(taken("11289", "warfarin", "stopped", end="2026-06-07"), swap=[platelets(60)]), [WARNING], says=["24 hours"]),
    c("at-opening", "At chart opening with a standing order", standing(swap=[inr(1.6)]), [CRITICAL]),
    c("nothing-ordered", "Low platelets with nothing ordered: no card", chart_opening(candidate(swap=[platelets(20)])), []),
    c("observations-withheld", "Results could not be read: information that says so", inserting(withhold=("Observation",)), [INFO], says=["could not be read"]),
    c("text-only-inr", "INR known by its name only", inserting(observation("inr-2", {"text": "INR"}, "2026-06-15T06:00:00Z", {"value": 1.7}), drop=("inr-1",)), [CRITICAL],
      says=["record suggests"]),
]  # fmt: skip
