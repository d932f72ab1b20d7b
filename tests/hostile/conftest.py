"""Which of the adversary's suites run: those that start a service of their own for each test only in the long run."""

from __future__ import annotations

from tests.hostile.size import LONG

collect_ignore = [] if LONG else ["test_hostile_bodies.py", "test_hostile_servers.py", "test_hostile_store.py"]


def pytest_report_header() -> list[str]:
    left_out = ", ".join(collect_ignore)
    return [f"left to .ci/run (CDSHOOKS_HOSTILE=long): {left_out}"] if left_out else []
