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
    c("synchromed", "MRI with a SynchroMed pump: warning", mri(), [WARNING], says=["SynchroMed", "interrogate"]),
    c("order-sign", "The same at signing", ordering(pump_chart(), [order("mri-1", LUMBAR)], hook="order-sign"), [WARNING]),
    c("prometra", "MRI with a Prometra pump: critical", mri(chart=pump(model=None, name="Prometra II Programmable Pump")), [CRITICAL], says=["reservoir"]),
    c("prometra-in-the-pump-data", "The pump's make is known from pump data only: Prometra",
      mri(chart=pump_chart(pump_data("model-1", "pump-model", "2026-01-10", None, valueString="Prometra II"), swap=[device(model=None, name=None)])), [CRITICAL]),
    c("unknown-make", "MRI with a pump of unknown make: warning, check the model", mri(chart=pump(model=None, name=None)), [WARNING], says=["unknown make"]),
    c("plan-intent", "An order placed with intent plan is judged all the same", mri(intent="plan"), [WARNING]),
    c("knee-by-snomed", "MRI of any region, coded in SNOMED CT", mri(concept(SNOMED, "113091000", "Magnetic resonance imaging")), [WARNING]),
    c("text-only", "MRI named in words only", mri({"text": "MRI brain without contrast"}), [WARNING]),
    c("text-only-pump", "A pump known only from the problem list", mri(chart=[patient(), condition("p", {"text": "Intrathecal baclofen pump in place"}, onset="2024-01-01")]), [WARNING],
      says=["record suggests"]),
    c("ct", "CT is no MRI", mri({"text": "CT lumbar spine"}), []),
    c("x-ray", "An X-ray is no MRI", mri({"text": "X-ray lumbar spine"}), []),
    c("no-pump", "MRI in a patient without a pump", mri(chart=[patient()]), []),
    c("other-drug", "MRI with a morphine pump is not ours",
      mri(chart=[patient(), device(), statement("m", drug("7052", "morphine"), "active", "2026-01-01", dosage={"route": INTRATHECAL})]), []),
    c("not-to-be-done", "An MRI that is not to be done is not judged", mri(doNotPerform=True), []),
    c("already-done", "An MRI order that is completed is not judged, also when it is named", ordering(pump_chart(), [order("mri-1", LUMBAR, "completed")]), []),
    c("already-done-signed-again", "A completed MRI order among those that are signed again is not judged",
      ordering(pump_chart(), [order("mri-1", LUMBAR, "completed")], hook="order-sign"), []),
    c("order-that-stands-signed-again", "A standing MRI order that is signed again is judged",
      ordering(pump_chart(), [order("mri-1", LUMBAR, "active")], hook="order-sign"), [WARNING]),
    c("contraindicated-in-words", "A CT because MRI is contraindicated is no MRI", ordering(pump_chart(), [order("ct-1", {"text": "CT head (MRI contraindicated)"})]), []),
    c("contrast-contraindicated", "An MRI without contrast, because that is contraindicated, is an MRI",
      ordering(pump_chart(), [order("mri-1", {"text": "MRI lumbar spine, gadolinium contraindicated"})]), [WARNING]),
    c("not-selected", "An MRI draft that is not selected is background",
      ordering(pump_chart(), [order("mri-1", LUMBAR), order("xr-1", {"text": "X-ray hand"})], selections=["ServiceRequest/xr-1"]), []),
    c("two-scans-one-card", "Two MRI orders give one card", ordering(pump_chart(), [order("mri-1", LUMBAR), order("mri-2", {"text": "MRI brain"})]), [WARNING]),
    c("device-list-withheld", "Without a device list the pump is known from its drug: the record suggests it", ordering(pump_chart(), [order("mri-1", LUMBAR)], withhold=("Device",)),
      [WARNING], says=["record suggests"]),
]  # fmt: skip
