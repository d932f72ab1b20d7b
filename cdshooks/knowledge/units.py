"""Units as a reader of the rules' pages knows them; the parameters keep UCUM."""

from __future__ import annotations

SPOKEN = {
    "": "",
    "1": "",
    "{INR}": "",
    "{score}": "points",
    "%": "%",
    "/min": "/min",
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "mo": "months",
    "a": "years",
    "s": "s",
    "Cel": "°C",
    "mm[Hg]": "mmHg",
    "ug": "µg",
    "ug/d": "µg/day",
    "mg/d": "mg/day",
    "ug/mL": "µg/mL",
    "10*9/L": "× 10⁹/L",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "[iU]": "units",
    "[iU]/d": "units/day",
    "atm": "ATA",
}
_JOINED = ("%", "/min")


def with_unit(number: str, unit: str) -> str:
    """``38 °C``, ``20%``, ``120/min``; a unit that the table does not know stands as it is."""
    said = SPOKEN.get(unit, unit)
    return f"{number}{'' if said in _JOINED else ' '}{said}".strip()
