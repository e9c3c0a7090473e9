"""A database's password appears nowhere: not in what is printed, written or stored."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lrsweep.shell_lines import shell_line
from lrsweep.storage_url import safe_arguments, shown, without_password

SECRET = "s3cret/geheim"
SCRIPT = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args = parser.parse_args()
if args.lr > 0.5:
    raise SystemExit("boom")
for epoch in (1, 2):
    print(f"epoch {epoch} val_loss {args.lr / epoch}", flush=True)
"""
RUN = ("run", "train.py", "-s", "lr=0.1,0.2,0.9", "--sampler", "grid", "--metric", "val_loss")


@pytest.fixture
def url(postgresql_database: str, postgresql: str) -> Iterator[str]:
    """A database whose user has a password."""
    engine = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{SECRET}'"))
    made = sa.make_url(postgresql_database).set(username="keeper", password=SECRET)
    yield made.render_as_string(hide_password=False)
    with engine.connect() as connection:
        name = made.database
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(sa.text("DROP ROLE keeper"))
    engine.dispose()


def spoken(folder: Path, *arguments: str, **env: str) -> str:
    """All that lrsweep prints."""
    command = [sys.executable, "-m", "lrsweep.cli.main", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def everything_in(url: str) -> str:
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        rows = [
            (table.name, *connection.execute(sa.select(table))) for table in metadata.sorted_tables
        ]
    engine.dispose()
    return repr(rows)


@pytest.mark.slow
def test_the_password_is_in_no_output_no_file_and_no_table(tmp_path: Path, url: str) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    option = ("--storage", url)
    outputs = [
        spoken(tmp_path, *RUN, *option),
        spoken(tmp_path, *RUN, *option, "--json"),
        spoken(tmp_path, *RUN, f"--storage={url}", "--dry-run"),
        spoken(tmp_path, "config", *RUN[1:], *option),
        spoken(tmp_path, "report", *option, "-o", "report.md", "--format", "md"),
        *(spoken(tmp_path, "report", *option, "--format", f) for f in ("json", "csv")),
        *(spoken(tmp_path, name, *option) for name in ("report", "list")),
        spoken(tmp_path, "show", "0", *option),
        spoken(tmp_path, "logs", "2", "--stderr", *option),
        spoken(tmp_path, "report", "none", *option),
        spoken(tmp_path, "report", "--storage", url.replace("keeper", "nobody")),
        spoken(tmp_path, "report", "--storage", url.replace("postgresql+", "postgresq+")),
        spoken(tmp_path, "report", "--storage", url.partition("://")[2]),
        spoken(tmp_path, *RUN, *option, "-s", "momentum=0.1"),
    ]
    files = [file.read_text("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()]
    assert "val_loss" in outputs[0]
    for text in (*outputs, *files, everything_in(url)):
        assert not re.search("s3cret|geheim", text)


def test_lines_to_copy_name_the_variable_and_run_as_they_are(tmp_path: Path, url: str) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    printed = spoken(tmp_path, *RUN, "--storage", url)
    lines = re.findall(r'^\s*(lrsweep .*"\$LRSWEEP_STORAGE".*)$', printed, re.MULTILINE)
    assert len(lines) >= 3
    for line in lines:
        if line.startswith("lrsweep run"):
            continue
        python = line.replace("lrsweep ", f"{sys.executable} -m lrsweep.cli.main ", 1)
        env = {**os.environ, "LRSWEEP_STORAGE": url}
        done = subprocess.run(
            ["bash", "-c", python], cwd=tmp_path, env=env, capture_output=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
    report = json.loads(spoken(tmp_path, "report", "--format", "json", LRSWEEP_STORAGE=url))
    assert "$LRSWEEP_STORAGE" in json.dumps(report)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:se@cr/et@host/db", "postgresql://me:***@host/db"),
        ("postgresql://:secret@host/db", "postgresql://:***@host/db"),
        (
            "postgresql://host/db?user=me&password=secret",
            "postgresql://host/db?user=me&password=***",
        ),
        ("mysql://host/db?ssl_passphrase=secret&a=1", "mysql://host/db?ssl_passphrase=***&a=1"),
        ("me:secret@host/db", "me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, seen: str) -> None:
    assert shown(url) == seen
    assert shown(seen) == seen
    assert "secret" not in without_password(f"cannot connect to {url}", url)


def test_what_was_typed_is_kept_without_the_password() -> None:
    url = "postgresql://me:secret@host/db"
    typed = ["lrsweep", "run", "--storage", url, f"--storage={url}", "--", "x", "--storage", url]
    safe = safe_arguments(typed)
    assert safe[2:5] == ("--storage", "$LRSWEEP_STORAGE", "--storage=$LRSWEEP_STORAGE")
    assert safe[5:] == tuple(typed[5:])
    assert shell_line(safe[:4]) == 'lrsweep run --storage "$LRSWEEP_STORAGE"'
