"""R39 itb-ci-anticoagulant."""

from __future__ import annotations

from build import case
from insertion import CATHETER
from insertion import PUMP
from insertion import SEED_INSERTION
from insertion import candidate
from insertion import catheter
from insertion import dose
from insertion import inr
from insertion import inserting
from insertion import platelets
from insertion import standing
from insertion import taken
from patient import ICD10
from patient import administration
from patient import chart_opening
from patient import concept
from patient import condition
from patient import device
from patient import lab
from patient import order
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import request
from patient import statement

RULE = "itb-ci-anticoagulant"
CRITICAL, WARNING, INFO = (f"{RULE} {level}" for level in ("critical", "warning", "info"))
QUIET = "itb-pump-summary info"


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def apixaban(status="active", end=None, **more):
    return taken("1364430", "apixaban", status, end=end, **more)


def warfarin(status="active", end=None):
    return taken("11289", "warfarin", status, end=end)


def enoxaparin(milligrams=None, per_day=None):
    return taken("67108", "enoxaparin", dosage=dose(milligrams, "mg", per_day) if milligrams else None)


def dabigatran(end):
    return taken("1037042", "dabigatran etexilate", "stopped", end=end)


def egfr(number):
    return lab("egfr-1", "33914-3", "2026-06-01", number, "mL/min/{1.73_m2}")


def running(code, name):
    return administration(f"{name}-run", concept("http://www.nlm.nih.gov/research/umls/rxnorm", code, name), "2026-06-15T06:00:00Z", "in-progress")


