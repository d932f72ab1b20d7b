"""The make of the pump that is in place."""

from __future__ import annotations

import re

from rules import vocabulary
from rules.chart import Chart, Device, Observation
from rules.definitions.implants import implants
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import newest_or_undated
from rules.definitions.state import patient_state, pump_devices

PUMP_MODEL = vocabulary.observation("pump-model")
SYNCHROMED = vocabulary.pump_family("synchromed")
PROMETRA = vocabulary.pump_family("prometra")
SYNCHROMED_II = vocabulary.pump_family("synchromed-ii")
_SYNCHROMED_II = re.compile(r"\bsynchromed[\s-]*(?:ii|2)\b|\b8637\b", re.IGNORECASE)


@once_a_chart
def prometra(chart: Chart) -> Device | Observation | None:
    """What shows that the pump is a Prometra: any pump in place of that make, else the model in the pump data when no
    device names its make.
    """
    state = patient_state(chart)
    devices = [device for device in (state.device, *pump_devices(chart)) if device is not None]
    named = next((device for device in devices if device.family == PROMETRA), None)
    if named is not None or any(device.family for device in devices):
        return named
    newest = recorded_model(chart)
    return newest if newest is not None and PROMETRA in (newest.words or "").lower() else None


def recorded_model(chart: Chart) -> Observation | None:
    """The newest model in the pump data; an undated one where none has a date."""
    return newest_or_undated(chart, PUMP_MODEL)


@once_a_chart
def make(chart: Chart) -> str | None:
    """The family of the pump in place (`Device.family`): from the device, the newest implant procedure, or the model
    in the pump data.
    """
    device = patient_state(chart).device
    if device is not None and device.family not in (None, SYNCHROMED):
        return device.family
    newest = next(iter(implants(chart)), None)
    if newest is not None and newest.family not in (None, SYNCHROMED):
        return newest.family
    model = recorded_model(chart)
    if model is not None and _SYNCHROMED_II.search(model.words or ""):
        return SYNCHROMED_II
    return device.family if device is not None else None
