#!/bin/sh
# hl7v2 writes a time west of Greenwich without the minus of its zone, and a month or a year as its first day.
#
# Software: hl7v2 1.8.0 with hl7v2-dictionary 1.8.0 and valgen 5.20.0 (npm), seen on 2026-11-29 with Node 20.
# Guess:    a message that is parsed and written again, with nothing changed, has its times as they were; at most a zero is left out.
# Seen:     the hyphens of a date are taken out, and the minus of the zone with them: 14:30:15-0500 becomes 1430150500, which is no time any more, while +0200 stays. After a
#           fraction of a second it is worse: .25-0500 becomes .250500, a longer fraction and no zone. A birth date of 1970 becomes January 1, 1970, and midnight becomes the day.
#           A value of type TS in OBX-5 stays as it was. Nothing is an error.
# So:       a pump's times that went through such a router are hours off, or unreadable, in half of the world only: east of Greenwich every test passes. Try it with -0500.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund hl7v2@1.8.0 hl7v2-dictionary@1.8.0 valgen@5.20.0 >/dev/null
cat >ask.mjs <<'JS'
import { HL7Message } from 'hl7v2';
for (const time of ['20260610143015+0200', '20260610143015-0500', '20260610143015.25-0500', '20260610000000', '202606']) {
  const segments = [
    'MSH|^~\\&|PUMP|WARD|EHR|HOSPITAL|20260610||ORU^R01^ORU_R01|1|P|2.5.1',
    'PID|1||p^^^HOSPITAL^MR||LEE^ANN||1970|F',
    'OBR|1||7|8^pump interrogation^L',
    `OBX|1|NM|9^reservoir volume^L||4.2|mL|||||F|||${time}`,
    `OBX|2|TS|10^low reservoir^L||${time}||||||F`,
  ];
  const written = HL7Message.parse(segments.join('\r')).toHL7String().split('\r').map(segment => segment.split('|'));
  console.log(`${time}: observed ${written[3][14]}, low reservoir ${written[4][5]}, born ${written[1][7]}`);
}
JS
cat >expected <<'TXT'
20260610143015+0200: observed 20260610143015+0200, low reservoir 20260610143015+0200, born 19700101
20260610143015-0500: observed 202606101430150500, low reservoir 20260610143015-0500, born 19700101
20260610143015.25-0500: observed 20260610143015.250500, low reservoir 20260610143015.25-0500, born 19700101
20260610000000: observed 20260610, low reservoir 20260610000000, born 19700101
202606: observed 20260601, low reservoir 202606, born 19700101
TXT
node ask.mjs | tee seen
diff expected seen
