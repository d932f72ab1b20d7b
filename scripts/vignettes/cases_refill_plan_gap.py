"""R04 itb-refill-plan-gap."""

from __future__ import annotations

from build import case
from patient import order
from telemetry import QUIET
from telemetry import REFILL_VISIT
from telemetry import alarm
from telemetry import doses
from telemetry import opened
from telemetry import refill
from telemetry import visit
from telemetry import volume

RULE = "itb-refill-plan-gap"
WARNING = [f"{RULE} warning", QUIET]


def gap(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def dated(name, title, date, cards, *more, **how):
    return gap(name, title, cards, *more, swap=[alarm(date)], **how)


def raised(*, on="2026-06-10", to=800):
    """The dose rose on a day after the last refill."""
    before, now = doses((400, "2026-01-10"), (to, on))
    return before, now


CASES = [
    dated("booked-too-late", "A refill booked 5 days after the low-reservoir date is a warning", "2026-07-20", WARNING, visit("2026-07-25"),
        says=["25 Jul 2026", "20 Jul 2026", "5 days"], seeds=["empty/overdue/insufficient refill"]),
    dated("booked-one-day-late", "One day after the date is too late", "2026-07-20", WARNING, visit("2026-07-21"), says=["1 day"]),
    dated("booked-on-the-day", "A refill booked on the day itself is in time", "2026-07-20", [QUIET], visit("2026-07-20")),
    dated("sixty-days-ahead", "60 days ahead the gap is told", "2026-08-14", WARNING, visit("2026-08-20")),
    dated("sixty-one-days-ahead", "61 days ahead there is time enough", "2026-08-15", [QUIET], visit("2026-08-20")),
    dated("earlier-visit-too", "The earliest booking counts", "2026-07-20", [QUIET], visit("2026-07-10"), visit("2026-08-20", "visit-2")),
    dated("earlier-visit-cancelled", "A cancelled visit is no booking", "2026-07-20", WARNING, visit("2026-07-10", status="cancelled"), visit("2026-07-25", "visit-2")),
    dated("earlier-visit-missed", "A visit to which nobody came is no booking", "2026-07-20", WARNING, visit("2026-06-10", status="noshow"), visit("2026-07-25", "visit-2")),
    dated("visit-pending", "A visit that waits for confirmation is a booking", "2026-07-20", [QUIET], visit("2026-07-10", status="pending")),
    dated("ordered-too-late", "An active refill order counts like a visit", "2026-07-20", WARNING, order("refill-order", REFILL_VISIT, "active", at="2026-07-25")),
    dated("order-in-time", "An order for a day before the date is in time", "2026-07-20", [QUIET], order("refill-order", REFILL_VISIT, "active", at="2026-07-15"), visit("2026-07-25")),
    dated("nothing-booked", "Without any booking the refill card takes care", "2026-07-20", [QUIET]),
    gap("computed-date", "The gap to a computed date is told as well", WARNING, visit("2026-07-25"), swap=[volume("2026-05-01", 18)], drop=("alarm-1",),
        says=["20 Jul 2026", "Computed"]),
    gap("dose-raised-since", "After a rise of dose the reservoir runs low before the booked visit", WARNING, visit("2026-07-20"), *raised(), swap=[alarm("2026-08-10")], drop=("itb-1",),
        says=["dose change", "10 Jul 2026"]),
    gap("dose-raised-visit-in-time", "After a rise of dose the visit is still in time", [QUIET], visit("2026-07-08"), *raised(), swap=[alarm("2026-08-10")], drop=("itb-1",)),
    gap("dose-raised-date-reprogrammed", "A date programmed with the new dose already says so", [QUIET], visit("2026-07-20"), *raised(),
        swap=[alarm("2026-08-10", "2026-06-10")], drop=("itb-1",)),
    gap("dose-raised-computed", "The same where the date is computed from the refill", [f"{RULE} warning", "itb-record-incomplete info", QUIET], visit("2026-07-20"), *raised(),
        swap=[volume("2026-05-01", 22)], drop=("itb-1", "alarm-1"), says=["dose change", "10 Jul 2026"]),
    dated("beside-refill-warning", "A refill due within a week and booked too late: both are told", "2026-06-20", ["itb-refill-due warning", *WARNING], visit("2026-06-25")),
    dated("overdue", "Once overdue, the refill card alone speaks", "2026-06-14", ["itb-refill-due critical", QUIET], visit("2026-06-25")),
    gap("no-low-reservoir-date", "Without a low-reservoir date there is nothing to compare", ["itb-record-incomplete info", QUIET], visit("2026-07-25"), drop=("alarm-1", "volume-1")),
    gap("refilled-since", "A refill after the programmed date was set moves the date", [QUIET], visit("2026-08-25"), swap=[alarm("2026-07-20", "2026-02-01"), refill("2026-05-01")]),
    dated("visit-in-words", "A visit that only words name counts; the record suggests it", "2026-07-20", WARNING, visit("2026-07-25", code={"text": "Baclofen pump refill"}), says=["record suggests"]),
    dated("visits-not-delivered", "Without appointments and orders no booking can be seen; the summary says so", "2026-07-20", [QUIET], visit("2026-07-25"), withhold=("Appointment", "ServiceRequest")),
    dated("order-on-hold", "A refill order on hold for a day after the date is a warning when nothing firm is booked", "2026-07-20", WARNING,
          order("refill-order", REFILL_VISIT, "on-hold", at="2026-07-25"), says=["25 Jul 2026"]),
    dated("order-on-hold-beside-visit", "An order on hold for an earlier day is not relied on when the booked visit is too late", "2026-07-20", WARNING,
          order("refill-order", REFILL_VISIT, "on-hold", at="2026-07-10"), visit("2026-07-25")),
    dated("visit-beside-order-on-hold", "A booked visit in time stands, whatever the order on hold says", "2026-07-20", [QUIET],
          order("refill-order", REFILL_VISIT, "on-hold", at="2026-07-25"), visit("2026-07-10")),
]
