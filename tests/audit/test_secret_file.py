"""CDSHOOKS_DATABASE_URL_FILE: the database address as a mounted secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdshooks.settings.environment import ConfigError, load_config


def test_the_address_is_read_from_the_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"sqlite:///{tmp_path}/record.sqlite3\n", encoding="utf-8")
    assert load_config({"CDSHOOKS_DATABASE_URL_FILE": str(file)}).database_url == f"sqlite:///{tmp_path}/record.sqlite3"


def test_a_platforms_postgres_address_gets_its_driver(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgres://cds:secret@db.example/cds", encoding="utf-8")
    assert (
        load_config({"CDSHOOKS_DATABASE_URL_FILE": str(file)}).database_url
        == "postgresql+psycopg://cds:secret@db.example/cds"
    )


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe", b"mysql://cds:secret@db.example/cds"])
def test_a_file_that_cannot_be_used_stops_the_start_by_name_and_tells_no_password(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "url"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match="CDSHOOKS_DATABASE_URL") as caught:
        load_config({"CDSHOOKS_DATABASE_URL_FILE": str(file)})
    assert "secret" not in str(caught.value)


def test_address_and_file_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="both set"):
        load_config({"CDSHOOKS_DATABASE_URL": "sqlite:///x", "CDSHOOKS_DATABASE_URL_FILE": str(tmp_path / "url")})
