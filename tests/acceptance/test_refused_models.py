"""Models, and rows to predict, that are refused: exit 2, one message, nothing printed, nothing left."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.acceptance.commands import csv_text

WHOLE = csv_text()


# --- the model -------------------------------------------------------------------------------------------------------


def forged(change):
    """The finished run's model file with other facts."""
    whole = Path("run/model.safetensors").read_bytes()
    size = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + size])
    facts = json.loads(header["__metadata__"]["gradatim"])
    change(facts)
    header["__metadata__"]["gradatim"] = json.dumps(facts)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + whole[8 + size :]


def a_torch_file():
    with zipfile.ZipFile("m.zip", "w") as packed:
        packed.writestr("archive/data.pkl", pickle.dumps({"w": [0.0]}))
    return Path("m.zip").read_bytes()


def someone_elses():
    from safetensors.numpy import save

    return save({"w": np.zeros(3)}, metadata={"format": "pt"})


MODELS = {
    "a pickle": lambda: pickle.dumps({"w": [0.0] * 9}),
    "a file of PyTorch": a_torch_file,
    "a safetensors file of someone else": someone_elses,
    "a later format": lambda: forged(lambda facts: facts.update(format=999)),
    "no format": lambda: forged(lambda facts: facts.pop("format")),
    "half of it": lambda: Path("run/model.safetensors").read_bytes()[:-100],
    "empty": lambda: b"",
    "a table": lambda: WHOLE.encode(),
    "JSON": lambda: b"{}",
}


@pytest.mark.parametrize("command", ["predict", "evaluate"])
@pytest.mark.parametrize("kind", MODELS)
def test_a_model_file_of_another_kind_or_version(refused, kind, command):
    Path("other.safetensors").write_bytes(MODELS[kind]())
    message = refused(command, "other.safetensors", "table.csv")
    assert message.startswith("other.safetensors")
    assert "must" in message
    assert kind != "a later format" or "Got 999, written by gradatim" in message


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_model_that_is_not_there(refused, command):
    Path("nothing").mkdir()
    assert "holds no model.safetensors" in refused(command, "nothing", "table.csv")
    assert "Got nothing of that name at 'nowhere'" in refused(command, "nowhere", "table.csv")


# --- the rows to predict ---------------------------------------------------------------------------------------------

NEW_ROWS = {
    "a column is missing": ("k,y\na,no\n", "Missing: 'x'."),
    "text where numbers were": (
        "x,k,y\n1,a,no\nabc,a,no\n3,a,no\ndef,b,yes\n",
        "Column 'x' must hold numbers. Got text in row 2, 4 (counted from 1), such as 'abc'.",
    ),
    "one text among many numbers": (
        csv_text(x=["q" if i in (17, 30) else i for i in range(60)], y=["no", "yes"] * 30),
        "Column 'x' must hold numbers. Got text in row 18, 31 (counted from 1), such as 'q'.",
    ),
    "the column twice": ("x,x,k,y\n1,2,a,no\n2,3,a,yes\n", "must have one column of each name. Got several of 'x'."),
    "no row": ("x,k,y\n", "must hold rows."),
    "ragged": ("x,k,y\n1,a,no\n1,a\n", "Got 2 in line 3, 3 in the header."),
    "junk": ("x,k,y\n1,a\0", "must be text. Got binary data"),
}


@pytest.mark.parametrize("command", ["predict", "evaluate"])
@pytest.mark.parametrize("case", NEW_ROWS)
def test_rows_that_the_model_cannot_read(refused, case, command):
    content, message = NEW_ROWS[case]
    Path("new.csv").write_text(content, encoding="utf-8")
    assert message in refused(command, "run", "new.csv")


def test_rows_that_cannot_be_evaluated(refused):
    for content, message in (
        ("x,k,y\n1,a,maybe\n", "The target 'y' must hold one of 'no', 'yes'. Got 'maybe'."),
        ("x,k\n1,a\n", "The target must be one of the table's columns: x, k. Got 'y'."),
        ("x,k,y\n1,a,\n", "The target 'y' must hold values."),
        ("x,k,y,y\n1,a,no,no\n", "The target must be one column. Got 'y', which names several"),
    ):
        Path("new.csv").write_text(content, encoding="utf-8")
        assert message in refused("evaluate", "run", "new.csv")


def test_predictions_that_cannot_be_written(refused):
    Path("taken.csv").mkdir()
    for out, message in (
        ("p.xlsx", "--out must end in .csv or .parquet. Got 'p.xlsx'."),
        ("no/p.csv", "The folder of the file to write must exist. Got 'no'."),
        ("table.csv", "--out must be another file than DATA"),
        ("taken.csv", "must not be a folder. Got 'taken.csv'"),
    ):
        assert message in refused("predict", "run", "table.csv", "--out", out)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("predict run table.csv --ou p.csv", "Unknown option: --ou. Did you mean --out?"),
        ("predict run", "DATA requires an argument"),
        ("predict run table.csv --query SELECT", "--query must go with a database. Got one for table.csv."),
        ("evaluate run table.csv --jsn", "Unknown option: --jsn. Did you mean --json?"),
        ("evaluate run table.csv --query SELECT", "--query must go with a database. Got one for table.csv."),
        ("try table.csv --target y --learning-rate fast", "--learning-rate must be numbers with commas"),
        ("try table.csv --target y --folds 1", "--folds must be "),
    ],
)
def test_a_setting_of_another_command(refused, tokens, message):
    assert message in refused(*tokens.split())
