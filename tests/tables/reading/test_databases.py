"""SQLite files and databases by their URLs."""

from __future__ import annotations

import datetime as dt
import gzip
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from gradatim.errors import InputError, MissingPackageError
from gradatim.tables import read_table
from gradatim.tables.encoding.columns import kinds_of
from gradatim.tables.reading.databases import _table_of_rows

ROWS = [(1, 1.5, "Rome", "0120", "2024-02-29", b"\x00\xff"), (2, None, None, "4051", "2024-03-01", None)]


@pytest.fixture
def database(tmp_path):
    """A file with the table houses."""
    path = tmp_path / "houses.sqlite"
    run(path, 'CREATE TABLE houses (id INTEGER, price, city TEXT, zip TEXT, "when" DATE, photo BLOB)')
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany("INSERT INTO houses VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        connection.commit()
    return path


def run(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_the_only_table_needs_no_query(database):
    table = read_table(database, "price")
    assert table.frame.equals(
        pl.DataFrame(
            {
                "id": [1, 2],
                "price": [1.5, None],
                "city": ["Rome", None],
                "zip": ["0120", "4051"],
                "when": [dt.date(2024, 2, 29), dt.date(2024, 3, 1)],
                "photo": [b"\x00\xff", None],
            }
        )
    )
    assert (table.source, table.target_name) == ("houses.sqlite", "price")
    assert table.notes == ("Leading zeros are kept, as texts: 'zip' ('0120').",)
    assert {column.name: column.kind for column in kinds_of(table)}["photo"] == "text"


@pytest.mark.parametrize("ending", [".db", ".sqlite3"])
def test_other_endings_are_databases_too(database, ending):
    assert read_table(database.rename(database.with_suffix(ending))).n_rows == 2


@pytest.mark.parametrize(
    "query",
    ["houses", " HOUSES ", "SELECT id FROM houses", "-- why\nWITH h AS (SELECT id FROM houses) SELECT * FROM h;"],
)
def test_a_query_is_sql_or_the_name_of_a_table(database, query):
    assert read_table(database, query=query).column("id").to_list() == [1, 2]


def test_values_of_several_types_in_a_column_are_read_as_texts_of_a_text_table(tmp_path):
    path = tmp_path / "any.db"
    run(path, "CREATE TABLE t (x, y)", *(f"INSERT INTO t VALUES ({i}, {i})" for i in range(20)))
    run(path, "INSERT INTO t VALUES ('n/a', 'low')", "INSERT INTO t VALUES ('2.5', x'6869')")
    table = read_table(path)
    assert table.column("x").to_list() == [*map(float, range(20)), None, 2.5]
    assert table.column("y").to_list()[-3:] == [19, None, None]
    assert table.levels_column("y").to_list()[-3:] == ["19", "low", "hi"]


def test_a_database_with_a_log_is_read_and_gets_no_files_beside_it(database):
    run(database, "PRAGMA journal_mode = WAL", "INSERT INTO houses (id) VALUES (3)")
    assert read_table(database).n_rows == 3
    assert [path.name for path in database.parent.iterdir()] == [database.name]
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("INSERT INTO houses (id) VALUES (4)")
        writer.commit()
        assert database.with_name("houses.sqlite-wal").stat().st_size > 0
        assert read_table(database).n_rows == 4


def test_names_of_files_may_hold_signs_of_urls(database):
    path = database.rename(database.with_name("a b#c%20.db"))
    assert read_table(path).n_rows == 2


def test_texts_that_are_no_utf_8_do_not_stop_the_reading(tmp_path):
    run(tmp_path / "any.db", "CREATE TABLE t (x)", "INSERT INTO t VALUES (CAST(x'61ff' AS TEXT))")
    assert read_table(tmp_path / "any.db").column("x").to_list() == ["a\ufffd"]


def test_a_name_that_is_selected_twice_is_said(database):
    table = read_table(
        database, query="SELECT a.id, b.id, b.id AS id_duplicated_0 FROM houses a JOIN houses b USING (id)"
    )
    assert table.names == ("id", "id_duplicated_1", "id_duplicated_0")
    assert "'id' stand there more than once: the later ones became 'id_duplicated_1'" in table.notes[0]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("DROP TABLE houses", r"query must read, and so begin with SELECT or WITH. Got 'DROP'"),
        ("VACUUM INTO 'copy.db'", r"begin with SELECT or WITH. Got 'VACUUM'"),
        ("/* SELECT */ DELETE FROM houses", "must read, and so begin with"),
        (
            "WITH h AS (SELECT 1) DELETE FROM houses",
            r"The query of .* must run. Got: not authorized\. Queries may only read",
        ),
        ("SELECT 1; DROP TABLE houses", "one statement at a time. Queries may only read"),
        ("SELECT absent FROM houses", "must run. Got: no such column: absent"),
        ("SELECT id FRO houses", 'must run. Got: near "houses": syntax error'),
        ("SELECT id FROM houses WHERE 0", "must hold rows. Got 1 columns and no row"),
        ("hosues", r"the name of a table: 'houses'. Got 'hosues'. Did you mean 'houses'\?"),
        ("", "the name of a table: 'houses'. Got an empty text"),
        ("-- nothing", "must read, and so begin with SELECT or WITH. Got '--'"),
        ("SELECT '\0'", "must run. Got"),
    ],
)
def test_a_query_that_does_not_read_is_refused_in_the_databases_own_words(database, query, words, monkeypatch):
    monkeypatch.chdir(database.parent)
    before = database.read_bytes()
    with pytest.raises(InputError, match=words):
        read_table(database, query=query)
    assert [path.name for path in database.parent.iterdir()] == [database.name]
    assert database.read_bytes() == before


