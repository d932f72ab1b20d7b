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
    c("normal", "Normal platelets and a normal INR bring no card before insertion", inserting(), []),
    c("platelets-49", "A platelet count of 49 before insertion is critical", count(49), [CRITICAL], says=["platelets 49"], seeds=[SEED_INSERTION]),
    c("platelets-50", "A platelet count of 50 before insertion is a warning", count(50), [WARNING]),
    c("platelets-99", "A platelet count of 99 before insertion is a warning", count(99), [WARNING]),
    c("platelets-100", "A platelet count of 100 before insertion brings no card", count(100), []),
    c("platelets-per-microlitre", "A platelet count of 49 000 per microlitre is read as 49 and critical", count(49000, unit="/uL"), [CRITICAL]),
    c("platelets-without-unit", "A platelet count without a unit is not taken as a result", count(49, unit=None), [INFO], says=["platelet"]),
    c("inr-1.5", "An INR of 1.5 before insertion is critical", ratio(1.5), [CRITICAL], says=["INR 1.5"]),
    c("inr-1.49", "An INR of 1.49 before insertion is a warning", ratio(1.49), [WARNING]),
    c("inr-1.21", "An INR of 1.21 before insertion is a warning", ratio(1.21), [WARNING]),
    c("inr-1.2", "An INR of 1.2 before insertion brings no card", ratio(1.2), []),
    c("inr-with-unit-one", "An INR that carries the unit 1 is read all the same", ratio(1.6, unit="1"), [CRITICAL]),
    c("aptt-over-one-and-a-half", "An aPTT above one and a half times the upper limit is critical", aptt(57.1), [CRITICAL]),
    c("aptt-one-and-a-half", "An aPTT of exactly one and a half times the upper limit is a warning", aptt(57), [WARNING]),
    c("aptt-six-above", "An aPTT more than 5 seconds above the upper limit is a warning", aptt(43.1), [WARNING]),
    c("aptt-five-above", "An aPTT of 5 seconds above the upper limit brings no card", aptt(43), []),
    c("aptt-without-range", "An aPTT without a reference range is not judged", aptt(90, high=None), []),
    c("no-results", "Neither platelets nor INR on record before insertion is a note", inserting(drop=("platelets-1", "inr-1")), [INFO], says=["platelet count and INR"]),
    c("no-inr", "No INR on record before insertion is a note", inserting(drop=("inr-1",)), [INFO], says=["INR"]),
    c("results-30-days-old", "Results of 30 days ago are still used before insertion", inserting(swap=[platelets(250, "2026-05-16"), inr(1.0, "2026-05-16")]), []),
    c("results-31-days-old", "Results of 31 days ago are too old, and new ones are asked for", inserting(swap=[platelets(40, "2026-05-15"), inr(1.0, "2026-05-16")]), [INFO]),
    c("newest-counts", "A later normal platelet count silences a low one", inserting(platelets(250), swap=[{**platelets(40, "2026-06-10"), "id": "platelets-0"}]), []),
    c("two-reasons-one-card", "Low platelets and a raised INR give one card", inserting(swap=[platelets(60), inr(1.8)]), [CRITICAL], says=["INR 1.8", "platelets 60"]),
    c("haemophilia", "Haemophilia on the problem list is critical before insertion", ill("D66", "Haemophilia A"), [CRITICAL]),
    c("haemophilia-snomed", "Haemophilia coded another way is critical before insertion", ill("90935002", "Hemophilia", SNOMED), [CRITICAL]),
    c("haemophilia-in-words", "Haemophilia written in words only is critical before insertion", inserting(condition("bleeding", {"text": "Haemophilia A"}, onset="2001-01-01")), [CRITICAL], says=["record suggests"]),
    c("haemophilia-suspected", "A haemophilia that is only suspected is a warning", ill("D66", "Haemophilia A", verification="unconfirmed"), [WARNING], says=["record suggests"]),
    c("haemophilia-refuted", "A haemophilia that was refuted is not alerted", ill("D66", "Haemophilia A", verification="refuted"), []),
    c("dic", "Disseminated intravascular coagulation is critical before insertion", ill("D65", "Disseminated intravascular coagulation"), [CRITICAL]),
    c("liver-failure", "Acute liver failure is critical before insertion", ill("K72.00", "Acute and subacute hepatic failure without coma"), [CRITICAL]),
    c("von-willebrand-severe", "Severe von Willebrand disease is critical before insertion",
      ill("D68.09", "Other von Willebrand disease", severity={"text": "severe"}), [CRITICAL]),
    c("von-willebrand-mild", "Mild von Willebrand disease is a warning before insertion", ill("D68.01", "Von Willebrand disease, type 1", severity={"text": "mild"}), [WARNING]),
    c("immune-thrombocytopenia", "Immune thrombocytopenia is a warning even with a normal platelet count", ill("D69.3", "Immune thrombocytopenic purpura"), [WARNING]),
    c("thrombocytopenia-normal-count", "Thrombocytopenia on the list brings no card when the newest count is normal", ill("D69.6", "Thrombocytopenia"), []),
    c("thrombocytopenia-resolved", "A resolved thrombocytopenia brings no card", ill("D69.6", "Thrombocytopenia", clinical="resolved"), []),
    c("factor-deficiency", "A factor deficiency on the list is a warning before insertion", ill("D68.2", "Hereditary deficiency of other clotting factors"), [WARNING]),
    c("factor-v-leiden", "Factor V Leiden brings no card, since a tendency to clot is no tendency to bleed", ill("D68.51", "Activated protein C resistance"), []),
    c("clumped", "Clumped platelets are no result, and a repeat is asked for", count(40, note=[{"text": "Platelet clumping, count unreliable"}]), [INFO], says=["repeat"]),
    c("transfused-since", "A platelet count taken before a transfusion is to be repeated",
      inserting(procedure("transfusion-1", {"text": "Platelet transfusion"}, "2026-06-15T06:00:00Z"), swap=[platelets(40)]), [INFO], says=["repeat"]),
    c("transfused-before", "A platelet count taken after the transfusion counts",
      inserting(procedure("transfusion-1", {"text": "Platelet transfusion"}, "2026-06-14T06:00:00Z"), swap=[platelets(40)]), [CRITICAL]),
    c("warfarin-reminder", "A warning about platelets also asks for a fresh INR when warfarin was stopped eight days ago",
      inserting(taken("11289", "warfarin", "stopped", end="2026-06-07"), swap=[platelets(60)]), [WARNING], says=["24 hours"]),
    c("at-opening", "A low platelet count with a standing insertion order is critical when the chart is opened", standing(swap=[inr(1.6)]), [CRITICAL]),
    c("nothing-ordered", "Low platelets with nothing ordered bring no card", chart_opening(candidate(swap=[platelets(20)])), []),
    c("observations-withheld", "Without laboratory results a note says that they could not be read", inserting(withhold=("Observation",)), [INFO], says=["could not be read"]),
    c("text-only-inr", "A raised INR known by its name only is critical", inserting(observation("inr-2", {"text": "INR"}, "2026-06-15T06:00:00Z", {"value": 1.7}), drop=("inr-1",)), [CRITICAL],
      says=["record suggests"]),
]  # fmt: skip
