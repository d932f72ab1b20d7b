"""The rates: what fired, was shown and was answered over time."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request

from cdshooks.audit import report
from cdshooks.console import plots, trials
from cdshooks.hooks.state import application_state
from rules import ALL_RULES

MOST_DAYS = 732


def rates() -> Response:
    audit_trail = application_state().audit_trail
    today = application_state().config.now().date()
    asked = _asked(today)
    if audit_trail.store is None:
        return make_response(render_template("console/rates.html", off=True, **asked))
    lines = report.rates(audit_trail.store, asked["since"], asked["until"], by=asked["by"], trials=asked["trials"])
    if request.args.get("format") == "csv":
        name = f"rates-{asked['since']}-{asked['until']}.csv"
        return Response(
            report.rates_as_csv(lines),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    return make_response(
        render_template(
            "console/rates.html",
            off=False,
            lines=lines,
            totals=plots.totals(lines),
            plots=plots.plots(lines, asked["since"], asked["until"], asked["by"]),
            latest=trials.recent_feedback(audit_trail, trials=asked["trials"]),
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
        since, until, wrong = (
            first,
            last,
            "The first day must not come after the last, nor two years before it; shown are the last 30 days.",
        )
    by = request.args.get("by", "week")
    return {
        "since": since,
        "until": until,
        "by": by if by in report.PERIODS else "week",
        "trials": request.args.get("calls") == "trials",
        "wrong": wrong,
    }
