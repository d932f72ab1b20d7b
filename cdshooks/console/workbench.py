"""Try it: a request is sent as a client would, its cards, reasons and chart are shown, and feedback on them."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from cdshooks.console import answers, samples, timeline, trials
from cdshooks.console.markup import wants_json
from cdshooks.console.trials import Trial
from cdshooks.hooks.state import application_state
from cdshooks.protocol import catalogue
from cdshooks.protocol.errors import NotFound, ServiceError


def try_it() -> str:
    sample = _sample(request.args.get("sample", ""))
    return _workbench(sample=sample, text=sample.text if sample else "", at=sample.at if sample else "")


def send() -> Response:
    form: MultiDict[str, str] = g.form
    if "file" in form:
        form["request"] = form["file"]
    sample = _sample(form.get("sample", ""))
    if sample and "request" not in form:  # the button on the home page sends the sample alone
        form = MultiDict({"request": sample.text, "at": sample.at})
    asked: dict[str, Any] = {
        "text": form.get("request", ""),
        "chosen": form.get("service", ""),
        "at": form.get("at", ""),
    }
    clock = application_state().config.now()
    try:
        trial = trials.run_trial(
            asked["text"], asked["chosen"], trials.evaluation_time(asked["at"], clock), application_state().config.site
        )
    except ServiceError as error:
        return make_response(_workbench(sample=sample, error=error, **asked), error.status)
    noted = trials.record_trial(trial, application_state().audit_trail, clock)
    return make_response(_workbench(sample=sample, trial=trial, noted=noted, **asked))


def _sample(name: str) -> samples.ConsoleSample | None:
    if not name:
        return None
    sample = samples.samples_by_id().get(name)
    if sample is None:
        raise NotFound("There is no such sample.")
    return sample


def _workbench(
    *,
    text: str,
    at: str,
    chosen: str = "",
    sample: samples.ConsoleSample | None = None,
    trial: Trial | None = None,
    **more: Any,
) -> str:
    shown = _shown(trial) if trial else {}
    return render_template(
        "console/try.html",
        text=text,
        at=at,
        chosen=chosen,
        sample=sample,
        groups=samples.sample_groups(),
        services=catalogue.SERVICES,
        trial=trial,
        max_body=application_state().config.site.max_body,
        **more,
        **shown,
    )


def _shown(trial: Trial) -> dict[str, Any]:
    lines = answers.rule_rows_of(trial)
    return {
        "raw": json.dumps(trial.body, indent=2, ensure_ascii=False),
        "cards": [rendered.card for rendered in trial.decision.answered] if trial.status == 200 else [],
        "lines": lines,
        "numbers": answers.rules_of_each_kind(lines),
        "deliveries": answers.deliveries(trial.decision.chart),
        "members": answers.members(trial.asked),
        "callbacks": dict(trial.decision.report.counts),
        "picture": timeline.picture(trial.decision.chart),
    }


def feedback() -> Response:
    """What an EHR would send for a click on the card; shows it arrive."""
    form: MultiDict[str, str] = g.form
    now = application_state().config.now()
    outcome, _, suggestion = form.get("answer", "").partition(":")
    body = trials.feedback_body(form.get("card", ""), outcome, suggestion, form.get("reason", ""), now)
    service = catalogue.find_service(form.get("service", ""))
    if service is None:
        raise NotFound("There is no such service.")
    receipt = trials.send_feedback(body, service.id, application_state().audit_trail, now)
    if wants_json():
        return make_response(
            {
                "ok": True,
                "outcome": outcome,
                "known": not receipt.unknown,
                "rates": url_for("console.rates", calls="trials"),
            }
        )
    latest = trials.recent_feedback(application_state().audit_trail, trials=True)
    return make_response(
        render_template(
            "console/feedback.html", body=json.dumps(body, indent=2), receipt=receipt, latest=latest, outcome=outcome
        )
    )
