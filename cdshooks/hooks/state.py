"""What one application holds, made once at start and found by every call."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app

from cdshooks.audit.recorder import AuditTrail
from cdshooks.hooks.repeats import Repeats
from cdshooks.hooks.without_trace import SilentAnswers
from cdshooks.settings.environment import Config
from cdshooks.trust import ReplayCheck, Trust

EXTENSION = "cdshooks"
"""Name of the `ApplicationState` in ``app.extensions``."""


@dataclass(frozen=True)
class ApplicationState:
    config: Config
    trust: Trust
    replay: ReplayCheck
    audit_trail: AuditTrail
    repeats: Repeats | None
    """None: the site repeats every card."""
    discovery: bytes
    """The discovery document, as JSON."""
    silent_answers: SilentAnswers = field(default_factory=SilentAnswers)

    @property
    def public_base(self) -> str:
        """Never the request's own URL: behind a proxy that is another."""
        return self.config.site.public_base_url or ""


def application_state() -> ApplicationState:
    """Return the state of the application that answers this request."""
    state: ApplicationState = current_app.extensions[EXTENSION]
    return state