def test_several_tables_need_a_query(database):
    run(database, "CREATE TABLE streets (name)", "CREATE VIEW dear AS SELECT * FROM houses WHERE price > 1")
    with pytest.raises(InputError, match=r"as it has 3 tables: 'dear', 'houses', 'streets'. Got none: give the name"):
        read_table(database)
    assert read_table(database, query="dear").n_rows == 1


def test_a_damaged_file_keeps_its_name_in_messages(database, write, monkeypatch):
    write(database.read_bytes()[:4096] + b"\xff" * 4096, "houses.db")
    monkeypatch.chdir(database.parent)
    with pytest.raises(InputError, match=r"^houses\.db must be an SQLite database"):
        read_table("houses.db")


def test_a_database_without_tables_and_a_damaged_one_are_refused(database, write):
    content = database.read_bytes()
    run(database, "DROP TABLE houses")
    with pytest.raises(InputError, match=r"must hold a table. Got an empty database"):
        read_table(database)
    with pytest.raises(InputError, match=r"of 8,192 bytes, as its first page says. Got 5,000: was a copy cut short"):
        read_table(write(content[:5000], "damaged.db"))
    for damaged in (content[:100] + bytes(4000), content[:4096] + b"\xff" * 4096):
        with pytest.raises(InputError, match=r"must be an SQLite database"):
            read_table(write(damaged, "damaged.db"))
    with pytest.raises(InputError, match=r"is it a .gz"):
        read_table(write(gzip.compress(content), "houses.db"))


# By URL


def test_an_sqlite_url_is_its_file(database):
    table = read_table(f"sqlite:///{database}", query="houses")
    assert (table.n_rows, table.source) == (2, "houses.sqlite")
    with pytest.raises(InputError, match=r"must be a file, an SQLite database. Got nothing of that name"):
        read_table("sqlite:///no/such.db")


