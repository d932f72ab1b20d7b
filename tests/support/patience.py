"""Tests that watch the clock, on a machine that is busy with other things."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

GENEROUS_SECONDS = 60.0
THE_LONGEST_SECONDS = 1500.0
"""For a whole program of minutes: what stands still is ended, what is slow on a busy machine is not."""
WATCHES_THE_CLOCK = pytest.mark.flaky(
    reruns=6, reruns_delay=1, only_rerun=["AssertionError", "BrokenPipeError", "ConnectionResetError"]
)
"""For a test that asserts how long something took. Other work on the machine spoils some tries; a fault of ours spoils
all of them."""


def eventually(holds: Callable[[], object], seconds: float = GENEROUS_SECONDS) -> bool:
    """Asks until it holds. False when that time has gone by."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True
