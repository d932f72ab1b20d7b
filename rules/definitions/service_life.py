"""R05: how near the pump is to the end of its service."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rules import vocabulary
from rules.chart import CareEvent, Chart, Device, Observation, answer, must
from rules.definitions.implants import implant, implant_date
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.pump_make import SYNCHROMED_II, make
from rules.definitions.state import patient_state
from rules.definitions.status import booked, ordered
from rules.definitions.times import add_months, full_months, later, not_before
from rules.recommendation import step_down

NEW_PUMP = vocabulary.events("pump-replacement", "pump-implant")
ELECTIVE_REPLACEMENT_DATE = vocabulary.observation("elective-replacement-date")
MONTHS_TO_REPLACEMENT = vocabulary.observation("months-to-replacement")


@answer
class EndOfService:
    """R05: how near the end of the pump's service is."""

    indicator: str | None
    limit: date | None = None
    """Day on which delivery stops, as far as it is known."""
    replacement: date | None = None
    """Elective replacement date, when that is what is known; the first possible day, where no day is given."""
    months: int | None = None
    """Months since implant, or months to replacement, whichever decided."""
    by: str = ""
    """``eri``, ``months`` or ``age``."""
    scheduled: bool = False
    basis: tuple[Device | CareEvent | Observation, ...] = ()


def _replacement_data(chart: Chart) -> tuple[date, Observation, str] | None:
    """The elective replacement date, from itself or from months to replacement, recorded since the last implant."""
    undated = [
        o
        for o in chart.observations
        if o.concept == ELECTIVE_REPLACEMENT_DATE and o.time is None and o.moment is not None
    ]
    dated, months = dated_values(chart, ELECTIVE_REPLACEMENT_DATE), dated_values(chart, MONTHS_TO_REPLACEMENT)
    if not (undated or dated or months):
        return None
    implanted = implant_date(patient_state(chart).device, chart)
    for o in dated:
        if o.moment is not None and not later(implanted, o.time):
            return o.moment.date, o, "eri"
    for o in undated:
        # Without a date of its own it is of this pump when it lies after the implant.
        if not not_before(implanted, o.moment):
            return must(o.moment).date, o, "eri"
    for o in months:
        if o.number is not None and not later(implanted, o.time):
            return add_months(chart.now.date(), max(_months_left(o, chart.now), 0)), o, "months"
    return None


def _months_left(observation: Observation, now: datetime) -> int:
    """Months to replacement, counted down by the full months since they were read; a begun month counts whole."""
    passed = full_months(must(observation.time).date, now.date())
    return int((must(observation.number) - passed).to_integral_value("ROUND_CEILING"))


def _months_ladder(eri: date, chart: Chart) -> str | None:
    today = chart.now.date()
    if eri <= add_months(today, int(chart.parameter("replacement-warning-months"))):
        return "warning"
    return "info" if eri <= add_months(today, int(chart.parameter("replacement-info-months"))) else None


def _by_replacement_date(eri: date, last: date, chart: Chart) -> tuple[str | None, date]:
    """Reached from the first possible day, and over so many days after the last one."""
    limit = last + timedelta(days=int(chart.parameter("eri-days-to-stop")))
    today = chart.now.date()
    if eri > today:
        return _months_ladder(eri, chart), limit
    return ("critical" if (limit - today).days <= chart.parameter("eri-critical-days") else "warning"), limit


def _by_age(chart: Chart) -> EndOfService:
    device = patient_state(chart).device
    known = implant(device, chart)
    if known is None:
        return EndOfService(None)
    basis = (known.entry,) if device is None or device is known.entry else (device, known.entry)
    sure = known.time.start.date() if known.time.exact else known.time.stop.date()
    months = full_months(sure, chart.now.date())
    if make(chart) != SYNCHROMED_II:
        old = months >= chart.parameter("pump-age-other-months")
        return EndOfService("info" if old else None, None, None, months, "age", False, basis)
    ladder = (
        ("critical", "pump-age-critical-months"),
        ("warning", "pump-age-warning-months"),
        ("info", "pump-age-info-months"),
    )
    indicator = next((name for name, limit in ladder if months >= chart.parameter(limit)), None)
    limit = add_months(sure, int(chart.parameter("pump-age-critical-months")))
    return EndOfService(indicator, limit, None, months, "age", False, basis)


def _replacement_booked(limit: date | None, chart: Chart) -> bool:
    for event in chart.events:
        if not event.concepts & NEW_PUMP or event.time is None or not event.time.exact:
            continue
        stands = ordered(event) or booked(event) or (event.kind == "procedure" and event.status == "preparation")
        if stands and chart.now.date() <= event.time.date and (limit is None or event.time.date < limit):
            return True
    return False


@once_a_chart
def end_of_service(chart: Chart) -> EndOfService:
    """The ladders of R05 for the pump that is in place now; replacement data come before the pump's age."""
    state = patient_state(chart)
    if not state.pump:
        return EndOfService(None)
    data = _replacement_data(chart)
    if data is not None:
        eri, observation, by = data
        if by == "months":
            months = _months_left(observation, chart.now)
            indicator, limit = (
                _months_only(months, chart),
                eri + timedelta(days=int(chart.parameter("eri-days-to-stop"))),
            )
        else:
            months = full_months(chart.now.date(), eri) if eri > chart.now.date() else 0
            moment = must(observation.moment)
            last = eri if moment.exact else moment.stop.date() - timedelta(days=1)
            indicator, limit = _by_replacement_date(eri, last, chart)
        found = EndOfService(indicator, limit, eri, months, by, False, (observation,))
    else:
        found = _by_age(chart)
    if found.indicator is None or not _replacement_booked(found.limit, chart):
        return found
    return EndOfService(
        step_down(found.indicator), found.limit, found.replacement, found.months, found.by, True, found.basis
    )


def _months_only(months: int, chart: Chart) -> str | None:
    if months <= chart.parameter("replacement-warning-months"):
        return "warning"
    return "info" if months <= chart.parameter("replacement-info-months") else None
