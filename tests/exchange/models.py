"""Small models that between them have everything a file can hold, and what is done with a model once it is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from safetensors.numpy import load as tensors_of_bytes
from safetensors.numpy import save as bytes_of_tensors
from scipy import sparse

from gradatim.errors import Error
from gradatim.exchange.model_file import model_bytes
from gradatim.formulas.losses import Huber, LogLoss
from gradatim.formulas.optimizers import AdamW
from gradatim.formulas.penalties import L1, L2
from gradatim.formulas.schedules import Cosine, WarmUp
from gradatim.model import Ensemble, Model, NetworkOptions, Settings, train_ensemble, train_model
from gradatim.network import Architecture, NumericEmbedding
from gradatim.tables import Table
from gradatim.tables.encoding import Encoding

m = 24
row = np.arange(m)
TABLE = {
    "size": [None if j % 7 == 2 else j * 0.37 % 2 for j in range(m)],
    "price": (row * 1.7 % 5).tolist(),
    "kind": [["a", "b", "c", None][j % 4] for j in range(m)],
    "sold": [date(2023, 1 + j % 12, 1 + j) for j in range(m)],
    "fair": [j % 3 == 0 for j in range(m)],
}
NUMBERS = {"size": TABLE["size"], "price": TABLE["price"]}
PICTURES = (row[:, None] * 31 % 256 + np.arange(16) * 7 % 40).clip(0, 255).astype(np.uint8)
NOTHING = np.empty((m, 0))
SPARSE = sparse.random_array((m, 5), density=0.4, format="csr", rng=np.random.default_rng(3))

number = row * 0.5 - 3
two = np.array(["no", "yes"])[row % 2]
three = row % 3


def trained(rows: Any, y: Any, **changes: Any) -> Model:
    """A network of three hidden units, trained for an epoch."""
    return train_model(_settings(**changes), rows, y)


def together(rows: Any, y: Any, **changes: Any) -> Ensemble:
    """Two such networks."""
    return train_ensemble(_settings(**changes), rows, y, models=2)


def _settings(**changes: Any) -> Settings:
    base: dict[str, Any] = {"max_epochs": 1, "random_state": 1, "hidden_widths": (3,), "batch_size": 16}
    return Settings(**({"preset": "plain"} | base | changes))


def _waves() -> Model:
    """Numbers embedded by waves, which no preset sets yet."""
    base = trained(NUMBERS, number, network=NetworkOptions(scale=True))
    front = (NumericEmbedding(2, frequencies=3, width=2), *base.architecture.front)
    return _with(base, replace(base.architecture, front=front))


def _with(model: Model, architecture: Architecture, **changes: Any) -> Model:
    vector = np.random.default_rng(5).normal(size=architecture.size).astype(np.float32)
    return replace(model, architecture=architecture, vector=vector, **changes)


MAKERS: dict[str, tuple[Any, Callable[[], Model | Ensemble]]] = {
    "regression": (TABLE, lambda: trained(TABLE, number, loss=Huber(2.0), penalty=(L1(1e-3), L2(1e-3)))),
    "several numbers": (NUMBERS, lambda: trained(NUMBERS, np.stack([number, number**2], axis=1))),
    "two classes": (TABLE, lambda: trained(TABLE, two, optimizer=AdamW(weight_decay=0.01), class_weight={"no": 2.0})),
    "members": (TABLE, lambda: trained(TABLE, three, members=2, dropout=0.1, schedule=WarmUp(1, then=Cosine()))),
    "embeddings": (
        TABLE,
        lambda: trained(
            TABLE,
            two == "yes",
            encoding=Encoding("standard", clip=None, embed_above=2),
            network=NetworkOptions(scale=True, learned_slope=True),
        ),
    ),
    "pictures": (
        Table.from_any(PICTURES),
        lambda: trained(replace(Table.from_any(PICTURES), image_shape=(4, 4, 1)), three),
    ),
    "pixels": (PICTURES, lambda: trained(PICTURES, three, encoding=Encoding(kinds={"x*": "pixel"}))),
    "sparse": (SPARSE, lambda: trained(SPARSE, two)),
    "line": (
        TABLE,
        lambda: trained(TABLE, number, hidden_widths=(), optimizer="lbfgs", max_epochs="preset", batch_size="preset"),
    ),
    "constant": (NOTHING, lambda: trained(NOTHING, number, hidden_widths=())),
    "labels": (TABLE, lambda: trained(TABLE, np.stack([row % 2 == 0, row % 3 == 0], axis=1), loss=LogLoss(0.1))),
    "amounts": (NUMBERS, lambda: trained(NUMBERS, row % 5 * 0.5, loss="poisson", activation="elu(0.5)")),
    "quantile": (NUMBERS, lambda: trained(NUMBERS, number, loss="quantile(0.9)")),
    "waves": (NUMBERS, _waves),
    "ensemble": (TABLE, lambda: together(TABLE, three)),
    "ensemble of numbers": (NUMBERS, lambda: together(NUMBERS, number)),
}


@dataclass(frozen=True)
class Example:
    """A model, a table that it predicts from, and its file taken apart."""

    model: Any
    rows: Any
    content: bytes
    description: dict[str, Any]
    tensors: dict[str, np.ndarray]


@cache
def example(name: str) -> Example:
    """The example of that name in `MAKERS`; made once."""
    rows, make = MAKERS[name]
    model = make()
    if name == "pictures":
        rows = replace(rows, image_shape=(4, 4, 1))
    content = model_bytes(model)
    return Example(model, rows, content, description_in(content), tensors_of_bytes(content))


def description_in(content: bytes) -> dict[str, Any]:
    """What a file says of its model."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["gradatim"])


def assembled(description: Any, tensors: dict[str, np.ndarray]) -> bytes:
    """A file of our kind that says anything."""
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    return bytes_of_tensors(tensors, {"gradatim": json.dumps(description)})


def used(model: Model | Ensemble, rows: Any) -> None:
    """All that people do with a loaded model. Errors of ours are answers; any other exception is a fault."""
    models = model.models if isinstance(model, Ensemble) else (model,)
    for do in (
        lambda: model.predict(rows),
        lambda: [one.encode(rows) for one in models],
        lambda: [one.network_.n for one in models],
        lambda: model.task == "classification" and model.predict_proba(rows),
        lambda: model.task == "classification" and model.classes_,
        model.summary,
        lambda: repr(model),
    ):
        with suppress(Error):
            do()
    model_bytes(model)
