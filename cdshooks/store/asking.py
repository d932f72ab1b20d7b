"""Questions to what may not answer, asked in threads of their own, so that whoever asks can stop waiting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Questions:
    """At most `most` questions on their way, in at most `threads` threads. One object serves before and after a fork."""

    def __init__(self, threads: int, most: int, name: str) -> None:
        self._many, self._most, self._name = threads, most, name
        self._threads: ThreadPoolExecutor | None = None
        self._process = 0
        self._waiting = 0
        self._lock = threading.Lock()

    def ask(self, question: Callable[..., T], *given: Any) -> Future[T] | None:
        """None when too many are on their way already, or the system gives no thread now."""
        with self._lock:
            if self._threads is None or self._process != os.getpid():  # threads do not survive the fork of a worker
                self._threads, self._process = (
                    ThreadPoolExecutor(self._many, thread_name_prefix=self._name),
                    os.getpid(),
                )
                self._waiting = 0
            if self._waiting >= self._most:
                return None
            self._waiting += 1
        try:
            asked = self._threads.submit(question, *given)
        except RuntimeError:
            self._arrived()
            return None
        asked.add_done_callback(self._arrived)
        return asked

    def _arrived(self, _asked: Future[Any] | None = None) -> None:
        with self._lock:
            self._waiting -= 1
