"""R03 itb-refill-due."""

from __future__ import annotations

from build import case
from patient import chart_opening
from patient import pump_chart
from patient import pump_data

RULE = "itb-refill-due"
QUIET = "itb-pump-summary info"


def alarm(date, at="2026-05-01"):
    return pump_data("alarm-1", "low-reservoir-alarm-date", at, f"@{date}")


def ladder(name, title, date, cards, **more):
    return case(RULE, name, title, chart_opening(pump_chart(swap=[alarm(date)])), cards, **more)


CASES = [
    ladder("due-in-15-days", "Nothing is said when the refill is due in 15 days", "2026-06-30", [QUIET]),
    ladder("due-in-14-days", "Refill due in 14 days is information", "2026-06-29", [f"{RULE} info", QUIET]),
    ladder("due-in-8-days", "Refill due in 8 days is information", "2026-06-23", [f"{RULE} info", QUIET]),
    ladder("due-in-7-days", "Refill due in 7 days is a warning", "2026-06-22", [f"{RULE} warning", QUIET]),
    ladder("due-today", "Refill due today is a warning, not yet overdue", "2026-06-15", [f"{RULE} warning", QUIET], says=["due today"]),
    ladder(
        "one-day-overdue",
        "Refill one day overdue is critical",
        "2026-06-14",
        [f"{RULE} critical", QUIET],
        says=["14 Jun 2026", "overdue"],
        seeds=["empty/overdue/insufficient refill"],
    ),
]
