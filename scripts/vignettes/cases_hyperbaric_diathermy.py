"""R52 itb-hyperbaric-diathermy."""

from __future__ import annotations

from build import case
from patient import CPT
from patient import concept
from patient import device
from patient import itb_statement
from patient import order
from patient import ordering
from patient import patient
from patient import pump_chart
from patient import quantity

RULE = "itb-hyperbaric-diathermy"
CRITICAL, WARNING = f"{RULE} critical", f"{RULE} warning"
CHAMBER = concept(CPT, "99183", text="Hyperbaric oxygen therapy")


def c(name, title, code, cards, chart=None, **more):
    made = ordering(chart if chart is not None else pump_chart(), [order("treatment-1", code, **more.pop("order", {}))])
    return case(RULE, name, title, made, cards, **more)


def prometra():
    return pump_chart(swap=[device(model=None, name="Prometra II Programmable Pump")])


CASES = [
    c("hyperbaric", "Hyperbaric oxygen without a pressure is a warning", CHAMBER, [WARNING], says=["2.0 ATA"]),
    c("at-2-ata", "Hyperbaric oxygen at 2.0 atmospheres is a warning", CHAMBER, [WARNING], order={"orderDetail": [{"text": "2.0 ATA for 90 minutes"}]}),
    c("above-2-ata", "Hyperbaric oxygen above 2.0 atmospheres is critical", CHAMBER, [CRITICAL], order={"orderDetail": [{"text": "2.4 ATA for 90 minutes"}]}, says=["2.4 ATA"]),
    c("pressure-as-quantity", "Hyperbaric oxygen above 2.0 atmospheres is critical when the pressure stands in its own field", CHAMBER, [CRITICAL], order={"quantityQuantity": quantity(2.5, "atm")}),
    c("prometra", "Hyperbaric oxygen with a Prometra pump is critical", CHAMBER, [CRITICAL], chart=prometra(), says=["contraindication"]),
    c("in-words", "Hyperbaric oxygen named in words only is a warning", {"text": "Hyperbaric oxygen therapy"}, [WARNING]),
    c("shortwave-diathermy", "Shortwave diathermy for a pump patient is a warning", {"text": "Shortwave diathermy to the shoulder"}, [WARNING], says=["Diathermy"]),
    c("diathermy-prometra", "Diathermy with a Prometra pump stays a warning", {"text": "Microwave diathermy"}, [WARNING], chart=prometra()),
    c("home-oxygen", "Oxygen at home is not hyperbaric and not alerted", {"text": "Home oxygen 2 L/min"}, []),
    c("ultrasound", "Diagnostic ultrasound is harmless and not alerted", {"text": "Ultrasound abdomen"}, []),
    c("no-pump", "Hyperbaric oxygen for a patient without a pump is not alerted", CHAMBER, [], chart=[patient()]),
    c("not-to-be-done", "Hyperbaric oxygen that is marked as not to be done is not alerted", CHAMBER, [], order={"doNotPerform": True}),
    c("pump-by-text", "Hyperbaric oxygen is a warning when only the drug tells of the pump, and the record suggests it", CHAMBER, [WARNING], chart=[patient(), itb_statement()], says=["record suggests"]),
]  # fmt: skip
