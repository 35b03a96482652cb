"""The file of an ensemble: what goes in comes out, and what several models may not say is refused."""

from copy import deepcopy

import numpy as np
import pytest

from gradatim.errors import ExchangeError
from gradatim.exchange.model_file import model_bytes
from gradatim.model import Ensemble, load
from tests.exchange.models import MAKERS, assembled, description_in, example, together

KINDS = ["ensemble", "ensemble of numbers"]


@pytest.mark.parametrize("name", KINDS)
def test_what_is_loaded_equals_what_was_saved(name, tmp_path):
    whole = example(name)
    whole.model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, Ensemble)
    assert np.array_equal(loaded.predict(whole.rows), whole.model.predict(whole.rows))
    assert [one.target for one in loaded.models] == [one.target for one in whole.model.models]
    assert loaded.settings_ == whole.model.settings_
    assert (loaded.held_out, len(loaded.history_)) == (None, 0)
    assert model_bytes(loaded) == whole.content


def test_the_same_seed_gives_the_same_bytes_however_many_train_at_a_time():
    rows, _ = MAKERS["ensemble"]
    files = [model_bytes(together(rows, np.arange(24) % 3, n_threads=threads)) for threads in (1, 3)]
    assert files[0].replace(b'\\"n_threads\\": 1', b'\\"n_threads\\": 3') == files[1]


def test_tensors_stand_under_the_number_of_their_model():
    whole = example("ensemble")
    for number, model in enumerate(whole.model.models):
        W = whole.tensors[f"{number}.W1"]
        assert np.array_equal(W, model.vector[model.architecture.block["W1"].start :][: W.size].reshape(W.shape))
    assert {name.split(".")[0] for name in whole.tensors} == {"0", "1"}


def test_one_model_keeps_the_format_that_older_versions_read():
    assert [example(name).description["format"] for name in ("two classes", "ensemble")] == [1, 2]


CLASSES = {"kind": "classes", "name": "target", "classes": [0, 1, 3], "positive": None}
FORGERIES = {
    "models must be 1 to 1,000": lambda said, tensors: said.update(models=[]),
    "models must be 1 to": lambda said, tensors: said.update(models={"0": 1}),
    "tensors must be of models 0 to 2": lambda said, tensors: said["models"].append(said["models"][0]),
    "tensors must be of models 0 to 1": lambda said, tensors: tensors.update(W1=np.zeros(3)),
    "models must predict the same": lambda said, tensors: said["models"][1].update(target=CLASSES),
    "models must read the same columns": lambda said, tensors: said["models"][1]["encoder"]["columns"][0].__setitem__(
        0, "other"
    ),
    "it lacks 'settings'": lambda said, tensors: said.pop("settings"),
    "max_epochs must be": lambda said, tensors: said["settings"].update(max_epochs=0),
    "finite": lambda said, tensors: tensors["1.W1"].__setitem__(0, np.nan),
    "format 2 or older. got 3": lambda said, tensors: said.update(format=3),
}


@pytest.mark.parametrize("message", FORGERIES)
def test_what_several_models_may_not_be_is_refused(message, tmp_path):
    whole = example("ensemble")
    said, tensors = deepcopy(whole.description), deepcopy(whole.tensors)
    FORGERIES[message](said, tensors)
    (tmp_path / "m").write_bytes(assembled(said, tensors))
    with pytest.raises(ExchangeError) as fault:
        load(tmp_path / "m")
    assert message in str(fault.value).lower()


def test_labels_of_another_type_are_other_labels(tmp_path):
    """1 is True in Python, but not the same answer."""
    whole = example("ensemble")
    said = deepcopy(whole.description)
    said["models"][1]["target"]["classes"] = [0.0, 1.0, 2.0]
    (tmp_path / "m").write_bytes(assembled(said, whole.tensors))
    with pytest.raises(ExchangeError, match="must predict the same"):
        load(tmp_path / "m")


def test_tables_of_levels_have_room_for_all_models_together(monkeypatch, tmp_path):
    whole = example("ensemble")
    encoders = [model.encoder for model in whole.model.models]
    each = max(sum((len(one.levels) + 1) * one.columns for one in encoder.categories) for encoder in encoders)
    monkeypatch.setattr("gradatim.exchange.checks.MOST_LOOKED_UP", each)
    (tmp_path / "m").write_bytes(whole.content)
    with pytest.raises(ExchangeError, match="One-hot levels must be a table of at most"):
        load(tmp_path / "m")


def test_more_models_than_any_of_ours_are_refused(monkeypatch, tmp_path):
    for module in ("model_file", "checks"):
        monkeypatch.setattr(f"gradatim.exchange.{module}.MOST_MODELS", 1)
    (tmp_path / "m").write_bytes(example("ensemble").content)
    with pytest.raises(ExchangeError, match="Models must be 1 to 1"):
        load(tmp_path / "m")
    with pytest.raises(ExchangeError, match=r"Models must be at most 1\. Got 2"):
        example("ensemble").model.save(tmp_path / "n")
    assert not (tmp_path / "n").exists()


def test_a_damaged_model_is_not_written(tmp_path):
    model = example("ensemble").model
    spoiled = deepcopy(model)
    spoiled.models[1].vector[0] = np.inf
    with pytest.raises(ExchangeError, match="finite"):
        spoiled.save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_the_description_says_what_each_model_is():
    said = description_in(example("ensemble").content)
    assert sorted(said) == ["format", "models", "settings", "version"]
    assert sorted(said["models"][0]) == ["architecture", "encoder", "loss", "settings", "target"]
