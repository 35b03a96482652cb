"""Databases on servers.

The environment variable GRADATIM_TEST_DATABASES may name some, as URLs with spaces between: PostgreSQL, MySQL or
MariaDB, with user and password. These tests make one table there, and drop it again. Without, they skip.
"""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal

import polars as pl
import pytest

from gradatim.cli import main
from gradatim.errors import InputError
from gradatim.tables import read_table

SERVERS = os.environ.get("GRADATIM_TEST_DATABASES", "").split()
HOMES = "gradatim_test_homes"
NOON = dt.datetime(2024, 2, 29, 12, 30, 15, 250_000)


def types_of(backend):
    """Its types of columns that databases name differently."""
    mysql = {"zoned": "TIMESTAMP(6) NULL", "moment": "DATETIME(6)", "photo": "BLOB", "bits": "BIT(1)"}
    other = {"zoned": "TIMESTAMPTZ", "moment": "TIMESTAMP", "photo": "BYTEA", "bits": "BOOLEAN"}
    return other if backend == "postgresql" else mysql


@pytest.fixture(params=SERVERS or [None], ids=lambda url: url.partition(":")[0] if url else "none")
def server(request):
    """The URL of a database that has the table HOMES: 40 rows, the second of nulls."""
    if request.param is None:
        pytest.skip("GRADATIM_TEST_DATABASES names no database")
    sqlalchemy = pytest.importorskip("sqlalchemy")
    url = sqlalchemy.make_url(request.param)
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    types = {
        **{"id": "INTEGER", "area": "BIGINT", "price": "NUMERIC(12, 2)", "weight": "DOUBLE PRECISION"},
        **{"garden": "BOOLEAN", "city": "VARCHAR(20)", "zip": "CHAR(4)", "built": "DATE", "y": "DOUBLE PRECISION"},
        **types_of(url.get_backend_name()),
    }
    zone = dt.UTC if url.get_backend_name() == "postgresql" else None
    bit = bool if url.get_backend_name() == "postgresql" else int
    with engine.begin() as database:
        database.exec_driver_sql(f"DROP TABLE IF EXISTS {HOMES}")
        database.exec_driver_sql(f"CREATE TABLE {HOMES} ({', '.join(f'{n} {kind}' for n, kind in types.items())})")
        for i in range(40):
            row = {
                **{"id": i, "area": 2**53 + 1 + i, "price": Decimal(i * 101) / 100, "weight": (i * 7 % 11) / 4},
                **{"garden": i % 3 == 0, "city": ("Köln", "100%")[i % 2], "zip": f"{i:04}", "y": i * 0.5 + 1},
                **{"built": dt.date(1969, 12, 31) + dt.timedelta(i), "zoned": NOON.replace(tzinfo=zone)},
                **{"moment": NOON, "photo": b"\x00\xff", "bits": bit(i % 2)},
            }
            kept = {name: value for name, value in row.items() if i != 1 or name in ("id", "y")}
            database.exec_driver_sql(
                f"INSERT INTO {HOMES} ({', '.join(kept)}) VALUES ({', '.join(['%s'] * len(kept))})",
                tuple(kept.values()),
            )
    yield url
    with engine.begin() as database:
        database.exec_driver_sql(f"DROP TABLE {HOMES}")


def shown(url):
    return url.render_as_string(hide_password=False)


def test_a_server_gives_every_column_as_what_it_is(server):
    table = read_table(shown(server), query=f"SELECT * FROM {HOMES} ORDER BY id")
    zoned = server.get_backend_name() == "postgresql"
    truth = (True, False) if zoned else (1, 0)
    first = {
        **{"id": 0, "area": 2**53 + 1, "price": 0.0, "weight": 0.0, "garden": truth[0], "city": "Köln", "zip": "0000"},
        **{"built": dt.date(1969, 12, 31), "y": 1.0, "photo": b"\x00\xff", "bits": truth[1], "moment": NOON},
        "zoned": NOON.replace(tzinfo=dt.UTC) if zoned else NOON,
    }
    rows = table.frame.to_dicts()
    assert rows[0] == first
    assert rows[1] == {**dict.fromkeys(first), "id": 1, "y": 1.5}
    assert rows[3] == first | {
        **{"id": 3, "area": 2**53 + 4, "price": 3.03, "weight": 10 / 4, "city": "100%", "zip": "0003"},
        **{"built": dt.date(1970, 1, 3), "y": 2.5, "bits": truth[0]},
    }
    types = dict(table.frame.schema)
    assert (types["price"], types["area"], types["built"], types["photo"]) == (pl.Float64, pl.Int64, pl.Date, pl.Binary)
    assert read_table(shown(server), query=HOMES).n_rows == 40
    part = read_table(shown(server), query=f"SELECT id, '%s;:x' AS a FROM {HOMES} WHERE city LIKE '100%' AND id < 6")
    assert part.frame.to_dict(as_series=False) == {"id": [3, 5], "a": ["%s;:x"] * 2}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("gradatim_nowhere", "gradatim_nowhere.* (does not|doesn't) exist"),
        (f"SELECT absent FROM {HOMES}", "absent"),
        (f"SELECT 1; COMMIT; DROP TABLE {HOMES}", "must be one statement"),
        (f"WITH x AS (SELECT 1) DELETE FROM {HOMES}", "must answer the query. Got: "),
        (f"SELECT id FROM {HOMES} FOR UPDATE", "must answer the query. Got: .*(read-only|READ ONLY)"),
    ],
)
def test_a_server_is_only_read_from(server, query, words):
    with pytest.raises(InputError, match=words) as fault:
        read_table(shown(server), query=query)
    assert "\n" not in str(fault.value)
    assert read_table(shown(server), query=HOMES).n_rows == 40


def test_a_server_that_does_not_let_one_in_says_so_without_the_password(server):
    for url in (server.set(password="wr0ng"), server.set(host="127.0.0.1", port=1, password="wr0ng")):
        with pytest.raises(
            InputError, match=r"query\. Got: .*(authentication|denied|refused|create a connection)"
        ) as fault:
            read_table(shown(url), query=HOMES)
        assert "wr0ng" not in str(fault.value)
        assert "\n" not in str(fault.value)


def test_a_model_is_trained_on_a_server_and_its_files_hold_no_password(server, tmp_path, capsys):
    run, query = str(tmp_path / "run"), f"SELECT id AS n, weight, garden, city, built, y FROM {HOMES} ORDER BY id"
    common = ["--query", query]
    assert main(["fit", shown(server), *common, "--target", "y", "--rungs", "linear", "--out", run, "--quiet"]) == 0
    assert main(["predict", run, shown(server), *common, "--out", str(tmp_path / "p.csv")]) == 0
    said = capsys.readouterr()
    for form in (shown(server).partition("://")[2].partition("@")[0].partition(":")[2], str(server.password)):
        assert form not in said.out + said.err
    predicted = pl.read_csv(tmp_path / "p.csv")
    assert predicted["n"].to_list() == list(range(40))
    assert predicted["y_predicted"].is_not_null().all()
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert str(server.password).encode() not in content
    assert shown(server).encode() not in content
    assert main(["fit", shown(server.set(password="wr0ng")), *common, "--target", "y"]) == 2
    said = capsys.readouterr()
    assert "must answer the query. Got: " in said.err
    assert "Traceback" not in said.err
    assert "wr0ng" not in said.out + said.err
