"""Small sessions of Spark: pieces of the invented export are small too, so that files are split."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import export

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PATIENTS = 400


@pytest.fixture(scope="session")
def session() -> Iterator[SparkSession]:
    """Two tasks at a time; a split is 300 kB."""
    from pyspark.sql import SparkSession  # plain `pytest tests` comes by here too, without Spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.driver.host", "127.0.0.1")
    builder = builder.config("spark.ui.enabled", "false").config("spark.log.level", "OFF")
    spark = builder.config("spark.sql.files.maxPartitionBytes", 300_000).getOrCreate()
    yield spark
    spark.stop()


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export.write(folder, PATIENTS, seed=7)
    for name in ("Device", "MedicationStatement"):
        (folder / f"{name}.ndjson").touch()
    return folder
