"""The model file: what goes in comes out, the same bytes every time, and nothing else is read."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load as tensors_of_bytes
from safetensors.numpy import save as bytes_of_tensors

from gradatim.errors import ExchangeError, InputError
from gradatim.exchange.json_form import TYPES, from_json, to_json
from gradatim.exchange.model_file import model_bytes
from gradatim.formulas.losses import Huber
from gradatim.formulas.optimizers import Adam, AdamW
from gradatim.formulas.penalties import L1, L2
from gradatim.formulas.schedules import Cosine, WarmUp
from gradatim.model import NetworkOptions, Settings, load, train_model
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale
from gradatim.tables.encoding import Encoding

rows = {
    "size": [0.1, 0.5, None, 0.9, 1.3, 2.0, 0.2, 0.7] * 5,
    "price": [3.0, 1.0, 2.0, 8.0, 5.0, 1.0, 2.0, 3.0] * 5,
    "kind": ["a", "b", "c", None, "b", "a", "c", "c"] * 5,
}
y = np.array(["no", "yes", "no", "yes", "yes", "no", "no", "yes"] * 5)


def train(**changes):
    return train_model(
        Settings(**{"preset": "plain", "max_epochs": 2, "random_state": 1, "hidden_widths": (3,)} | changes), rows, y
    )


@pytest.fixture(scope="module")
def model():
    return train()


@pytest.fixture
def path(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


EVERYTHING = {
    "optimizer": AdamW(beta2=0.95, weight_decay=0.01),
    "schedule": WarmUp(1, then=Cosine()),
    "penalty": (L1(1e-3), L2(1e-3)),
    "encoding": Encoding(numbers="standard", clip=None, embed_above=2),
    "network": NetworkOptions(scale=True, learned_slope=True),
    "dropout": 0.1,
    "members": 2,
    "class_weight": {"no": 2.0},
    "dtype": "float64",
}


@pytest.mark.parametrize(
    "changes",
    [{}, EVERYTHING, {"hidden_widths": (), "optimizer": "lbfgs", "max_epochs": "preset"}],
    ids=["plain", "all", "line"],
)
def test_what_is_loaded_equals_what_was_saved(changes, tmp_path):
    model = train(**changes)
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert np.array_equal(loaded.predict_proba(rows), model.predict_proba(rows))
    assert np.array_equal(loaded.vector, model.vector)
    assert loaded.vector.dtype == model.vector.dtype
    assert (loaded.architecture, loaded.settings_, loaded.loss) == (model.architecture, model.settings_, model.loss)
    assert loaded.target == model.target
    assert len(loaded.history_) == 0
    assert model_bytes(loaded) == model_bytes(model)


def test_the_same_model_gives_the_same_bytes(model):
    assert len({model_bytes(model) for _ in range(10)}) == 1


TRAIN = """
from hashlib import sha256
from gradatim.exchange.model_file import model_bytes
from tests.exchange.test_model_file import EVERYTHING, train
print(sha256(model_bytes(train(**EVERYTHING))).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_seed_gives_the_same_bytes_in_every_process(hash_seed):
    """Sets of texts have another order in every process; none of that may reach the file."""
    here = sha256(model_bytes(train(**EVERYTHING))).hexdigest()
    assert here == sha256(model_bytes(train(**EVERYTHING))).hexdigest()
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", TRAIN],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": hash_seed},
    )
    assert (run.stdout.strip(), run.stderr) == (here, "")


def test_the_file_has_one_key_and_a_tensor_a_block(model, path):
    with safe_open(path, "numpy") as file:
        assert list(file.metadata()) == ["gradatim"]
        assert {"W1", "b1", "W2", "b2", "encoder.center"} <= set(file.keys())
        assert np.array_equal(file.get_tensor("W1"), model.network_.W[1].astype(np.float32))
    text = json.dumps(json.loads(tensors_metadata(path)), sort_keys=True)
    assert text == tensors_metadata(path), "keys are sorted"
    assert "seconds" not in text


def tensors_metadata(path):
    with safe_open(path, "numpy") as file:
        return file.metadata()["gradatim"]


def test_arrays_in_any_memory_order_are_written_right(model, tmp_path):
    """The library safetensors 0.8 writes such arrays in the wrong order and says nothing."""
    numbers = model.encoder.numbers
    center = np.arange(numbers.center.size, dtype=float)
    strided = replace(numbers, center=np.repeat(center, 2)[::2], scale=np.column_stack([center, -center])[:, 1])
    turned = replace(model, encoder=replace(model.encoder, numbers=strided), vector=np.repeat(model.vector, 2)[::2])
    turned.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert np.array_equal(loaded.encoder.numbers.center, center)
    assert np.array_equal(loaded.encoder.numbers.scale, -center)
    assert np.array_equal(loaded.vector, model.vector)


def test_safetensors_still_needs_contiguous_arrays():
    """If this fails, safetensors has mended its trap, and our copies can go."""
    turned = np.arange(6.0).reshape(2, 3).T
    assert not np.array_equal(tensors_of_bytes(bytes_of_tensors({"t": turned}))["t"], turned)


