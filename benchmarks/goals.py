"""The figures that were promised, and what was measured beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.contestants import COMMANDS
from benchmarks.inside import HOOKS, PATIENTS, name_of, slope

_PUMP = {20: 6.5, 1000: 0.40, 5000: 0.22}
INSIDE = {
    ("patient-view", "pump"): _PUMP,
    ("order-select", "pump"): _PUMP,
    ("patient-view", "no pump"): {20: 1.3, 1000: 0.24, 5000: 0.15},
    ("order-select", "no pump"): {20: 1.6, 1000: 0.26, 5000: 0.16},
}
P50 = {1000: 1.0, 5000: 0.6}
P99 = {1000: 2.0, 5000: 1.5}
OVER_READS = {20: 0.6, 1000: 0.2}
OVER_PARSES = {1000: 8.0, 5000: 8.0}
MOST_IMPORT_SECONDS = 0.5
MOST_IDLE_MB = 120
MOST_GROWTH = 1.05
MOST_FOR_TWICE_THE_DRAFTS = 2.2
MOST_OF_A_FIRST_CALL = 3.0
CROWD_MB, CROWD_LEFT_MB = 0.6 * 655, 0.4 * 655
"""Memory while 32 bodies of 15.6 MB come at once, and afterwards: of the 655 MB that this once took."""
LINEAR = 1.15
"""An added resource between 1,000 and 5,000 may cost as much more than one between 200 and 1,000: what measuring itself
strays by."""


@dataclass(frozen=True)
class Figure:
    name: str
    measured: float
    goal: float | None = None
    at_least: bool = False
    unit: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if (self.measured >= self.goal if self.at_least else self.measured <= self.goal) else "missed"

    @property
    def row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "measured": self.measured,
            "unit": self.unit,
            "goal": self.goal,
            "atLeast": self.at_least,
            "verdict": self.verdict,
        }


def figures(results: dict[str, Any]) -> list[Figure]:
    """Every figure with its goal, in the order of the table."""
    return [
        *_inside(results["inside"]),
        *_over_http(results["roundTrips"]),
        *_rates(results["throughput"]),
        *_peers(results["roundTrips"], results["throughput"]),
        *_drafts(results["drafts"]),
        *_process(results),
    ]


def _inside(found: dict[str, Any]) -> list[Figure]:
    made = [
        Figure(
            f"in-process over orjson.loads: {name_of(hook, patient, size)}",
            found[name_of(hook, patient, size)]["ratio"],
            INSIDE[hook, patient].get(size),
        )
        for hook in HOOKS
        for patient in PATIENTS
        for size in (20, 200, 1000, 5000)
    ]
    for patient in PATIENTS:
        early, late = slope(found, HOOKS[0], patient, 200, 1000), slope(found, HOOKS[0], patient, 1000, 5000)
        made.append(
            Figure(f"an added resource, 200 to 5,000: {patient}", slope(found, HOOKS[0], patient, 200, 5000), unit="µs")
        )
        made.append(Figure(f"growth, 1,000–5,000 over 200–1,000: {patient}", late / early, LINEAR))
    return made


def _over_http(found: dict[str, Any]) -> list[Figure]:
    made = []
    for place, took in found.items():
        size = int(place.rpartition(" ")[2])
        base = took["orjson"]["p50"]
        made.append(
            Figure(f"HTTP round trip p50 over orjson.loads: {place}", took["service"]["p50"] / base, P50.get(size))
        )
        made.append(
            Figure(f"HTTP round trip p99 over orjson.loads p50: {place}", took["service"]["p99"] / base, P99.get(size))
        )
        made.append(
            Figure(f"HTTP round trip p50 over Flask that reads: {place}", took["service"]["p50"] / took["reads"]["p50"])
        )
        made.append(
            Figure(
                f"HTTP round trip p50 over Flask with get_json: {place}", took["service"]["p50"] / took["parses"]["p50"]
            )
        )
    return made


def _rates(found: dict[str, Any]) -> list[Figure]:
    made = []
    for place, took in found.items():
        size = int(place.rpartition(" ")[2])
        ours = took["service"]["per_second"]
        made.append(Figure(f"calls a second: {place}", ours))
        made.append(
            Figure(
                f"calls a second over Flask that reads: {place}",
                ours / took["reads"]["per_second"],
                OVER_READS.get(size),
                at_least=True,
            )
        )
        made.append(
            Figure(
                f"calls a second over Flask with get_json: {place}",
                ours / took["parses"]["per_second"],
                OVER_PARSES.get(size),
                at_least=True,
            )
        )
        made.append(Figure(f"processor time a call: {place}", took["service"]["cpu_us"], unit="µs"))
    return made


def _peers(trips: dict[str, Any], rates: dict[str, Any]) -> list[Figure]:
    """Beside each peer of another make: processor time a call, and the round trip."""
    made = []
    for place, took in rates.items():
        ours, trip = took["service"]["cpu_us"], trips[place]
        for peer in took.keys() - {*COMMANDS, "orjson"}:
            made.append(Figure(f"processor time a call over {peer}: {place}", ours / took[peer]["cpu_us"]))
            waited = trip["service"]["p50"] / trip[peer]["p50"]
            made.append(Figure(f"HTTP round trip p50 over {peer}: {place}", waited))
    return sorted(made, key=lambda figure: figure.name)


def _drafts(found: dict[str, dict[str, float]]) -> list[Figure]:
    return [
        figure
        for patient, took in found.items()
        for figure in (
            Figure(f"2,000 drafts: {patient}", took["2000"], unit="ms"),
            Figure(f"2,000 drafts over 1,000: {patient}", took["2000"] / took["1000"], MOST_FOR_TWICE_THE_DRAFTS),
        )
    ]


def _process(results: dict[str, Any]) -> list[Figure]:
    memory, startup = results["memory"], results["startup"]
    grown = memory["after_many"] / memory["after_few"]
    return [
        Figure("import cdshooks", startup["import cdshooks"], MOST_IMPORT_SECONDS, unit="s"),
        Figure("import of all of the service", startup["import of all of the service"], MOST_IMPORT_SECONDS, unit="s"),
        Figure("knowledge load", startup["knowledge load"], unit="s"),
        Figure("create_app, all told", startup["create_app, all told"], unit="s"),
        Figure("idle RSS of a worker", memory["idle"], MOST_IDLE_MB, unit="MB"),
        Figure(f"RSS after {memory['many']:,} calls over that after {memory['few']:,}", grown, MOST_GROWTH),
        Figure("peak RSS of a worker", memory["peak"], unit="MB"),
        Figure("peak RSS with 32 bodies of 15.6 MB at once", memory["crowd"], CROWD_MB, unit="MB"),
        Figure("RSS a second after them", memory["after_crowd"], CROWD_LEFT_MB, unit="MB"),
        Figure("first call of a worker over the median call", results["firstCall"], MOST_OF_A_FIRST_CALL),
        *(Figure(f"safety: {name}", took, unit="µs") for name, took in results["safety"].items()),
    ]
