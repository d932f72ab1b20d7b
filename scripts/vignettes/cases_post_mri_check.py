"""R49 itb-post-mri-check."""

from __future__ import annotations

from build import case
from patient import CPT
from patient import SUBJECT
from patient import chart_opening
from patient import concept
from patient import event
from patient import itb_statement
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data

RULE = "itb-post-mri-check"
WARNING, QUIET = f"{RULE} warning", "itb-pump-summary info"
SCAN = concept(CPT, "72148", text="MRI of the lumbar spine")


def c(name, title, resources, cards, **more):
    return case(RULE, name, title, chart_opening(resources, **more.pop("request", {})), cards, **more)


def mri(at="2026-06-14T10:00:00Z", code=SCAN, **more):
    return procedure("mri-1", code, at, **more)


def check(at, code="pump-interrogation"):
    return procedure("check-1", event(code), at)


def study(started, modality="MR"):
    return {"resourceType": "ImagingStudy", "id": "study-1", "status": "available", "subject": SUBJECT, "started": started,
            "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality}]}  # fmt: skip


CASES = [
    c("mri-yesterday", "An MRI yesterday with no pump check since is a warning", pump_chart(mri()), [WARNING, QUIET], says=["14 Jun 2026", "interrogate"]),
    c("mri-72-hours-ago", "An MRI 72 hours ago with no pump check since is a warning", pump_chart(mri("2026-06-12T10:00:00Z")), [WARNING, QUIET]),
    c("mri-73-hours-ago", "An MRI 73 hours ago brings no card any more", pump_chart(mri("2026-06-12T09:00:00Z")), [QUIET]),
    c("interrogated-after", "A pump that was interrogated after the scan needs no further check", pump_chart(mri(), check("2026-06-14T12:00:00Z")), [QUIET]),
    c("reprogrammed-after", "A pump that was reprogrammed after the scan counts as checked", pump_chart(mri(), check("2026-06-14T12:00:00Z", "pump-reprogramming")), ["itb-recent-pump-change info", QUIET]),
    c("result-after", "A pump reading taken after the scan counts as a check", pump_chart(mri(), pump_data("r", "interrogation-result", "2026-06-14T12:00:00Z", "normal")), [QUIET]),
    c("interrogated-before", "A pump check before the scan does not count", pump_chart(mri(), check("2026-06-14T09:00:00Z")), [WARNING, QUIET]),
    c("imaging-study", "An MRI known only from the list of imaging studies is a warning", pump_chart(study("2026-06-14T10:00:00Z")), [WARNING, QUIET]),
    c("ct-study", "A CT study is no MRI and brings no card", pump_chart(study("2026-06-14T10:00:00Z", "CT")), [QUIET]),
    c("in-words", "An MRI named in words only is a warning", pump_chart(mri(code={"text": "MRI brain"})), [WARNING, QUIET], says=["record suggests"]),
    c("not-done", "An MRI that was not done brings no card", pump_chart(mri(status="not-done")), [QUIET]),
    c("pump-by-text", "An MRI is a warning when only the drug tells of the pump, and the record suggests it", [patient(), itb_statement(), mri()], [WARNING, "itb-record-incomplete info", "itb-rescue-baclofen-missing info", QUIET], says=["record suggests"]),
    c("no-pump", "An MRI in a patient without a pump needs no pump check", [patient(), mri()], []),
    c("procedures-withheld", "Without procedures and imaging studies no scan is seen, and no card is shown", pump_chart(), [QUIET], request={"withhold": ("Procedure", "ImagingStudy")}),
]  # fmt: skip
