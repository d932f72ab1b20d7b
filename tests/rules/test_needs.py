"""What rules declare to need: where it is not there, the rule is not asked, and would have said the same."""

from __future__ import annotations

import dataclasses
import functools
from itertools import pairwise

import pytest

from cdshooks import vignettes
from cdshooks.hooks import decision
from rules import ALL_RULES
from rules.chart import Chart
from rules.definitions.state import patient_state
from rules.evaluation import RULES_OF_HOOK, evaluate
from rules.kinds import kinds_on_record, kinds_ordered
from rules.recommendation import MOMENTS, ORDER
from tests.support.service import post_vignette

TOGETHER = ("medications", "conditions", "observations", "events", "alerts", "orders")


@functools.cache
def charts() -> tuple[Chart, ...]:
    """The chart of every vignette, and each with the entries of the next."""
    found: list[Chart] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            decision, "evaluate", lambda chart, *rest, **how: found.append(chart) or evaluate(chart, *rest, **how)
        )
        for vignette in vignettes.every():
            post_vignette(vignette.request, vignette.expected)
    mixed = [
        dataclasses.replace(one, **{name: getattr(one, name) + getattr(other, name) for name in TOGETHER})
        for one, other in pairwise(found)
    ]
    return (*found, *mixed)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_rule_whose_need_is_not_met_would_have_decided_the_same(moment: str) -> None:
    settled = set()
    for kept in charts():
        chart = dataclasses.replace(kept, hook=moment)
        there = kinds_ordered(chart) if moment == ORDER else kinds_on_record(chart)
        pump = patient_state(chart).pump
        for rule in RULES_OF_HOOK[moment]:
            need = rule.orders if moment == ORDER else rule.record
            if need is None or not need.kinds.isdisjoint(there) or not (pump or moment == ORDER):
                continue
            assert rule.evaluate(chart) == need.unmet(chart, there), rule.id
            settled.add(rule.id)
    declared = {r.id for r in RULES_OF_HOOK[moment] if (r.orders if moment == ORDER else r.record) is not None}
    assert settled == declared


def test_a_rule_for_pump_patients_says_why_it_is_silent_for_all_others() -> None:
    for kept in charts():
        for moment in MOMENTS[:-1]:
            chart = dataclasses.replace(kept, hook=moment)
            if not patient_state(chart).pump:
                outcomes = evaluate(chart).outcomes
                for_pumps = [rule for rule in RULES_OF_HOOK[moment] if rule.without_pump is not None]
                assert {rule.id: outcomes[rule.id] for rule in for_pumps} == {r.id: r.without_pump for r in for_pumps}


def test_a_need_is_declared_for_the_moments_at_which_a_rule_is_asked() -> None:
    for rule in ALL_RULES:
        assert rule.orders is None or ORDER in rule.hooks, rule.id
        assert (rule.record is None and rule.without_pump is None) or set(rule.hooks) - {ORDER}, rule.id
