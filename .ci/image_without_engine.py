"""Runs every step of deploy/Dockerfile without a container engine: ``image_without_engine.py CONTEXT ROOT`` (as root).

Paths of the image lie below ROOT. The service then runs as the image's user, who can write its state directory and /tmp
and nothing else; the HEALTHCHECK command must pass while it runs, and fail when it has stopped. An instruction that
this script does not know is an error, so that no step goes unnoticed.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PLACES = ("/opt/itb-cds", "/source", "/var/lib/itb-cds", "/etc/itb-cds")
SITE = {
    "publicBaseUrl": "https://cds.hospital.example",
    "unapproved": "show",
    "trust": {
        "mode": "jwt",
        "clients": [
            {"name": "EHR", "iss": "https://fhir.hospital.example", "jku": "https://fhir.hospital.example/keys"}
        ],
    },
}


class Image:
    def __init__(self, context: Path, root: Path) -> None:
        self.context, self.root = context, root
        self.env: dict[str, str] = {}
        self.folder = "/"
        self.user = "0:0"
        self.health: list[str] = []
        self.command: list[str] = []
        self.volumes: list[str] = []
        self.steps = 0

    def here(self, text: str) -> str:
        """Text with the image's paths moved below ROOT."""
        return re.sub(
            "|".join(f"(?<![\\w.-]){re.escape(place)}" for place in PLACES), lambda m: f"{self.root}{m[0]}", text
        )

    def do(self, instruction: str, rest: str) -> None:
        print(f"step {self.steps + 1}: {instruction} {rest[:100]}", flush=True)
        getattr(self, f"do_{instruction.lower()}")(rest)
        self.steps += 1

    def do_from(self, rest: str) -> None:
        self.env, self.folder, self.user = {}, "/", "0:0"

    def do_arg(self, rest: str) -> None:
        assert re.fullmatch(r"PYTHON=python:3\.11[.-]\S+", rest), "the base image"

    def do_label(self, rest: str) -> None:
        assert "org.opencontainers.image" in rest

    def do_env(self, rest: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S+)", rest):
            self.env[name] = self.here(value).replace("$PATH", os.environ["PATH"])

    def do_workdir(self, rest: str) -> None:
        self.folder = self.here(rest)
        Path(self.folder).mkdir(parents=True, exist_ok=True)

    def do_copy(self, rest: str) -> None:
        *sources, target = rest.split()
        from_stage = sources[0].startswith("--from=")
        place = Path(self.here(target) if target.startswith("/") else Path(self.folder) / target)
        for source in sources[1:] if from_stage else sources:
            if from_stage:
                assert Path(self.here(source)).is_dir(), "both stages share ROOT"
                continue
            assert not self._ignored(source), f"{source} is left out by .dockerignore"
            origin = self.context / source
            if origin.is_dir():
                shutil.copytree(origin, place, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(origin, place if place.is_dir() else place.parent)

    def _ignored(self, source: str) -> bool:
        lines = (self.context / ".dockerignore").read_text().split()
        return any(fnmatch.fnmatch(source.rstrip("/"), line) for line in lines)

    def do_run(self, rest: str) -> None:
        # Accounts go below ROOT too; whoever owns the state directory is then named by number.
        text = (
            self.here(rest)
            .replace("groupadd ", f"groupadd --prefix {self.root} ")
            .replace("useradd ", f"useradd --prefix {self.root} ")
        )
        text = text.replace("-o cds -g cds", "-o 10001 -g 10001").replace("RUN ", "")
        where = self.folder if Path(self.folder).is_dir() else "/"
        subprocess.run(["sh", "-ec", text], cwd=where, env={**os.environ, **self.env}, check=True)

    def do_user(self, rest: str) -> None:
        self.user = rest

    def do_volume(self, rest: str) -> None:
        self.volumes = json.loads(rest)

    def do_expose(self, rest: str) -> None:
        assert self.env["PORT"] == rest, "EXPOSE and PORT differ"

    def do_healthcheck(self, rest: str) -> None:
        self.health = json.loads(rest.partition("CMD ")[2])

    def do_cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    # --- running it

    def healthy(self, port: str) -> bool:
        return self.start(self.health, subprocess.DEVNULL, PORT=port).wait() == 0

    def start(self, command: list[str], errors: int | None = None, **env: str) -> subprocess.Popen:
        uid, gid = self.user.split(":")
        assert uid != "0", "the image runs as root"
        state = self.env["XDG_STATE_HOME"]
        whole = {
            **self.env,
            **env,
            "TMPDIR": f"{self.root}/tmp",
            "HOME": "/nonexistent",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        assert self.here(self.volumes[0]) == state, "the volume is not the state directory"
        confined = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", "--"]
        return subprocess.Popen([*confined, *command], cwd=self.root, env=whole, stderr=errors)


def steps(dockerfile: Path) -> list[tuple[str, str]]:
    lines = [line for line in dockerfile.read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def main(context: Path, root: Path) -> None:
    (root / "etc/itb-cds").mkdir(parents=True)
    (root / "etc/itb-cds/site.json").write_text(json.dumps(SITE))
    for name in ("passwd", "group", "shadow", "gshadow"):
        (root / "etc" / name).touch()
    (root / "tmp").mkdir(mode=0o1777)
    os.chmod(root / "tmp", 0o1777)
    image = Image(context, root)
    for instruction, rest in steps(context / "deploy/Dockerfile"):
        image.do(instruction, rest)
    shutil.rmtree(root / "source")  # the second stage has none
    os.environ["PATH"] = image.env["PATH"]

    port = free_port()
    service = image.start(image.command, PORT=port)
    try:
        for _ in range(360):
            if image.healthy(port):
                break
            assert service.poll() is None, "the service ended"
            time.sleep(0.5)
        else:
            raise AssertionError("HEALTHCHECK never passed")
        purge = image.start(["flask", "--app", "cdshooks", "purge", "--older-than", "30"], PORT=port).wait()
        assert purge == 0, "the command of the CronJob fails"
        service.send_signal(signal.SIGTERM)
        assert service.wait(120) == 0, "did not end in order"
    finally:
        if service.poll() is None:
            service.kill()
    assert not image.healthy(port), "HEALTHCHECK passes without a service"
    uid = int(image.user.split(":")[0])
    own = [
        path
        for path in root.rglob("*")
        if path.lstat().st_uid == uid and not path.is_relative_to(image.env["XDG_STATE_HOME"])
    ]
    assert all(path.is_relative_to(root / "tmp") for path in own), f"written outside the state directory: {own[:5]}"
    assert (Path(image.env["XDG_STATE_HOME"]) / "cdshooks/record.sqlite3").is_file(), (
        "nothing was recorded in the volume"
    )
    print(f"{image.steps} steps of the Dockerfile done; runs as {image.user}, writes its state directory alone")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
