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
    c("current-at-the-interval", "Apixaban still taken when the catheter is planned in exactly 72 hours is critical", inserting(apixaban()), [CRITICAL],
      says=["apixaban", "18 Jun 2026", "72 hours"], seeds=[SEED_INSERTION]),
    c("current-beyond-the-interval", "Apixaban still taken when the catheter is planned in a minute more than 72 hours is a warning to plan the stop",
      inserting(apixaban(), at="2026-06-18T10:01:00Z"), [WARNING]),
    c("current-without-a-date", "Apixaban still taken when the catheter order has no date is critical", inserting(apixaban(), at=None), [CRITICAL]),
    c("order-sign-too", "Apixaban brings the same critical card when the catheter order is signed", inserting(apixaban(), hook="order-sign"), [CRITICAL]),
    c("stopped-interval-open", "Apixaban whose waiting time ends a minute after the planned insertion is a warning",
      inserting(apixaban("stopped", "2026-06-15T08:01:00Z"), at="2026-06-18T08:00:00Z"), [WARNING]),
    c("stopped-interval-met", "Apixaban whose waiting time ends exactly at the planned insertion brings no card",
      inserting(apixaban("stopped", "2026-06-15T08:00:00Z"), at="2026-06-18T08:00:00Z"), []),
    c("date-only-interval-met", "Apixaban stopped on a known day is out in time when three full days lie before the planned day",
      inserting(apixaban("stopped", "2026-06-14"), at="2026-06-18"), []),
    c("date-only-interval-open", "Apixaban stopped on a known day is a warning when the planned day comes one day too early", inserting(apixaban("stopped", "2026-06-14"), at="2026-06-17"), [WARNING]),
    c("stopped-no-date-planned", "Apixaban stopped yesterday is a warning as long as no date is planned",
      inserting(apixaban("stopped", "2026-06-14T10:00:00Z"), at=None), [WARNING]),
    c("stopped-long-ago", "Apixaban stopped months ago brings no card", inserting(apixaban("stopped", "2026-01-14")), []),
    c("given-after-the-stop", "A dose of apixaban given after the recorded stop counts as the last dose",
      inserting(apixaban("stopped", "2026-06-10"), administration("apixaban-given", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1364430"), "2026-06-15T08:00:00Z"),
                at="2026-06-18T07:59:00Z"), [WARNING]),
    c("stopped-row-beside-an-active-order", "A stopped entry of apixaban does not cancel an active order of the same drug",
      inserting(apixaban("stopped", "2026-01-14"), request("apixaban-order", concept("http://www.whocc.no/atc", "B01AF02", "apixaban"), authored="2026-02-01")), [CRITICAL]),
    c("never-taken", "Apixaban that was prescribed but never taken does not count", inserting(apixaban("not-taken")), []),
    c("name-only", "Apixaban known by its name only is critical all the same", inserting(statement("apixaban-text", {"text": "Apixaban 5 mg tablet"}, "active", "2025-02-01")), [CRITICAL],
      says=["record suggests"]),
    c("warfarin-at-opening", "Warfarin still taken with the catheter planned in exactly five days is critical when the chart is opened", standing(warfarin(), at="2026-06-20T10:00:00Z"), [CRITICAL],
      says=["warfarin", "5 days"]),
    c("warfarin-at-opening-later", "Warfarin still taken with the catheter planned just beyond five days is a warning when the chart is opened",
      standing(warfarin(), at="2026-06-20T10:01:00Z"), [WARNING]),
    c("order-in-30-days", "A catheter order 30 days ahead is judged when the chart is opened", standing(warfarin(), at="2026-07-15"), [WARNING]),
    c("order-in-31-days", "A catheter order 31 days ahead is not yet judged when the chart is opened", standing(warfarin(), at="2026-07-16"), []),
    c("undated-order-of-90-days", "An undated catheter order written 90 days ago is judged when the chart is opened", standing(warfarin(), at=None, authored="2026-03-17"), [CRITICAL]),
    c("undated-order-of-91-days", "An undated catheter order written 91 days ago is too old to be judged when the chart is opened", standing(warfarin(), at=None, authored="2026-03-16"), []),
    c("enoxaparin-40-daily", "Enoxaparin 40 mg once a day is a preventive dose and a warning", inserting(enoxaparin(40, 1)), [WARNING], says=["prophylactic"]),
    c("enoxaparin-41-daily", "Enoxaparin above 40 mg a day is a full dose, and beyond 24 hours before insertion a warning to plan the stop", inserting(enoxaparin(41, 1)), [WARNING],
      silent_on=["prophylactic"]),
    c("enoxaparin-40-tomorrow", "Enoxaparin 40 mg once a day stays a warning on the day before insertion", inserting(enoxaparin(40, 1), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("enoxaparin-30-twice-tomorrow", "Enoxaparin 30 mg twice a day is a preventive dose and stays a warning the day before insertion", inserting(enoxaparin(30, 2), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("enoxaparin-40-twice-tomorrow", "Enoxaparin 40 mg twice a day is a full dose and critical the day before insertion", inserting(enoxaparin(40, 2), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("enoxaparin-unknown-dose-tomorrow", "Enoxaparin without a known dose counts as a full dose and is critical the day before insertion", inserting(enoxaparin(), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("dalteparin-5000-tomorrow", "Dalteparin 5000 units a day is a preventive dose and stays a warning the day before insertion", inserting(taken("67109", "dalteparin", dosage=dose(5000, "[iU]", 1)), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("dalteparin-5001-tomorrow", "Dalteparin above 5000 units a day is a full dose and critical the day before insertion", inserting(taken("67109", "dalteparin", dosage=dose(5001, "[iU]", 1)), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("heparin-5000-sc-tomorrow", "Heparin 5000 units under the skin is a preventive dose and stays a warning the day before insertion", inserting(taken("5224", "heparin", dosage=dose(5000, "[iU]", 3)), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("heparin-5001-sc-tomorrow", "Heparin above 5000 units under the skin is a full dose and critical the day before insertion", inserting(taken("5224", "heparin", dosage=dose(5001, "[iU]", 3)), at="2026-06-16T08:00:00Z"), [CRITICAL]),
    c("heparin-iv-in-6-hours", "Heparin into a vein is critical when the catheter is planned in six hours", inserting(taken("5224", "heparin", dosage=dose(1000, "[iU]", 24, by="iv")), at="2026-06-15T16:00:00Z"), [CRITICAL]),
    c("heparin-iv-beyond-6-hours", "Heparin into a vein is a warning when the catheter is planned beyond six hours", inserting(taken("5224", "heparin", dosage=dose(1000, "[iU]", 24, by="iv")), at="2026-06-15T16:01:00Z"), [WARNING]),
    c("heparin-lock", "Heparin to keep a line open is no anticoagulant treatment", inserting(statement("lock", {"text": "heparin lock flush 100 units/mL"}, "active", "2026-06-10")), []),
    c("dabigatran-kidneys-unknown", "Dabigatran stopped five days before is a warning while kidney function is unknown", inserting(dabigatran("2026-06-13T10:00:00Z")), [WARNING],
      says=["kidney"]),
    c("dabigatran-kidneys-normal", "Dabigatran stopped five days before brings no card when kidney function is normal", inserting(dabigatran("2026-06-13T10:00:00Z"), egfr(60)), []),
    c("dabigatran-kidneys-reduced", "Dabigatran stopped five days before is a warning when kidney function is reduced", inserting(dabigatran("2026-06-13T10:00:00Z"), egfr(59)), [WARNING]),
    c("argatroban-running", "A running argatroban infusion is critical, however far ahead the insertion is planned", inserting(running("15202", "argatroban"), at="2026-07-10"), [CRITICAL]),
    c("argatroban-after", "Argatroban that ended 23 hours before insertion is a warning",
      inserting(taken("15202", "argatroban", "completed", end="2026-06-15T09:00:00Z"), at="2026-06-16T08:00:00Z"), [WARNING]),
    c("alteplase-recent", "A clot-dissolving drug given less than 48 hours before insertion is a warning",
      inserting(administration("lysis", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "8410", "alteplase"), "2026-06-15T06:00:00Z"), at="2026-06-17T05:00:00Z"), [WARNING]),
    c("status-code-alone", "Long-term anticoagulant use known from the problem list alone is a note to verify", inserting(condition("z", concept(ICD10, "Z79.01", "Long term (current) use of anticoagulants"), recorded="2025-01-01")), [INFO],
      says=["verify"]),
    c("pump-exchange-catheter-kept", "Apixaban is one step less urgent when only the pump is exchanged and the catheter is kept",
      ordering(pump_chart(platelets(250), inr(1.0), apixaban()), [order("exchange", PUMP, at="2026-06-18", note=[{"text": "Pump replacement, catheter retained"}])]), [WARNING]),
    c("catheter-exchanged-too", "Apixaban is critical when pump and catheter are exchanged together",
      ordering(pump_chart(platelets(250), inr(1.0), apixaban()), [order("exchange", PUMP, at="2026-06-18")]), [CRITICAL]),
    c("two-orders-one-card", "Two insertion orders for a patient on apixaban give one card", inserting(apixaban(), drafts=[catheter(), order("pump-order", PUMP, at="2026-06-18")]),
      ["itb-ci-anticoagulant critical", "itb-candidate-trial-missing warning"]),
    c("trial-by-injection-code", "A spinal injection of baclofen ordered by its procedure code is a trial, and critical for a patient on apixaban",
      inserting(apixaban(), drafts=[order("bolus", concept("http://www.ama-assn.org/go/cpt", "62323", text="Intrathecal baclofen injection"), at="2026-06-16")]), [CRITICAL]),
    c("named-beside-a-local-code", "Warfarin named beside a code of the hospital's own is critical, and the record suggests it",
      inserting(statement("local", concept("urn:oid:1.2.3", "99", "warfarin 5 MG Oral Tablet"), "active", "2025-01-10")), [CRITICAL], says=["ecord suggests"]),
    c("other-order-selected", "Apixaban brings no card while the insertion order is in the background and another order is selected",
      inserting(apixaban(), drafts=[catheter(), order("xr", {"text": "X-ray of the knee"})], selections=["ServiceRequest/xr"]), []),
    c("nothing-planned", "A pump patient on warfarin with nothing planned gets no card", chart_opening(pump_chart(warfarin())), [QUIET]),
    c("pump-with-another-drug", "A patient whose pump holds morphine gets no card",
      ordering([patient(), device(), statement("morphine", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "7052", "morphine"), "active", "2026-01-01",
                                               dosage={"route": {"text": "intrathecal"}}), apixaban()], [catheter()]), []),
    c("re-implant-after-explant", "A new catheter ten days after the pump was taken out is judged for anticoagulants too",
      ordering(candidate(device(status="inactive"), procedure("explant-1", concept("http://www.ama-assn.org/go/cpt", "62365", text="Removal of intrathecal pump"), "2026-06-05"),
                         apixaban()), [catheter()]), [CRITICAL]),
    c("no-medication-list", "Without any medication list the request is refused, since anticoagulants cannot be checked", inserting(withhold=("MedicationStatement", "MedicationRequest", "MedicationAdministration")), [],
      status=412),
    c("deceased", "A patient who has died gets no card about anticoagulants", ordering([patient(deceasedBoolean=True), apixaban()], [order("catheter-order", CATHETER)]), []),
]  # fmt: skip
