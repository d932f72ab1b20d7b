"""The console's pages: which there are, and what holds for all of them. Each is made in a module beside this one."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from cdshooks import logs
from cdshooks.console import forms, markup, rates, rule_views, samples, workbench
from cdshooks.console.markup import wants_json
from cdshooks.hooks.state import application_state
from cdshooks.protocol import catalogue
from cdshooks.protocol.errors import ServiceError
from cdshooks.settings.site import Site
from cdshooks.store import StoreUnavailable
from rules import ALL_RULES
from rules.recommendation import PATIENT_VIEW

LOG = logging.getLogger(__name__)
BLUEPRINT = Blueprint(
    "console", __name__, template_folder="templates", static_folder="static", static_url_path="/console/static"
)
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
INDICATORS = {"critical": "Critical", "warning": "Warning", "info": "Information"}


# ---------------------------------------------------------------- around every page


@BLUEPRINT.before_request
def _read_form() -> None:
    if request.method == "POST":
        g.form = forms.form_fields(request, application_state().config.site.max_body)
        forms.check_token(g.form)


@BLUEPRINT.after_request
def _guard(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "console.static":
        headers["Cache-Control"] = "no-store"
        forms.hand_out(response)
    return response


@BLUEPRINT.errorhandler(ServiceError)
def _answer_service_error(error: ServiceError) -> Response:
    return _failed(error.status, error.diagnostics)


@BLUEPRINT.errorhandler(HTTPException)
def _answer_http_error(error: HTTPException) -> Response:
    return _failed(error.code or 500, error.description or error.name)


@BLUEPRINT.errorhandler(StoreUnavailable)
def _answer_store_away(error: StoreUnavailable) -> Response:
    return _failed(
        503, "The database cannot be reached now. Hook calls are answered all the same; rates and feedback wait for it."
    )


@BLUEPRINT.errorhandler(Exception)
def _answer_unexpected(error: Exception) -> Response:
    LOG.error("a console page failed", extra={"error": type(error).__name__, "raisedAt": logs.where_raised(error)})
    return _failed(500, "The service failed on this page. The log says where.")


def _failed(status: int, words: str) -> Response:
    if wants_json():
        return make_response({"ok": False, "message": words}, status)
    return make_response(render_template("console/error.html", status=status, words=words), status)


@BLUEPRINT.context_processor
def _always() -> dict[str, Any]:
    return {
        "token": forms.token,
        "indicators": INDICATORS,
        "version": application_state().audit_trail.versions.digest[:12],
        "markdown": markup.rendered,
    }


# ---------------------------------------------------------------- home


def home() -> str:
    site = application_state().config.site
    return render_template(
        "console/home.html",
        base=_base(),
        services=catalogue.SERVICES,
        prefetch=site.asked(PATIENT_VIEW).templates,
        not_asked=_not_asked(site),
        lean=catalogue.templates("lean", site.pump_codes, site.not_available),
        site=site,
        rules=len(ALL_RULES),
        waiting=len(site.sign_off.open_rules()),
        critical=samples.critical(),
        recorded=application_state().audit_trail.store is not None,
    )


def _not_asked(site: Site) -> dict[str, list[str]]:
    """The keys of chart opening that a hook does without, by hook."""
    asked = site.asked(PATIENT_VIEW).templates
    left = {
        one.hook: [key for key in asked if key not in site.asked(one.chart_hook).templates]
        for one in catalogue.SERVICES
    }
    return {hook: keys for hook, keys in left.items() if keys}


def _base() -> str:
    """Where clients reach the service: as the site file says, else as this page was reached."""
    return application_state().public_base or request.url_root.rstrip("/")


# ---------------------------------------------------------------- all pages


BLUEPRINT.add_url_rule("/", view_func=home)
BLUEPRINT.add_url_rule("/try", view_func=workbench.try_it)
BLUEPRINT.add_url_rule("/try", view_func=workbench.send, methods=["POST"])
BLUEPRINT.add_url_rule("/try/feedback", view_func=workbench.feedback, methods=["POST"])
BLUEPRINT.add_url_rule("/rules", view_func=rule_views.rules)
BLUEPRINT.add_url_rule("/rules/<rule_id>", view_func=rule_views.rule)
BLUEPRINT.add_url_rule("/rules/<rule_id>/run", view_func=rule_views.run_rule, methods=["POST"])
BLUEPRINT.add_url_rule("/rules/run", view_func=rule_views.run_all, methods=["POST"])
BLUEPRINT.add_url_rule("/rates", view_func=rates.rates)
