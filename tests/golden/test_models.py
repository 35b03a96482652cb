"""Model files of every released version can be read, and predict what they predicted when they were written.

See `models/README.md`; the files of the current version are written by

    python -m tests.golden.test_models [--replace]
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import gradatim
from gradatim.exchange.model_file import model_bytes
from gradatim.model import NetworkOptions, Settings, load, train_model
from gradatim.settings import DescentOptions
from gradatim.tables import Table
from gradatim.tables.encoding import Encoding

MODELS = Path(__file__).with_name("models")
MOST_BYTES = 20_000
FILES = sorted(path.relative_to(MODELS).as_posix() for path in MODELS.glob("*/*.safetensors"))

m = 40
row = np.arange(m)

AVERAGED = DescentOptions(clip_norm=1.0, averaging=0.9)


# --- what is written at each release ----------------------------------------------------------------------------------


def houses() -> dict[str, list[Any]]:
    """A table with numbers, one of them missing at times, a category, a date and a boolean."""
    return {
        "area": [None if j % 9 == 4 else round(30 + 7.3 * j % 90, 1) for j in range(m)],
        "rooms": [1 + j * 7 % 5 for j in range(m)],
        "city": [["Oslo", "Rome", "Lima", None][j * 3 % 4] for j in range(m)],
        "built": [(date(1990, 1, 1) + timedelta(days=211 * j)).isoformat() for j in range(m)],
        "garden": [j % 3 == 0 for j in range(m)],
    }


def pictures() -> list[list[int]]:
    """Grey pictures of 4×4, brighter on the left or on the right."""
    return [
        [(60 * (x if j % 3 else 3 - x) + 11 * j + 5 * y) % 256 for y in range(4) for x in range(4)] for j in range(m)
    ]


def models() -> dict[str, tuple[Any, Any, dict[str, Any]]]:
    """Name: the rows, what is to be predicted, settings."""
    price = 3.0 * row + 40 * (row % 3 == 0)
    cities = Encoding(embed_above=2)
    return {
        "regression": (houses(), price, {}),
        "two_classes": (houses(), np.where(price > 60, "dear", "cheap"), {"network": NetworkOptions(scale=True)}),
        "three_classes": (houses(), row * 7 % 3, {"members": 2, "dropout": 0.1}),
        "pictures": (pictures(), np.where(row % 3, "right", "left"), {"activation": "tanh"}),
        "embeddings": (houses(), price > 60, {"encoding": cities, "network": NetworkOptions(learned_slope=True)}),
        "two_numbers": (houses(), np.stack([price, row % 7], axis=1), {"activation": "leaky_relu(0.2)"}),
        "labels": (houses(), np.stack([price > 60, row % 2 == 0], axis=1), {}),
        "amounts": (houses(), row * 7 % 40 * 0.5, {"loss": "poisson"}),
        "strong": (houses(), price, {"preset": "strong", "encoding": cities, "members": 2, "descent": AVERAGED}),
        "line": (houses(), price, {"hidden_widths": (), "optimizer": "lbfgs", "max_epochs": "preset"}),
    }


def table_of(rows: Any) -> Table:
    """Rows as JSON has them: columns by name, or pictures of 4×4."""
    if isinstance(rows, dict):
        return Table.from_any({name: pl.Series(values, strict=False) for name, values in rows.items()})
    block = np.array(rows, dtype=np.uint8)
    names = tuple(f"pixel_{y}_{x}_0" for y in range(4) for x in range(4))
    return Table(pl.DataFrame(), block, names, len(block), image_shape=(4, 4, 1))


def write(folder: Path) -> None:
    """The models of this version with rows and predictions, into a new folder."""
    folder.mkdir(parents=True)
    for name, (rows, y, changes) in models().items():
        table = table_of(rows)
        settings: dict[str, Any] = {"preset": "plain", "hidden_widths": (4,), "max_epochs": 10, "random_state": 1}
        model = train_model(Settings(**(settings | changes)), table, y)
        model.save(folder / f"{name}.safetensors")
        facts = {"rows": rows, "predicted": model.predict(table).tolist(), "outputs": model.outputs(table).tolist()}
        (folder / f"{name}.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")


# --- what is asked of every version -----------------------------------------------------------------------------------


def test_there_are_files_of_a_version():
    assert FILES, "write them: python -m tests.golden.test_models"


@pytest.mark.parametrize("file", FILES)
def test_a_file_predicts_what_it_predicted(file):
    """Outputs before labels are chosen, so that a probability near ½ can flip no label here."""
    path = MODELS / file
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    model, table = load(path), table_of(facts["rows"])
    np.testing.assert_allclose(model.outputs(table), facts["outputs"], rtol=1e-6, atol=1e-9)
    predicted = model.predict(table)
    if model.task == "regression":
        np.testing.assert_allclose(predicted, facts["predicted"], rtol=1e-6)
    else:
        assert predicted.tolist() == facts["predicted"]
        assert [type(label) for label in predicted.tolist()] == [type(label) for label in facts["predicted"]]


@pytest.mark.parametrize("file", FILES)
def test_an_old_file_can_be_written_anew(file, tmp_path):
    """By today's version, in today's format: then it holds the same model."""
    model = load(MODELS / file)
    model.save(tmp_path / "m")
    again = load(tmp_path / "m")
    assert np.array_equal(again.vector, model.vector)
    assert (again.architecture, again.target, again.loss) == (model.architecture, model.target, model.loss)
    assert model_bytes(again) == (tmp_path / "m").read_bytes()


@pytest.mark.parametrize("file", FILES)
def test_the_files_are_small(file):
    assert (MODELS / file).stat().st_size < MOST_BYTES


if __name__ == "__main__":
    folder = MODELS / gradatim.__version__
    if "--replace" in sys.argv[1:] and folder.exists():
        for old in folder.glob("*"):
            old.unlink()
        folder.rmdir()
    write(folder)
    print(*sorted(path.name for path in folder.iterdir()), sep="\n")
