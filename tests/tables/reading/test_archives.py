"""Arrays in files."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.tables import TableEncoder, read_table
from gradatim.tables.reading import compression
from gradatim.tables.targets import ClassTarget


@pytest.mark.parametrize(
    "names", [("X", "y"), ("x_train", "y_train"), ("train_set_x", "train_set_y"), ("data", "target")]
)
def test_arrays_are_told_by_their_names(tmp_path, names):
    X, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    np.savez(tmp_path / "data.npz", **dict(zip(names, (X, y), strict=True)))
    table = read_table(tmp_path / "data.npz")
    assert (table.names, table.target_name) == (("x1", "x2", "label"), "label")
    np.testing.assert_array_equal(table.block, X)
    assert table.column("label").to_list() == [0, 1, 0]


def test_the_test_part_is_held_out_and_class_names_become_labels(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (5, 4, 3, 3), dtype=np.uint8)
    y = np.array([1, 0, 1], dtype=np.uint8)
    names = np.array(["other", "cat"])
    np.savez(tmp_path / "data.npz", X_train=X[:3], y_train=y, X_test=X[3:], y_test=[0, 1], class_names=names)
    table = read_table(tmp_path / "data.npz")
    assert (table.image_shape, table.n_rows, table.held_out.n_rows) == ((4, 3, 3), 3, 2)
    assert table.column("label").to_list() == ["cat", "other", "cat"]
    assert table.held_out.column("label").to_list() == ["other", "cat"]
    assert ClassTarget.fit(table.column("label")).positive == "cat"
    np.testing.assert_array_equal(table.block, X[:3].reshape(3, -1))


def test_one_array_is_a_table_without_a_target(tmp_path):
    np.save(tmp_path / "rows.npy", np.arange(6).reshape(3, 2))
    np.save(tmp_path / "pictures.npy", np.zeros((2, 4, 4), dtype=np.uint8))
    assert read_table(tmp_path / "rows.npy").names == ("x1", "x2")
    assert read_table(tmp_path / "pictures.npy").image_shape == (4, 4, 1)
    assert read_table(tmp_path / "pictures.npy").target_name is None


def test_python_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "data.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects, which run code when loaded"):
        read_table(tmp_path / "data.npy")
    np.savez(tmp_path / "data.npz", X=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="Python objects"):
        read_table(tmp_path / "data.npz")


def test_examples_in_columns_are_noticed(tmp_path):
    np.savez(tmp_path / "data.npz", X=np.zeros((12, 5)), y=np.zeros(5))
    with pytest.raises(InputError, match=r"one target for each of the 12 rows. Got shape \(5,\)\. .*X\.T"):
        read_table(tmp_path / "data.npz")


def test_an_archive_without_inputs_is_refused(tmp_path):
    np.savez(tmp_path / "data.npz", split_0=np.zeros(3), split_1=np.zeros(3))
    with pytest.raises(InputError, match=r"array of inputs, named X.* Got split_0, split_1"):
        read_table(tmp_path / "data.npz")


def test_an_h5_file_is_read_as_the_courses_are(tmp_path):
    h5py = pytest.importorskip("h5py")
    X = np.random.default_rng(0).integers(0, 256, (4, 2, 2, 3), dtype=np.uint8)
    with h5py.File(tmp_path / "train.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, [0, 1, 1, 0]
        file["list_classes"] = np.array([b"non-cat", b"cat"])
    table = read_table(tmp_path / "train.h5")
    assert (table.target_name, table.image_shape) == ("label", (2, 2, 3))
    assert table.column("label").to_list() == ["non-cat", "cat", "cat", "non-cat"]
    X_encoded = TableEncoder.fit(table.drop(["label"])).encode(table).X
    np.testing.assert_array_equal(X_encoded, (X.reshape(4, -1) / 255).astype(np.float32))


@pytest.mark.parametrize("y", [np.zeros(3, "M8[Y]"), np.zeros(3, complex), np.zeros(3, [("a", "i4")])])
def test_targets_are_numbers_or_texts(tmp_path, y):
    np.savez(tmp_path / "data.npz", X=np.eye(3), y=y)
    with pytest.raises(InputError, match=r"must hold targets that are numbers or texts. Got an array of"):
        read_table(tmp_path / "data.npz")


def test_an_h5_file_that_is_a_bomb_is_refused(tmp_path, monkeypatch):
    """2³⁶ bytes that were never written take no place in the file."""
    h5py = pytest.importorskip("h5py")
    monkeypatch.setattr(compression, "FREE", 10**6)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("X", (2**30, 64), dtype="u1", chunks=(1024, 64))
    with pytest.raises(InputError, match="must unpack to at most"):
        read_table(tmp_path / "data.h5")
