"""The columns: of a size that training cannot bear, twice the same, or giving the target away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from gradatim.formulas.arrays import Array
from gradatim.glass.doctor.diagnosis import Diagnosis
from gradatim.glass.doctor.patient import Origin, Patient, finite, named_inputs, places
from gradatim.ladder.leaks import leaking
from gradatim.tables.encoding.columns import LEFT_OUT
from gradatim.tables.targets import columns_of

LARGE, SMALL = 10.0, 0.01
"""Root mean square of an input. Inputs should have mean 0 and the same variance, about 1 (LeCun, Bottou, Orr & Müller
1998, Efficient BackProp, section 4.3): one that is ten times as large wants a hundredth of the others' rate. Long tails
make some encoded columns of healthy networks reach 3."""

DIGITS = 6
"""To so many, columns of mean 0 and deviation 1 are the same."""

FEWEST_OTHER = 5
"""Rows in which a column does not have its most frequent value: rarer ones are the same by chance."""

ROWS_TO_COMPARE = 5000

MOST_NAMED = 5


def unscaled_inputs(patient: Patient) -> Iterator[Diagnosis]:
    """Inputs far from size 1. L-BFGS scales for itself, and is left out."""
    assert patient.data is not None
    X = patient.data.X
    if patient.is_solved:
        return
    size = np.sqrt(np.mean(X**2, axis=0))
    large = np.flatnonzero(size > LARGE)
    if not len(large) and size.max() >= SMALL:
        return
    order = large[np.argsort(-size[large], kind="stable")] if len(large) else np.argsort(-size, kind="stable")
    k = int(order[0])
    what = f"{len(large):,} of {len(size):,} inputs are" if len(large) else f"All {len(size):,} inputs are"
    way = f"larger than {LARGE:.0f}" if len(large) else f"smaller than {SMALL}"
    yield Diagnosis(
        "unscaled inputs",
        "serious" if size[k] > LARGE**2 else "worth a look",
        f"{what} {way} (root mean square), where 1 is meant: {named_inputs(patient, order.tolist())}; the largest has "
        f"mean {X[:, k].mean():.3g} and deviation {X[:, k].std():.3g}.",
        'Scale them: encoding="auto".' if patient.settings is not None else _scaling(X),
        measured=finite(inputs=len(large), largest=size[k]),
    )


def _scaling(X: Array) -> str:
    """Pixels of 0 to 255 have a scale of their own."""
    if X.min() >= 0 and X.max() == 255:
        return "Scale them: X / 255."
    return "Scale each row of X: (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)."


def duplicated_columns(patient: Patient) -> Iterator[Diagnosis]:
    """Columns that say the same: equal, the same numbers in other units, or the same categories by other names."""
    if patient.origin is not None:
        groups = _twice_in(patient.origin)
    else:
        assert patient.data is not None
        X = patient.data.X
        keys = [_number_key(X[:, k]) for k in range(X.shape[1])]
        groups = _same([f"row {k + 1} of X" for k in range(X.shape[1])], keys)
    if not groups:
        return
    spare = [name for group in groups for name in group[1:]]
    told = "; ".join(" = ".join(repr(name) for name in group[:4]) for group in groups[:3])
    more = f"; and {len(groups) - 3} more groups" if len(groups) > 3 else ""
    ignore = _ignored(spare) if patient.origin is not None else f"leave out {', '.join(spare[:MOST_NAMED])}"
    yield Diagnosis(
        "duplicated columns",
        "worth a look",
        f"The same, up to unit and names of values: {told}{more}. What they are worth is parted between them, so each "
        "looks less important than it is.",
        f"Keep one of each: {ignore}.",
        measured=finite(columns=len(spare)),
    )


def _twice_in(origin: Origin) -> list[list[str]]:
    table = origin.examples.table
    names, keys = [], []
    inside = set(table.block_names)
    wanted = [c for c in origin.columns if c.kind in ("number", "category", "boolean") and c.name not in inside]
    part = table.take(places(table.n_rows, ROWS_TO_COMPARE))
    for column in wanted:
        series = part.column(column.name)
        number = column.kind == "number" and series.dtype.is_numeric()
        names.append(column.name)
        keys.append(_number_key(series.cast(pl.Float64).to_numpy()) if number else _category_key(series))
    return _same(names, keys)


def _same(names: Sequence[str], keys: Sequence[bytes]) -> list[list[str]]:
    """Names with equal keys, in groups; those without a key have nothing to be compared by."""
    groups: dict[bytes, list[str]] = {}
    for name, key in zip(names, keys, strict=True):
        if key:
            groups.setdefault(key, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _number_key(x: Array) -> bytes:
    """The same for columns that are a + b·x of one another."""
    there = np.isfinite(x)
    x = np.where(there, x, 0.0)
    known = x[there]
    if len(known) < FEWEST_OTHER or np.unique(known, return_counts=True)[1].max() > len(known) - FEWEST_OTHER:
        return b""
    deviation = known.std()
    z = np.where(there, (x - known.mean()) / deviation, 0.0)
    z = z * np.sign(z[np.argmax(np.abs(z) > 10.0**-DIGITS)])
    return b"number" + bytes(there.tobytes()) + bytes((np.round(z, DIGITS) + 0.0).tobytes())


def _category_key(series: pl.Series) -> bytes:
    """The same for columns whose values stand for one another; gaps are a value."""
    codes = series.cast(pl.String).fill_null("").rank("dense").to_numpy()
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    if np.bincount(place).max() > len(codes) - FEWEST_OTHER:
        return b""
    renamed: Array = np.argsort(np.argsort(first))[place].astype(np.int64)
    return b"category" + bytes(renamed.tobytes())


def leaking_columns(patient: Patient) -> Iterator[Diagnosis]:
    """Columns that alone predict the target, as the ladder looks for them before it trains."""
    assert patient.origin is not None
    examples = patient.origin.examples
    read = [column for column in patient.origin.columns if column.kind not in LEFT_OUT]
    classes = patient.architecture.output.activation in ("sigmoid", "softmax")
    rows = np.arange(examples.n_rows)
    for y in columns_of(examples.y):
        found = leaking(examples.table, y, rows, read, classes=classes)
        if found:
            yield Diagnosis(
                "leaking columns",
                "serious",
                "; ".join(f"{name!r} {says}" for name, says in found[:MOST_NAMED])
                + (f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else "")
                + ".",
                f"If not known at prediction time: {_ignored([name for name, _ in found])}.",
                measured=finite(columns=len(found)),
            )


def _ignored(names: Sequence[str]) -> str:
    """The argument that leaves columns out, once for each, as on the command line."""
    more = len(names) - MOST_NAMED
    return " and ".join(f'ignore="{name}"' for name in names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
