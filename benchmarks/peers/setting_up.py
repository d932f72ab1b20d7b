"""Peers of other makes for the comparison over HTTP: what they need is installed into a folder of their own.

None of them decides anything: each takes the body in as its maker shows, and answers without cards. What is not there
(Node, Go, a registry) leaves its peers out, and that is said. Nothing here is needed by anything else.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "peers"
"""Where they are installed, once; remove it to have them installed anew."""
MOST_SECONDS = 600


def commands(folder: Path = FOLDER) -> dict[str, tuple[str, ...]]:
    """Install the peers; return by name the command that serves each, to which its port is added."""
    found: dict[str, tuple[str, ...]] = {}
    for install in (_python, _node, _go):
        try:
            found |= install(folder)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"left out: the peers of {install.__name__.strip('_')}: {error}", file=sys.stderr)
    return found


def _python(folder: Path) -> dict[str, tuple[str, ...]]:
    python = folder / "python" / "bin" / "python"
    wanted = HERE / "requirements.txt"

    def install(place: Path) -> None:
        _run(sys.executable, "-m", "venv", str(place))
        _run(str(python), "-m", "pip", "install", "--quiet", "--requirement", str(wanted))

    _once(folder / "python", [wanted], install)
    serve = (str(python), "-m", "uvicorn", "--log-level", "warning", "--no-access-log")
    return {
        "FastAPI": (*serve, "benchmarks.peers.fastapi_parses:app", "--port"),
        "HealthChain": (*serve, "benchmarks.peers.healthchain_service:app", "--port"),
    }


def _node(folder: Path) -> dict[str, tuple[str, ...]]:
    sources = [HERE / "express" / name for name in ("package.json", "server.js")]

    def install(place: Path) -> None:
        for source in sources:
            shutil.copy(source, place)
        _run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place))

    _once(folder / "express", sources, install)
    return {"Express": ("node", str(folder / "express" / "server.js"))}


def _go(folder: Path) -> dict[str, tuple[str, ...]]:
    sources = [HERE / "go" / name for name in ("go.mod", "main.go")]
    built = folder / "go" / "peer"

    def install(place: Path) -> None:
        for source in sources:
            shutil.copy(source, place)
        _run("go", "build", "-C", str(place), "-o", str(built.resolve()), ".")

    _once(folder / "go", sources, install)
    return {"Go": (str(built),)}


def _once(place: Path, sources: list[Path], install: Callable[[Path], None]) -> None:
    """Install into a new folder, unless that was done with the same sources before."""
    done, written = place / "installed-from", b"".join(source.read_bytes() for source in sources)
    if done.is_file() and done.read_bytes() == written:
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    install(place)
    done.write_bytes(written)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=MOST_SECONDS, stdout=subprocess.DEVNULL)
