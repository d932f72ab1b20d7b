"""What waits for work sleeps: an application that nobody calls costs nothing, and wakes for the next call."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from cdshooks.app import create_app
from cdshooks.hooks.state import EXTENSION
from tests.conftest import NOW
from tests.support.patience import WATCHES_THE_CLOCK, eventually
from tests.support.served import CHART, VIEW

WATCHED_SECONDS = 3.0


def woken(thread: threading.Thread) -> int:
    """How often a thread gave up the processor by itself."""
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text(encoding="ascii")
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


@WATCHES_THE_CLOCK
def test_threads_rest_while_nobody_calls_and_the_next_call_is_recorded(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    address = f"sqlite:///{tmp_path / 'record.sqlite3'}"
    app = create_app({"TESTING": True, "CDSHOOKS_NOW": NOW, "CDSHOOKS_DATABASE_URL": address})
    web, audit_trail = app.test_client(), app.extensions[EXTENSION].audit_trail
    assert web.post(VIEW, data=CHART.read_bytes()).status_code == 200
    assert audit_trail.flush(60)
    own = [one for one in threading.enumerate() if one not in before and one.name in ("record", "slow-bodies")]
    assert {one.name for one in own} == {"record", "slow-bodies"}
    time.sleep(2)
    counts = [woken(one) for one in own]
    time.sleep(WATCHED_SECONDS)
    assert all(woken(one) - count <= 2 for one, count in zip(own, counts, strict=True)), "once a second or more before"
    answer = web.post(VIEW, data=CHART.read_bytes()).get_json()
    assert eventually(lambda: not audit_trail.knows_card(answer["cards"][0]["uuid"])), (
        "written without anybody asking for it"
    )
    assert audit_trail.lost == 0
    audit_trail.close()
