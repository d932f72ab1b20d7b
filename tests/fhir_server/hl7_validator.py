"""The HL7 FHIR validator: one process, which the tests of a file ask one after the other. It needs longer to read FHIR's
definitions than for most of what it is asked."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

Validate = Callable[[str], list[tuple[str, str]]]
"""A line as the process takes it -> what is wrong with it: (place, message) each."""


@contextlib.contextmanager
def validating(program: str, *arguments: str | Path) -> Iterator[Validate]:
    """`program`: a class of tests/fhir_server/hapi, as ``.ci/suites/72-validator.sh`` built it."""
    classpath = (Path(os.environ["HAPI_DIR"]) / "classpath").read_text()
    command = ["java", "-Xmx1400m", "-XX:+UseSerialGC", "-cp", classpath, program, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        told, asked = process.stdout, process.stdin
        assert told is not None and asked is not None

        def validate(line: str) -> list[tuple[str, str]]:
            asked.write(f"{line}\n")
            answer = told.readline()
            assert answer, f"the validator has ended: {line[:200]}"
            return [(place, message) for place, message in json.loads(answer)]

        try:
            yield validate
        finally:
            process.kill()
