"""The production entry: ``python -m cdshooks.serve`` (or ``itb-cds-hooks``), several worker processes behind one port.

    HOST, PORT, WORKERS   where to listen (127.0.0.1, 8000), and how many processes (one a core)
    THREADS               calls that a worker computes at a time (16); one that waits for a FHIR server is not counted
    CONNECTIONS           connections that a worker has open at a time (256); more wait to be accepted

Refuses to start without a site file that says ``trust.mode``: a service that reads charts must not be open by
oversight.
``--development`` (what ``make run`` uses) lifts that, on loopback alone. The server was chosen by measurement:
docs/decisions/0201.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import ipaddress
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from flask import Flask
    from granian.server.common import AbstractServer

    from cdshooks.settings.environment import Config

NOT_SIGNED = (
    'the site file does not say which rules may be shown. Add {"approvals": [...]}, one row for each rule that your committee has approved; '
    'the others then run silently. Or {"unapproved": "show"}, to show every rule. Which are waiting: flask --app cdshooks site check FILE'
)
STOP_SECONDS = 10
NOTICE_SECONDS = 0.5
"""For the parent to hear of the signal too: it would take a worker that is gone before for one that failed."""
RELOAD_SECONDS = 5.0
"""What a new worker has to start, before the old one is stopped (SIGHUP)."""
CONNECTIONS = 256
PR_SET_PDEATHSIG = 1
"""Of Linux's ``sys/prctl.h``."""
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of glibc's ``malloc.h``."""
LARGE_PIECE = 1024 * 1024
COLLECT_AFTER = 20_000
"""Containers made and not yet dropped before the collector looks at them (Python: 700, several times within one large
call). A call leaves nothing to it (tests/hooks/test_let_go.py), so looking is for nothing."""
SAMPLE = "clients/epic/patient-view.json"


class StartRefused(Exception):
    """The service does not start; the message says what to change."""


def worker() -> Flask:
    """The application of one worker process."""
    _end_with_parent()
    _give_memory_back()
    from cdshooks.audit import metric_files

    metric_files.take_room()
    from cdshooks.app import create_app
    from cdshooks.hooks import state
    from cdshooks.hooks.warm_up import warm_up

    app = create_app()
    warm_up(app.extensions[state.EXTENSION])
    # What was loaded stays for the life of the worker: the collector need not go through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    return app


def _end_with_parent() -> None:
    """Workers that outlive their parent hold the port, and nobody starts another when one dies.

    Until the server listens for signals a worker has the parent's handlers, by which it would go on to serve.
    """
    signal.signal(signal.SIGTERM, _end_while_starting)
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid != os.getppid():
        sys.exit(1)  # it ended before that


def _end_while_starting(*_: object) -> None:
    time.sleep(NOTICE_SECONDS)
    sys.exit(0)  # in order: a database that is open already is closed


def _give_memory_back() -> None:
    """Memory of a large body goes back to the system when the call has ended.

    By itself glibc takes the size of a body that was freed for the usual size, and from then on keeps such pieces, for
    each thread others. (Measured, 16 charts of 15.8 MB at once, again and again: 645 MB and growing; so 375 MB, and as
    fast.)
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_PIECE)
        mallopt(M_ARENA_MAX, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    from cdshooks.audit import metric_files

    # Before anything imports the metrics: with this set, the workers' numbers add up.
    own_directory = None if os.environ.get(metric_files.DIRECTORY) else metric_files.own_folder()
    if own_directory:
        os.environ[metric_files.DIRECTORY] = own_directory
    metric_files.clear()
    metric_files.take_room()
    os.environ["THREADS"] = str(options.threads)  # both are read again by each worker
    os.environ["HOST"] = options.host
    try:
        _serve(options)
    except StartRefused as refusal:
        print(f"itb-cds-hooks does not start: {refusal}", file=sys.stderr)
        return 2
    finally:
        if own_directory:
            shutil.rmtree(own_directory, ignore_errors=True)
    return 0


def _serve(options: argparse.Namespace) -> None:
    config = _checked(options)
    _check_ports(options, config)

    from cdshooks.audit import metrics

    metrics.prepare_directory()
    server = server_of("cdshooks.serve:worker", options.host, options.port, options.workers, options.connections)
    server.on_startup(lambda: print(_welcome(options, config), flush=True))
    server.on_reload(lambda: _read_again(options))
    try:
        server.serve()
    except (OSError, RuntimeError) as error:
        raise StartRefused(f"cannot listen on {options.host}:{options.port}: {error}") from None


def server_of(factory: str, host: str, port: int, workers: int, connections: int = CONNECTIONS) -> AbstractServer[Any]:
    """The server as it runs in production, for the application that `factory` (module:function) makes in each worker.

    A thread for every connection, made when it is needed: one that waits for a body holds up nobody. How many calls
    compute at a time is for the application to say (cdshooks.protocol.in_flight).
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels

    return Granian(
        factory,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        loop=Loops.asyncio,
        factory=True,
        workers=workers,
        http=HTTPModes.http1,  # in HTTP/2 a connection may bring more calls than there are threads
        backpressure=connections,
        blocking_threads=connections,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=RELOAD_SECONDS,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    )


