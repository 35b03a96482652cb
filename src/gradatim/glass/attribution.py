"""Which columns a prediction rests on: the derivative of a score by each input, times the input.

Conventions
-----------
* The score is Z[L] of one output: the log odds of two classes, the standardized number. Of several classes it is the
  score of one of them less the mean of all, since a number added to every score of a softmax changes nothing.
* Derivatives are exact: the backward pass goes on through the front to the encoded table, X. An embedded category
  counts with the derivative by its embedding times the embedding.
* Encoded numbers are centred, so that 0 is a typical value: what is typical gets no part of the score.
* The parts of one raw column (a date's year and month, the levels of a category, the mark of its gaps) are summed.
* For a network without hidden layers and front the parts are W x, and with b they add up to the score. Elsewhere they
  tell of the neighbourhood of the row alone.

Source: Shrikumar, Greenside, Shcherbina & Kundaje 2016 (arXiv 1605.01713), gradient ⊙ input; derivatives as
explanations: Baehrens et al. 2010 (How to explain individual classification decisions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.engines.textbook.front import front_backward
from gradatim.engines.textbook.layer import split_members
from gradatim.engines.textbook.passes import Pass, backward, forward
from gradatim.formulas.arrays import Array
from gradatim.model import Model
from gradatim.network import Architecture, CategoryEmbedding, Parameters

SOURCE = "Shrikumar et al. 2016 (arXiv 1605.01713), gradient ⊙ input; Baehrens et al. 2010"


@dataclass(frozen=True)
class Attribution:
    """What each raw column gives to a score.

    Attributes:
        names: (k,) of the raw columns that the model reads.
        values: (m, k) their parts, in the units of the score.
        scores: (m,) the scores that were explained.
    """

    names: tuple[str, ...]
    values: Array
    scores: Array

    @property
    def shares(self) -> Array:
        """(k,) the mean size of each column's part, as a share of all; zeros where no column has any."""
        size = np.abs(self.values).mean(axis=0) if len(self.values) else np.zeros(len(self.names))
        total = size.sum()
        return np.asarray(size / total if total > 0 else size)


def attribution(model: Model, rows: Any, output: int | None = None) -> Attribution:
    """Exact gradient times value, by raw column.

    Args:
        model: any.
        rows: (m rows) as for `Model.table_of`. All are held in memory at once, as (inputs, m): take some hundreds.
        output: the place of the output whose score is explained, from 0. None explains the first, and of several
            classes in each row the one that is predicted.

    Returns:
        An `Attribution`; without columns for a constant model.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> table = {"x": [0.0, 1.0, 2.0, 3.0], "noise": [1.0, -1.0, -1.0, 1.0]}
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
        >>> model = train_model(line, table, [0.0, 2.0, 4.0, 6.5])
        >>> found = attribution(model, table)
        >>> found.names, found.shares.round(2)
        (('x', 'noise'), array([0.95, 0.05]))
    """
    encoded = model.encoder.encode(model.table_of(rows))
    X = encoded.X.toarray() if hasattr(encoded.X, "toarray") else encoded.X
    return attribution_of_encoded(model, X, encoded.codes, output)


def attribution_of_encoded(model: Model, X: Array, codes: Array | None, output: int | None = None) -> Attribution:
    """The same of rows that are encoded already, X (m, inputs) dense and codes (m, c)."""
    vector = np.asarray(model.vector, dtype=np.float64)
    p = forward(model.architecture, vector, X.T.astype(np.float64), None if codes is None else codes.T)
    Z = np.mean(split_members(p.Z[-1], model.architecture.members), axis=0)
    wanted = _directions(model, Z, output)
    parts = _parts(model.architecture, vector, p, wanted)
    raws = [column.raw for column in model.encoder.outputs]
    raws += [category.feature.raw for category in model.encoder.embedded]
    names = tuple(dict.fromkeys(raws))
    place = {name: k for k, name in enumerate(names)}
    values = np.zeros((len(names), X.shape[0]))
    np.add.at(values, [place[raw] for raw in raws], parts)
    return Attribution(names, values.T, np.sum(wanted * Z, axis=0))


def _directions(model: Model, Z: Array, output: int | None) -> Array:
    """∂score/∂Z[L], (n[L], m)."""
    wanted = np.zeros_like(Z)
    softmax = model.architecture.output.activation == "softmax"
    chosen = (Z.argmax(axis=0) if softmax else 0) if output is None else output
    wanted[chosen, np.arange(Z.shape[1])] = 1.0
    return wanted - 1 / len(Z) if softmax else wanted


def _parts(architecture: Architecture, vector: Array, p: Pass, wanted: Array) -> Array:
    """(inputs + code columns, m): derivative times value of each encoded column, then of each embedded category."""
    members, parameters = architecture.members, Parameters(architecture, vector)
    dZ = np.tile(wanted / members, (1, members))
    dA = backward(architecture, vector, p, dZ, input_gradient=True).dA[0]
    if members > 1:
        dA = np.sum(parameters["r"][:, :, None] * split_members(dA, members), axis=0)
    of_codes = []
    for part, X, after in zip(architecture.front[::-1], p.stages[-2::-1], p.stages[:0:-1], strict=True):
        if isinstance(part, CategoryEmbedding):
            embedded = (dA * after)[len(X) :]
            of_codes = [np.sum(rows, axis=0) for rows in np.split(embedded, len(part.levels))]
        dA, _ = front_backward(part, parameters, X, p.codes, dA)
    return np.vstack([dA * p.stages[0], *of_codes])
