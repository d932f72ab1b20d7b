"""What the rules know of one patient: small, typed, free of FHIR versions and vendor shapes.

``cdshooks.reading`` turns FHIR resources of any dialect into a `Chart`; the rules read nothing else. The chart states
what the record says (status, time, amount, and how sure the reading is); what counts as *current*, *recent* or
*abnormal* is decided by ``rules.definitions``. Entries that were entered in error, that belong to another patient or
that carry a data-absent reason never reach the chart.

Units: doses in µg, daily doses in µg/day, concentrations in µg/mL, volumes in mL, all exact `Decimal`.
Times: aware datetimes in the site's time zone (`When`).
"""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from rules.parameters import UnknownParameter
from rules.parameters import in_force


class Availability(Enum):
    """How far a list of resources could be seen. Unknown is not none."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNAVAILABLE = "unavailable"


class Precision(Enum):
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    TIME = "time"


UNAVAILABLE, TO_THE_DAY, TO_THE_TIME = Availability.UNAVAILABLE, Precision.DAY, Precision.TIME
"""Those that are asked for most: Python 3.11 calls a function to reach a member by the name of its class."""


class Grade(Enum):
    """How the record says what a fact is (docs/fhir-mapping.md §1.4). CODE and NAME identify; FREE_TEXT never alone
    makes a critical card.
    """

    CODE = "code"
    NAME = "name text"
    FREE_TEXT = "free text"


entry = dataclass(slots=True, unsafe_hash=True)
"""A part of a chart. Nobody changes one: it is frozen by custom and not by the class, since a frozen dataclass takes
three times as long to make.
"""
answer = entry
"""What a definition or a rule says of a chart: made for every chart anew, and so frozen by custom too."""


@entry
class When:
    """A FHIR date or dateTime with its precision: the moments from `start` up to, but not including, `stop`."""

    start: datetime
    stop: datetime
    precision: Precision

    @property
    def date(self) -> date:
        """The calendar day on which the period starts, in the site's time zone."""
        return self.start.date()

    @property
    def exact(self) -> bool:
        """True when the calendar day is known."""
        return self.precision is TO_THE_TIME or self.precision is TO_THE_DAY

    @property
    def last_moment(self) -> datetime:
        """The instant itself, or the end of the day, month or year."""
        return self.start if self.precision is TO_THE_TIME else self.stop


@entry
class Patient:
    birth: When | None = None
    sex: str | None = None
    """``male``, ``female``, ``other``, ``unknown`` or None."""
    deceased: bool = False


@entry
class Device:
    """An implanted intrathecal pump, recognised as docs/fhir-mapping.md §3 says. Other devices never reach the
    chart.
    """

    key: str
    status: str | None
    """``active``, ``inactive``, ``unknown`` or None (absent: active with low confidence)."""
    grade: Grade
    name: str
    """How the record calls it, for the reader."""
    family: str | None = None
    """``synchromed-ii``, ``synchromed-iii``, ``synchromed-el``, ``synchromed`` (generation not stated), ``prometra``
    or None.
    """
    model: str | None = None
    serial: str | None = None
    explanted: bool = False
    """Status reason or text says it was taken out."""
    explanted_on: When | None = None
    implanted_on: When | None = None
    """From text such as "implanted 2023-03-10"; implant procedures outrank it."""
    external: bool = False
    """The record says it is an external pump."""


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
    daily_dose: Decimal | None = None
    """µg/day, from a rate or from dose × frequency."""
    rate_given: bool = False
    """The dose is a rate, or repeats."""
    single_dose: Decimal | None = None
    """µg of one dose, where the dose is a mass."""
    dose_volume: Decimal | None = None
    """mL, where the dose is a volume (refill administrations)."""
    dose_units: Decimal | None = None
    """International units of one dose, where the dose is in units (heparins)."""
    doses_per_day: Decimal | None = None
    zero_dose: bool = False
    """A dose or rate is present and is 0."""
    unreadable_dose: bool = False
    """A dose is present but its unit is missing or unknown. No number is guessed."""
    dose_grade: Grade = Grade.CODE
    concentration: Decimal | None = None
    """µg/mL."""
    planned: When | None = None
    """Draft: planned time (``timing.event[0]``, else ``boundsPeriod.start``)."""
    continuous: bool = False
    """Text or rate says continuous infusion."""
    reasons: frozenset[str] = frozenset()
    """Concepts of reasonCode and reasonReference (condition concepts)."""
    status_reasons: frozenset[str] = frozenset()
    """Concepts of statusReason (``allergy`` …)."""
    encounter: str | None = None
    text: str = ""
    """Notes, instructions and dosage text, lower case, for whole-word searches in definitions; never shown."""