def test_saving_replaces_a_file_whole_or_not_at_all(model, path, monkeypatch):
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("gradatim.whole_file.os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        train(max_epochs=1).save(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"], "nothing is left lying about"


def test_a_folder_that_does_not_exist_is_named(model, tmp_path):
    with pytest.raises(InputError, match="The folder of the file to write must exist"):
        model.save(tmp_path / "nowhere" / "m")


def test_a_model_does_not_take_the_place_of_a_folder(model, tmp_path):
    with pytest.raises(InputError, match=r"must not be a folder.*name a file in it"):
        model.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="A model file must exist"):
        load(tmp_path / "nothing.safetensors")
    with pytest.raises(InputError, match=r"the folder of a run.*which holds no model\.safetensors"):
        load(tmp_path)


def test_a_run_that_was_cut_off_is_pointed_at(tmp_path):
    (tmp_path / "out.partial").mkdir()
    hint = r"nothing of that name at .*out'\. A run that was cut off stands in .*out\.partial: .*--resume finishes it\."
    with pytest.raises(InputError, match=hint):
        load(tmp_path / "out")


def test_the_folder_of_a_run_is_the_model_that_it_kept(model, path):
    assert path.name == "model.safetensors"
    assert np.array_equal(load(path.parent).vector, model.vector)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no tensors", b"\xff" * 100, (10**12).to_bytes(8, "little")])
def test_files_that_are_no_safetensors_are_refused(content, tmp_path):
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(ExchangeError, match="must be a model file of gradatim"):
        load(tmp_path / "m")


def test_a_cut_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ExchangeError, match="must be a model file of gradatim"):
        load(path)


def test_somebody_elses_tensors_are_refused(tmp_path):
    (tmp_path / "m").write_bytes(bytes_of_tensors({"weight": np.zeros(3)}, {"format": "pt"}))
    with pytest.raises(ExchangeError, match="safetensors file of another kind"):
        load(tmp_path / "m")


def forged(path, change=lambda description: None, **tensors):
    """The file with another description or other tensors."""
    description = json.loads(tensors_metadata(path))
    change(description)
    old = tensors_of_bytes(path.read_bytes())
    path.write_bytes(bytes_of_tensors({**old, **tensors}, {"gradatim": json.dumps(description)}))
    return path


def test_a_later_format_is_refused_with_the_version_that_wrote_it(path):
    forged(path, lambda d: d.update(format=99, version="7.0"))
    with pytest.raises(ExchangeError, match=r"must have format 2 or older. Got 99, written by gradatim 7\.0"):
        load(path)


def test_tensors_that_do_not_fit_the_architecture_are_refused(path):
    with pytest.raises(ExchangeError, match=r"Tensor W1 must have shape .* Got \(2, 2\)"):
        load(forged(path, W1=np.zeros((2, 2), np.float32)))


def test_numbers_of_another_type_are_refused(path):
    with pytest.raises(ExchangeError, match="all be float32 or all float64"):
        load(forged(path, b1=np.zeros((3, 1), np.int64)))


def test_forged_sizes_ask_for_no_memory(path):
    def enormous(description):
        description["architecture"]["layers"][0]["units"] = 10**15

    with pytest.raises(ExchangeError, match="must have shape"):
        load(forged(path, enormous))


@pytest.mark.parametrize("key", ["architecture", "encoder", "target", "settings", "loss"])
@pytest.mark.parametrize("value", [None, 3, {}, [], {"type": "os.system"}, {"type": "Dense", "bogus": 1}])
def test_damaged_descriptions_are_refused(key, value, path):
    with pytest.raises(ExchangeError):
        load(forged(path, lambda d: d.update({key: value})))


def test_a_description_that_is_no_json_is_refused(path):
    path.write_bytes(bytes_of_tensors({"W1": np.zeros(1)}, {"gradatim": "{"}))
    with pytest.raises(ExchangeError, match="not readable JSON"):
        load(path)


def test_frozen_data_survives_json():
    front = (NumericEmbedding(2), CategoryEmbedding((3, 9)), Scale())
    architecture = Architecture(4, front, (Dense(5, "mish", True), Dropout(0.1)), Dense(2, "softmax"), members=3)
    settings = Settings(optimizer=Adam(beta2=0.95), class_weight={0: 1.0, True: 2.0, "x": 0.5}, loss=Huber(2.0))
    for value in (architecture, settings, WarmUp(3, then=Cosine())):
        assert from_json(json.loads(json.dumps(to_json(value))), type(value)) == value


def test_only_known_types_are_built():
    assert all(kind.__module__.startswith("gradatim.") for kind in TYPES.values())
    with pytest.raises(ExchangeError, match="A type in the model file must be one of"):
        from_json({"type": "Path", "path": "/"}, object)
    with pytest.raises(ExchangeError, match="must be of type"):
        from_json({"type": "Scale"}, Dense)
    with pytest.raises(ExchangeError, match="must hold numbers, texts"):
        to_json(object())
