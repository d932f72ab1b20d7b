"""One drug of a chart."""

from __future__ import annotations

from decimal import Decimal

from rules.chart.parts import Grade, Interval, When, entry


@entry
class DailyDose:
    """What a dosage gives in a day, in µg: one step of it, where a dosage has several."""

    continuous: Interval | None = None
    boluses: Interval | None = None
    """Scheduled ones, by their number in a day."""
    as_needed: Decimal | None = None
    """As-needed boluses, as many as are allowed."""

    @property
    def low(self) -> Decimal:
        return sum((part.low for part in (self.continuous, self.boluses) if part is not None), Decimal(0))

    @property
    def high(self) -> Decimal:
        return sum((part.high for part in (self.continuous, self.boluses) if part is not None), Decimal(0))


@entry
class Medication:
    """One row of a medication list, an administration, or a medication draft order."""

    key: str
    """``Type/id``, or a key made from the content when there is no id."""
    source: str
    """``statement``, ``request`` or ``administration``."""
    name: str
    """Drug as the record names it, for the reader."""
    ingredients: frozenset[str]
    """RxNorm ingredient names, lower case (``baclofen``, ``oxycodone``); empty when the drug is unknown."""
    classes: frozenset[str]
    """Drug classes of docs/fhir-mapping.md §5, ``(weak)`` members as ``<class>-weak``; plus
    ``antimicrobial_systemic``, ``levodopa``, ``orexin_or_melatonin``.
    """
    grade: Grade
    status: str
    """FHIR status, lower case (``active``, ``intended``, ``on-hold``, ``stopped``, ``completed``, ``not-taken``,
    ``draft``, ``unknown`` …). STU3, R5 and DSTU2 forms are translated to the R4 word; an absent status is ``active``
    for requests and statements.
    """
    part_unread: bool = False
    """A part of the mixture could not be read: the others are not all that is in it."""
    intent: str | None = None
    """MedicationRequest intent, ``order`` when absent; None for the other sources."""
    reported: bool = False
    do_not_perform: bool = False
    prn: bool = False
    route: str | None = None
    """``oral``, ``enteral``, ``intrathecal``, ``epidural``, ``iv``, ``im``, ``sc``, ``transdermal``, ``sublingual``,
    ``buccal``, ``rectal``, ``topical``, ``ophthalmic``, ``otic``, ``nasal``, ``inhalation``, ``vaginal``,
    ``infiltration``, ``dental``, ``irrigation``, ``lock``, ``other`` or None (unknown). From the dosage route, else
    the product's route, else the dose form in the name.
    """
    route_grade: Grade | None = None
    """How the resource itself gave the route; None when it was read from the product or is unknown."""
    injection: bool = False
    """An injection or prefilled-syringe product."""
    systemic: bool = True
    """False for topical, ophthalmic, otic, nasal, inhaled, vaginal, rectal-local, infiltration and dermal use, and
    for lock or flush products.
    """
    flush: bool = False
    """Line flush or lock."""
    prophylaxis: bool = False
    start: When | None = None
    end: When | None = None
    asserted: When | None = None
    """``dateAsserted``, ``authoredOn`` or ``dateWritten``."""
    given: When | None = None
    """Administrations: when it was given (end of the period)."""
    unread_date: str | None = None
    """Administrations: when it was given is present and cannot be read: it, as it was sent."""
    daily_dose: Decimal | None = None
    """µg/day, from a rate or from dose × frequency; the upper end of a range; of several steps the one in force now,
    else the first.
    """
    steps: tuple[DailyDose, ...] = ()
    """What the dosage gives in a day, step by step; empty where no daily dose can be read."""
    step: int = 0
    """The step that `daily_dose` is of."""
    rate_given: bool = False
    """The dose is a rate, or repeats."""
    single_dose: Decimal | None = None
    """µg of one dose, where the dose is a mass; the upper end of a range."""
    single_low: Decimal | None = None
    """The lower end, or the lower of two readings, where it is another number."""
    dose_volume: Decimal | None = None
    """mL, where the dose is a volume (refill administrations)."""
    dose_units: Decimal | None = None
    """International units of one dose, where the dose is in units (heparins)."""
    doses_per_day: Decimal | None = None
    zero_dose: bool = False
    """A dose or rate is present and is 0."""
    daily_volume: Interval | None = None
    """mL/day, where the dose is a volume and the concentration is not known from the entry itself."""
    two_readings: bool = False
    """The low and the high end are two readings of one number, of which one is true (``2.500 mcg``)."""
    open_end: str = ""
    """``upper`` or ``lower``: the end of a range that is not given. The other one stands for both."""
    unreadable_dose: bool = False
    """A dose is present, and it or a part of it cannot be read. No number is guessed."""
    dose_as_sent: str = ""
    """The first part that cannot be read, as it was sent, as far as it has words."""
    dose_grade: Grade = Grade.CODE
    concentration: Decimal | None = None
    """µg/mL."""
    planned: When | None = None
    """Draft: planned time (``timing.event[0]``, else ``boundsPeriod.start``)."""
    continuous: bool = False
    """Text or rate says continuous infusion."""
    period_assumed: bool = False
    """A mass without a period that is given continuously: taken as the amount of a day, as pump doses are stated."""
    unread_concentration: str | None = None
    """A strength is present and cannot be read: it, as it was sent. `concentration` is then None."""
    reasons: frozenset[str] = frozenset()
    """Concepts of reasonCode and reasonReference (condition concepts)."""
    status_reasons: frozenset[str] = frozenset()
    """Concepts of statusReason (``allergy`` …)."""
    encounter: str | None = None
    setting: str | None = None
    """Where an order is to be carried out, as its category says: ``inpatient``, ``outpatient``, ``community``,
    ``discharge`` or None.
    """
    text: str = ""
    """Notes, instructions and dosage text, lower case, for whole-word searches in definitions; never shown."""
