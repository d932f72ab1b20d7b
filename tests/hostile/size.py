"""How much the adversary does: seeded and bounded.

``CDSHOOKS_HOSTILE`` unset: what `make test` has seconds for. ``long``: what ``.ci/run`` has minutes for, every tenth
damage and a fifth of the mutations. ``full``: all of it, an hour.
"""

from __future__ import annotations

import os

SIZE = os.environ.get("CDSHOOKS_HOSTILE") or "short"
FULL = SIZE == "full"
LONG = FULL or SIZE == "long"
MUTATIONS = {"short": 300, "long": 20_000, "full": 100_000}[SIZE]
EVERY = 1 if FULL else 10
"""Of the damages of a vignette, each tenth is done, another tenth for each vignette."""
