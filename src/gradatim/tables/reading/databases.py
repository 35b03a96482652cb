"""Tables from databases: SQLite files, and whatever SQLAlchemy reaches by a URL.

Conventions
-----------
* A query is SQL, or the bare name of a table. An SQLite file with one table needs none.
* Databases are only read: a query must be one statement that begins as one that reads, the database is told to allow no
  more where it knows how, and no transaction is ever committed.
* SQLite gives each value its own type: columns are read as those of a text table where types are mixed.
* Moments with a time zone are in UTC: databases give them in the zone of the one who asks, and its hours would make the
  same rows others.
* MySQL's bits are whole numbers; dates that no calendar has, such as its 0000-00-00, are missing.
* Users and passwords stay out of messages and of the table's `source`.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from polars import selectors

from gradatim.errors import InputError, MissingPackageError, did_you_mean
from gradatim.tables.conversion import whole_text
from gradatim.tables.reading.values import distinct_names, table_of_values
from gradatim.tables.table import Table

DATABASE_ENDINGS = (".sqlite", ".sqlite3", ".db")
WEB = ("http", "https", "ftp", "s3", "gs", "file", "hdfs", "az")

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+_.-]+)://.*", re.DOTALL)
_SQLITE_FILE = "sqlite:///"
_NAME = re.compile(r"\w+(\.\w+)*")
_READING = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*\(*\s*(select|with|values|table|from|show)\b", re.I | re.DOTALL
)
_QUOTED = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|(?<!\w)(\$(?:[^\W\d]\w*)?\$).*?\1|--[^\n]*|/\*.*?\*/""", re.DOTALL
)  # texts, names and comments
_SECRET_OPTION = re.compile(r"(?<=[?&])([^=&]*(?:pass|pwd|token|secret|key|odbc)[^=&]*)=[^&]*", re.I)
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}
_MYSQL = ("mysql", "mariadb")
_MYSQL_BITS = 16  # the code of the type BIT in what MySQL's drivers say of a column
_PIP = {"MySQLdb": "mysqlclient", "psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary"}
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def is_url(source: str) -> bool:
    """Whether this is no path but ``scheme://…``.

    Example:
        >>> is_url("postgresql://localhost/houses"), is_url("houses.db")
        (True, False)
    """
    return _URL.fullmatch(source) is not None


def without_password(source: str) -> str:
    """A URL with *** for its password and for options that may hold one; anything else as it is.

    Example:
        >>> without_password("postgresql://bob:s3cret@localhost/houses?sslmode=require&password=s3cret")
        'postgresql://bob:***@localhost/houses?sslmode=require&password=***'
        >>> without_password("houses.db")
        'houses.db'
    """
    if not is_url(source):
        return source
    return _SECRET_OPTION.sub(r"\1=***", re.sub(r"://([^:/@]*):.*@", r"://\1:***@", source, flags=re.DOTALL))


def read_sqlite(path: Path, query: str | None = None) -> Table:
    """Read from an SQLite file, which stays as it is.

    Args:
        path: of the file.
        query: SQL, or the name of a table or view; None where the file has only one.

    Raises:
        InputError: if it is no such file, if the query is refused, or is needed and not there.
    """
    _refuse_what_breaks_off(path)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{_mode(path)}", uri=True)) as database:
            database.text_factory = lambda text: text.decode("utf-8", "replace")
            tables = _tables(path, database)
            sql = _sql(path, query, tables)
            database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
            cursor = database.execute(sql)
            return _table_of_rows([column[0] for column in cursor.description], cursor)
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as fault:
        if isinstance(fault, InputError):
            raise
        said = str(fault).rstrip(".")
        only = " Queries may only read." if "not authorized" in said or "one statement" in said else ""
        about = f"The query of {path} must run" if query is not None else f"{path} must be an SQLite database"
        raise InputError(f"{about}. Got: {said}.{only}") from fault


