"""Which card gives way to which: one table, applied from the top.

A card never hides one of a higher indicator; a rule that is off, silent or itself hidden hides nothing. Indicators here
are those of the evaluation, before any cap of a site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules.chart import Chart
from rules.definitions.withdrawal import yields_to_overdose
from rules.recommendation import INDICATORS, ORDER, Finding, highest

Findings = dict[str, tuple[Finding, ...]]


def always(chart: Chart) -> bool:
    """Whatever the chart says."""
    return True


def on_orders(chart: Chart) -> bool:
    """On the order hooks."""
    return chart.hook == ORDER


ANY = "any other rule"


@dataclass(frozen=True, slots=True)
class GivesWay:
    """`hidden` give way to `by` (at `least` this indicator; `ANY`: whichever rule), for the whole chart or order by
    order.
    """

    by: str
    hidden: tuple[str, ...]
    least: str = "info"
    same_order: bool = False
    only_info: bool = False
    when: Callable[[Chart], bool] = always


TABLE: tuple[GivesWay, ...] = (
    GivesWay("itb-overdose-suspected", ("itb-withdrawal-suspected",), least="critical", when=yields_to_overdose),
    GivesWay("itb-overdose-suspected", ("itb-withdrawal-mimic",), least="critical"),
    GivesWay("itb-overdose-suspected", ("itb-recent-pump-change",)),
    GivesWay("itb-withdrawal-suspected", ("itb-withdrawal-mimic", "itb-recent-pump-change", "itb-loss-of-effect")),
    GivesWay("itb-device-fault", ("itb-loss-of-effect",)),
    GivesWay("itb-catheter-problem", ("itb-loss-of-effect",)),
    GivesWay("itb-intrathecal-stop", ("itb-rescue-baclofen-missing",)),
    GivesWay("itb-explant-planned", ("itb-rescue-baclofen-missing",)),
    GivesWay("itb-recent-explant", ("itb-rescue-baclofen-missing",)),
    GivesWay("itb-refill-due", ("itb-refill-plan-gap", "itb-rescue-baclofen-missing"), least="critical"),
    GivesWay(
        "itb-masking-treatment",
        ("itb-cns-benzodiazepine", "itb-cns-sedative-hypnotic", "itb-cns-antihistamine", "itb-cns-psychotropic"),
        same_order=True,
    ),
    GivesWay(
        "itb-cns-combination",
        ("itb-cns-opioid", "itb-cns-benzodiazepine", "itb-cns-sedative-hypnotic"),
        same_order=True,
        when=on_orders,
    ),
    GivesWay(
        "itb-cns-combination",
        (
            "itb-cns-muscle-relaxant",
            "itb-cns-antihistamine",
            "itb-cns-anticonvulsant",
            "itb-cns-psychotropic",
            "itb-cns-anaesthetic",
        ),
        same_order=True,
        only_info=True,
        when=on_orders,
    ),
    GivesWay(ANY, ("itb-record-incomplete",), least="warning"),
)


def _rank(indicator: str) -> int:
    return INDICATORS.index(indicator)


def _kept(row: GivesWay, stronger: tuple[Finding, ...], weaker: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What is left of `weaker` after `stronger` has been shown."""
    if row.same_order:
        said: dict[str | None, list[str]] = {}
        for f in stronger:
            said.setdefault(f.order, []).append(f.indicator)
        cover = {order: highest(indicators) for order, indicators in said.items()}
        return tuple(
            f
            for f in weaker
            if f.order not in cover
            or _rank(f.indicator) > _rank(cover[f.order])
            or (row.only_info and f.indicator != "info")
        )
    if _rank(highest(f.indicator for f in weaker)) > _rank(highest(f.indicator for f in stronger)):
        return weaker
    return ()


def _stronger(row: GivesWay, left: Findings, may_hide: Callable[[str], bool]) -> tuple[Finding, ...]:
    """The findings that a row's `by`, which is among them, stands for, of rules that are shown."""
    if row.by != ANY:
        return left[row.by] if may_hide(row.by) else ()
    names = [name for name in left if name not in row.hidden and may_hide(name)]
    return tuple([f for name in names for f in left[name]])


def resolve(found: Findings, may_hide: Callable[[str], bool], chart: Chart) -> tuple[Findings, dict[str, str]]:
    """What remains of the findings, and for each rule that lost all of them the rule it gave way to."""
    left, hidden = dict(found), {}
    for row in TABLE:
        if (row.by not in left and row.by != ANY) or left.keys().isdisjoint(row.hidden):
            continue
        stronger = _stronger(row, left, may_hide)
        if not stronger or not row.when(chart):
            continue
        if _rank(highest(f.indicator for f in stronger)) < _rank(row.least):
            continue
        for name in row.hidden:
            if name not in left:
                continue
            kept = _kept(row, stronger, left[name])
            if kept:
                left[name] = kept
            else:
                del left[name]
                hidden[name] = f"gives way to {row.by}"
    return left, hidden
