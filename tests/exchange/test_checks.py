"""What a file says wrong is named: who must be what, and what it is."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from gradatim.errors import ExchangeError
from gradatim.exchange.json_form import parsed
from gradatim.exchange.model_file import model_bytes
from gradatim.model import load
from gradatim.tables.targets import ClassTarget
from tests.exchange.models import assembled, example

HALF_A_LETTER = "\ud800"
THREE_CLASSES = {"kind": "classes", "name": "a", "classes": [0, 1, 2], "positive": None}


def put(value, *path):
    """A change of one value in the description."""

    def change(description, tensors):
        for key in path[:-1]:
            description = description[key]
        description[path[-1]] = value

    return change


def put_tensor(name, *numbers, dtype=np.float64):
    """A change of one tensor."""

    def change(description, tensors):
        tensors[name] = np.array(numbers, dtype=dtype)

    return change


def swapped(first, second):
    """Two tensors of one shape that take each other's name are no error: no sum is kept of them."""

    def change(description, tensors):
        tensors[first], tensors[second] = tensors[second], tensors[first]

    return change


def without(name):
    def change(description, tensors):
        del tensors[name]

    return change


NUMBERS = [
    ("regression", put(True, "encoder", "marked", 0), "marked must be places"),
    ("regression", put(3, "encoder", "marked", 0), "marked must be places from 0 to 2 in rising order. Got (3,)"),
    ("regression", put([1, 1], "encoder", "marked"), "marked must be places from 0 to 2 in rising order"),
    ("regression", put(0, "encoder", "clips", 0), "clips must be numbers above 0"),
    ("regression", put("3", "encoder", "clips", 1), "clips must be numbers above 0, or null. Got '3'"),
    ("regression", put("decade", "encoder", "numbers", 2, 1), "numbers must be columns, or one of their parts"),
    ("regression", put({"sold": "Europe/Atlantis"}, "encoder", "zones"), "must be in time zones that are known"),
    ("regression", put({"sold": "*"}, "encoder", "zones"), "must be in time zones that are known"),
    ("regression", put({"sold": [1]}, "encoder", "zones"), "must be in time zones that are known"),
    ("regression", put(["built", "year", "week"], "encoder", "numbers", 2), "numbers must be columns, or one of their"),
    ("regression", put(["built", "year", []], "encoder", "numbers", 2), "numbers must be columns, or one of their"),
    ("regression", put("size", "encoder", "numbers", 1, 0), "numbers must be different from each other"),
    ("regression", put_tensor("encoder.mean", 1, np.nan, 2), "Tensor encoder.mean must be finite"),
    ("regression", put_tensor("encoder.scale", 1, 2), "Tensor encoder.scale must be (3,) numbers. Got (2,)"),
    ("regression", put_tensor("encoder.scale", [1, 2, 3]), "Tensor encoder.scale must be float64 of rank 1"),
    ("regression", put_tensor("encoder.scale", 1, 2, 3, dtype=np.float32), "must be float64 of rank 1. Got F32 (3,)"),
    ("regression", put_tensor("encoder.mark_scale", 1, 2), "Tensor encoder.mark_scale must be (1,) numbers"),
]
CATEGORIES = [
    ("two classes", put("a", "encoder", "categories", 0, "levels", 1), "levels of 'kind' must be different"),
    ("two classes", put(3, "encoder", "categories", 0, "levels", 1), "levels of 'kind' must be texts"),
    ("two classes", put("year", "encoder", "categories", 0, "feature", 1), "categories must be columns, or one of"),
    ("two classes", put_tensor("encoder.level_scale", 1), "encoder.level_scale must be"),
    ("two classes", put(["a", "b"], "encoder", "categories", 0, "levels"), "encoder's tensors must be of the lengths"),
    ("embeddings", put(["a"], "encoder", "embedded", 0, "levels"), "Levels of embedded categories must be those"),
    ("two classes", put([3], "encoder", "notes"), "notes must be texts"),
    ("two classes", put("colour", "encoder", "columns", 0, 1), "columns must be names, kinds and reasons"),
    ("two classes", put(["kind", "date", "", "week"], "encoder", "columns", 0), "columns must be names, kinds and"),
]
PICTURES = [
    ("pictures", put([4, 4, 1.0], "encoder", "image_shape"), "image_shape must be height, width and channels"),
    ("pictures", put([-4, -4, 1], "encoder", "image_shape"), "image_shape must be height, width and channels"),
    ("pictures", put([4, 5, 1], "encoder", "image_shape"), "columns must be the network's 16 inputs. Got 20"),
    ("pictures", put_tensor("encoder.pixel_range", 0, np.inf), "pixel_range must be finite"),
    ("pictures", put_tensor("encoder.pixel_range", 255, 0), "pixel_range must be finite, from 0 or less"),
    ("pixels", put(["x1", "pixel", ""], "encoder", "columns", 1), "pixels must be different from each other"),
    ("pixels", put_tensor("encoder.pixel_range", 0, np.inf), "pixel_range must be finite"),
    ("pixels", put(True, "encoder", "is_sparse"), "A sparse table must be of numbers without marks"),
    ("sparse", put(1, "encoder", "is_sparse"), "is_sparse must be true or false"),
    ("embeddings", put(True, "encoder", "is_sparse"), "A sparse table must be of numbers without marks"),
]
NETWORK = [
    ("regression", put(3.0, "architecture", "layers", 0, "units"), "units must be a whole number"),
    ("regression", put(True, "architecture", "layers", 0, "units"), "units must be a whole number"),
    ("regression", put("3", "architecture", "layers", 0, "units"), "units must be a whole number"),
    ("regression", put(-3, "architecture", "layers", 0, "units"), "units must be a whole number"),
    ("regression", put(0, "architecture", "members"), "members must be a whole number"),
    ("regression", put("rleu", "architecture", "layers", 0, "activation"), "Did you mean 'relu'"),
    ("regression", put("leaky_relu(1e999)", "architecture", "layers", 0, "activation"), "slope must be a number in"),
    ("regression", put([{"type": "Dense", "units": 3}], "architecture", "front"), "front must be embeddings"),
    ("regression", put("yes", "architecture", "layers", 0, "learned_slope"), "learned_slope must be true or false"),
    ("members", put(1.5, "architecture", "layers", 1, "rate"), "rate must be a number"),
    ("embeddings", put([10**12, 9], "architecture", "front", 0, "levels"), "Tensor E1 must have shape"),
    ("regression", put_tensor("b2", [np.nan], dtype=np.float32), "Parameters must be finite"),
    ("regression", put_tensor("b2", [1.0]), "all be float32 or all float64. Got F32, F64"),
    ("regression", without("b2"), "Tensor b2 must have shape (1, 1) in this architecture. Got none"),
    ("regression", put_tensor("b7", 1.0), "Tensor b7 must have shape none"),
    ("line", swapped("encoder.center", "encoder.mean"), None),
]
TARGET = [
    ("two classes", put(["no"], "target", "classes"), "Classes must be two or more"),
    ("two classes", put(["no", "no"], "target", "classes"), "Classes must be different"),
    ("two classes", put(["no", 1], "target", "classes"), "Classes must be two or more texts, numbers or booleans"),
    ("two classes", put("maybe", "target", "positive"), "positive must be one of (None, 'no', 'yes'). Got 'maybe'"),
    ("embeddings", put(1, "target", "positive"), "positive must be one of (None, False, True). Got 1"),
    ("members", put([0, 1, 2**64], "target", "classes"), "whole numbers of 64 bits"),
    ("members", put([0, 1], "target", "classes"), "The target's outputs must be the network's 3. Got 1"),
    ("members", put("identity", "architecture", "output", "activation"), "Output and loss must be of softmax"),
    ("members", put({"type": "LogLoss"}, "loss"), "Output and loss must be of softmax"),
    ("regression", put({"type": "LogLoss"}, "loss"), "Output and loss must be those of numbers"),
    ("regression", put("softmax", "architecture", "output", "activation"), "Output and loss must be those of numbers"),
    ("regression", put([0.0], "target", "std"), "The target's std must be above 0"),
    ("regression", put([1, 2], "target", "mean"), "The target's mean must be 1 finite numbers"),
    ("regression", put([1e9], "target", "low"), "low and high must be in order"),
    ("regression", put(1, "target", "clip"), "The target's clip must be true or false"),
    ("regression", put([3], "target", "names"), "The target's names must be texts"),
    ("amounts", put({"type": "LogLoss"}, "loss"), "Output and loss must be those of numbers"),
    ("quantile", put(1.5, "loss", "quantile"), "quantile must be"),
    ("labels", put(THREE_CLASSES, "target", "columns", 0), "Labels must be of two classes each"),
]
TEXT = [
    ("line", put(HALF_A_LETTER, "version"), "must hold whole letters"),
    ("line", put(float("nan"), "settings", "dropout"), "must be JSON of finite numbers. Got NaN"),
    ("line", put(10**400, "settings", "random_state"), "must be JSON of numbers up to 1e300. Got 1000"),
    ("line", put("cuda", "settings", "engine"), "engine must be one of"),
    ("line", put("3", "settings", "learning_rate"), "learning_rate must be a finite number above 0. Got '3'"),
    ("line", put([3.5], "settings", "hidden_widths"), "hidden_widths must be whole numbers"),
    ("line", put(True, "format"), "It must be the description of a model"),
    ("line", put(0, "format"), "It must be the description of a model"),
]


