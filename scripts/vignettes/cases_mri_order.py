"""R48 itb-mri-order."""

from __future__ import annotations

from build import case
from insertion import drug
from patient import CPT
from patient import INTRATHECAL
from patient import SNOMED
from patient import concept
from patient import condition
from patient import device
from patient import order
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import pump_data
from patient import statement

RULE = "itb-mri-order"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"
LUMBAR = concept(CPT, "72149", text="MRI of the lumbar spine with contrast")


def c(name, title, made, cards, **more):
    return case(RULE, name, title, made, cards, **more)


def mri(code=LUMBAR, chart=None, **more):
    return ordering(chart if chart is not None else pump_chart(), [order("mri-1", code, **more)])


def pump(**more):
    return pump_chart(swap=[device(**more)])


CASES = [
    c("synchromed", "An MRI ordered for a patient with a SynchroMed pump is a warning", mri(), [WARNING], says=["SynchroMed", "interrogate"]),
    c("order-sign", "An MRI for a patient with a SynchroMed pump is the same warning when the order is signed", ordering(pump_chart(), [order("mri-1", LUMBAR)], hook="order-sign"), [WARNING]),
    c("prometra", "An MRI ordered for a patient with a Prometra pump is critical", mri(chart=pump(model=None, name="Prometra II Programmable Pump")), [CRITICAL], says=["reservoir"]),
    c("prometra-in-the-pump-data", "An MRI is critical when the pump data alone tell that the pump is a Prometra",
      mri(chart=pump_chart(pump_data("model-1", "pump-model", "2026-01-10", None, valueString="Prometra II"), swap=[device(model=None, name=None)])), [CRITICAL]),
    c("unknown-make", "An MRI with a pump of unknown make is a warning to check the model", mri(chart=pump(model=None, name=None)), [WARNING], says=["unknown make"]),
    c("plan-intent", "An MRI order that is marked as a plan is a warning all the same", mri(intent="plan"), [WARNING]),
    c("knee-by-snomed", "An MRI of any region, here the knee, is a warning", mri(concept(SNOMED, "113091000", "Magnetic resonance imaging")), [WARNING]),
    c("text-only", "An MRI named in words only is a warning", mri({"text": "MRI brain without contrast"}), [WARNING]),
    c("text-only-pump", "An MRI is a warning when the pump is known only from the problem list", mri(chart=[patient(), condition("p", {"text": "Intrathecal baclofen pump in place"}, onset="2024-01-01")]), [WARNING],
      says=["record suggests"]),
    c("ct", "A CT scan is no MRI and not alerted", mri({"text": "CT lumbar spine"}), []),
    c("x-ray", "An X-ray is no MRI and not alerted", mri({"text": "X-ray lumbar spine"}), []),
    c("no-pump", "An MRI for a patient without a pump is not alerted", mri(chart=[patient()]), []),
    c("other-drug", "An MRI for a patient whose pump holds morphine is not alerted",
      mri(chart=[patient(), device(), statement("m", drug("7052", "morphine"), "active", "2026-01-01", dosage={"route": INTRATHECAL})]), []),
    c("not-to-be-done", "An MRI that is not to be done is not judged", mri(doNotPerform=True), []),
    c("already-done", "An MRI order that is completed is not judged, even when it is selected", ordering(pump_chart(), [order("mri-1", LUMBAR, "completed")]), []),
    c("already-done-signed-again", "A completed MRI order among those that are signed again is not judged",
      ordering(pump_chart(), [order("mri-1", LUMBAR, "completed")], hook="order-sign"), []),
    c("order-that-stands-signed-again", "A standing MRI order that is signed again is judged",
      ordering(pump_chart(), [order("mri-1", LUMBAR, "active")], hook="order-sign"), [WARNING]),
    c("contraindicated-in-words", "A CT ordered because MRI is contraindicated is no MRI", ordering(pump_chart(), [order("ct-1", {"text": "CT head (MRI contraindicated)"})]), []),
    c("contrast-contraindicated", "An MRI ordered without contrast, because contrast is contraindicated, is still an MRI",
      ordering(pump_chart(), [order("mri-1", {"text": "MRI lumbar spine, gadolinium contraindicated"})]), [WARNING]),
    c("not-selected", "An MRI draft that is in the background and not selected is not judged",
      ordering(pump_chart(), [order("mri-1", LUMBAR), order("xr-1", {"text": "X-ray hand"})], selections=["ServiceRequest/xr-1"]), []),
    c("two-scans-one-card", "Two MRI orders give one card", ordering(pump_chart(), [order("mri-1", LUMBAR), order("mri-2", {"text": "MRI brain"})]), [WARNING]),
    c("device-list-withheld", "An MRI is a warning when only the drug tells of the pump, and the record suggests it", ordering(pump_chart(), [order("mri-1", LUMBAR)], withhold=("Device",)),
      [WARNING], says=["record suggests"]),
]  # fmt: skip
