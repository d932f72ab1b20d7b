#!/bin/sh
# A Period whose start is a day is shown as the evening before it, west of Greenwich; a partial date as the last day of the month before.
#
# Software: @medplum/core 4.5.2 (npm), seen on 2026-11-28 with Node 20, time zone America/New_York.
# Guess:    what FHIR gives as a day is shown as that day, what it gives as a month as that month, by every formatter of the library.
# Seen:     formatDate keeps the day, but formatDateTime and formatPeriod read it as midnight UTC and show it in local time: a refill planned for
#           June 10 reads June 9, 8:00 PM. And "2026-06", asked for as a date, is June 1; as a date and time, May 31.
# So:       a day in FHIR has no time zone. Show it from its own digits, and never through an instant.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @medplum/core@4.5.2 >/dev/null
cat >ask.mjs <<'JS'
import { formatDate, formatDateTime, formatPeriod } from '@medplum/core';
console.log(`formatDate(2026-06-10): ${formatDate('2026-06-10')}`);
console.log(`formatDateTime(2026-06-10): ${formatDateTime('2026-06-10')}`);
console.log(`formatPeriod(start 2026-06-10): ${formatPeriod({ start: '2026-06-10' })}`);
console.log(`formatDate(2026-06): ${formatDate('2026-06')}`);
console.log(`formatDateTime(2026-06): ${formatDateTime('2026-06')}`);
JS
cat >expected <<'TXT'
formatDate(2026-06-10): 6/10/2026
formatDateTime(2026-06-10): 6/9/2026, 8:00:00 PM
formatPeriod(start 2026-06-10): 6/9/2026, 8:00:00 PM - 
formatDate(2026-06): 6/1/2026
formatDateTime(2026-06): 5/31/2026, 8:00:00 PM
TXT
TZ=America/New_York LANG=en_US.UTF-8 node ask.mjs | tr '\342\200\257' '   ' | tr -s ' ' | tee seen
diff expected seen