@pytest.mark.parametrize(("name", "change", "said"), [*NUMBERS, *CATEGORIES, *PICTURES, *NETWORK, *TARGET, *TEXT])
def test_what_is_wrong_is_named(name, change, said, tmp_path):
    whole = example(name)
    description, tensors = deepcopy(whole.description), dict(whole.tensors)
    change(description, tensors)
    (tmp_path / "m").write_bytes(assembled(description, tensors))
    if said is None:
        load(tmp_path / "m").predict(whole.rows)
        return
    with pytest.raises(ExchangeError) as refused:
        load(tmp_path / "m")
    assert str(refused.value).startswith(f"{tmp_path / 'm'}")
    assert said in str(refused.value)


@pytest.mark.parametrize("key", ["architecture", "encoder", "format", "loss", "settings", "target"])
def test_a_part_that_is_not_there_is_refused(key, tmp_path):
    whole = example("line")
    description = {name: part for name, part in whole.description.items() if name != key}
    (tmp_path / "m").write_bytes(assembled(description, whole.tensors))
    with pytest.raises(ExchangeError, match=rf"it lacks '{key}'|the description of a model"):
        load(tmp_path / "m")


def test_a_model_that_could_not_be_read_is_not_written():
    model = example("line").model
    with pytest.raises(ExchangeError, match="Parameters must be finite"):
        model_bytes(replace(model, vector=np.full_like(model.vector, np.inf)))
    with pytest.raises(ExchangeError, match="columns must be the network's 26 inputs"):
        model_bytes(replace(model, encoder=example("sparse").model.encoder))


@pytest.mark.parametrize("classes", [(2**63 - 1, -(2**63)), (0.5, -1.5), (True, False), ("é", "\0")])
def test_labels_of_every_type_come_back(classes, tmp_path):
    whole = example("two classes")
    model = replace(whole.model, target=ClassTarget("y", classes, classes[0]))
    model.save(tmp_path / "m")
    predicted = load(tmp_path / "m").predict(whole.rows).tolist()
    assert predicted == model.predict(whole.rows).tolist()
    assert {type(label) for label in predicted} == {type(classes[0])}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        "9" * 5000,
        "-" + "9" * 301,
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        '"\\ud800"',
        "[" * 40 + "]" * 40,
    ],
)
def test_json_that_is_not_fit_to_be_looked_at(text):
    with pytest.raises(ExchangeError, match="The description must"):
        parsed(text)


def test_json_that_is_fit():
    deepest = "[" * 31 + "1" + "]" * 31
    assert parsed('{"a": [1, 2.5, "ü", null, true]}') == {"a": [1, 2.5, "ü", None, True]}
    assert str(parsed(deepest)) == deepest
    assert parsed(str(2**128 - 1)) == 2**128 - 1, "a seed of NumPy may be that large"