CASES = [
    c("current-at-the-interval", "Apixaban is taken and the catheter is planned in exactly 72 hours: critical", inserting(apixaban()), [CRITICAL],
      says=["apixaban", "18 Jun 2026", "72 hours"], seeds=[SEED_INSERTION]),
    c("current-beyond-the-interval", "Apixaban is taken and the catheter is planned a minute later than the interval: plan the stop",
      inserting(apixaban(), at="2026-06-18T10:01:00Z"), [WARNING]),
    c("current-without-a-date", "Apixaban is taken and the catheter order has no date: critical", inserting(apixaban(), at=None), [CRITICAL]),
    c("order-sign-too", "The same card stands when the order is signed", inserting(apixaban(), hook="order-sign"), [CRITICAL]),
    c("stopped-interval-open", "Apixaban was stopped, the interval ends a minute after the planned time",
      inserting(apixaban("stopped", "2026-06-15T08:01:00Z"), at="2026-06-18T08:00:00Z"), [WARNING]),
    c("stopped-interval-met", "Apixaban was stopped and the interval ends at the planned time: nothing to say",
      inserting(apixaban("stopped", "2026-06-15T08:00:00Z"), at="2026-06-18T08:00:00Z"), []),
    c("date-only-interval-met", "A stop date counts to the end of its day, a planned day from its start: interval met",
      inserting(apixaban("stopped", "2026-06-14"), at="2026-06-18"), []),
    c("date-only-interval-open", "A stop date counts to the end of its day: one day too early", inserting(apixaban("stopped", "2026-06-14"), at="2026-06-17"), [WARNING]),
    c("stopped-no-date-planned", "Apixaban was stopped yesterday and no date is planned: the interval is still open",
      inserting(apixaban("stopped", "2026-06-14T10:00:00Z"), at=None), [WARNING]),
    c("stopped-long-ago", "Apixaban was stopped months ago", inserting(apixaban("stopped", "2026-01-14")), []),
    c("given-after-the-stop", "An administration after the recorded stop is the last dose",
      inserting(apixaban("stopped", "2026-06-10"), administration("apixaban-given", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1364430"), "2026-06-15T08:00:00Z"),
                at="2026-06-18T07:59:00Z"), [WARNING]),
    c("stopped-row-beside-an-active-order", "A stopped statement does not cancel the active order of the same drug",
      inserting(apixaban("stopped", "2026-01-14"), request("apixaban-order", concept("http://www.whocc.no/atc", "B01AF02", "apixaban"), authored="2026-02-01")), [CRITICAL]),
    c("never-taken", "Apixaban that was never taken does not count", inserting(apixaban("not-taken")), []),
    c("name-only", "Apixaban is known by its name only", inserting(statement("apixaban-text", {"text": "Apixaban 5 mg tablet"}, "active", "2025-02-01")), [CRITICAL],
      says=["record suggests"]),
    c("warfarin-at-opening", "At chart opening: warfarin is taken and the catheter is planned in exactly five days", standing(warfarin(), at="2026-06-20T10:00:00Z"), [CRITICAL],
      says=["warfarin", "5 days"]),
    c("warfarin-at-opening-later", "At chart opening: warfarin is taken, the catheter is planned just beyond five days",
      standing(warfarin(), at="2026-06-20T10:01:00Z"), [WARNING]),
    c("order-in-30-days", "At chart opening: an order 30 days ahead counts", standing(warfarin(), at="2026-07-15"), [WARNING]),
    c("order-in-31-days", "At chart opening: an order 31 days ahead does not count yet", standing(warfarin(), at="2026-07-16"), []),
    c("undated-order-of-90-days", "At chart opening: an undated order written 90 days ago counts", standing(warfarin(), at=None, authored="2026-03-17"), [CRITICAL]),
    c("undated-order-of-91-days", "At chart opening: an undated order written 91 days ago is old", standing(warfarin(), at=None, authored="2026-03-16"), []),
    c("enoxaparin-40-daily", "Enoxaparin 40 mg once a day is a prophylactic dose: warning", inserting(enoxaparin(40, 1)), [WARNING], says=["prophylactic"]),
    c("enoxaparin-41-daily", "Enoxaparin above 40 mg a day is a therapeutic dose: planned beyond 24 hours it is a stop to plan", inserting(enoxaparin(41, 1)), [WARNING],
      silent_on=["prophylactic"]),
    c("enoxaparin-40-tomorrow", "Enoxaparin 40 mg once a day the day before stays a warning", inserting(enoxaparin(40, 1), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("enoxaparin-30-twice-tomorrow", "Enoxaparin 30 mg twice a day is a prophylactic dose", inserting(enoxaparin(30, 2), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("enoxaparin-40-twice-tomorrow", "Enoxaparin 40 mg twice a day is a therapeutic dose: critical the day before", inserting(enoxaparin(40, 2), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("enoxaparin-unknown-dose-tomorrow", "Enoxaparin without a dose counts as therapeutic", inserting(enoxaparin(), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("dalteparin-5000-tomorrow", "Dalteparin 5000 units a day is a prophylactic dose", inserting(taken("67109", "dalteparin", dosage=dose(5000, "[iU]", 1)), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("dalteparin-5001-tomorrow", "Dalteparin above 5000 units a day is a therapeutic dose", inserting(taken("67109", "dalteparin", dosage=dose(5001, "[iU]", 1)), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("heparin-5000-sc-tomorrow", "Subcutaneous heparin 5000 units a dose is a prophylactic dose", inserting(taken("5224", "heparin", dosage=dose(5000, "[iU]", 3)), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("heparin-5001-sc-tomorrow", "Subcutaneous heparin above 5000 units a dose is a therapeutic dose", inserting(taken("5224", "heparin", dosage=dose(5001, "[iU]", 3)), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("heparin-iv-in-6-hours", "Intravenous heparin is taken and the catheter is planned in six hours", inserting(taken("5224", "heparin", dosage=dose(1000, "[iU]", 24, by="iv")), at="2026-06-15T16:00:00Z"), [CRITICAL]),
    c("heparin-iv-beyond-6-hours", "Intravenous heparin is taken and the catheter is planned beyond six hours", inserting(taken("5224", "heparin", dosage=dose(1000, "[iU]", 24, by="iv")), at="2026-06-15T16:01:00Z"), [WARNING]),
    c("heparin-lock", "A heparin line lock is no anticoagulant treatment", inserting(statement("lock", {"text": "heparin lock flush 100 units/mL"}, "active", "2026-06-10")), []),
    c("dabigatran-kidneys-unknown", "Dabigatran stopped five days before; kidney function unknown: the longer interval holds", inserting(dabigatran("2026-06-13T10:00:00Z")), [WARNING],
      says=["kidney"]),
    c("dabigatran-kidneys-normal", "Dabigatran stopped five days before; kidney function is known to be normal", inserting(dabigatran("2026-06-13T10:00:00Z"), egfr(60)), []),
    c("dabigatran-kidneys-reduced", "Dabigatran stopped five days before; kidney function is reduced", inserting(dabigatran("2026-06-13T10:00:00Z"), egfr(59)), [WARNING]),
    c("argatroban-running", "A direct thrombin inhibitor is running: critical, however far the date", inserting(running("15202", "argatroban"), at="2026-07-10"), [CRITICAL]),
    c("argatroban-after", "A direct thrombin inhibitor ended 23 hours before: warning",
      inserting(taken("15202", "argatroban", "completed", end="2026-06-15T09:00:00Z"), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("alteplase-recent", "A thrombolytic was given less than 48 hours before the planned time",
      inserting(administration("lysis", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "8410", "alteplase"), "2026-06-15T06:00:00Z"), at="2026-06-17T05:00:00Z"), [WARNING]),
    c("status-code-alone", "Only a code says long-term anticoagulant use: verify", inserting(condition("z", concept(ICD10, "Z79.01", "Long term (current) use of anticoagulants"), recorded="2025-01-01")), [INFO],
      says=["verify"]),
    c("pump-exchange-catheter-kept", "Only the pump is exchanged, the catheter is kept: one step lower",
      ordering(pump_chart(platelets(250), inr(1.0), apixaban()), [order("exchange", PUMP, at="2026-06-18", note=[{"text": "Pump replacement, catheter retained"}])]), [WARNING]),
    c("catheter-exchanged-too", "Pump and catheter are exchanged: full weight",
      ordering(pump_chart(platelets(250), inr(1.0), apixaban()), [order("exchange", PUMP, at="2026-06-18")]), [CRITICAL]),
    c("two-orders-one-card", "Two insertion orders give one card", inserting(apixaban(), drafts=[catheter(), order("pump-order", PUMP, at="2026-06-18")]),
      ["itb-ci-anticoagulant critical", "itb-candidate-trial-missing warning"]),
    c("other-order-selected", "The insertion order is background, another order is selected",
      inserting(apixaban(), drafts=[catheter(), order("xr", {"text": "X-ray of the knee"})], selections=["ServiceRequest/xr"]), []),
    c("nothing-planned", "A pump patient on warfarin with nothing planned: no card", chart_opening(pump_chart(warfarin())), [QUIET]),
    c("pump-with-another-drug", "A morphine pump is not ours",
      ordering([patient(), device(), statement("morphine", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "7052", "morphine"), "active", "2026-01-01",
                                               dosage={"route": {"text": "intrathecal"}}), apixaban()], [catheter()]), []),
    c("re-implant-after-explant", "A new catheter ten days after the pump was taken out is judged too",
      ordering(candidate(device(status="inactive"), procedure("explant-1", concept("http://www.ama-assn.org/go/cpt", "62365", text="Removal of intrathecal pump"), "2026-06-05"),
                         apixaban()), [catheter()]), [CRITICAL]),
    c("no-medication-list", "Without any medication list the question cannot be answered", inserting(withhold=("MedicationStatement", "MedicationRequest", "MedicationAdministration")), [],
      status=412),
    c("deceased", "No card for a patient who died", ordering([patient(deceasedBoolean=True), apixaban()], [order("catheter-order", CATHETER)]), []),
]  # fmt: skip
