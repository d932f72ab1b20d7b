"""The adversary: seeded and bounded. Short in `make test`; ``CDSHOOKS_HOSTILE=long`` in ``.ci/run``."""

from __future__ import annotations

import os

LONG = os.environ.get("CDSHOOKS_HOSTILE") == "long"
