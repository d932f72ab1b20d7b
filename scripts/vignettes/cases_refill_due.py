"""R03 itb-refill-due."""

from __future__ import annotations

from build import case
from drugs import COMFORT
from patient import RXNORM
from patient import administration
from patient import concept
from patient import device
from patient import itb_statement
from patient import order
from patient import procedure
from patient import pump_data
from patient import quantity
from patient import statement
from telemetry import HOUR_AGO
from telemetry import QUIET
from telemetry import REFILL_VISIT
from telemetry import REMOVE
from telemetry import alarm
from telemetry import encounter
from telemetry import of_text
from telemetry import opened
from telemetry import refill
from telemetry import temperature
from telemetry import visit
from telemetry import volume

RULE = "itb-refill-due"
INCOMPLETE = "itb-record-incomplete info"
UNKNOWN_DATE = ("alarm-1", "volume-1")
"""Without these the chart knows neither an alarm date nor how to compute one."""
INTRATHECAL_INJECTION = {"text": "Baclofen intrathecal injection 2000 mcg/mL"}


def due(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def fires(indicator, *others):
    """The card of this rule among others, most urgent first and then by rule number."""
    return [f"{RULE} {indicator}", *others, QUIET]


def programmed(name, title, date, indicator=None, **more):
    return due(name, title, fires(indicator) if indicator else [QUIET], swap=[alarm(date)], **more)


def computed(name, title, refilled, indicator=None, **more):
    """40 mL of 2000 µg/mL at 800 µg/day last 95 days to the reserve, 100 days in all (the example of the rule table)."""
    swap = [itb_statement(dose=800, start="2025-12-01"), pump_data("concentration-1", "concentration", "2025-12-01", quantity(2000, "ug/mL"))]
    return due(name, title, fires(indicator) if indicator else [QUIET], swap=[*swap, refill(refilled), volume(refilled)], drop=("alarm-1",), **more)


def planned(name, title, date, indicator=None, **more):
    """No date is known but the booked visit; the record is incomplete."""
    if indicator in ("warning", "critical"):
        cards = [f"{RULE} {indicator}", INCOMPLETE, QUIET]
    else:
        cards = [INCOMPLETE, *([f"{RULE} info"] if indicator else []), QUIET]
    return due(name, title, cards, visit(date), drop=UNKNOWN_DATE, **more)


def last_refill(name, title, date, indicator=None, **more):
    cards = [f"{RULE} {indicator}", INCOMPLETE, QUIET] if indicator else [INCOMPLETE, QUIET]
    return due(name, title, cards, swap=[refill(date)], drop=UNKNOWN_DATE, **more)


CASES = [
    programmed("due-in-15-days", "A refill due in 15 days brings no card", "2026-06-30"),
    programmed("due-in-14-days", "A refill due in 14 days is a note", "2026-06-29", "info", says=["29 Jun 2026", "14 days"]),
    programmed("due-in-8-days", "A refill due in 8 days is a note", "2026-06-23", "info"),
    programmed("due-in-7-days", "A refill due in 7 days is a warning", "2026-06-22", "warning", says=["7 days"]),
    programmed("due-tomorrow", "A refill due tomorrow is a warning", "2026-06-16", "warning", says=["1 day)"]),
    programmed("due-today", "A refill due today is a warning and not yet overdue", "2026-06-15", "warning", says=["due today"]),
    programmed(
        "one-day-overdue",
        "A refill one day overdue is critical",
        "2026-06-14",
        "critical",
        says=["14 Jun 2026", "overdue", "400 µg/day (0.4 mg/day)", "1 May 2026", "today"],
        seeds=["empty/overdue/insufficient refill", "refill every 1–6 months; scheduled visits; family education"],
    ),
    computed("computed-due-in-15-days", "A computed low-reservoir date in 15 days brings no card", "2026-03-27"),
    computed("computed-due-in-14-days", "A computed low-reservoir date in 14 days is a note", "2026-03-26", "info", says=["Computed", "29 Jun 2026"]),
    computed("computed-due-in-8-days", "A computed low-reservoir date in 8 days is a note", "2026-03-20", "info"),
    computed("computed-due-in-7-days", "A computed low-reservoir date in 7 days is a warning", "2026-03-19", "warning"),
    computed("computed-due-today", "A computed low-reservoir date of today is a warning", "2026-03-12", "warning"),
    computed("computed-one-day-overdue", "A computed low-reservoir date of yesterday is critical", "2026-03-11", "critical", says=["14 Jun 2026", "19 Jun 2026"]),
    planned("planned-in-15-days", "A refill booked in 15 days brings only the question for the record", "2026-06-30"),
    planned("planned-in-14-days", "A refill booked in 14 days, with no other date known, is a note", "2026-06-29", "info", says=["planned", "low-reservoir date"]),
    planned("planned-in-8-days", "A refill booked in 8 days, with no other date known, is a note", "2026-06-23", "info"),
    planned("planned-in-7-days", "A refill booked in 7 days, with no other date known, is a warning", "2026-06-22", "warning"),
    planned("planned-today", "A refill booked for today, with no other date known, is a warning", "2026-06-15", "warning"),
    planned("planned-one-day-late", "A refill booked for yesterday that did not happen is a warning", "2026-06-14", "warning"),
    planned("planned-seven-days-late", "A refill booked a week ago that did not happen is a warning", "2026-06-08", "warning"),
    planned("planned-eight-days-late", "A refill booked 8 days ago that did not happen is critical", "2026-06-07", "critical", says=["8 days late"]),
    last_refill("last-refill-180-days", "A last refill 180 days ago, with no date known, brings only the question for the record", "2025-12-17"),
    last_refill("last-refill-181-days", "A last refill 181 days ago, with no date known, is a warning", "2025-12-16", "warning", says=["181 days ago", "one to six months"]),
    due("no-data-at-all", "A pump without a date of any kind brings the question for the record and no refill warning", [INCOMPLETE, QUIET], drop=(*UNKNOWN_DATE, "refill-1")),
    due("order-eight-days-late", "An active refill order 8 days late is critical like a missed booking", [f"{RULE} critical", INCOMPLETE, QUIET],
        order("refill-order", REFILL_VISIT, "active", at="2026-06-07"), drop=UNKNOWN_DATE),
    due("visit-cancelled", "A visit that was cancelled is no booking of a refill", [INCOMPLETE, QUIET], visit("2026-06-07", status="cancelled"), drop=UNKNOWN_DATE),
    due("visit-missed", "A visit to which nobody came is no booking of a refill", [INCOMPLETE, QUIET], visit("2026-06-07", status="noshow"), drop=UNKNOWN_DATE),
    due("route-in-dosage-words", "Baclofen whose way into the spine is told by the words of its dosage alone is pump treatment", fires("critical"),
        swap=[alarm("2026-06-10"), statement("itb-1", concept(RXNORM, "1292", "baclofen"), "active", "2026-01-10", dosage={"text": "400 mcg/day intrathecal via pump"})]),
    due("visit-of-another-kind", "A visit that names no refill is no booking of a refill", [INCOMPLETE, QUIET], visit("2026-06-07", code={"text": "Follow-up"}), drop=UNKNOWN_DATE),
    due("refilled-after-the-visit", "A refill after the booked day settles the booking", [INCOMPLETE, QUIET], visit("2026-06-05"), swap=[refill("2026-06-07")], drop=UNKNOWN_DATE),
    due("programmed-wins", "A programmed low-reservoir date newer than the refill wins over an earlier computed one", [QUIET], swap=[alarm("2026-09-20"), volume("2026-05-01", 10)]),
    due("programmed-wins-earlier", "A programmed low-reservoir date wins over a later computed one", fires("critical"), swap=[alarm("2026-06-14")]),
    due("newest-programmed-date", "The newest of several programmed low-reservoir dates counts", [QUIET], alarm("2026-06-10", "2026-05-01", "alarm-2"), swap=[alarm("2026-09-20", "2026-05-02")]),
    due("obsolete-date", "A low-reservoir date programmed before the last refill is obsolete, and the refill gives a new one", [QUIET], swap=[alarm("2026-06-10", "2026-02-01")]),
    due("obsolete-date-nothing-computed", "An obsolete low-reservoir date without a fill volume brings only the question for the record", [INCOMPLETE, QUIET],
        swap=[alarm("2026-06-10", "2026-02-01")], drop=("volume-1",)),
    due("refilled-today", "A refill done today settles an overdue date", ["itb-recent-pump-change info", QUIET],
        swap=[alarm("2026-06-10", "2026-03-01"), refill("2026-06-15"), volume("2026-06-15")]),
    due("refilled-today-unclear-date", "A refill done today makes the old date void, even without new data", [INCOMPLETE, "itb-recent-pump-change info", QUIET],
        swap=[alarm("2026-06-10", "2026-03-01"), refill("2026-06-15")], drop=("volume-1",)),
    due("refill-administered", "A refill known from the list of given drugs counts", [QUIET],
        administration("given-1", INTRATHECAL_INJECTION, "2026-05-20T09:00:00Z", dosage={"route": {"text": "intrathecal"}, "dose": quantity(40, "mL")}),
        swap=[alarm("2026-06-10", "2026-03-01")], drop=("refill-1", "volume-1")),
    due("refill-not-done", "A refill that was not done leaves the overdue date critical", fires("critical"), swap=[alarm("2026-06-10"), refill("2026-06-12", status="not-done")]),
    due("dose-changed-since", "A change of dose since the refill means that no low-reservoir date is guessed", [INCOMPLETE, QUIET],
        pump_data("dose-1", "daily-dose", "2026-05-20", quantity(450, "ug/d")), drop=("alarm-1",)),
    due("date-in-error", "A low-reservoir date entered in error is no date", [QUIET], swap=[alarm("2026-06-10", status="entered-in-error")]),
    due("comfort-care", "An overdue refill is not urged in comfort care", [QUIET], COMFORT, swap=[alarm("2026-06-10")]),
    due("taken-out", "An overdue refill is not urged after the pump was taken out", ["itb-recent-explant warning"], procedure("out", REMOVE, "2026-06-12"), swap=[alarm("2026-06-10")]),
    due("morphine-pump", "An overdue refill of a pump that holds another drug brings no card", [],
        statement("it-morphine", concept(RXNORM, "7052", "morphine"), "active", "2026-01-10", dosage={"route": {"text": "intrathecal"}}),
        swap=[alarm("2026-06-10")], drop=("itb-1", "oral-rescue")),
    due("low-dose", "A low dose does not make an overdue refill less urgent", fires("critical"), swap=[alarm("2026-06-10"), itb_statement(dose=60)]),
    due("critical-hides-rescue-supply", "An overdue refill leaves no room for advice on rescue tablets", fires("critical"), swap=[alarm("2026-06-10")], drop=("oral-rescue",)),
    due("warning-keeps-rescue-supply", "A refill warning leaves room for the note on missing rescue tablets", fires("warning", "itb-rescue-baclofen-missing info"), swap=[alarm("2026-06-20")], drop=("oral-rescue",)),
    due("critical-hides-plan-gap", "An overdue refill leaves no room for the card on a late booking", fires("critical"), visit("2026-06-20"), swap=[alarm("2026-06-10")]),
    due("critical-with-fever", "An overdue refill with fever brings the card of suspected withdrawal as well", fires("critical", "itb-withdrawal-suspected critical"), temperature(38.6), swap=[alarm("2026-06-10")]),
    due("probable-pump", "An overdue refill of a probable pump is critical all the same, and the record suggests it", fires("critical", INCOMPLETE), swap=[alarm("2026-06-10")], drop=("pump-1",), says=["record suggests"]),
    due("date-in-words", "A low-reservoir date known by its words alone is critical when past, and the record suggests it", fires("critical"),
        of_text("alarm-2", "Low reservoir alarm date", "2026-05-01", "@2026-06-10"), drop=("alarm-1",), says=["record suggests"]),
    due("date-as-component", "A low-reservoir date read as part of a pump check counts", fires("critical"), {
        **of_text("panel", "Pump interrogation", "2026-05-02"),
        "component": [{"code": concept("urn:itb-cds:pump-data", "low-reservoir-alarm-date"), "valueDateTime": "2026-06-10"}],
    }, drop=("alarm-1",)),
    due("visit-in-words", "A refill visit that only words name counts, and the record suggests it", [f"{RULE} warning", INCOMPLETE, QUIET],
        visit("2026-06-18", code={"text": "Baclofen pump refill"}), drop=UNKNOWN_DATE, says=["record suggests"]),
    due("observations-missing", "Without observations no low-reservoir date is known, and that is said", ["itb-not-assessed info", QUIET], swap=[alarm("2026-06-10")], withhold=("Observation",)),
    due("partial-date", "A refill visit known by its month only is no due date", [INCOMPLETE, QUIET],
        order("refill-order", REFILL_VISIT, "active", at="2026-06"), drop=UNKNOWN_DATE),
    due("name-text-device", "An overdue refill of a pump known by its words only is critical, and the record suggests it", fires("critical"),
        swap=[alarm("2026-06-10"), device(model=None, name=None, type={"text": "Implantable intrathecal infusion pump"})], says=["record suggests"]),
    due("inpatient", "An overdue refill of an inpatient is critical too", fires("critical"), encounter(), swap=[alarm("2026-06-10")], encounter="visit"),
    due("alarm-heard", "A low-reservoir alarm that sounded is no pump fault, but the overdue date is critical", fires("critical"),
        pump_data("beep", "pump-alarm", HOUR_AGO, "low-reservoir-alarm"), swap=[alarm("2026-06-10")]),
    due("volume-in-note", "A low-reservoir date computed with a fill volume from a note is critical when past, and the record suggests it", fires("critical"),
        swap=[itb_statement(dose=800, start="2026-01-10"), refill("2026-03-11", note=[{"text": "Refilled with 40 mL"}])], drop=("alarm-1", "volume-1"), says=["record suggests"]),
    due("month-that-is-over", "A low-reservoir date known only by a month that is over is overdue, whichever day was meant", fires("critical"), swap=[alarm("2026-05")], says=["without its day"]),
    due("month-that-runs", "A low-reservoir date known only by the running month does not decide, but the computed date does", [QUIET], swap=[alarm("2026-06")]),
]
