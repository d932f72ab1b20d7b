"""``python -m cdshooks validate``: the commands that ``flask --app cdshooks`` has."""

from __future__ import annotations

import sys

from flask.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["--app", "cdshooks"]
    main()
