"""Who may call: CDS Clients that sign a JSON Web Token with a key that the site file lists.

`verify` decides; everything it needs is made once a worker: ``Trust(TrustSettings.from_site(...))`` and
``ReplayCheck(store)``.
"""

from __future__ import annotations

from cdshooks.trust import audiences, errors
from cdshooks.trust.errors import RefusalReason, Refused
from cdshooks.trust.machine import MachineTokens
from cdshooks.trust.replay import RememberedTokens, ReplayCheck, ReplayStore, Use
from cdshooks.trust.settings import ClientSettings, TrustSettings
from cdshooks.trust.verify import ANYONE, LEEWAY, Client, Trust, verify

__all__ = [
    "ANYONE",
    "LEEWAY",
    "Client",
    "ClientSettings",
    "MachineTokens",
    "RefusalReason",
    "Refused",
    "RememberedTokens",
    "ReplayCheck",
    "ReplayStore",
    "Trust",
    "TrustSettings",
    "Use",
    "audiences",
    "errors",
    "verify",
]
