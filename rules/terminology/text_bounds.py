"""How much of a record's text is read (docs/fhir-mapping.md S8): enough for any real entry, so that no entry holds up a
worker.

A text is read from its beginning; what stands behind the limit is not read. A longer code, or a code of a longer
system, is no code that we know; its text is still read.
"""

from __future__ import annotations

LONGEST_NAME = 1000
"""Characters of a name: ``text``, ``display``, ``deviceName``."""
LONGEST_NOTE = 10_000
"""Characters of free text: ``note``, ``Dosage.text``, ``valueString``."""
LONGEST_CODE = 64
LONGEST_SYSTEM = 256
MOST_CODINGS = 100
"""Codings of one concept."""
