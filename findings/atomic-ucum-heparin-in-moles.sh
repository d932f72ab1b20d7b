#!/bin/sh
# @atomic-ehr/ucum converts international units to anti-Xa units, to colonies and to moles; and a body temperature to a thousandth of itself.
#
# Software: @atomic-ehr/ucum 0.2.5 (npm), seen on 2026-11-29 with Node 20; @lhncbc/ucum-lhc 7.1.10 (npm) for comparison.
# Guess:    arbitrary units (isArbitraryUnit says that [IU] is one) are comparable with nothing but themselves, as UCUM says: a conversion to another is an error, as from mg to [IU] it
#           is. And a special unit like Cel gives what the prefix of the other side asks for.
# Seen:     [IU] is the number 1 to it. So 5000 [IU] are 5000 [anti'Xa'U], 5000 colony forming units, or 8.3e-21 mol, isConvertible says yes, and platelets in 10*3/uL become units per
#           microliter. From Cel a prefix is passed over: 37 Cel are 310.15 mK, and 1 [degF] is 255.9 [degR] (it is 460.7). The other engine refuses the first and converts the second
#           rightly; both refuse mg to [IU].
# So:       that a conversion succeeds is no proof that the two measure the same. Before a limit on heparin or a count is compared, compare the units as text where one is arbitrary.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @atomic-ehr/ucum@0.2.5 @lhncbc/ucum-lhc@7.1.10 >/dev/null
cat >ask.mjs <<'JS'
import { ucum } from '@atomic-ehr/ucum';
import lhc from '@lhncbc/ucum-lhc';
const other = lhc.UcumLhcUtils.getInstance();
console.log(`[IU] is arbitrary: ${ucum.isArbitraryUnit('[IU]')}`);
const asked = [
  [5000, '[IU]', "[anti'Xa'U]"],
  [5000, '[IU]', '[CFU]'],
  [5000, '[IU]', 'mol'],
  [150, '10*3/uL', '[IU]/uL'],
  [5000, 'mg', '[IU]'],
  [37, 'Cel', 'K'],
  [37, 'Cel', 'mK'],
  [1, '[degF]', '[degR]'],
  [400, 'ug/d', 'mg/d'],
];
for (const [value, from, to] of asked) {
  let atomic = 'refused';
  try {
    atomic = Number(ucum.convert(value, from, to)).toPrecision(5);
  } catch {}
  const { status, toVal } = other.convertUnitTo(from, value, to);
  console.log(`${value} ${from} in ${to}: ${atomic}, convertible: ${ucum.isConvertible(from, to)}; ucum-lhc: ${status === 'succeeded' ? toVal.toPrecision(5) : 'refused'}`);
}
JS
cat >expected <<'TXT'
[IU] is arbitrary: true
5000 [IU] in [anti'Xa'U]: 5000.0, convertible: true; ucum-lhc: refused
5000 [IU] in [CFU]: 5000.0, convertible: true; ucum-lhc: refused
5000 [IU] in mol: 8.3027e-21, convertible: true; ucum-lhc: refused
150 10*3/uL in [IU]/uL: 1.5000e+5, convertible: true; ucum-lhc: refused
5000 mg in [IU]: refused, convertible: false; ucum-lhc: refused
37 Cel in K: 310.15, convertible: true; ucum-lhc: 310.15
37 Cel in mK: 310.15, convertible: true; ucum-lhc: 3.1015e+5
1 [degF] in [degR]: 255.93, convertible: true; ucum-lhc: 460.67
400 ug/d in mg/d: 0.40000, convertible: true; ucum-lhc: 0.40000
TXT
node ask.mjs | tee seen
diff expected seen
