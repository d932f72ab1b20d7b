"""R05 itb-pump-end-of-service."""

from __future__ import annotations

from build import case
from patient import device
from patient import event
from patient import order
from patient import pump_data
from patient import quantity
from telemetry import QUIET
from telemetry import booking
from telemetry import implant
from telemetry import of_text
from telemetry import opened

RULE = "itb-pump-end-of-service"
REPLACEMENT = event("pump-replacement", "Replacement of intrathecal pump")
PROMETRA = device(model=None, name="Prometra II")


def eri(date, at="2026-06-01"):
    return pump_data("eri", "elective-replacement-date", at, f"@{date}")


def months(number, at="2026-06-01"):
    return pump_data("months", "months-to-replacement", at, quantity(number, "mo"))


def ends(name, title, indicator, *more, says=(), seeds=(), before=(), after=(), **how):
    cards = [*before, *([f"{RULE} {indicator}"] if indicator else []), *after, QUIET]
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def aged(name, title, implanted, indicator, pump=None, **more):
    return ends(name, title, indicator, swap=[implant(implanted), *([pump] if pump else [])], **more)


CASES = [
    ends("ninety-days-after-eri", "A pump 90 days after its replacement date has reached its end and is critical", "critical", eri("2026-03-17"), says=["15 Jun 2026", "may have stopped"],
        seeds=["causes: programming error, battery failure, wrong concentration"]),
    ends("eighty-nine-days-after-eri", "A pump 89 days after its replacement date is critical", "critical", eri("2026-03-18")),
    ends("thirty-days-left", "A pump that stops in 30 days is critical", "critical", eri("2026-04-16"), says=["15 Jul 2026"]),
    ends("thirty-one-days-left", "A pump that stops in 31 days is a warning", "warning", eri("2026-04-17")),
    ends("eri-today", "A pump that reaches its replacement date today is a warning", "warning", eri("2026-06-15"), says=["reached"]),
    ends("eri-in-three-months", "A replacement date 3 months ahead is a warning", "warning", eri("2026-09-15"), says=["15 Sep 2026"]),
    ends("eri-in-three-months-and-a-day", "A replacement date a day more than 3 months ahead is a note", "info", eri("2026-09-16")),
    ends("eri-in-six-months", "A replacement date 6 months ahead is a note", "info", eri("2026-12-15")),
    ends("eri-in-six-months-and-a-day", "A replacement date a day more than 6 months ahead brings no card", None, eri("2026-12-16")),
    ends("three-months-left", "A pump that reads 3 months to replacement is a warning", "warning", months(3), says=["3 months"]),
    ends("four-months-left", "A pump that reads 4 months to replacement is a note", "info", months(4)),
    ends("six-months-left", "A pump that reads 6 months to replacement is a note", "info", months(6)),
    ends("seven-months-left", "A pump that reads 7 months to replacement brings no card", None, months(7)),
    ends("eight-months-read-long-ago", "A pump that read 8 months to replacement 5 months ago is a warning now", "warning", months(8, "2026-01-10"), says=["3 months"]),
    ends("eri-before-months", "A replacement date counts before the months that the pump reads", None, eri("2027-01-15"), months(2)),
    aged("eighty-four-months", "A SynchroMed II of 84 months is critical", "2019-06-15", "critical", says=["84 months", "7 years"]),
    aged("eighty-three-months", "A SynchroMed II one day short of 84 months is a warning", "2019-06-16", "warning", says=["83 months"]),
    aged("seventy-eight-months", "A SynchroMed II of 78 months is a warning", "2019-12-15", "warning"),
    aged("seventy-seven-months", "A SynchroMed II of 77 months is a note", "2019-12-16", "info"),
    aged("seventy-two-months", "A SynchroMed II of 72 months is a note", "2020-06-15", "info"),
    aged("seventy-one-months", "A SynchroMed II of 71 months brings no card", "2020-06-16", None),
    aged("thirteen-months", "A pump of 13 months gets no card on its age", "2025-05-10", None),
    aged("other-model-seventy-eight-months", "A pump of another model is a note at 78 months", "2019-12-15", "info", PROMETRA, says=["not known here"]),
    aged("other-model-seventy-seven-months", "A pump of another model brings no card at 77 months", "2019-12-16", None, PROMETRA),
    aged("other-model-very-old", "A pump of another model is still a note at 100 months", "2018-02-15", "info", PROMETRA),
    aged("generation-not-stated", "A SynchroMed whose generation is not stated is a note only", "2018-06-15", "info", device(model=None, name="SynchroMed")),
    ends("generation-in-pump-data", "A pump known as a SynchroMed II from the pump data only is judged by its age", "critical", pump_data("model", "pump-model", "2025-01-01", None, valueString="SynchroMed II"),
        swap=[implant("2018-06-15"), device(model=None, name="SynchroMed")]),
    ends("data-beat-age", "A replacement date far ahead silences the card on the pump's age", None, eri("2027-06-01"), swap=[implant("2019-01-10")]),
    ends("newest-implant-counts", "A pump that was implanted again is judged by the age of the newest implant", None, implant("2018-01-10", "implant-0")),
    ends("old-data-of-former-pump", "A replacement date of the former pump does not count after a new implant", None, eri("2025-12-01", "2025-10-01"), swap=[implant("2026-01-10")]),
    ends("implant-in-the-future", "An implant date in the future is an error, and only the record is asked for", None, swap=[implant("2027-01-10")], before=["itb-record-incomplete info"]),
    ends("replacement-ordered", "A replacement ordered before the pump stops makes a warning a note", "info", eri("2026-06-01"),
        order("new-pump", REPLACEMENT, "active", at="2026-07-01"), after=["itb-ci-coagulopathy info"], says=["A replacement is planned"]),
    ends("replacement-booked", "A replacement booked before the pump stops makes a critical card a warning", "warning", eri("2026-04-10"), booking("new-pump", REPLACEMENT, "2026-07-01T09:00:00Z")),
    ends("replacement-too-late", "A replacement booked after the pump stops leaves the card critical", "critical", eri("2026-04-10"), booking("new-pump", REPLACEMENT, "2026-07-20T09:00:00Z")),
    ends("replacement-undated", "A replacement without a date leaves the warning as it is", "warning", eri("2026-06-01"), order("new-pump", REPLACEMENT, "active")),
    ends("date-in-words", "A replacement date known by its words alone counts, and the record suggests it", "warning", of_text("eri-2", "ERI date", "2026-06-01", "@2026-06-10"), says=["record suggests"]),
    ends("as-component", "Months to replacement read as part of a pump check count", "warning", {
        **of_text("panel", "Pump interrogation", "2026-06-01"),
        "component": [{"code": {"coding": [{"system": "urn:itb-cds:pump-data", "code": "months-to-replacement"}]}, "valueQuantity": quantity(2, "mo")}],
    }),
    ends("months-given-in-days", "A time to replacement given in days is read as months", "warning", pump_data("months", "months-to-replacement", "2026-06-01", quantity(60, "d"))),
    ends("implanted-in-note", "An implant date in the device's note counts, and the record suggests it", "critical", swap=[device(note=[{"text": "implanted 2018-06-15"}])], drop=("implant-1",)),
    ends("observations-missing", "Without observations the pump's age is still judged, and what was not seen is said", "critical", swap=[implant("2019-06-15")], withhold=("Observation",),
        after=["itb-not-assessed info"]),
]
