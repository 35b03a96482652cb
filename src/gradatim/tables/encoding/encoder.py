"""A table as numbers: learned on training rows, applied to any rows.

Conventions
-----------
* Output is rows, (m, n), C-ordered float32 or float64. In order: numbers · marks of missing numbers · one-hot columns
  · pixels.
* Numbers: missing ones take the mean of the training rows, and a column of 0 and 1 marks them where training rows had
  any. Centre and scale are taken from the values that are there, before the means are filled in.
* Robust scale and smooth clip act on numbers, on marks and on one-hot columns alike; ``"standard"`` and ``"none"``
  leave one-hot columns and marks as they are.
* Pixels: one divisor for all of them, no centring: 255, or the largest training value where that is 16 or less (or
  above 255). Missing ones are 0.
* Sparse input stays sparse: one factor a column, no centring, nothing filled in.
* Nothing looks at other rows than those it is fitted on. Columns beyond the known ones are ignored.

Source: Holzmüller et al. 2024 (RealMLP, arXiv 2407.04491), section 3 and appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from gradatim.errors import InputError
from gradatim.tables.conversion import column_names
from gradatim.tables.encoding.columns import (
    LEFT_OUT,
    Column,
    Feature,
    features_of,
    kinds_of,
    refuse_texts,
)
from gradatim.tables.encoding.form import facts_of, parts_from, tensors_of
from gradatim.tables.encoding.levels import Category, fit_categories
from gradatim.tables.encoding.notes import (
    few,
    notes_of_categories,
    notes_of_dates,
    notes_of_left_out,
    notes_of_numbers,
    notes_of_pixels,
)
from gradatim.tables.encoding.numeric import (
    Numbers,
    number_matrix,
    refuse_unfinite,
    spread_of,
    with_texts_read,
)
from gradatim.tables.encoding.pixels import Pixels
from gradatim.tables.encoding.scaling import BEYOND
from gradatim.tables.encoding.settings import Encoding
from gradatim.tables.table import Rows, Table
from gradatim.tables.threads import FEWEST_ROWS, each, parts_of_rows


class Encoded(NamedTuple):
    """Rows as numbers.

    Attributes:
        X: (m, n) float32 or float64, C-ordered; or CSR.
        codes: (m, c) int32 codes of the embedded categories; None where there are none.
    """

    X: Any
    codes: np.ndarray | None


class Output(NamedTuple):
    """One encoded column.

    Attributes:
        name: "age", "age is missing", "city=Rome", "when (month)=07" …
        raw: the table's column that it is from.
    """

    name: str
    raw: str


@dataclass(frozen=True, eq=False)
class TableEncoder:
    """A table as numbers: learned on training rows by `fit`, applied to any rows by `encode`.

    Attributes:
        encoding: the settings.
        columns: kind and reason of every column that was there.
        numbers: the number columns, first in X, and the marks of missing ones.
        categories: the one-hot ones, next in X.
        embedded: those that become codes.
        pixels: of pictures, or the columns that are pixels, last in X; or None.
        is_sparse: whether input and output are CSR matrices.
        notes: what was left out or bent, a sentence each.
        strays: columns of numbers in which the fitted table had a text here and there.

    Example:
        >>> table = Table.from_any({"x": [0.0, 0.0, 0.0, 0.0, 10.0], "sex": ["f", "m", "m", None, "f"]})
        >>> encoder = TableEncoder.fit(table)
        >>> [output.name for output in encoder.outputs]
        ['x', 'sex=f/m']
        >>> encoder.encode(table).X[:, 0].round(4).tolist()
        [0.0, 0.0, 0.0, 0.0, 1.6641000509262085]
    """

    encoding: Encoding
    columns: tuple[Column, ...]
    numbers: Numbers
    categories: tuple[Category, ...] = ()
    embedded: tuple[Category, ...] = ()
    pixels: Pixels | None = None
    is_sparse: bool = False
    notes: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        table: Any,
        rows: Rows = slice(None),
        encoding: Encoding | None = None,
    ) -> TableEncoder:
        """Learn kinds, levels, centres and scales.

        Args:
            table: a `Table`, or anything that `Table.from_any` takes; without the target.
            rows: the training rows. Nothing else is looked at.
            encoding: settings; the default without.

        Raises:
            InputError: if there are no rows, or the settings' kinds ask for what cannot be.
        """
        training, encoding = Table.from_any(table).take(rows), Encoding.of(encoding or "auto")
        clip = encoding.clip_in_use
        if not training.n_rows:
            raise InputError("The table must have training rows. Got none.")
        columns = kinds_of(training, encoding.kinds, keep_constants=encoding.numbers == "none")
        notes = [*notes_of_left_out(columns), *notes_of_dates(columns)]
        numbers, categories = _features(columns, training)
        pixels = Pixels.fit(training, columns)
        notes += [] if pixels is None else notes_of_pixels(pixels, training)
        if training.is_sparse:
            block = _columns_of(training.block, [training.place[feature.raw] for feature in numbers])
            fitted = Numbers.fit_sparse(block, numbers, encoding.numbers)
        else:
            spread = spread_of(training, numbers)
            lacking = [feature.raw in training.written for feature in numbers]
            fitted = Numbers.fit(spread, training.n_rows, numbers, encoding.numbers, clip, lacking)
            notes += notes_of_numbers(fitted, spread)
        found = fit_categories(
            training,
            categories,
            most=encoding.max_levels,
            embed_above=encoding.embed_above_in_use,
            scale=encoding.numbers == "robust",
            clip=clip,
        )
        return cls(
            encoding,
            columns,
            fitted,
            found.one_hot,
            found.embedded,
            pixels,
            training.is_sparse,
            (*notes, *notes_of_categories(found)),
            tuple(f.raw for f in _read_as_numbers(numbers, pixels) if f.raw in training.written),
        )

    @property
    def levels(self) -> tuple[int, ...]:
        """Rows of each embedded category's table: its levels and the missing one."""
        return tuple(len(category.levels) + 1 for category in self.embedded)

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """Name and origin of each column of X."""
        features = self.numbers.features
        outputs = [Output(feature.name, feature.raw) for feature in features]
        outputs += [Output(f"{features[j].name} is missing", features[j].raw) for j in self.numbers.marked]
        outputs += [
            Output(name, category.feature.raw) for category in self.categories for name in category.output_names
        ]
        outputs += [] if self.pixels is None else [Output(name, name) for name in self.pixels.names]
        return tuple(outputs)

    @property
    def n_outputs(self) -> int:
        """Columns of X: the network's inputs."""
        one_hot = sum(category.columns for category in self.categories)
        return self.numbers.columns + one_hot + (0 if self.pixels is None else self.pixels.columns)

    @property
    def reads_columns(self) -> bool:
        """Whether anything of a table is read: False for the encoder of a constant model."""
        return bool(self.n_outputs or self.embedded)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The table's columns that are read (pictures aside), each once."""
        categories = (category.feature for category in (*self.categories, *self.embedded))
        return tuple(dict.fromkeys(feature.raw for feature in (*self._numeric, *categories)))

    @property
    def _numeric(self) -> tuple[Feature, ...]:
        return _read_as_numbers(self.numbers.features, self.pixels)

    def encode(self, table: Any, rows: Rows | None = None) -> Encoded:
        """Rows as numbers.

        An encoder that reads no columns takes any table, and counts its rows.

        Args:
            table: a `Table`, or anything that `Table.from_any` takes. Further columns are ignored.
            rows: which of them, in this order; all without.

        Returns:
            `Encoded` (X (m, n), codes (m, c) or None). X never holds NaN or infinity.

        Raises:
            InputError: as `checked` does.
            ShapeError: the same.
        """
        table = Table.from_any(table)
        return self.encode_checked(self.checked(table), rows)

    def checked(self, table: Any) -> Table:
        """A table as this encoder reads it: checked as a whole, and with numbers and dates in place of their texts.

        Whoever encodes a table piece by piece begins here: a piece knows neither the numbers of its rows nor the scale
        of all pictures.

        Args:
            table: a `Table`, or anything that `Table.from_any` takes. Further columns are left as they are.

        Raises:
            InputError: if a column is missing, or holds text where numbers were, with the first row numbers. A
                stray one that reading took for a missing number passes where the fitted table had such texts, too.
                The same for pictures on another scale than those of the training rows.
            ShapeError: if pictures have another size.
        """
        table = Table.from_any(table)
        self._require_columns(table)
        for feature in self._numeric:
            if feature.raw in table.written and feature.raw not in self.strays:
                refuse_texts(table.written[feature.raw], table.column(feature.raw), feature.raw)
        read = with_texts_read(table, self._numeric)
        if self.pixels is not None:
            self.pixels.require(read)
        return read

    def encode_checked(self, table: Table, rows: Rows | None = None) -> Encoded:
        """Rows of a table that `checked` gave, or of a piece of it, as numbers."""
        if self.is_sparse:
            return Encoded(self._sparse(table if rows is None else table.take(rows)), None)
        index = None if rows is None else np.arange(table.n_rows)[rows]
        m = table.n_rows if index is None else len(index)
        X = np.empty((m, self.n_outputs), dtype=self.encoding.dtype)
        codes = np.empty((m, len(self.embedded)), dtype=np.int32)

        def fill(piece: slice) -> None:  # rows are gathered piece by piece: no second copy of the table
            part = table.take(piece if index is None else index[piece])
            self._fill(X[piece], part)
            for j, category in enumerate(self.embedded):
                codes[piece, j] = category.codes(part)

        each(fill, parts_of_rows(m, self.n_outputs))
        return Encoded(X, codes if self.embedded else None)

    def encode_few(self, X: Any) -> Encoded | None:
        """A few rows of an array, where numbers are all that this encoder reads: the bytes of `encode`, at once.

        A `Table` of one row takes longer than a network does. None for whatever needs one, or is to be refused.
        """
        if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.kind not in "buif" or X.dtype.itemsize > 8:
            return None
        places = self._places
        if places is None or not 0 < len(X) <= FEWEST_ROWS or X.shape[1] < len(self.columns):
            return None
        encoded = np.empty((len(X), self.numbers.columns), dtype=self.encoding.dtype)
        whole = len(places) == X.shape[1]
        self.numbers.encode(np.asarray(X if whole else X[:, places], dtype=np.float64), out=encoded)
        return Encoded(encoded, None)

    @cached_property
    def _places(self) -> list[int] | None:
        """Where in an array, whose columns have no names of their own, the numbers stand; None if there is more."""
        nameless = column_names(len(self.columns))
        reads_more = self.is_sparse or self.pixels is not None or self.categories or self.embedded
        if reads_more or not self.numbers.features or nameless != tuple(column.name for column in self.columns):
            return None
        place = {name: place for place, name in enumerate(nameless)}
        return [place[feature.raw] for feature in self.numbers.features if not feature.part]

    def _require_columns(self, table: Table) -> None:
        known = set(table.names)
        absent = [name for name in self.inputs if name not in known]
        if absent:
            raise InputError(
                f"The table must have the columns that the network was trained on. Got {few(list(table.names), 12)}. "
                f"Missing: {few(absent)}."
            )
        former = {column.name for column in self.columns}
        unclear = [name for name in table.repeated if name in self.inputs and f"{name}_duplicated_0" not in former]
        if unclear:
            raise InputError(f"The table must have one column of each name. Got several of {few(unclear)}.")

    def _fill(self, X: np.ndarray, table: Table) -> None:
        """Encode all of a piece of the table's rows but what is embedded."""
        start = self.numbers.columns
        if start:
            self.numbers.encode(number_matrix(table, self.numbers.features), out=X[:, :start])
        for category in self.categories:
            category.encode(table, out=X[:, start : start + category.columns])
            start += category.columns
        if self.pixels is not None:
            self.pixels.encode(table, out=X[:, start:])

    def _sparse(self, table: Table) -> Any:
        if table.is_sparse:
            block = _columns_of(table.block, [table.place[name] for name in self.inputs])
        else:
            block = sparse.csr_array(table.matrix(self.inputs))
        refuse_unfinite(block)
        data = np.clip(block.data * self.numbers.scale[block.indices], -BEYOND, BEYOND).astype(self.encoding.dtype)
        return sparse.csr_array((data, block.indices, block.indptr), shape=block.shape)

    def to_json(self) -> dict[str, Any]:
        """All but the numbers: settings, names, kinds, levels and notes, as JSON has them."""
        return facts_of(self)

    def tensors(self) -> dict[str, np.ndarray]:
        """The numbers: named rank-1 float64 arrays, C-contiguous."""
        return tensors_of(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> TableEncoder:
        """The encoder that `to_json` and `tensors` described; it encodes to the same bytes."""
        return cls(Encoding(**facts["encoding"]), **parts_from(facts, tensors))


def _columns_of(block: sparse.csr_array, places: list[int]) -> sparse.csr_array:
    """These columns of a sparse block; the block itself, uncopied, where they are all of them in order."""
    return block if places == list(range(block.shape[1])) else block[:, places]


def _read_as_numbers(numbers: Sequence[Feature], pixels: Pixels | None) -> tuple[Feature, ...]:
    """What the numbers and the columns of pixels read."""
    return (*numbers, *(() if pixels is None else pixels.features))


def _features(columns: Sequence[Column], training: Table) -> tuple[list[Feature], list[Feature]]:
    numbers: list[Feature] = []
    categories: list[Feature] = []
    for column in columns:
        if column.kind == "number":  # thousands of them: no look at the column itself
            numbers.append(Feature(column.name))
        elif column.kind not in (*LEFT_OUT, "pixel"):
            more_numbers, more_categories = features_of(column, training.column(column.name))
            numbers += more_numbers
            categories += more_categories
    return numbers, categories