def _checked(options: argparse.Namespace) -> Config:
    """The configuration, read once here so that its faults are said once and not by every worker."""
    from cdshooks.cards import template_check
    from cdshooks.settings import environment

    try:
        document = environment.site_document()
        found = environment.load_config({"SITE": document})
        faults = template_check.template_problems()
    except ValueError as error:
        raise StartRefused(str(error)) from None
    if faults:
        raise StartRefused("the knowledge is not whole: " + "; ".join(faults[:5]))
    if not found.site.trust_given and not options.development:
        raise StartRefused(
            'no site file says who may call. Set CDSHOOKS_SITE to a file with {"trust": {"mode": "jwt", "clients": [...]}}, or use --development.'
        )
    if found.site.trust.mode == "jwt" and not found.site.sign_off.given:
        raise StartRefused(NOT_SIGNED)
    if options.development and not found.site.trust_given and not _is_loopback(options.host):
        raise StartRefused(f"--development is open to everybody and listens on loopback alone, not on {options.host}.")
    environment.keep_site_document(document)
    return found


def _check_ports(options: argparse.Namespace, config: Config) -> None:
    if config.ops_port is not None and config.ops_port == int(options.port):
        raise StartRefused(f"CDSHOOKS_OPS_PORT and PORT are both {config.ops_port}: they need two ports.")
    _check_port(options, int(options.port), "PORT")
    if config.ops_port is not None:
        _check_port(options, config.ops_port, "CDSHOOKS_OPS_PORT")


def _read_again(options: argparse.Namespace) -> None:
    """On SIGHUP: the workers are replaced one after the other, by such as go by the site file as it is now."""
    try:
        _checked(options)
    except StartRefused as refusal:
        print(f"itb-cds-hooks goes on with the site file as it was: {refusal}", file=sys.stderr, flush=True)


def _check_port(options: argparse.Namespace, port: int, variable: str) -> None:
    """Refuses a port on which somebody listens, this service too: the kernel would deal its calls out to both."""
    from cdshooks.audit import ops_port

    try:
        ops_port.refuse_taken_port(options.host, port)
    except OSError as error:
        raise StartRefused(
            f"cannot listen on {options.host}:{port}: {error.strerror}. Stop what listens there, or set {variable} to another port."
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _welcome(options: argparse.Namespace, config: Config) -> str:
    base = f"http://{'[' + options.host + ']' if ':' in options.host else options.host}:{options.port}"
    workers = f"{options.workers} worker{'s' if options.workers > 1 else ''}"
    heard = f"The intrathecal baclofen pump service (itb-cds-hooks) listens on {base} with {workers}"
    lines = [f"{heard}; discovery: {base}/cds-services"]
    if config.site.trust.mode == "open":
        lines.append("Trust is OPEN: anyone who reaches this address may call. For development only.")
    if options.development:
        sample = Path(__file__).resolve().parent / "fixtures" / SAMPLE
        with contextlib.suppress(ValueError):
            sample = sample.resolve().relative_to(Path.cwd())
        lines += [
            f"Open {base}/ in a browser, or send the chart of a pump whose refill is overdue:",
            "",
            f"  curl -s -H 'Content-Type: application/json' -d @{sample} {base}/cds-services/itb-patient-view",
            "",
            "Ctrl-C ends it.",
        ]
    return "\n".join(lines)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="itb-cds-hooks", description="Serves the intrathecal baclofen pump safety service."
    )
    parser.add_argument(
        "--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on (HOST, 127.0.0.1)"
    )
    for name, low, high, default, said in (
        ("port", 0, 65535, 8000, "port"),
        ("workers", 1, 256, os.cpu_count() or 1, "worker processes"),
        ("threads", 1, 512, 16, "calls computed at a time by a worker"),
        ("connections", 16, 4096, CONNECTIONS, "connections a worker"),
    ):
        variable = name.upper()
        parser.add_argument(
            f"--{name}",
            type=_number(low, high),
            default=os.environ.get(variable) or str(default),
            help=f"{said} ({variable}, {default})",
        )
    parser.add_argument("--development", action="store_true", help="allow open trust, on loopback")
    return parser.parse_args(arguments)


def _number(low: int, high: int) -> type[int]:
    def number_between(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"must lie between {low} and {high}")
        return number

    number_between.__name__ = "number"
    return number_between  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())