@entry
class Condition:
    key: str
    name: str
    concepts: frozenset[str]
    grade: Grade
    clinical: str | None
    """``active``, ``recurrence``, ``relapse``, ``inactive``, ``remission``, ``resolved`` or None."""
    verification: str | None
    """``confirmed``, ``provisional``, ``unconfirmed``, ``differential``, ``refuted`` or None."""
    onset: When | None = None
    recorded: When | None = None
    onset_unknown: bool = False
    """Onset is an age, a range or a string: history only, never recent."""
    abated: bool = False
    """Abatement in the past (as of the evaluation time)."""
    sites: frozenset[str] = frozenset()
    """Infections and wounds: ``back``, ``lumbar``, ``sacral``, ``abdomen``, ``pump``, ``spine``, ``limb``, ``head``,
    ``other``; empty when no site is given.
    """
    stage: int | None = None
    """Pressure injury stage 1–4, when the code or text tells."""
    severity: str | None = None
    """``mild``, ``moderate``, ``severe`` or None."""
    encounter_reason: bool = False
    """Reason or diagnosis of the current encounter."""
    text: str = ""

    @property
    def suspected(self) -> bool:
        return self.verification in ("unconfirmed", "differential")


@entry
class Observation:
    """One value. A panel yields one entry a component."""

    key: str
    concept: str
    """``body_temperature``, ``heart_rate``, ``bp_systolic``, ``bp_diastolic``, ``respiratory_rate``, ``spo2``,
    ``gcs_total``, ``creatine_kinase``, ``platelets``, ``inr``, ``aptt``, ``wbc``, ``crp``, ``egfr``, ``body_weight``,
    ``audit_c``, ``pregnancy_status``, ``estimated_delivery_date``, ``fibrinogen``; the pump-data codes of
    docs/fhir-mapping.md §2 (``daily-dose``, ``pump-alarm`` …); or a finding given as an Observation: the condition
    concept (``pruritus``, ``rash`` …).
    """
    grade: Grade
    time: When | None
    number: Decimal | None = None
    """In the concept's unit: °C, /min, mmHg, %, U/L, 10⁹/L, s, mg/L, mL/min/1.73 m², kg, µg/day, µg/mL, mL, µg, h,
    cm, months.
    """
    code: str | None = None
    """Value code of a pump-data concept (``motor-stall``, ``increased`` …), or ``present`` / ``absent`` for a
    finding.
    """
    moment: When | None = None
    """valueDateTime."""
    words: str | None = None
    """valueString, or the text of a coded value."""
    upper_limit: Decimal | None = None
    """referenceRange.high, same unit."""
    unreadable_unit: bool = False
    """A number is present but its unit is missing or unknown; `number` is then None."""
    encounter: str | None = None
    group: str = ""
    """Key of the Observation or panel it came from: components of one panel share it."""
    parts: tuple[str, ...] = ()
    """Keys of the Procedures this is ``partOf``."""
    text: str = ""


@entry
class Event:
    """A procedure that happened, an order for one, a booked visit or a plan. One concept list for all
    (docs/fhir-mapping.md §4).
    """

    key: str
    kind: str
    """``procedure``, ``order`` (ServiceRequest, ProcedureRequest, DiagnosticOrder), ``appointment``, ``careplan`` or
    ``imaging``.
    """
    name: str
    concepts: frozenset[str]
    """``pump-implant``, ``pump-replacement``, ``catheter-implant``, ``catheter-revision``, ``pump-explant``,
    ``catheter-explant``, ``pump-refill``, ``pump-reprogramming``, ``concentration-change``, ``pump-interrogation``,
    ``itb-screening-trial``, ``external-itb-infusion``, ``itb-wean``, ``lumbar_puncture``, ``neuraxial``, ``mri``,
    ``surgery``, ``surgery-near-pump`` (spine, abdominal wall, inguinal), ``anaesthesia``, ``hyperbaric``,
    ``diathermy``, ``physical-therapy``, ``botulinum``, ``transfusion``, ``mechanical-ventilation`` …
    """
    grade: Grade
    status: str
    """FHIR status, lower case. ServiceRequest without one: ``active``."""
    intent: str | None = None
    do_not_perform: bool = False
    time: When | None = None
    """Procedure: performed (end of the period). Order: occurrence `T`. Appointment: start. ImagingStudy: started."""
    authored: When | None = None
    pump_only: bool = False
    """Replacement of the pump alone, catheter kept, documented."""
    family: str | None = None
    """Pump make named on an implant order or procedure."""
    model: str | None = None
    devices: tuple[str, ...] = ()
    """Keys of devices manipulated or named."""
    normal: bool | None = None
    """Interrogation: outcome says normal (True), abnormal (False) or nothing (None)."""
    pressure: Decimal | None = None
    """Hyperbaric pressure in ATA."""
    volume: Decimal | None = None
    """mL named in a refill note."""
    depth: Decimal | None = None
    """Planned implant depth in cm."""
    reasons: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()
    study: bool = False
    """The record links it to a research study or protocol."""
    text: str = ""


