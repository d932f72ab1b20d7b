"""What ``site check`` tells of sign-off: which rules wait for an approval, and what changed in them since the last
one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdshooks.settings.approvals import Approval, SignOff
    from rules.recommendation import Rule


def approval_sentences(sign_off: SignOff, *, production: bool) -> Iterator[str]:
    """Sentences on the approvals of a site."""
    from cdshooks.settings.approvals import SILENT
    from rules import ALL_RULES

    waiting = sign_off.open_rules()
    yield f"Sign-off: {len(ALL_RULES) - len(waiting)} of {len(ALL_RULES)} rules approved in their present version."
    if production and not sign_off.given:
        yield "  The server will not start: say approvals, or unapproved."
    if waiting:
        yield f"  not approved, {'run silently' if sign_off.unapproved == SILENT else 'shown all the same'}:"
    never = [rule for rule in waiting if sign_off.last(rule) is None]
    for rule in waiting:
        last = sign_off.last(rule)
        if last is not None:
            yield from _changes(rule, last)
    if never:
        yield f"  never approved: {', '.join(f'{rule.id} {rule.version}' for rule in never)}"
    yield from _unknown(sign_off)


def _changes(rule: Rule, last: Approval) -> Iterator[str]:
    """A rule that was approved once, and every change since."""
    from rules.history import since

    yield f"  {rule.id} {rule.version}; approved was {last.version}, by {last.by}, on {last.on}. Since then:"
    for revision in since(rule.id, last.version):
        yield f"    {revision.version} ({revision.on}): {revision.change}"


def _unknown(sign_off: SignOff) -> Iterator[str]:
    """Approvals of versions that this release does not know: a slip of the pen, or a step back to an older release."""
    from rules.history import revisions

    for row in sign_off.approvals:
        if row.version not in {revision.version for revision in revisions(row.rule)}:
            yield f"  {row.rule} {row.version} is approved, and this release knows no such version"
