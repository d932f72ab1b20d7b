"""What else a chart holds: stays (Encounter), flags, safety issues, plans, reports, images."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.errors import Misread, meant
from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Clauses, EntryPhrase, Setter, at, fhir_datetime, fill, quoted
from cdshooks.vignettes.terms import codeable_concept, system, vocabulary

Resource = dict[str, Any]


def _concepts(member: str, section: str) -> Setter:
    def append(resource: Resource, said: str) -> None:
        resource.setdefault(member, []).append(codeable_concept(said, section))

    return append


def _diagnosis(resource: Resource, said: str) -> None:
    resource.setdefault("diagnosis", []).append({"condition": {"reference": f"Condition/{said}"}})


def _since(resource: Resource, said: str) -> None:
    resource["period"] = {"start": fhir_datetime(said)}


def _conclusion(resource: Resource, said: str) -> None:
    if said.startswith('"'):
        resource["conclusion"] = quoted(said)
    else:
        _concepts("conclusionCode", "findings")(resource, said)


ENCOUNTER = Clauses(
    {"since": _since, "diagnosis": _diagnosis, "because of": _concepts("reasonCode", "conditions")},
    ("planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown"),
)
FLAG = Clauses({"since": _since}, ("active", "inactive", "entered-in-error"))
ISSUE = Clauses(
    {"on": at("identifiedDateTime")},
    ("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"),
)
CARE_PLAN = Clauses(
    {"category": _concepts("category", "procedures")},
    ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"),
)
REPORT = Clauses(
    {"on": at("effectiveDateTime"), "conclusion": _conclusion},
    ("registered", "partial", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"),
)
IMAGING_STUDY = Clauses({"at": at("started")}, ("registered", "available", "cancelled", "entered-in-error", "unknown"))


def _code(said: str, section: str, of: str) -> Resource:
    """A bare Coding of one of the vocabulary's lists."""
    known = vocabulary()[section]
    if said not in known:
        raise Misread(f"`{said}` is none of the {section} of the vocabulary{meant(said, known)}")
    return {"system": system(of), "code": known[said]}


def encounter_resource(said: EntryPhrase) -> Resource:
    """A stay in which the chart is opened: ``inpatient, finished``; in progress unless said."""
    made: Resource = {"resourceType": "Encounter", "status": "in-progress", "subject": SUBJECT}
    made["class"] = _code(said.first, "stays", "stay")
    return fill(made, said.rest, ENCOUNTER)


def flag(said: EntryPhrase) -> Resource:
    """A flag on the chart: ``in words "Baclofen pump" since 2026-06-14``."""
    made = {
        "resourceType": "Flag",
        "status": "active",
        "code": codeable_concept(said.first, "findings"),
        "subject": SUBJECT,
    }
    return fill(made, said.rest, FLAG)


def issue(said: EntryPhrase) -> Resource:
    """A safety issue that was detected: ``motor stall on 2026-06-14``."""
    made = {"resourceType": "DetectedIssue", "status": "final", "patient": SUBJECT}
    made["code"] = codeable_concept(said.first, "findings")
    return fill(made, said.rest, ISSUE)


def care_plan(said: EntryPhrase) -> Resource:
    """A plan of care, by its title: ``titled "Wean intrathecal baclofen", category wean``."""
    made = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": SUBJECT}
    made["title"] = quoted(said.first.removeprefix("titled "))
    return fill(made, said.rest, CARE_PLAN)


def report_resource(said: EntryPhrase) -> Resource:
    """A report of an examination: ``in words "X-ray" on 2026-06-12, conclusion catheter disconnection``."""
    made = {"resourceType": "DiagnosticReport", "status": "final", "subject": SUBJECT}
    made["code"] = codeable_concept(said.first, "procedures")
    return fill(made, said.rest, REPORT)


def imaging_study(said: EntryPhrase) -> Resource:
    """Images that were taken: ``MR at 2026-06-14 10:00``."""
    made: Resource = {"resourceType": "ImagingStudy", "status": "available", "subject": SUBJECT}
    made["modality"] = [_code(said.first, "modalities", "DICOM")]
    return fill(made, said.rest, IMAGING_STUDY)
