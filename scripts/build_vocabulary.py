"""Write ``rules/vocabulary/names.py`` from the value sets, texts and tables of numbers. Not needed at run time.

    python scripts/build_vocabulary.py

The rules themselves are left out while it runs: one that spells a new name could not be imported before the name is
known.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent.parent


def main() -> None:
    bare = ModuleType("rules")
    bare.__path__ = [str(HERE / "rules")]
    sys.modules["rules"] = bare
    from rules.terminology import known

    known.FILE.write_text(known.names_module(), encoding="utf-8")


if __name__ == "__main__":
    main()