def test_sqlalchemy_reads_what_it_has_a_driver_for(database):
    pytest.importorskip("sqlalchemy")
    url = f"sqlite+pysqlite:///{database}"
    assert read_table(url, query="houses").frame.equals(read_table(database).frame)
    share = read_table(url, query="SELECT price, ':a' AS colon, '%s' AS share FROM houses WHERE city LIKE 'R%'")
    assert share.frame.rows() == [(1.5, ":a", "%s")]
    assert share.source == url
    quoted = read_table(url, query="/* ; */ SELECT 'it''s; a' AS \"b;c\" -- ; d\n ; ")
    assert quoted.frame.to_dict(as_series=False) == {"b;c": ["it's; a"]}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (None, "must be read with a query. Got none"),
        (" ", "must be read with a query. Got none"),
        ("DROP TABLE houses", "must read, and so begin with SELECT or WITH. Got 'DROP'"),
        ("/* SELECT */ DELETE FROM houses", "must read, and so begin with"),
        ("SELECT absent FROM houses", "must answer the query. Got: no such column: absent"),
        ("nowhere", "must answer the query. Got: no such table: nowhere"),
        ("WITH x AS (SELECT 1) DELETE FROM houses", "must answer the query. Got: "),
        ("SELECT 1; COMMIT; DROP TABLE houses", "must be one statement. Got more behind a semicolon"),
        ("SELECT ';' -- ;\n; DROP TABLE houses", "must be one statement. Got more behind a semicolon"),
    ],
)
def test_a_query_by_url_is_refused_in_the_databases_own_words(database, query, words):
    pytest.importorskip("sqlalchemy")
    with pytest.raises(InputError, match=words):
        read_table(f"sqlite+pysqlite:///{database}", query=query)
    assert read_table(database).n_rows == 2


SECRET = "bob:s3cr%40t"


def test_the_missing_driver_is_named_and_the_password_is_not():
    pytest.importorskip("sqlalchemy")
    with pytest.raises(MissingPackageError, match=r"postgresql\+asyncpgg?://host/houses needs") as fault:
        read_table(f"postgresql+asyncpgg://{SECRET}@host/houses", query="houses")
    assert "teaches SQLAlchemy 'postgresql+asyncpgg'" in str(fault.value)
    with pytest.raises(MissingPackageError, match="needs a package that teaches SQLAlchemy 'nonesuch'") as other:
        read_table(f"nonesuch://{SECRET}@host/houses?token=t0ken", query="houses")
    for said in (str(fault.value), str(other.value)):
        assert not any(secret in said for secret in ("bob", "s3cr", "t0ken"))


def test_passwords_in_the_words_of_a_driver_are_hidden(monkeypatch):
    sqlalchemy = pytest.importorskip("sqlalchemy")

    def fail(address, **_):
        raise RuntimeError(f"cannot reach {address.render_as_string(hide_password=False)} as bob with s3cr@t, t0ken")

    monkeypatch.setattr(sqlalchemy, "create_engine", fail)
    with pytest.raises(InputError, match=r"must answer the query. Got: cannot reach") as fault:
        read_table(f"mysql://{SECRET}@host/houses?token=t0ken", query="houses")
    assert not any(secret in str(fault.value) for secret in ("bob", "s3cr", "t0ken"))
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__


def test_the_package_of_a_driver_is_named(monkeypatch):
    sqlalchemy = pytest.importorskip("sqlalchemy")

    def fail(*_, **__):
        raise ModuleNotFoundError("No module named 'psycopg2'", name="psycopg2")

    monkeypatch.setattr(sqlalchemy, "create_engine", fail)
    named = r"postgresql://host/houses needs the package psycopg2. Got none: pip install 'psycopg2-binary'$"
    with pytest.raises(MissingPackageError, match=named):
        read_table(f"postgresql://{SECRET}@host/houses", query="houses")


def test_a_driver_that_does_not_load_is_no_missing_one(monkeypatch):
    sqlalchemy = pytest.importorskip("sqlalchemy")

    def fail(*_, **__):
        raise ImportError("no wrapper available for s3cr@t.\nAttempts made:\n- couldn't import it")

    monkeypatch.setattr(sqlalchemy, "create_engine", fail)
    said = (
        r"needs a driver that loads\. Got: no wrapper available for \*\*\*\.; Attempts made:; - couldn't import it\.$"
    )
    with pytest.raises(MissingPackageError, match=said):
        read_table(f"postgresql://{SECRET}@host/houses", query="houses")


