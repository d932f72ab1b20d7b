"""Sign-off: which version of which rule the site has approved (site file members ``approvals`` and ``unapproved``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cdshooks.settings.site_schema import SiteError
from rules import ALL_RULES
from rules.recommendation import Rule

SHOW, SILENT = "show", "silent"


@dataclass(frozen=True, slots=True)
class Approval:
    """One row: this version of the rule may be shown."""

    rule: str
    version: str
    by: str
    """A role, not a name."""
    on: date


@dataclass(frozen=True, slots=True)
class SignOff:
    """What a site has approved, and what becomes of the rest."""

    approvals: tuple[Approval, ...] = ()
    unapproved: str = SHOW
    """``show``, or ``silent``: evaluated and on record, not shown."""
    given: bool = False
    """The site file says one of the two members; the production server wants it said."""

    def of(self, rule: Rule) -> Approval | None:
        """The latest approval of the rule's present version."""
        return _latest(row for row in self.approvals if (row.rule, row.version) == (rule.id, rule.version))

    def last(self, rule: Rule) -> Approval | None:
        """The latest approval of the rule in whatever version."""
        return _latest(row for row in self.approvals if row.rule == rule.id)

    def open_rules(self) -> list[Rule]:
        """The rules whose present version is not approved, by number."""
        signed = {(row.rule, row.version) for row in self.approvals}
        return sorted(
            (rule for rule in ALL_RULES if (rule.id, rule.version) not in signed), key=lambda rule: rule.number
        )

    def silenced(self) -> frozenset[str]:
        """The rules that run silently for want of an approval."""
        return frozenset(rule.id for rule in self.open_rules()) if self.unapproved == SILENT else frozenset()


def _latest(rows: Iterable[Approval]) -> Approval | None:
    return max(rows, key=lambda row: row.on, default=None)


def from_site(document: Mapping[str, Any], *, production: bool) -> SignOff:
    """The sign-off that a site file states; SiteError names the row that is wrong.

    A version that this release does not know is no error: after a step back to an older release the file still stands.
    """
    known = {rule.id for rule in ALL_RULES}
    rows = []
    for place, row in enumerate(document.get("approvals", ())):
        if row["rule"] not in known:
            raise SiteError(f"approvals[{place}].rule: no rule is called {row['rule']}")
        rows.append(Approval(row["rule"], row["version"], row["by"].strip(), _day(row["on"], place)))
    unapproved = document.get("unapproved", SILENT if production else SHOW)
    return SignOff(tuple(rows), unapproved, "approvals" in document or "unapproved" in document)


def _day(text: str, place: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SiteError(f"approvals[{place}].on: must be a day such as 2026-11-28") from None
