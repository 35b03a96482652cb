"""Excel and OpenDocument tables.

Conventions
-----------
* The first sheet is read; ``book.xlsx#Prices`` reads another by its name. Where there are several, a note says which.
* The first row that holds something names the columns. Rows without any value are left out.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from gradatim.errors import InputError, MissingPackageError, did_you_mean
from gradatim.tables.reading.compression import refuse_a_zip_bomb
from gradatim.tables.reading.values import table_of_frame
from gradatim.tables.table import Table

SPREADSHEET_ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods")
_WITH_SHEET = re.compile(r"(.+\.(?:xlsx|xlsm|xls|ods))#(.+)", re.IGNORECASE)


def sheet_of(path: Path) -> tuple[Path, str | None]:
    """The file and the sheet that a path names: ``book.xlsx#Prices`` is the sheet Prices of book.xlsx.

    Example:
        >>> sheet_of(Path("book.xlsx#Prices"))[1], sheet_of(Path("book.xlsx"))[1]
        ('Prices', None)
    """
    found = _WITH_SHEET.fullmatch(path.name)
    return (path, None) if found is None or path.exists() else (path.with_name(found[1]), found[2])


def read_spreadsheet(path: Path, content: bytes | None = None, sheet: str | None = None) -> Table:
    """Read one sheet.

    Args:
        path: of the file; names it in messages.
        content: of the file; None reads it.
        sheet: its name; None for the first.

    Raises:
        InputError: if it is no such file, or has no sheet of that name.
        MissingPackageError: without fastexcel.
    """
    try:
        import fastexcel
    except ImportError as fault:
        raise MissingPackageError("A spreadsheet needs fastexcel. Got none: pip install 'gradatim[excel]'") from fault
    content = path.read_bytes() if content is None else content
    refuse_a_zip_bomb(path, content)
    try:
        sheets = fastexcel.read_excel(content).sheet_names
    except (Exception, pl.exceptions.PanicException) as fault:
        raise InputError(f"{path} must be a spreadsheet. Got something else, or a damaged one.") from fault
    if sheet is not None and sheet not in sheets:
        raise InputError(f"{path} has the sheets {_listed(sheets)}. Got {sheet!r}.{did_you_mean(sheet, sheets)}")
    chosen = sheets[0] if sheet is None and sheets else sheet
    notes = []
    if sheet is None and len(sheets) > 1:
        notes = [f"The sheet {chosen!r} is read, the first of {_listed(sheets)}. Another: {path.name}#{sheets[1]}"]
    try:
        frame = pl.read_excel(content, sheet_name=chosen, infer_schema_length=None, raise_if_empty=False)
    except (Exception, pl.exceptions.PanicException) as fault:
        raise InputError(f"{path} must hold a table in the sheet {chosen!r}. Got none that can be read.") from fault
    return table_of_frame(frame, notes)


def _listed(sheets: list[str]) -> str:
    return ", ".join(map(repr, sheets[:12])) + (f" and {len(sheets) - 12} more" if len(sheets) > 12 else "")
