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
  above 255).
* Sparse input stays sparse: one factor a column, no centring, nothing filled in.
* Nothing looks at other rows than those it is fitted on. Columns beyond the known ones are ignored.

Source: Holzmüller et al. 2024 (RealMLP, arXiv 2407.04491), section 3 and appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from gradatim.errors import InputError
from gradatim.tables.columns import LEFT_OUT, Column, Feature, features_of, kinds_of, numbers_of, texts_of
from gradatim.tables.images import Pixels
from gradatim.tables.levels import Category, embedded_category, fit_categories, one_hot_columns
from gradatim.tables.numeric import Numbers, number_matrix, reads_directly, refuse_unfinite
from gradatim.tables.scaling import BEYOND, without_beyond
from gradatim.tables.table import Rows, Table

CELLS_AT_ONCE = 4_000_000
SPELT_OUT = 3
NUMBER_TENSORS = ("center", "scale", "mean", "mark_center", "mark_scale")


@dataclass(frozen=True)
class Encoding:
    """How tables become numbers.

    Attributes:
        numbers: "robust" (median and interquartile range), "standard" (mean and standard deviation), or "none".
        clip: numbers are smoothly kept within ±clip after scaling; None leaves them. Without effect on "none".
        max_levels: one-hot columns of a category, at most; rarer levels count as unknown.
        embed_above: categories of more levels become codes for learned embeddings; None never.
        dtype: "float32" or "float64".

    Raises:
        InputError: for a value that none of these can be.
    """

    numbers: str = "robust"
    clip: float | None = 3.0
    max_levels: int = 100
    embed_above: int | None = None
    dtype: str = "float32"

    def __post_init__(self) -> None:
        if self.numbers not in ("robust", "standard", "none"):
            raise InputError(f'Encoding: numbers must be "robust", "standard" or "none". Got {self.numbers!r}.')
        if self.clip is not None and not 0 < self.clip < np.inf:
            raise InputError(f"Encoding: clip must be a number above 0, or None. Got {self.clip!r}.")
        if self.max_levels < 1 or (self.embed_above is not None and self.embed_above < 0):
            raise InputError(
                f"Encoding: max_levels must be 1 or more, embed_above 0 or more. "
                f"Got {self.max_levels} and {self.embed_above}."
            )
        if self.dtype not in ("float32", "float64"):
            raise InputError(f'Encoding: dtype must be "float32" or "float64". Got {self.dtype!r}.')

    @classmethod
    def of(cls, encoding: str | Encoding | None, dtype: str = "float32", *, linear: bool = False) -> Encoding:
        """The settings by name: "auto" is the default, None takes numbers as they are, an `Encoding` is itself.

        Args:
            encoding: a name, None or an object.
            dtype: of the encoded numbers.
            linear: whether a model without hidden layers reads them. "auto" then leaves out the clip, which bends
                columns: a line through bent columns is no line, and a network would win on data that are linear.

        Raises:
            InputError: for anything else.
        """
        if isinstance(encoding, Encoding):
            return encoding
        if encoding is None:
            return cls(numbers="none", clip=None, dtype=dtype)
        if encoding == "auto":
            return cls(clip=None, dtype=dtype) if linear else cls(dtype=dtype)
        raise InputError(f'encoding must be "auto", an Encoding, or None. Got {encoding!r}.')


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
        pixels: the pixels of pictures, last in X; or None.
        is_sparse: whether input and output are CSR matrices.
        notes: what was left out or bent, a sentence each.

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

    @classmethod
    def fit(
        cls,
        table: Any,
        rows: Rows = slice(None),
        encoding: Encoding | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> TableEncoder:
        """Learn kinds, levels, centres and scales.

        Args:
            table: a `Table`, or anything that `Table.from_any` takes; without the target.
            rows: the training rows. Nothing else is looked at.
            encoding: settings; the default without.
            kinds: overrules the kind of columns, by name.

        Raises:
            InputError: if there are no rows, or `kinds` asks for what cannot be.
        """
        training, encoding = Table.from_any(table).take(rows), encoding or Encoding()
        if not training.n_rows:
            raise InputError("The table must have training rows. Got none.")
        columns = kinds_of(training, kinds, keep_constants=encoding.numbers == "none")
        notes = _notes_of_left_out(columns)
        numbers, categories = _features(columns, training)
        if training.is_sparse:
            block = _columns_of(training.block, [training.place[feature.raw] for feature in numbers])
            fitted = Numbers.fit_sparse(block, numbers, encoding.numbers)
        else:
            raw = number_matrix(training, numbers)
            fitted = Numbers.fit(raw, numbers, encoding.numbers, encoding.clip)
            notes += _notes_of_numbers(fitted, raw)
        one_hot, embedded, more = fit_categories(
            training,
            categories,
            most=encoding.max_levels,
            embed_above=encoding.embed_above,
            scale=encoding.numbers == "robust",
            clip=encoding.clip,
        )
        return cls(
            encoding,
            columns,
            fitted,
            one_hot,
            embedded,
            None if training.image_shape is None else Pixels.fit(training.block, training.image_shape),
            training.is_sparse,
            (*notes, *more),
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
        """The table's columns that are read (pixels aside), each once."""
        features = (*self.numbers.features, *(category.feature for category in (*self.categories, *self.embedded)))
        return tuple(dict.fromkeys(feature.raw for feature in features))

    def encode(self, table: Any, rows: Rows | None = None) -> Encoded:
        """Rows as numbers.

        An encoder that reads no columns takes any table, and counts its rows.

        Args:
            table: a `Table`, or anything that `Table.from_any` takes. Further columns are ignored.
            rows: which of them, gathered first; all without.

        Returns:
            `Encoded` (X (m, n), codes (m, c) or None). X never holds NaN or infinity.

        Raises:
            InputError: if a column is missing, or holds text where numbers were, with the first row numbers.
                The same for pictures on another scale than those of the training rows.
            ShapeError: if pictures have another size.
        """
        table = Table.from_any(table)
        table = table if rows is None else table.take(rows)
        self._require_inputs(table)
        codes = np.stack([_codes(category, table) for category in self.embedded], axis=1) if self.embedded else None
        if self.is_sparse:
            return Encoded(self._sparse(table), codes)
        X = np.empty((table.n_rows, self.n_outputs), dtype=self.encoding.dtype)
        chunk = max(1, CELLS_AT_ONCE // max(self.n_outputs, 1))
        for start in range(0, table.n_rows, chunk):
            self._fill(X[start : start + chunk], table.take(slice(start, start + chunk)))
        return Encoded(X, codes)

    def _require_inputs(self, table: Table) -> None:
        known = set(table.names)
        absent = [name for name in self.inputs if name not in known]
        if absent:
            raise InputError(
                f"The table must have the columns that the network was trained on. Got {_few(list(table.names), 12)}. "
                f"Missing: {_few(absent)}."
            )
        if self.pixels is not None:
            self.pixels.require(table.block, table.image_shape)
        for feature in self.numbers.features:
            if feature.raw in table.schema and not reads_directly(table, feature):
                numbers_of(
                    table.column(feature.raw), *feature
                )  # here, where rows count from the first one of the table

    def _fill(self, X: np.ndarray, table: Table) -> None:
        """Encode a chunk of rows into X."""
        end = self.numbers.columns
        if end:
            X[:, :end] = self.numbers.encode(number_matrix(table, self.numbers.features))
        for category in self.categories:
            start, end = end, end + category.columns
            X[:, start:end] = category.rows.astype(X.dtype)[_codes(category, table)]
        if self.pixels is not None:
            self.pixels.encode(table.block, out=X[:, end:])

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
        return {
            "encoding": asdict(self.encoding),
            "columns": [[column.name, column.kind, column.reason] for column in self.columns],
            "numbers": [list(feature) for feature in self.numbers.features],
            "marked": list(self.numbers.marked),
            "clips": [self.numbers.clip, self.numbers.mark_clip],
            "categories": [{"feature": list(c.feature), "levels": list(c.levels)} for c in self.categories],
            "embedded": [{"feature": list(c.feature), "levels": list(c.levels)} for c in self.embedded],
            "image_shape": None if self.pixels is None else list(self.pixels.image_shape),
            "is_sparse": self.is_sparse,
            "notes": list(self.notes),
        }

    def tensors(self) -> dict[str, np.ndarray]:
        """The numbers: named rank-1 float64 arrays, C-contiguous."""
        tensors = {name: getattr(self.numbers, name) for name in NUMBER_TENSORS}
        tensors["level_center"] = np.concatenate([np.empty(0), *(category.center for category in self.categories)])
        tensors["level_scale"] = np.concatenate([np.empty(0), *(category.scale for category in self.categories)])
        tensors["pixel_range"] = np.array([] if self.pixels is None else [self.pixels.low, self.pixels.high])
        return {name: np.ascontiguousarray(tensor, dtype=np.float64) for name, tensor in tensors.items()}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> TableEncoder:
        """The encoder that `to_json` and `tensors` described; it encodes to the same bytes."""
        clip, mark_clip = facts["clips"]
        numbers = Numbers(
            features=tuple(Feature(*feature) for feature in facts["numbers"]),
            marked=tuple(facts["marked"]),
            clip=clip,
            mark_clip=mark_clip,
            **{name: tensors[name] for name in NUMBER_TENSORS},
        )
        shape = facts["image_shape"]
        categories, start = [], 0
        for category in facts["categories"]:
            levels = tuple(category["levels"])
            here = slice(start, start + one_hot_columns(len(levels)))
            start = here.stop
            center, scale = tensors["level_center"][here], tensors["level_scale"][here]
            categories.append(Category(Feature(*category["feature"]), levels, center, scale, mark_clip))
        return cls(
            Encoding(**facts["encoding"]),
            tuple(Column(*column) for column in facts["columns"]),
            numbers,
            tuple(categories),
            tuple(embedded_category(Feature(*c["feature"]), tuple(c["levels"])) for c in facts["embedded"]),
            None if shape is None else Pixels(tuple(shape), *tensors["pixel_range"].tolist()),
            facts["is_sparse"],
            tuple(facts["notes"]),
        )


def _codes(category: Category, table: Table) -> np.ndarray:
    return category.codes(texts_of(table.levels_column(category.feature.raw), *category.feature))


def _columns_of(block: sparse.csr_array, places: list[int]) -> sparse.csr_array:
    """These columns of a sparse block; the block itself, uncopied, where they are all of them in order."""
    return block if places == list(range(block.shape[1])) else block[:, places]


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


def _notes_of_left_out(columns: Sequence[Column]) -> list[str]:
    notes = []
    for kind in LEFT_OUT:
        found = [column for column in columns if column.kind == kind]
        if len(found) == 1:
            notes.append(f"Left out {found[0].name!r}. {found[0].reason}")
        elif found:
            said = ", ".join(f"{column.name!r} ({_clause(column.reason)})" for column in found[:SPELT_OUT])
            more = f" and {len(found) - SPELT_OUT} more" if len(found) > SPELT_OUT else ""
            notes.append(f"Left out {said}{more}.")
    return notes


def _clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _notes_of_numbers(numbers: Numbers, raw: np.ndarray) -> list[str]:
    notes = []
    beyond = without_beyond(raw)[1]
    if beyond:
        notes.append(f"{beyond} numbers in the training rows are infinite or beyond 1e30: they count as missing.")
    if numbers.marked:
        names = [numbers.features[j].name for j in numbers.marked]
        notes.append(f"Missing numbers take the mean of the training rows, and a column marks them: {_few(names)}.")
    return notes


def _few(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more