def _refuse_what_breaks_off(path: Path) -> None:
    """SQLite itself reads the rows before the break, and calls that all."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or head[24:28] != head[92:96]:  # the number of pages is only right where these two agree
        return
    page = int.from_bytes(head[16:18], "big")
    whole = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    if path.stat().st_size < whole:
        raise InputError(
            f"{path} must be an SQLite database of {whole:,} bytes, as its first page says. "
            f"Got {path.stat().st_size:,}: was a copy cut short?"
        )


def _mode(path: Path) -> str:
    """Read only. A database that was left with its log (WAL) closed would otherwise get a new, empty log beside it."""
    with path.open("rb") as file:
        logs = file.read(20)[18:20] == b"\2\2"
    return "immutable=1" if logs and not path.with_name(path.name + "-wal").exists() else "mode=ro"


def _tables(path: Path, database: sqlite3.Connection) -> list[str]:
    try:
        rows = database.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        ).fetchall()
    except sqlite3.DatabaseError as fault:
        if "unable to open" in str(fault) or "locked" in str(fault):
            raise
        raise InputError(f"{path} must be an SQLite database. Got something else, or a damaged one.") from fault
    return sorted(str(name) for (name,) in rows)


def _sql(path: Path, query: str | None, tables: Sequence[str]) -> str:
    if query is None:
        if len(tables) == 1:
            return _select_all(tables[0])
        if not tables:
            raise InputError(f"{path} must hold a table. Got an empty database.")
        raise InputError(
            f"{path} must be read with a query, as it has {len(tables)} tables: {_listed(tables)}. Got none: "
            f"give the name of one, or SQL."
        )
    name = query.strip()
    if not name:
        raise InputError(f"query must be SQL, or the name of a table: {_listed(tables)}. Got an empty text.")
    by_name = {table.lower(): table for table in tables}
    if name.lower() in by_name:
        return _select_all(by_name[name.lower()])
    if _NAME.fullmatch(name):
        raise InputError(
            f"query must be SQL, or the name of a table: {_listed(tables)}. Got {name!r}.{did_you_mean(name, tables)}"
        )
    _refuse_what_does_not_read(name)
    return query


def _refuse_what_does_not_read(query: str) -> None:
    if _READING.match(query) is None:
        raise InputError(f"query must read, and so begin with SELECT or WITH. Got {query.split()[0]!r}.")


def _select_all(table: str) -> str:
    return 'SELECT * FROM "{}"'.format(table.replace('"', '""'))


def _listed(tables: Sequence[str]) -> str:
    more = f" and {len(tables) - 12} more" if len(tables) > 12 else ""
    return (", ".join(map(repr, tables[:12])) or "there is none") + more


def _table_of_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], bits: Container[int] = ()) -> Table:
    distinct, notes = distinct_names([whole_text(str(name)) for name in names])
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [() for _ in distinct]
    for j, name in enumerate(distinct):
        columns[j], lost = _plain_values(columns[j], bits=j in bits)
        if lost is not None:
            notes.append(f"{name!r} holds dates that no calendar has, such as {lost!r}: they count as missing.")
    table = table_of_values(dict(zip(distinct, columns, strict=True)), notes)
    frame = table.frame.with_columns(selectors.datetime(time_zone="*").dt.convert_time_zone("UTC"))
    return replace(table, frame=frame, repeated=tuple(name for name, count in Counter(names).items() if count > 1))


def _plain_values(values: Sequence[Any], *, bits: bool) -> tuple[Sequence[Any], str | None]:
    """Values as Python has them, in place of what some drivers give; and a text that stood for a date, if any did."""
    types = set(map(type, values))
    if bits and bytes in types:
        return [int.from_bytes(value, "big") if isinstance(value, bytes) else value for value in values], None
    if types & {memoryview, bytearray}:  # psycopg2's bytes
        return [bytes(value) if isinstance(value, memoryview | bytearray) else value for value in values], None
    if str in types and types & {date, datetime}:  # PyMySQL's, where no date can be made of it
        lost = next(value for value in values if isinstance(value, str))
        return [None if isinstance(value, str) else value for value in values], lost
    return values, None


def read_url(url: str, query: str | None = None) -> Table:
    """Read from a database by its URL, such as ``postgresql://user:password@host/houses``.

    Args:
        url: as SQLAlchemy has it. ``sqlite:///houses.db`` is the file houses.db and needs no extra package.
        query: SQL, or the name of a table. Only SQLite can do without.

    Returns:
        The table; its `source` is the URL without user, password and options.

    Raises:
        InputError: if the URL or the query is refused, with the database's own words.
        MissingPackageError: without SQLAlchemy, or without the package that speaks with this database.
    """
    scheme = url.partition("://")[0]
    if scheme.lower() in WEB:
        raise InputError(f"source must be a file, or the URL of a database. Got {scheme}://…: download it first.")
    if url.lower().startswith(_SQLITE_FILE) and len(url) > len(_SQLITE_FILE) and "?" not in url:
        path = Path(url[len(_SQLITE_FILE) :])
        if not path.is_file():
            raise InputError(f"{path} must be a file, an SQLite database. Got nothing of that name.")
        return replace(read_sqlite(path, query), source=path.name)
    try:
        import sqlalchemy
    except ImportError as fault:
        raise MissingPackageError(
            "A database by its URL needs SQLAlchemy. Got none: pip install 'gradatim[database]'"
        ) from fault
    try:
        address = sqlalchemy.make_url(url)
        # An @ within the password ends it too early: the rest would pass for a host, and be shown.
        if address.username is not None and "@" in f"{address.host}{address.database}":
            raise ValueError
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise InputError(
            f"A database URL must read scheme://user:password@host/name. Got {scheme}://…: an @ in the password is "
            f"written %40, a / %2F."
        ) from None
    place = sqlalchemy.URL.create(
        address.drivername, host=address.host, port=address.port, database=address.database
    ).render_as_string()
    if query is None or not query.strip():
        raise InputError(f"{place} must be read with a query. Got none: give the name of a table, or SQL.")
    return replace(_read_with_sqlalchemy(address, place, query.strip()), source=place)


def _read_with_sqlalchemy(address: Any, place: str, query: str) -> Table:
    """Faults of drivers are shown without their causes: a cause may hold the password."""
    import sqlalchemy

    backend = address.get_backend_name()
    is_name = _NAME.fullmatch(query) is not None
    if not is_name:
        _refuse_what_does_not_read(query)
        _refuse_statements(query, escapes=backend in _MYSQL)
    options: dict[str, Any] = {"no_parameters": True}  # a % in the query is meant as it stands
    if backend == "postgresql":
        options["postgresql_readonly"] = True
    try:
        engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.pool.NullPool)
        if engine.dialect.is_async:
            raise InputError(
                f"{place} must name a driver that is not asynchronous. Got {address.drivername}: take another."
            )
        quoted = ".".join(map(engine.dialect.identifier_preparer.quote, query.split(".")))
        with engine.connect().execution_options(**options) as database:
            if backend in _READ_ONLY:
                database.exec_driver_sql(_READ_ONLY[backend])
                database.rollback()  # what comes next is a transaction of its own
            result = database.exec_driver_sql(f"SELECT * FROM {quoted}" if is_name else query)
            names = list(result.keys())
            bits = [j for j, column in enumerate(result.cursor.description) if column[1] == _MYSQL_BITS]
            return _table_of_rows(names, result, bits if backend in _MYSQL else ())
    except InputError:
        raise
    except (sqlalchemy.exc.NoSuchModuleError, ImportError) as fault:
        raise _missing(fault, address, place) from None
    except Exception as fault:  # each driver has its own
        raise InputError(f"{place} must answer the query. Got: {_words(fault, address)}") from None


def _refuse_statements(query: str, *, escapes: bool) -> None:
    """Several at once end the transaction that may only read, and drivers differ in whose rows they give."""
    bare = _QUOTED.sub(" ", re.sub(r"\\.", "", query, flags=re.DOTALL) if escapes else query)
    if bare.partition(";")[2].strip("; \t\r\n"):
        raise InputError("query must be one statement. Got more behind a semicolon.")


def _missing(fault: Exception, address: Any, place: str) -> MissingPackageError:
    from sqlalchemy import dialects

    if not isinstance(fault, ImportError):
        meant = did_you_mean(address.get_backend_name(), dialects.__all__)
        needs = f"a package that teaches SQLAlchemy {address.drivername!r}. Got none: install it with pip.{meant}"
    elif fault.name:
        module = fault.name.partition(".")[0]
        needs = f"the package {module}. Got none: pip install '{_PIP.get(module, module)}'"
    else:
        needs = f"a driver that loads. Got: {_words(fault, address)}"
    return MissingPackageError(f"{place} needs {needs}")


def _words(fault: Exception, address: Any) -> str:
    """What a driver says, in one line: MySQL's put a number in front, PostgreSQL's underline the place."""
    own = getattr(fault, "orig", None) or fault
    numbered = len(own.args) == 2 and isinstance(own.args[0], int)
    lines = [" ".join(line.split()) for line in str(own.args[1] if numbered else own).splitlines()]
    said = _without_secrets("; ".join(line for line in lines if line.strip("^")), address).rstrip(".")
    return said if said.endswith("?") else f"{said}."


def _without_secrets(text: str, address: Any) -> str:
    options = [
        value for values in address.query.values() for value in ([values] if isinstance(values, str) else values)
    ]
    for secret in filter(None, (address.username, *options)):
        text = re.sub(rf"(?<!\w){re.escape(str(secret))}(?!\w)", "***", text)
    password = str(address.password or "")
    for form in filter(None, (password, quote(password, safe=""))):
        text = text.replace(form, "***")
    return text
