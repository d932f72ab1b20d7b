"""The application factory: settings in, Flask application out. Whatever cannot work is said at start, not at the first
call."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import click
import msgspec
from flask import Blueprint, Flask, Response, request

from cdshooks import cli, console, errors, logs, trust
from cdshooks.audit import health, metrics, ops_port, recorder
from cdshooks.cards import book
from cdshooks.hooks import explain, fast_path, repeats, state, views
from cdshooks.knowledge import served
from cdshooks.protocol import catalogue, cors, in_flight
from cdshooks.settings import approvals, current, environment
from cdshooks.store.location import tokens_file
from cdshooks.store.replay import SqlReplayStore
from rules.recommendation import MOMENTS

LOG = logging.getLogger(__name__)


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Return the application. `settings`: as ``cdshooks.settings.environment.load_config`` reads them, with Flask's own.

    Raises ConfigError, SiteError or CardTemplateError.
    """
    given = dict(settings or {})
    app = Flask("cdshooks", static_folder=None)
    app.config.update(
        {name: value for name, value in given.items() if name.isupper() and not name.startswith("CDSHOOKS_")}
    )
    if not app.testing:
        logs.configure(as_json=not os.isatty(2))
    config = environment.load_config(given)
    app.extensions[current.EXTENSION] = config
    _tell_sign_off(config)
    book.load_card_texts()
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    # What is one too long is refused in cdshooks.protocol.body, also when chunked.
    app.config["MAX_CONTENT_LENGTH"] = config.site.max_body + 1
    audit_trail = recorder.open_audit_trail(config)
    if audit_trail.store is not None and _serves(app):
        audit_trail.start()
    app.extensions[recorder.EXTENSION] = audit_trail
    app.extensions[state.EXTENSION] = _state(config, audit_trail, serves=_serves(app))
    for blueprint in (views.BLUEPRINT, explain.BLUEPRINT, served.BLUEPRINT, *_for_operators(app, config, audit_trail)):
        app.register_blueprint(blueprint)
    console.register(app, config)
    cli.register(app)
    app.after_request(_finish)
    app.teardown_request(_end)
    errors.register(app)
    limits = in_flight.FlightLimits(config.site.body_bytes_in_flight, config.site.body_seconds, config.threads)
    app.wsgi_app = in_flight.Bounded(fast_path.FastPath(app), limits, metrics.refuse_body)  # type: ignore[method-assign]
    return app


def _state(config: environment.Config, audit_trail: recorder.AuditTrail, *, serves: bool) -> state.ApplicationState:
    """Return what the calls of the application share."""
    replay = _replay_check(config, audit_trail)
    if config.site.trust.mode == "jwt":
        # The first calls could not wait for the database to be opened, and would be checked on this machine alone.
        replay.warm_up(patient=serves and any(client.replay == "strict" for client in config.site.trust.clients))
    return state.ApplicationState(
        config=config,
        trust=trust.Trust(config.site.trust),
        replay=replay,
        audit_trail=audit_trail,
        repeats=_repeats(config, audit_trail),
        discovery=msgspec.json.encode(
            catalogue.discovery_document({hook: config.site.asked(hook).templates for hook in MOMENTS})
        ),
    )


def _for_operators(app: Flask, config: environment.Config, audit_trail: recorder.AuditTrail) -> tuple[Blueprint, ...]:
    """Health and numbers stand beside the service calls, or on the port that is named for them."""
    if config.ops_port is None:
        return health.BLUEPRINT, metrics.BLUEPRINT
    if _serves(app):
        ops_port.listen(config.host, config.ops_port, audit_trail)
    return (health.LIVE,)


def _tell_sign_off(config: environment.Config) -> None:
    """A rule that waits for its approval is silent by intent; that it waits must not go unseen."""
    waiting, how = config.site.sign_off.open_rules(), config.site.sign_off.unapproved
    metrics.UNAPPROVED_RULES.labels(how).set(len(waiting))
    if waiting and how == approvals.SILENT:
        LOG.warning(
            "rules run silently: their versions are not approved", extra={"rules": [rule.id for rule in waiting]}
        )


def _replay_check(config: environment.Config, audit_trail: recorder.AuditTrail) -> trust.ReplayCheck:
    """A store in memory knows no more than the worker itself, so it confirms nothing."""
    shared = audit_trail.store if audit_trail.store is not None and not audit_trail.store.in_memory else None
    file = tokens_file(audit_trail.store.url) if audit_trail.store is not None else None
    return trust.ReplayCheck(
        SqlReplayStore(shared) if shared is not None else None,
        lambda by: metrics.REPLAY.labels(by).inc(),
        machine=trust.MachineTokens(file) if file is not None else None,
        wait=config.site.trust.replay_wait,
    )


def _repeats(config: environment.Config, audit_trail: recorder.AuditTrail) -> repeats.Repeats | None:
    """Without the site's key nothing is known of a visit, and without a record nothing of what was seen."""
    site = config.site
    if not site.repeat_on_change or not site.record.patient_hash_key or audit_trail.store is None:
        return None
    return repeats.Repeats(audit_trail.store, site.record.patient_hash_key)


def _serves(app: Flask) -> bool:
    """Not a test, and not a command at the terminal: then the tables are brought up to date at start, not at the first
    call."""
    command = click.get_current_context(silent=True)
    return not app.testing and (command is None or command.info_name == "run")


# --- around every request ---------------------------------------------------------------------------------------------


def _end(error: BaseException | None) -> None:
    logs.HOOK_INSTANCE.set(None)  # threads of a server outlive their calls


def _finish(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if cors.concerns(request.path):
        cors.allow(request, response)
    return response
