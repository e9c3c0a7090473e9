from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa


@pytest.fixture
def postgresql_database(postgresql: str) -> str:
    """The URL of an empty database of that server."""
    name = f"d{uuid.uuid4().hex}"
    engine = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return sa.make_url(postgresql).set(database=name).render_as_string(hide_password=False)