def test_an_old_name_of_a_database_is_met_with_the_right_one():
    pytest.importorskip("sqlalchemy")
    with pytest.raises(MissingPackageError, match=r"install it with pip\. Did you mean 'postgresql'\?"):
        read_table(f"postgres://{SECRET}@host/houses", query="houses")


def test_a_driver_that_does_not_wait_is_refused(monkeypatch):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = SimpleNamespace(dialect=SimpleNamespace(is_async=True))
    monkeypatch.setattr(sqlalchemy, "create_engine", lambda *_, **__: engine)
    with pytest.raises(InputError, match=r"a driver that is not asynchronous\. Got postgresql\+asyncpg: take another"):
        read_table(f"postgresql+asyncpg://{SECRET}@host/houses", query="houses")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (RuntimeError(1146, "Table 'homes.x' doesn't exist"), "Got: Table 'homes.x' doesn't exist."),
        (
            RuntimeError(
                'column "citty" does not exist\nLINE 1: select citty\n               ^\nHINT:  Perhaps city.\n'
            ),
            'Got: column "citty" does not exist; LINE 1: select citty; HINT: Perhaps city.',
        ),
        (RuntimeError("refused\n\tIs the server running there?"), "Got: refused; Is the server running there?"),
    ],
)
def test_the_words_of_a_driver_are_one_line(fault, said, monkeypatch):
    sqlalchemy = pytest.importorskip("sqlalchemy")

    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(sqlalchemy, "create_engine", fail)
    with pytest.raises(InputError) as refused:
        read_table(f"mysql://{SECRET}@host/houses", query="houses")
    assert str(refused.value) == f"mysql://host/houses must answer the query. {said}"


def test_a_url_that_is_none_is_refused():
    pytest.importorskip("sqlalchemy")
    for url in (
        f"postgresql://{SECRET}@host:port/houses",
        "postgresql://bob:p@s3cret@host/houses",
        "postgresql://bob:p@s3cret/x@host/houses",
        "postgresql://bob:p@s3:cret@host/houses",
    ):
        with pytest.raises(InputError) as fault:
            read_table(url, query="houses")
        assert str(fault.value) == (
            "A database URL must read scheme://user:password@host/name. Got postgresql://…: "
            "an @ in the password is written %40, a / %2F."
        )


def test_values_that_drivers_give_in_their_own_way_are_plain_ones():
    rows = [
        (memoryview(b"a\xff"), b"\x01", b"\x01\x02", dt.date(2024, 1, 1)),
        (None, None, bytearray(b"b"), "0000-00-00"),
        (bytearray(b"b"), b"\x00", None, None),
    ]
    table = _table_of_rows(["bytes", "bit", "photo", "day"], rows, bits=[1])
    assert table.frame.to_dict(as_series=False) == {
        "bytes": [b"a\xff", None, b"b"],
        "bit": [1, None, 0],
        "photo": [b"\x01\x02", b"b", None],
        "day": [dt.date(2024, 1, 1), None, None],
    }
    assert table.notes == ("'day' holds dates that no calendar has, such as '0000-00-00': they count as missing.",)


@pytest.mark.parametrize("zone", [ZoneInfo("Europe/Rome"), dt.timezone(dt.timedelta(hours=-5)), dt.UTC])
def test_moments_with_a_zone_are_the_same_whoever_asks(zone):
    moments = [dt.datetime(2024, month, 1, 12, tzinfo=dt.UTC) for month in (1, 7)]
    read = _table_of_rows(["at"], [(moment.astimezone(zone),) for moment in moments]).column("at")
    assert read.dtype == pl.Datetime("us", "UTC")
    assert read.dt.hour().to_list() == [12, 12]
