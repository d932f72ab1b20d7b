"""Devices of a chart, and what happened, is planned or was reported around them."""

from __future__ import annotations

from decimal import Decimal

from rules.chart.parts import Grade, When, entry


@entry
class Device:
    """An implanted intrathecal pump, recognised by its code, its model number or its name; other devices never reach
    the chart (docs/fhir-mapping.md §3).
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
    other_drug: bool = False
    """Its name, type or note names another intrathecal drug (morphine …) and not baclofen."""


@entry
class CareEvent:
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
    ``surgery``, ``surgery-near-pump`` (spine, abdominal wall, inguinal), ``spinal-fusion``, ``anaesthesia``,
    ``hyperbaric``, ``diathermy``, ``physical-therapy``, ``botulinum``, ``transfusion``, ``mechanical-ventilation`` …
    """
    grade: Grade
    status: str
    """FHIR status, lower case. Without one: ``active`` for a ServiceRequest, else ``absent``."""
    intent: str | None = None
    do_not_perform: bool = False
    time: When | None = None
    """Procedure: performed (end of the period). Order: occurrence `T`. Appointment: start. ImagingStudy: started."""
    authored: When | None = None
    unread_date: str | None = None
    """Its time is present and cannot be read: it, as it was sent."""
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
    suspected: bool = False
    """Known by words alone, and those call it suspected."""
