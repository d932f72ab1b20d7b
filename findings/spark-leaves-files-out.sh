#!/bin/sh
# Apache Spark leaves out a file named "_Device.ndjson" or ".Device.ndjson" without a word, also where its own path was given, and cannot read one with a colon in its name.
#
# Software: pyspark 4.3.0 (PyPI) with Java 17, seen on 2026-11-29 with Python 3.11, spark.read.text on files of a disk, local[1].
# Guess:    a path that is given is read, or is an error; a colon is a character like any other.
# Seen:     names that begin with "_" or "." are taken for hidden: no line, no error. A colon, as in names of exports by time (2026-06-01T10:00.Device.ndjson), is read as
#           the end of a URI's scheme: given by its path it is an error, and one such file in a folder makes the whole folder unreadable.
# So:       count what each file gave against its size, and open files with odd names by other means.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyspark==4.3.0
cat >ask.py <<'PY'
from pathlib import Path

from pyspark.sql import SparkSession

NAMES = ("Device.ndjson", "_Device.ndjson", ".Device.ndjson", "2026-06-01T10:00.Device.ndjson")
builder = SparkSession.builder.master("local[1]").config("spark.driver.host", "127.0.0.1")
spark = builder.config("spark.ui.enabled", "false").config("spark.log.level", "OFF").getOrCreate()


def lines(path):
    try:
        return f"{spark.read.text(path).count()} lines"
    except Exception as error:
        return "an error" if "URI" in str(error) or "URI" in str(error.__cause__) else repr(error)


for number, name in enumerate(NAMES):
    folder = Path(f"export-{number}").absolute()
    folder.mkdir()
    for one in {"Device.ndjson", name}:
        (folder / one).write_text('{"resourceType":"Device"}\n' * 2)
    print(f"{name}: by its path {lines(str(folder / name))}; the folder, with a plain file in it, {lines(str(folder))}")
PY
cat >expected <<'TXT'
Device.ndjson: by its path 2 lines; the folder, with a plain file in it, 2 lines
_Device.ndjson: by its path 0 lines; the folder, with a plain file in it, 2 lines
.Device.ndjson: by its path 0 lines; the folder, with a plain file in it, 2 lines
2026-06-01T10:00.Device.ndjson: by its path an error; the folder, with a plain file in it, an error
TXT
env/bin/python ask.py 2>log | tee seen
diff expected seen
