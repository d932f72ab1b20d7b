#!/bin/sh
# Pint reads the UCUM unit of a platelet count, 10*3/uL, as thirty per microliter.
#
# Software: Pint 0.25.3 (PyPI), seen on 2026-11-29 with Python 3.11; ucumvert 0.3.2 (PyPI), which translates UCUM for Pint.
# Guess:    UCUM and Pint differ in some names, and what Pint does not know is an error (as "wk" and "mo" are), so a unit that it takes is taken as it is meant.
# Seen:     10*3/uL is arithmetic: ten times three. 150 10*3/uL, a normal count, is 4500 per microliter, without a warning; 150 10^3/uL is 150,000. By way of ucumvert the same unit
#           is 150,000.
# So:       of units that come as UCUM none may be given to a library that evaluates: a wrong factor of 33 looks like a result. Translate them first, or compare them as text.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pint==0.25.3 ucumvert==0.3.2
cat >ask.py <<'PY'
import pint
from ucumvert import PintUcumRegistry

plain, ucum = pint.UnitRegistry(), PintUcumRegistry()
for unit in ("10*3/uL", "10^3/uL", "ug/d"):
    print(f"pint     150 {unit}: {(150 * plain(unit)).to_base_units().to(plain('1/uL') if 'uL' in unit else plain('ug/day')):.0f}")
print(f"ucumvert 150 10*3/uL: {(150 * ucum.from_ucum('10*3/uL')).to('1/uL'):.0f}")
for unit in ("wk", "mo"):
    try:
        print(unit, plain(unit))
    except pint.UndefinedUnitError:
        print(f"pint     {unit}: not known")
PY
cat >expected <<'TXT'
pint     150 10*3/uL: 4500 / microliter
pint     150 10^3/uL: 150000 / microliter
pint     150 ug/d: 150 microgram / day
ucumvert 150 10*3/uL: 150000 / microliter
pint     wk: not known
pint     mo: not known
TXT
env/bin/python ask.py | tee seen
diff expected seen
