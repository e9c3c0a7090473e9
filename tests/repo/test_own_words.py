"""The repository speaks of itself: no private paths, no private hosts, nothing that only one
machine has."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

# Public places that the text may point to. A new one is added here on purpose.
HOSTS = {
    "arxiv.org",
    "creativecommons.org",
    "docs.pytorch.org",
    "doi.org",
    "example.com",
    "github.com",
    "json-schema.org",
    "keepachangelog.com",
    "kellerjordan.github.io",
    "localhost",
    "optuna.org",
    "optuna.readthedocs.io",
    "semver.org",
    "www.apache.org",
    "www.w3.org",
}
URL = re.compile(r"https?://([A-Za-z0-9.-]+)")
PRIVATE_PATH = re.compile(
    r"(?<![\w.{}-])(?:/(?:work|root|Users|opt)/(?!\.cache)[\w.-]+|/home/(?!lrsweep)[\w-]+)"
)
PLACE_TO_INSTALL_FROM = re.compile(r"--(?:extra-)?index-url|--find-links|(?:^|\s)-f\s+file:")


def tracked_lines() -> Iterator[tuple[str, str]]:
    """("path:line number", line) of every text file under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listing.split("\0")):
        path = CHECKOUT / name
        if not path.is_file() or path == Path(__file__):
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            yield f"{name}:{number}", line


def test_links_lead_to_public_places() -> None:
    strangers = {
        f"{where} {host}"
        for where, line in tracked_lines()
        for host in URL.findall(line)
        if host not in HOSTS
    }
    assert strangers == set()


def test_no_path_of_one_machine_is_named() -> None:
    assert [where for where, line in tracked_lines() if PRIVATE_PATH.search(line)] == []


def test_no_file_says_where_packages_come_from() -> None:
    assert [where for where, line in tracked_lines() if PLACE_TO_INSTALL_FROM.search(line)] == []
