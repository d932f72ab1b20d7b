"""The make of the pump that is in place."""

from __future__ import annotations

from datetime import datetime

from rules.chart import Chart
from rules.chart import Device
from rules.chart import Observation
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.state import patient_state
from rules.definitions.state import pump_devices

PROMETRA = "prometra"


@remember
def prometra(chart: Chart, now: datetime) -> Device | Observation | None:
    """What shows that the pump is a Prometra: any pump in place of that make, else the model in the pump data when no device names its make."""
    state = patient_state(chart, now)
    devices = [device for device in (state.device, *pump_devices(chart, now)) if device is not None]
    named = next((device for device in devices if device.family == PROMETRA), None)
    if named is not None or any(device.family for device in devices):
        return named
    recorded = [o for o in values(chart, "pump-model", now)] + [o for o in chart.observations if o.concept == "pump-model" and o.time is None]
    newest = next(iter(recorded), None)
    return newest if newest is not None and PROMETRA in (newest.words or "").lower() else None
