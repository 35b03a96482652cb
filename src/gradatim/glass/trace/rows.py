"""Which rows, through which network: what was asked for becomes a trace."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, ShapeError, number
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS
from gradatim.glass.trace.passes import Trace, require_counted
from gradatim.model import Ensemble, Model, load
from gradatim.tables import Table
from gradatim.tables.encoding.unseen import unseen_levels
from gradatim.tables.targets import columns_of, present

RATE_WITHOUT_ONE = 0.01
"""α where the training had none: L-BFGS looks for the length of each step."""


def trace(
    model: Any,
    rows: Any,
    y: Any = None,
    *,
    row: int | Sequence[int] | None = None,
    network: int = 1,
    member: int = 1,
    learning_rate: float | None = None,
    query: str | None = None,
) -> Trace:
    """Follow rows through a fitted network: every number of the pass forward, the pass back, and the step.

    Args:
        model: a `Model` or an `Ensemble`, an estimator or a `Run` that holds one, or where one is kept.
        rows: as for `Model.table_of`. Where they hold the target, there is a way back.
        y: (m,) or (m, k) the target, where the rows do not hold it.
        row: which of the rows, counted from 1; several are traced together. None takes all of them.
        network: which of an ensemble's, counted from 1.
        member: which member of the network, counted from 1.
        learning_rate: α of the step; that of the training without.
        query: what to ask of a database.

    Returns:
        A `Trace`: ``t.Z[1]``, ``t.A[1]``, ``t.dZ[1]``, ``t.dW[1]``, ``t.contributions(1, unit=3)``; ``print(t)``.

    Raises:
        InputError: for a row, a network or a member that there is none of, for columns that are missing, and for a
            class that training never saw.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> table = {"x": [0.0, 1.0, 2.0, 3.0], "y": [1.0, 3.0, 5.0, 7.0]}
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
        >>> model = train_model(line, {"x": table["x"]}, table["y"])
        >>> t = trace(model, {"x": [2.0]}, [6.0])
        >>> t.prediction.round(4), t.Z[1].shape, t.dW[1].shape
        (array([5.]), (1, 1), (1, 1))
        >>> bool(np.isclose(t.contributions(1).total, t.Z[1][0, 0]))
        True

    Source: Rumelhart, Hinton & Williams 1986 (Learning representations by back-propagating errors), for both passes.
    """
    found = _model_of(model)
    chosen, ensemble = _network_of(found, network)
    require_counted("member", member, chosen.architecture.members, "of the network")
    table = found.table_of(rows, query=query)
    numbers = _rows_of(row, table)
    places = np.array(numbers, dtype=np.int64) - 1
    read = chosen.encoder.checked(table)  # first: columns that are missing say more than a class that is not known
    Y, notes = _targets(chosen, table, y, places)
    encoded = chosen.encoder.encode_checked(read, places)
    X = encoded.X.toarray() if hasattr(encoded.X, "toarray") else encoded.X
    return Trace(
        chosen,
        table.take(places),
        read.take(places),
        numbers,
        X.T.astype(np.float64),
        None if encoded.codes is None else encoded.codes.T,
        Y,
        _rate(chosen, learning_rate),
        ensemble,
        network,
        member,
        table.source,
        (*table.notes, *unseen_levels(chosen.encoder, table.take(places)), *notes),
    )


def _model_of(model: Any) -> Model | Ensemble:
    """The model that is meant; wrappers that change what it says are none."""
    held = getattr(model, "model_", None) or (getattr(model, "model", None) if hasattr(model, "verdict") else None)
    found = load(model) if isinstance(model, str | PathLike) else held or model
    if not isinstance(found, Model | Ensemble):
        raise InputError(
            f"model must be a fitted Model, an Ensemble, a Run, an estimator, or where one is kept. Got {found!r:.100}."
        )
    return found


def _network_of(model: Model | Ensemble, which: int) -> tuple[Model, Ensemble | None]:
    if isinstance(model, Ensemble):
        require_counted("network", which, len(model.models), "of the ensemble")
        return model.models[int(which) - 1], model
    require_counted("network", which, 1, "of a model that is no ensemble")
    return model, None


def _rows_of(row: int | Sequence[int] | None, table: Table) -> tuple[int, ...]:
    if not table.n_rows:
        raise InputError("trace: rows must be one or more. Got a table without rows.")
    if row is None:
        return tuple(range(1, table.n_rows + 1))
    rows = tuple(row) if isinstance(row, Sequence | np.ndarray) else (row,)
    if not rows:
        raise InputError("trace: row must be the number of a row, or several. Got none.")
    for which in rows:
        require_counted("row", which, table.n_rows, "in the table")
    return tuple(map(int, rows))


def _targets(model: Model, table: Table, y: Any, places: Array) -> tuple[Array | None, list[str]]:
    """The encoded target of these rows, or None with a sentence on why there is no way back."""
    names = model.target.names
    if y is None:
        lacking = [name for name in names if name not in set(table.names)]
        if lacking:
            return None, [f"The rows do not hold {', '.join(map(repr, lacking))}, the target: there is no way back."]
        columns = [table.levels_column(name) for name in names]
    else:
        columns = columns_of(y, names, exactly=True)
        if len(columns[0]) != table.n_rows:
            raise ShapeError(f"y must have one value for each of the {table.n_rows} rows. Got {len(columns[0])}.")
    taken = [column.gather(places) for column in columns]
    there = np.logical_and.reduce([present(column) for column in taken])
    if not there.all():
        what = "The row" if len(places) == 1 else f"Row {places[~there][0] + 1}"
        return None, [f"{what} lacks {', '.join(map(repr, names))}, the target: there is no way back."]
    encoded = model.target.encode(taken[0] if len(taken) == 1 else pl.DataFrame(taken))
    return encoded.T.astype(np.float64), []


def _rate(model: Model, given: float | None) -> float:
    if given is not None:
        number("trace", "learning_rate", given)
        return float(given)
    settings = model.settings_
    known = settings.learning_rate
    if isinstance(settings.optimizer, LBFGS) or not isinstance(known, int | float):
        return RATE_WITHOUT_ONE
    return float(known)
