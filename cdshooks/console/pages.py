"""The pages and their forms: HTTP in, HTML out. What they show is worked out in the modules beside this one."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

from flask import Blueprint
from flask import Response
from flask import g
from flask import make_response
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from cdshooks import logs
from cdshooks.audit import report
from cdshooks.cards.book import template_file
from cdshooks.console import answers
from cdshooks.console import checks
from cdshooks.console import forms
from cdshooks.console import markup
from cdshooks.console import plots
from cdshooks.console import rulepages
from cdshooks.console import samples
from cdshooks.console import timeline
from cdshooks.console import trials
from cdshooks.console.trials import Trial
from cdshooks.hooks.state import application_state
from cdshooks.knowledge import rule_pages
from cdshooks.protocol import catalogue
from cdshooks.protocol.errors import NotFound
from cdshooks.protocol.errors import ServiceError
from cdshooks.store import StoreUnavailable
from rules import ALL_RULES
from rules.recommendation import Rule

LOG = logging.getLogger(__name__)
BLUEPRINT = Blueprint("console", __name__, template_folder="templates", static_folder="static", static_url_path="/console/static")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
INDICATORS = {"critical": "Critical", "warning": "Warning", "info": "Information"}
MOST_DAYS = 732


# ---------------------------------------------------------------- around every page


@BLUEPRINT.before_request
def _read_form() -> None:
    if request.method == "POST":
        g.form = forms.read(request, application_state().config.site.max_body)
        forms.check(g.form)


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
def _said(error: ServiceError) -> Response:
    return _failed(error.status, error.diagnostics)


@BLUEPRINT.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    return _failed(error.code or 500, error.description or error.name)


@BLUEPRINT.errorhandler(StoreUnavailable)
def _away(error: StoreUnavailable) -> Response:
    return _failed(503, "The database cannot be reached now. Hook calls are answered all the same; rates and feedback wait for it.")


@BLUEPRINT.errorhandler(Exception)
def _unexpected(error: Exception) -> Response:
    LOG.error("a console page failed", extra={"error": type(error).__name__, "raisedAt": logs.where_raised(error)})
    return _failed(500, "The service failed on this page. The log says where.")


def _failed(status: int, words: str) -> Response:
    if _wants_json():
        return make_response({"ok": False, "message": words}, status)
    return make_response(render_template("console/error.html", status=status, words=words), status)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json"), "text/html") == "application/json"


@BLUEPRINT.context_processor
def _always() -> dict[str, Any]:
    return {"token": forms.token, "indicators": INDICATORS, "version": application_state().record.versions.digest[:12], "markdown": markup.rendered}


# ---------------------------------------------------------------- home


@BLUEPRINT.get("/")
def home() -> str:
    site = application_state().config.site
    return render_template(
        "console/home.html",
        base=_base(),
        services=catalogue.SERVICES,
        prefetch=site.templates,
        lean=catalogue.templates("lean", site.pump_codes, site.not_available),
        site=site,
        rules=len(ALL_RULES),
        critical=samples.critical(),
        recorded=application_state().record.store is not None,
    )


def _base() -> str:
    """Where clients reach the service: as the site file says, else as this page was reached."""
    return application_state().public_base or request.url_root.rstrip("/")


# ---------------------------------------------------------------- try it


@BLUEPRINT.get("/try")
def try_it() -> str:
    sample = _sample(request.args.get("sample", ""))
    return _workbench(sample=sample, text=sample.text if sample else "", at=sample.at if sample else "")


@BLUEPRINT.post("/try")
def send() -> Response:
    form: MultiDict[str, str] = g.form
    if "file" in form:
        form["request"] = form["file"]
    sample = _sample(form.get("sample", ""))
    if sample and "request" not in form:  # the button on the home page sends the sample alone
        form = MultiDict({"request": sample.text, "at": sample.at})
    asked = {"text": form.get("request", ""), "chosen": form.get("service", ""), "at": form.get("at", "")}
    clock = application_state().config.now()
    try:
        trial = trials.run(asked["text"], asked["chosen"], trials.moment(asked["at"], clock), application_state().config.site)
    except ServiceError as error:
        return make_response(_workbench(sample=sample, error=error, **asked), error.status)
    noted = trials.note(trial, application_state().record, clock)
    return make_response(_workbench(sample=sample, trial=trial, noted=noted, **asked))


def _sample(name: str) -> samples.Sample | None:
    if not name:
        return None
    sample = samples.index().get(name)
    if sample is None:
        raise NotFound("There is no such sample.")
    return sample


def _workbench(*, text: str, at: str, chosen: str = "", sample: samples.Sample | None = None, trial: Trial | None = None, **more: Any) -> str:
    shown = _shown(trial) if trial else {}
    return render_template(
        "console/try.html",
        text=text,
        at=at,
        chosen=chosen,
        sample=sample,
        groups=samples.groups(),
        services=catalogue.SERVICES,
        trial=trial,
        max_body=application_state().config.site.max_body,
        **more,
        **shown,
    )


def _shown(trial: Trial) -> dict[str, Any]:
    lines = answers.lines(trial)
    return {
        "raw": json.dumps(trial.body, indent=2, ensure_ascii=False),
        "cards": [rendered.card for rendered in trial.decision.cards] if trial.status == 200 else [],
        "lines": lines,
        "numbers": answers.counted(lines),
        "deliveries": answers.deliveries(trial.decision.chart),
        "members": answers.members(trial.asked),
        "callbacks": dict(trial.decision.report.counts),
        "picture": timeline.picture(trial.decision.chart),
    }


@BLUEPRINT.post("/try/feedback")
def feedback() -> Response:
    """What an EHR would send for a click on the card; shows it arrive."""
    form: MultiDict[str, str] = g.form
    now = application_state().config.now()
    outcome, _, suggestion = form.get("answer", "").partition(":")
    body = trials.feedback_body(form.get("card", ""), outcome, suggestion, form.get("reason", ""), now)
    service = catalogue.find(form.get("service", ""))
    if service is None:
        raise NotFound("There is no such service.")
    receipt = trials.send_feedback(body, service.id, application_state().record, now)
    if _wants_json():
        return make_response({"ok": True, "outcome": outcome, "known": not receipt.unknown, "rates": url_for("console.rates", calls="trials")})
    latest = trials.recent_feedback(application_state().record, trials=True)
    return make_response(render_template("console/feedback.html", body=json.dumps(body, indent=2), receipt=receipt, latest=latest, outcome=outcome))


# ---------------------------------------------------------------- rules


@BLUEPRINT.get("/rules")
def rules() -> str:
    return render_template("console/rules.html", chapters=rulepages.chapters(), vignettes=_vignette_counts())


def _vignette_counts() -> dict[str, int]:
    return {rule.id: len(samples.of_rule(rule)) for rule in ALL_RULES}


@BLUEPRINT.get("/rules/<rule_id>")
def rule(rule_id: str) -> str:
    return _rule_page(_rule(rule_id))


@BLUEPRINT.post("/rules/<rule_id>/run")
def run_rule(rule_id: str) -> str:
    wanted = _rule(rule_id)
    return _rule_page(wanted, {check.sample.id: check for check in checks.run(samples.of_rule(wanted))})


@BLUEPRINT.post("/rules/run")
def run_all() -> str:
    vignettes = [sample for sample in samples.index().values() if sample.expected]
    found = checks.run(vignettes)
    return render_template("console/rules.html", chapters=rulepages.chapters(), vignettes=_vignette_counts(), checks=found, tally=_tally(found))


def _tally(found: list[checks.Check]) -> dict[str, tuple[int, int]]:
    """Rule id → (passed, all)."""
    tally: dict[str, tuple[int, int]] = {}
    for check in found:
        passed, number = tally.get(check.sample.rule, (0, 0))
        tally[check.sample.rule] = (passed + check.passed, number + 1)
    return tally


def _rule(rule_id: str) -> Rule:
    found = next((rule for rule in ALL_RULES if rule.id == rule_id), None)
    if found is None:
        raise NotFound("There is no rule of this id.")
    return found


def _rule_page(wanted: Rule, found: dict[str, checks.Check] | None = None) -> str:
    site, today = application_state().config.site, application_state().config.now().date()
    return render_template(
        "console/rule.html",
        rule=wanted,
        hooks=rule_pages.HOOK_NAMES,
        statement=rulepages.statement(wanted, site.parameters, today),
        thresholds=rulepages.thresholds(wanted, site.parameters, today),
        evidence=rulepages.evidence(wanted),
        overrides=rulepages.overrides(wanted),
        words=template_file(wanted).read_text(encoding="utf-8").strip(),
        vignettes=samples.of_rule(wanted),
        checks=found,
        switch=site.switches.get(wanted.id),
    )


# ---------------------------------------------------------------- rates


@BLUEPRINT.get("/rates")
def rates() -> Response:
    record = application_state().record
    today = application_state().config.now().date()
    asked = _asked(today)
    if record.store is None:
        return make_response(render_template("console/rates.html", off=True, **asked))
    lines = report.rates(record.store, asked["since"], asked["until"], by=asked["by"], trials=asked["trials"])
    if request.args.get("format") == "csv":
        name = f"rates-{asked['since']}-{asked['until']}.csv"
        return Response(report.as_csv(lines), mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})
    return make_response(
        render_template(
            "console/rates.html",
            off=False,
            lines=lines,
            totals=plots.totals(lines),
            plots=plots.plots(lines, asked["since"], asked["until"], asked["by"]),
            latest=trials.recent_feedback(record, trials=asked["trials"]),
            known={rule.id: rule.title for rule in ALL_RULES},
            **asked,
        )
    )


def _asked(today: date) -> dict[str, Any]:
    """The stretch and its parts, from the address; what cannot be read becomes the default, and is said."""
    first, last = report.default_stretch(today)
    wrong = ""
    try:
        until = date.fromisoformat(request.args.get("until") or str(last))
        since = date.fromisoformat(request.args.get("since") or str(min(first, until)))
    except ValueError:
        since, until, wrong = first, last, "A date could not be read; shown are the last 30 days."
    if not 0 <= (until - since).days <= MOST_DAYS:
        since, until, wrong = first, last, "The first day must not come after the last, nor two years before it; shown are the last 30 days."
    by = request.args.get("by", "week")
    return {"since": since, "until": until, "by": by if by in report.PERIODS else "week", "trials": request.args.get("calls") == "trials", "wrong": wrong}
