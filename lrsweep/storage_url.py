"""The URL of a study database as people may see it: its password appears nowhere.

Where a line to copy needs a URL that has one, it names the environment variable LRSWEEP_STORAGE,
which is also the default of --storage.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import unquote

ENV_STORAGE = "LRSWEEP_STORAGE"
STORAGE_WORD = f"${ENV_STORAGE}"
DEFAULT_STORAGE = "sqlite:///lrsweep.db"

_USER = re.compile(r"(?P<user>[^:@/]*):(?P<password>.*)@(?P<rest>.*)", re.DOTALL)
_IN_QUERY = re.compile(
    r"([?&][a-z_]*(?:passw(?:or)?d|pwd|passphrase|secret)=)[^&#]+", re.IGNORECASE
)
_HIDDEN = "***"


def shown(url: str) -> str:
    """`url` with *** in the place of its password; also where it is no proper URL."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    match = _USER.fullmatch(rest)
    if match and match["password"]:
        rest = f"{match['user']}:{_HIDDEN}@{match['rest']}"
    return _IN_QUERY.sub(rf"\g<1>{_HIDDEN}", f"{scheme}{separator}{rest}")


def is_secret(url: str) -> bool:
    """Whether `url`, or what `shown` made of it, has a password."""
    return shown(url) != url or f":{_HIDDEN}@" in url or f"={_HIDDEN}" in url


def without_password(text: str, url: str) -> str:
    """`text` of others, such as a driver's error, without the password of `url`."""
    match = _USER.fullmatch(url.partition("://")[2])
    secrets = [match["password"]] if match else []
    secrets += [found[0].removeprefix(found[1]) for found in _IN_QUERY.finditer(url)]
    text = text.replace(url, shown(url))
    for secret in (*secrets, *map(unquote, secrets)):
        text = text.replace(secret, _HIDDEN) if secret else text
    return text


def storage_option(url: str) -> list[str]:
    """The arguments by which a command means the database at `url`, or at what `shown` made of it.

    None where it is the one that a command takes that is told nothing.
    """
    if is_secret(url):
        return ["--storage", STORAGE_WORD]
    is_default = url == DEFAULT_STORAGE and not os.environ.get(ENV_STORAGE)
    return [] if is_default else ["--storage", url]


def safe_arguments(argv: Sequence[str]) -> tuple[str, ...]:
    """What was typed, with LRSWEEP_STORAGE in the place of a --storage that has a password."""
    safe: list[str] = []
    end = argv.index("--") if "--" in argv else len(argv)
    for index, word in enumerate(argv):
        if index < end and word.startswith("--storage=") and is_secret(word):
            word = f"--storage={STORAGE_WORD}"
        elif 0 < index < end and argv[index - 1] == "--storage" and is_secret(word):
            word = STORAGE_WORD
        safe.append(word)
    return tuple(safe)
