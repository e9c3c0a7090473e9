from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.observe.process import Runner


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("observed"))
    yield runner
    runner.close()