@entry
class Allergy:
    key: str
    name: str
    ingredients: frozenset[str]
    grade: Grade
    clinical: str | None
    verification: str | None
    type: str | None
    """``allergy``, ``intolerance`` or None."""
    criticality: str | None
    """``low``, ``high``, ``unable-to-assess`` or None."""
    manifestations: frozenset[str] = frozenset()
    """``anaphylaxis``, ``angioedema``, ``side-effect`` (sedation, nausea, dizziness …), ``other``."""


@entry
class Alert:
    """A DetectedIssue, Flag or Communication that speaks of the pump, or a DiagnosticReport conclusion about the
    catheter.
    """

    key: str
    kind: str
    """``detectedissue``, ``flag``, ``communication`` or ``report``."""
    name: str
    concepts: frozenset[str]
    """Pump-alarm codes (``motor-stall`` …), catheter findings (``kink`` …), ``baclofen-pump``, ``itb-flag``."""
    grade: Grade
    status: str
    """FHIR status, lower case; R5 adds ``mitigated``."""
    time: When | None = None
    encounter: str | None = None


@entry
class Encounter:
    """The encounter of the hook, when it was given."""

    key: str
    status: str
    inpatient: bool
    reasons: frozenset[str] = frozenset()
    """Condition concepts of its reasons and diagnoses."""
    start: When | None = None
    hospice: bool = False
    study: bool = False
    grade: Grade = Grade.CODE
    """NAME where a reason is known by its words."""

    @property
    def current(self) -> bool:
        return self.status in ("in-progress", "arrived", "triaged", "onleave")


@entry
class Order:
    """A draft order of the hook: a medication or a procedure. `selected` ones are judged, the others are background."""

    key: str
    selected: bool
    medication: Medication | None = None
    event: Event | None = None
    stop: bool = False
    """Stop semantics: status stopped, cancelled or on-hold, doNotPerform, or dose 0."""
    reference: str = ""
    """``Type/id`` as the client knows it; empty without an id."""

    @property
    def name(self) -> str:
        entry = self.medication or self.event
        return entry.name if entry else ""


@dataclass(slots=True)
class Chart:
    """Everything the rules may read of one patient.

    `listings` holds one `Availability` a resource type (``Patient``, ``Device``, ``MedicationStatement``,
    ``MedicationRequest``, ``MedicationAdministration``, ``Condition``, ``Observation``, ``Procedure``,
    ``ServiceRequest``, ``AllergyIntolerance``, ``Appointment``, ``CarePlan``, ``Encounter``, ``ImagingStudy``,
    ``DetectedIssue``, ``Flag``, ``DiagnosticReport``, ``DeviceUseStatement``).
    """

    now: datetime
    """The evaluation time: aware, in the site's time zone."""
    hook: str = "patient-view"
    """``patient-view`` or ``order`` (order-select and order-sign alike)."""
    patient: Patient = Patient()
    devices: tuple[Device, ...] = ()
    medications: tuple[Medication, ...] = ()
    conditions: tuple[Condition, ...] = ()
    observations: tuple[Observation, ...] = ()
    events: tuple[Event, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    alerts: tuple[Alert, ...] = ()
    encounter: Encounter | None = None
    orders: tuple[Order, ...] = ()
    listings: Mapping[str, Availability] = field(default_factory=dict)
    unreadable: int = 0
    """Resources that could not be read."""
    foreign: int = 0
    """Resources of another patient, dropped."""
    contacts: Mapping[str, str] = field(default_factory=dict)
    """``itbTeam`` and ``manufacturer`` of the site."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """The site's checked overrides of rules/parameters, by name."""
    memo: dict[Hashable, object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Definitions already worked out for this chart; never part of its value."""
    _in_force: Mapping[str, Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._in_force = in_force(self.now.date(), self.parameters)

    def parameter(self, name: str) -> Any:
        """The site's own value, or the one in force at `now`. Raises UnknownParameter."""
        try:
            return self._in_force[name]
        except KeyError:
            raise UnknownParameter(f"no parameter is called {name!r}") from None

    def available(self, resource_type: str) -> Availability:
        return self.listings.get(resource_type, UNAVAILABLE)

    def delivered(self, *resource_types: str) -> bool:
        """True when at least one of the lists was delivered, possibly in part."""
        for resource_type in resource_types:
            if self.listings.get(resource_type, UNAVAILABLE) is not UNAVAILABLE:
                return True
        return False

    @property
    def judged(self) -> tuple[Order, ...]:
        """The orders to judge."""
        return tuple([order for order in self.orders if order.selected])


DAY = timedelta(days=1)
