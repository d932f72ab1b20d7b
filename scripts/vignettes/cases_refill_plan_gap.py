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
    dated("booked-one-day-late", "A refill booked one day after the low-reservoir date is a warning", "2026-07-20", WARNING, visit("2026-07-21"), says=["1 day"]),
    dated("booked-on-the-day", "A refill booked on the low-reservoir date itself is in time", "2026-07-20", [QUIET], visit("2026-07-20")),
    dated("sixty-days-ahead", "A late booking is told when the low-reservoir date is 60 days ahead", "2026-08-14", WARNING, visit("2026-08-20")),
    dated("sixty-one-days-ahead", "A late booking is not yet told when the low-reservoir date is 61 days ahead", "2026-08-15", [QUIET], visit("2026-08-20")),
    dated("earlier-visit-too", "The earliest of several refill bookings counts", "2026-07-20", [QUIET], visit("2026-07-10"), visit("2026-08-20", "visit-2")),
    dated("earlier-visit-cancelled", "A refill visit that was cancelled does not count as a booking in time", "2026-07-20", WARNING, visit("2026-07-10", status="cancelled"), visit("2026-07-25", "visit-2")),
    dated("earlier-visit-missed", "A refill visit to which nobody came does not count as a booking in time", "2026-07-20", WARNING, visit("2026-06-10", status="noshow"), visit("2026-07-25", "visit-2")),
    dated("visit-pending", "A refill visit that waits for confirmation counts as a booking", "2026-07-20", [QUIET], visit("2026-07-10", status="pending")),
    dated("ordered-too-late", "An active refill order for too late a day is a warning like a visit", "2026-07-20", WARNING, order("refill-order", REFILL_VISIT, "active", at="2026-07-25")),
    dated("order-in-time", "An active refill order for a day before the low-reservoir date is in time", "2026-07-20", [QUIET], order("refill-order", REFILL_VISIT, "active", at="2026-07-15"), visit("2026-07-25")),
    dated("nothing-booked", "A pump without any refill booking is left to the refill card", "2026-07-20", [QUIET]),
    gap("computed-date", "A refill booked after a computed low-reservoir date is a warning as well", WARNING, visit("2026-07-25"), swap=[volume("2026-05-01", 18)], drop=("alarm-1",),
        says=["20 Jul 2026", "Computed"]),
    gap("dose-raised-since", "A dose that was raised makes the booked refill too late and is a warning", WARNING, visit("2026-07-20"), *raised(), swap=[alarm("2026-08-10")], drop=("itb-1",),
        says=["dose change", "10 Jul 2026"]),
    gap("dose-raised-visit-in-time", "A refill booked early enough stays in time after the dose was raised", [QUIET], visit("2026-07-08"), *raised(), swap=[alarm("2026-08-10")], drop=("itb-1",)),
    gap("dose-raised-date-reprogrammed", "A low-reservoir date programmed with the raised dose is taken as it stands", [QUIET], visit("2026-07-20"), *raised(),
        swap=[alarm("2026-08-10", "2026-06-10")], drop=("itb-1",)),
    gap("dose-raised-computed", "A dose that was raised makes the booked refill too late for a computed date, too", [f"{RULE} warning", "itb-record-incomplete info", QUIET], visit("2026-07-20"), *raised(),
        swap=[volume("2026-05-01", 22)], drop=("itb-1", "alarm-1"), says=["dose change", "10 Jul 2026"]),
    dated("beside-refill-warning", "A refill due within a week and booked too late brings both cards", "2026-06-20", ["itb-refill-due warning", *WARNING], visit("2026-06-25")),
    dated("overdue", "A refill that is overdue is left to the refill card alone", "2026-06-14", ["itb-refill-due critical", QUIET], visit("2026-06-25")),
    gap("no-low-reservoir-date", "A booking is not judged without a low-reservoir date", ["itb-record-incomplete info", QUIET], visit("2026-07-25"), drop=("alarm-1", "volume-1")),
    gap("refilled-since", "A refill after the low-reservoir date was set makes that date void", [QUIET], visit("2026-08-25"), swap=[alarm("2026-07-20", "2026-02-01"), refill("2026-05-01")]),
    dated("visit-in-words", "A refill visit that only words name counts, and the record suggests it", "2026-07-20", WARNING, visit("2026-07-25", code={"text": "Baclofen pump refill"}), says=["record suggests"]),
    dated("visits-not-delivered", "Without appointments and orders no booking can be seen, and the summary says so", "2026-07-20", [QUIET], visit("2026-07-25"), withhold=("Appointment", "ServiceRequest")),
    dated("order-on-hold", "A refill order on hold for too late a day is a warning when nothing firm is booked", "2026-07-20", WARNING,
          order("refill-order", REFILL_VISIT, "on-hold", at="2026-07-25"), says=["25 Jul 2026"]),
    dated("order-on-hold-beside-visit", "A refill order on hold for an earlier day does not help when the booked visit is too late", "2026-07-20", WARNING,
          order("refill-order", REFILL_VISIT, "on-hold", at="2026-07-10"), visit("2026-07-25")),
    dated("visit-beside-order-on-hold", "A refill visit booked in time stands, whatever an order on hold says", "2026-07-20", [QUIET],
          order("refill-order", REFILL_VISIT, "on-hold", at="2026-07-25"), visit("2026-07-10")),
]
