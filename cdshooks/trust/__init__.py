"""Who may call: CDS Clients that sign a JSON Web Token with a key that the site file lists.

`verify` decides; everything it needs is made once a worker: ``Trust(TrustSettings.from_site(...))`` and ``ReplayCheck(store)``.
"""

from __future__ import annotations

from cdshooks.trust import audiences
from cdshooks.trust import errors
from cdshooks.trust.errors import Reason
from cdshooks.trust.errors import Refused
from cdshooks.trust.machine import MachineTokens
from cdshooks.trust.replay import RememberedTokens
from cdshooks.trust.replay import ReplayCheck
from cdshooks.trust.replay import ReplayStore
from cdshooks.trust.replay import Use
from cdshooks.trust.settings import ClientSettings
from cdshooks.trust.settings import TrustSettings
from cdshooks.trust.verify import ANYONE
from cdshooks.trust.verify import LEEWAY
from cdshooks.trust.verify import Client
from cdshooks.trust.verify import Trust
from cdshooks.trust.verify import verify

__all__ = [
    "ANYONE",
    "LEEWAY",
    "Client",
    "ClientSettings",
    "MachineTokens",
    "Reason",
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
