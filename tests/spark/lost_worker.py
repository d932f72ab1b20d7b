"""A cluster of a master and two workers, all on loopback: one worker and its executor are killed in the midst of judging,
after the first patients; nothing is lost, nothing stands twice.

Alone in its process: there is one Spark in a process.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.sql import SparkSession

from cdshooks.population import local, spark_tasks
from cdshooks.population.files import find_files
from cdshooks.population.row import encoded_row
from cdshooks.settings.environment import load_config
from tests.support.exports import NOW, flask

ROOT = Path(__file__).parents[2]
SPARK = Path(pyspark.__file__).parent
PATIENCE = 180
"""Seconds until something is given up."""
BEGAN = "began"
ENDING_WITH_US = ("setpriv", "--pdeathsig", "TERM")
ON_LOOPBACK = ("--host", "127.0.0.1")
judge = spark_tasks.judge


def judge_and_wait(folder: Path, job: Any, batches: Iterable[Any]) -> Iterator[Any]:
    """Judge; the first task of all waits behind its first rows, until its executor is killed."""
    for batch in judge(job, batches):
        yield batch
        if batch.num_rows and batch.column("server")[0].as_py() is not None and first_of_all(folder):
            time.sleep(PATIENCE)


def first_of_all(folder: Path) -> bool:
    """Whether nobody was here before; leaves word of the executor and the worker that this process is of."""
    executor = parent(parent(os.getpid()))
    told = folder / str(os.getpid())
    told.write_text(f"{executor} {parent(executor)}")
    try:
        os.link(told, folder / BEGAN)
    except FileExistsError:
        return False
    return True


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[int]]]:
    """The address of a master, and the processes of its two workers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"spark://127.0.0.1:{port}"
    env = {**os.environ, "SPARK_HOME": str(SPARK), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *words: str) -> None:
        # Whoever ends this process from outside ends the cluster too.
        words = (
            *ENDING_WITH_US,
            str(SPARK / "bin/spark-class"),
            f"org.apache.spark.deploy.{name}",
            *ON_LOOPBACK,
            *words,
        )
        with (tmp_path / f"{len(started)}.log").open("wb") as log:
            started.append(subprocess.Popen(words, env=env, stdout=log, stderr=log))

    start("master.Master", "--port", str(port), "--webui-port", "0")
    for number in range(2):
        own = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(tmp_path / f"work-{number}"))
        start("worker.Worker", *own, address)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            assert time.monotonic() < until, (tmp_path / "0.log").read_text()
            time.sleep(0.1)
    yield address, [one.pid for one in started[1:]]
    for one in started:
        one.terminate()
    for one in started:
        one.wait(PATIENCE)


def test_nothing_is_lost_and_nothing_stands_twice_when_a_worker_dies(
    cluster: tuple[str, list[int]], exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, workers = cluster
    config = load_config({"CDSHOOKS_NOW": NOW})
    with local.Run(find_files([exported]), config.site, config.now(), processes=1) as run:
        run.to_end()
        once = b"".join(map(encoded_row, run.rows()))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setattr(spark_tasks, "judge", partial(judge_and_wait, tmp_path))
    session = in_both_workers(address)
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not (tmp_path / BEGAN).exists():
            if ended.wait(0.05):
                return
        executor, worker = map(int, (tmp_path / BEGAN).read_text().split())
        for process in (worker, executor):
            os.kill(process, signal.SIGKILL)
            killed.append(process)

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        result = flask(
            "population", exported, "--out", tmp_path / "out", "--ids", "--engine", "spark", "--master", address
        )
    finally:
        ended.set()
        killing.join()
        session.stop()
    assert result.exit_code == 0, result.output
    assert killed[0] in workers
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == once
    assert (tmp_path / "out" / "_SUCCESS").exists()


def in_both_workers(address: str) -> SparkSession:
    """A session that begins when it has an executor in each worker, and splits files small."""
    builder = SparkSession.builder.master(address).config("spark.driver.host", "127.0.0.1")
    for name, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        "spark.executor.cores": 1,
        "spark.executor.memory": "600m",
        "spark.executorEnv.PYTHONPATH": f"{ROOT}:{Path(__file__).parent}",
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": f"{PATIENCE}s",
        "spark.cores.max": 2,
        "spark.sql.files.maxPartitionBytes": 1_000_000,
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
