#!/bin/sh
# Platelet counts in K/uL (United States) and G/L (Europe) are valid UCUM, and mean something else.
#
# Software: @lhncbc/ucum-lhc 7.1.10 (npm), seen on 2026-11-28 with Node 20.
# Guess:    K for thousands and G for giga per liter are no UCUM, so validation refuses both units and a sender is told.
# Seen:     both are valid: K/uL is "[degree Kelvin]/microliter", G/L is "Gauss/Liters". Only converting them to 10*3/uL fails.
# So:       a unit that passes a UCUM validator may still be no count. Whoever reads platelets has to know the laboratory's spellings
#           before asking UCUM, and must not take "valid" for "can be compared with a limit".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @lhncbc/ucum-lhc@7.1.10 >/dev/null
cat >ask.js <<'JS'
const ucum = require('@lhncbc/ucum-lhc').UcumLhcUtils.getInstance();
for (const unit of ['K/uL', 'G/L', '10*3/uL']) {
  const told = ucum.validateUnitString(unit);
  const count = ucum.convertUnitTo(unit, 150, '10*3/uL');
  console.log(`${unit}: ${told.status}, ${told.unit.name}; 150 of it in 10*3/uL: ${count.status} ${count.toVal}`);
}
JS
cat >expected <<'TXT'
K/uL: valid, [degree Kelvin]/microliter; 150 of it in 10*3/uL: failed null
G/L: valid, Gauss/Liters; 150 of it in 10*3/uL: failed null
10*3/uL: valid, thousand per microliter; 150 of it in 10*3/uL: succeeded 150
TXT
node ask.js | tee seen
diff expected seen
