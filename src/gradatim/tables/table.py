"""A table: named columns, rows in order, whatever it came from.

Conventions
-----------
* Rows are examples, as at every door of gradatim.
* A table has two halves: a *frame* (Polars, columns of any type) and a *block* (one NumPy array or CSR matrix, all
  numbers). The 12,288 pixels of a picture are one block, never 12,288 columns of a frame. Names of the block come
  first.
* Missing is null in the frame, or NaN in either half.
* A table never changes; `take`, `drop` and the `with_…` functions give new ones that share memory where they can.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import polars as pl
from scipy import sparse

from gradatim.errors import InputError, ShapeError, did_you_mean
from gradatim.formulas.arrays import as_slice
from gradatim.tables.conversion import halves_of, refuse_duplicates

MANY = 100_000
Rows = Any
"""Row indices, a boolean mask of all rows, or a slice (a slice costs no copy)."""


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Named columns, rows in order.

    Make one with `Table.from_any`, `gradatim.tables.reading.sources.read_table` or `read_sample`.

    Attributes:
        frame: columns of any type.
        block: (m, k) numbers, dense or CSR; None where there is none.
        block_names: (k,) names of the block's columns.
        rows_without_columns: the number of rows, needed once every column is dropped.
        image_shape: (height, width, channels) where the block's columns are the pixels of pictures, row-major.
        source: where the rows came from, for messages and reports.
        target_name: the column that the source itself marks as what is to be predicted.
        notes: what reading had to decide, a sentence each.
        held_out: the rows that the source itself holds back for a test.
        written: columns of numbers in which some texts count as missing, as those texts were written: whoever takes
            such a column for a category needs them.
        repeated: names that several columns had where the rows came from. The first column kept it.

    Example:
        >>> table = Table.from_any({"age": [31, 54], "city": ["Rome", None]})
        >>> table.names, table.n_rows
        (('age', 'city'), 2)
        >>> table.drop(["city"]).take([1]).column("age").to_list()
        [54]
    """

    frame: pl.DataFrame
    block: Any = None
    block_names: tuple[str, ...] = ()
    rows_without_columns: int = 0
    image_shape: tuple[int, int, int] | None = None
    source: str = ""
    target_name: str | None = None
    notes: tuple[str, ...] = ()
    held_out: Table | None = None
    written: Mapping[str, pl.Series] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.block is not None and self.block.shape[1] != len(self.block_names):
            raise ShapeError(
                f"Table: block must have one column for each of the {len(self.block_names)} names. "
                f"Got shape {self.block.shape}."
            )
        if self.block is not None and self.frame.width and self.block.shape[0] != self.frame.height:
            raise ShapeError(
                f"Table: block and frame must have equally many rows. "
                f"Got {self.block.shape[0]} and {self.frame.height}."
            )
        refuse_duplicates(self.names)

    @classmethod
    def from_any(cls, X: Any, names: Sequence[str] | None = None) -> Table:
        """A table from whatever people hold.

        Args:
            X: a `Table` (given back as it is); a NumPy array (m, n); a SciPy sparse matrix (m, n); a dataframe or
                series of pandas, Polars, Arrow or any other library that narwhals knows; a dictionary of columns; a
                list of dictionaries or of rows.
            names: (n,) names for columns that have none; x1, x2, … without.

        Raises:
            InputError: for anything else, and for arrays that are not rank 2.

        Example:
            >>> Table.from_any(np.zeros((3, 2)))
            Table(3 rows, 2 columns)
        """
        if isinstance(X, Table):
            return X
        frame, block, block_names, n_rows = halves_of(X, names)
        return cls(frame, block, block_names, n_rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all columns: the block's, then the frame's."""
        return (*self.block_names, *self.frame.columns)

    @property
    def n_rows(self) -> int:
        """m, the number of rows."""
        if self.block is not None:
            return int(self.block.shape[0])
        return self.frame.height if self.frame.width else self.rows_without_columns

    @property
    def is_sparse(self) -> bool:
        """Whether the block is a CSR matrix."""
        return self.block is not None and sparse.issparse(self.block)

    @cached_property
    def schema(self) -> Mapping[str, pl.DataType]:
        """The type of each of the frame's columns. Kept, as Polars builds it anew at every call."""
        return dict(self.frame.schema)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The index of each of the block's columns, by name."""
        return {name: place for place, name in enumerate(self.block_names)}

    def take(self, rows: Rows) -> Table:
        """These rows, in this order. Held-out rows and notes stay with the whole table."""
        index = rows if isinstance(rows, slice) else np.asarray(rows)
        count = len(range(*index.indices(self.n_rows))) if isinstance(index, slice) else _count(index)
        if not isinstance(index, slice) and index.dtype == bool:
            index = np.flatnonzero(index)
        if not isinstance(index, slice):
            index = as_slice(index) or index
        return replace(
            self,
            frame=_rows_of(self.frame, index) if self.frame.width else self.frame,
            block=None if self.block is None else self.block[index],
            rows_without_columns=count,
            notes=(),
            held_out=None,
            written={name: texts[index] for name, texts in self.written.items()},
        )

    def drop(self, names: Collection[str]) -> Table:
        """All columns but these.

        Raises:
            InputError: for a name that is not a column.
        """
        for name in names:
            self.require(name)
        dropped = set(names)
        kept = [place for place, name in enumerate(self.block_names) if name not in dropped]
        block, block_names = self.block, self.block_names
        if len(kept) < len(block_names):
            block = block[:, kept] if kept else None
            block_names = tuple(block_names[place] for place in kept)
        return replace(
            self,
            frame=self.frame.drop([name for name in self.frame.columns if name in dropped]),
            block=block,
            block_names=block_names,
            rows_without_columns=self.n_rows,
            image_shape=self.image_shape if len(kept) == len(self.block_names) else None,
            target_name=None if self.target_name in dropped else self.target_name,
            held_out=None if self.held_out is None else self.held_out.drop(dropped.intersection(self.held_out.names)),
        )

    @property
    def named(self) -> tuple[str, ...]:
        """Names of the columns that people name: all but the pixels of pictures."""
        return self.names if self.image_shape is None else tuple(self.frame.columns)

    def list_of_names(self) -> str:
        """The first of these names, for messages."""
        known = ", ".join(self.named[:12]) + (", …" if len(self.named) > 12 else "")
        return known or ("none" if self.image_shape is None else "none but pixels")

    def require(self, name: str, role: str = "column") -> None:
        """Refuse a name that is not a column of this table.

        Raises:
            InputError: with the name that was probably meant.
        """
        if name not in self.place and name not in self.schema:
            guess = did_you_mean(name, self.named[:5000])
            raise InputError(
                f"The {role} must be one of the table's columns: {self.list_of_names()}. Got {name!r}.{guess}"
            )

    def require_one(self, name: str, role: str) -> None:
        """Refuse a name that is not a column of this table, and one that several columns had.

        Raises:
            InputError: with what to do.
        """
        self.require(name, role)
        if name in self.repeated:
            raise InputError(
                f"The {role} must be one column. Got {name!r}, which names several: give each a name of its own."
            )

    def column(self, name: str) -> pl.Series:
        """One column, of its own type.

        Raises:
            InputError: if there is no such column.
        """
        self.require(name)
        if name not in self.place:
            return self.frame[name]
        values = self.block[:, [self.place[name]]]
        values = values.toarray() if sparse.issparse(values) else values
        return pl.Series(name, np.ascontiguousarray(values[:, 0]))

    def levels_column(self, name: str) -> pl.Series:
        """One column as a category reads it: with the texts that stand among its numbers.

        Raises:
            InputError: if there is no such column.
        """
        return self.written[name] if name in self.written else self.column(name)

    def matrix(self, names: Sequence[str]) -> np.ndarray:
        """These columns as numbers: (m, len(names)) float64, NaN where missing or not a number. May share memory."""
        if not names:
            return np.empty((self.n_rows, 0))
        in_block = [place for place, name in enumerate(names) if name in self.place]
        if len(in_block) == len(names):
            return self._block_columns(names)
        chosen = [name for name in names if name not in self.place]
        numbers = self.frame.select(pl.col(chosen).cast(pl.Float64, strict=False)).to_numpy()
        if not in_block:
            return numbers.reshape(self.n_rows, len(names))
        matrix = np.empty((self.n_rows, len(names)))
        matrix[:, in_block] = self._block_columns([names[place] for place in in_block])
        matrix[:, [place for place, name in enumerate(names) if name not in self.place]] = numbers
        return matrix

    def _block_columns(self, names: Sequence[str]) -> np.ndarray:
        whole = tuple(names) == self.block_names
        chosen = self.block if whole else self.block[:, [self.place[name] for name in names]]
        return np.asarray(chosen.toarray() if sparse.issparse(chosen) else chosen, dtype=np.float64)

    def to_polars(self) -> pl.DataFrame:
        """Every column in one frame, for writing; texts among numbers as they were written."""
        frame = self.frame.with_columns([texts for name, texts in self.written.items() if name in self.schema])
        if self.block is None:
            return frame
        dense = self.block.toarray() if self.is_sparse else self.block
        columns = [pl.Series(name, np.ascontiguousarray(dense[:, j])) for j, name in enumerate(self.block_names)]
        return pl.DataFrame([*columns, *frame.get_columns()])

    def __len__(self) -> int:
        return self.n_rows

    def __repr__(self) -> str:
        pictures = "" if self.image_shape is None else ", pictures {}×{}×{}".format(*self.image_shape)
        source = f" from {self.source}" if self.source else ""
        return f"Table({self.n_rows} rows, {len(self.names)} columns{pictures}{source})"


def _rows_of(frame: pl.DataFrame, index: Any) -> pl.DataFrame:
    """Rows of a frame.

    A frame may lie in hundreds of pieces, and Polars looks for each index among them. A mask needs no search: many rows
    that are asked for in order are taken by one.
    """
    if isinstance(index, slice) or len(index) < MANY or index[0] < 0 or not (np.diff(index) > 0).all():
        return cast(pl.DataFrame, frame[index])
    mask = np.zeros(frame.height, dtype=bool)
    mask[index] = True
    return frame.filter(mask)


def _count(index: np.ndarray) -> int:
    return int(np.count_nonzero(index)) if index.dtype == bool else len(index)
