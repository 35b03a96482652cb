"""Pictures in files and folders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables import Table, TableEncoder, read_table
from gradatim.tables.images import pixel_names
from gradatim.tables.reading.pictures import as_one_picture


@pytest.fixture
def picture():
    image = pytest.importorskip("PIL.Image")

    def draw(path, colour, size=(10, 8), mode="RGB"):
        path.parent.mkdir(parents=True, exist_ok=True)
        image.new(mode, size, colour).save(path)
        return path

    return draw


def test_one_picture_is_a_row_of_64_by_64_colours(picture, tmp_path):
    table = read_table(picture(tmp_path / "red.png", (255, 0, 10)))
    assert (table.image_shape, table.n_rows, table.column("file").to_list()) == ((64, 64, 3), 1, ["red.png"])
    np.testing.assert_array_equal(table.block.reshape(-1, 3), [[255, 0, 10]] * 64 * 64)


def test_a_picture_is_brought_to_the_shape_that_is_asked_for(picture, tmp_path):
    path = picture(tmp_path / "grey.png", 77, mode="L")
    assert read_table(path, image_shape=(5, 6, 1)).block.tolist() == [[77] * 30]
    assert read_table(path, image_shape=(2, 2, 3)).block.tolist() == [[77] * 12]


def test_height_comes_first(tmp_path):
    """A picture of 2 lines and 3 places: line 0 is red, line 1 blue."""
    image = pytest.importorskip("PIL.Image")
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[0, :, 0], pixels[1, :, 2] = 255, 255
    image.fromarray(pixels).save(tmp_path / "flag.png")
    np.testing.assert_array_equal(read_table(tmp_path / "flag.png", image_shape=(2, 3, 3)).block[0], pixels.ravel())


def test_an_array_of_the_shape_that_is_asked_for_is_one_picture():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    rows = Table(pl.DataFrame(), picture.reshape(5, 12), pixel_names((4, 3, 1)), image_shape=(4, 3, 1))
    one = as_one_picture(rows, (5, 4, 3))
    assert (one.n_rows, one.image_shape, one.names) == (1, (5, 4, 3), pixel_names((5, 4, 3)))
    np.testing.assert_array_equal(one.block, picture.reshape(1, -1))
    grey = as_one_picture(Table.from_any(picture[:, :, 0]), (5, 4, 1))
    np.testing.assert_array_equal(grey.block, picture[:, :, 0].reshape(1, -1))
    for shape in ((4, 3, 1), (5, 12, 3), (4, 5, 3)):
        assert as_one_picture(rows, shape) is rows
    labelled = replace(rows, frame=pl.DataFrame({"label": [0, 1, 0, 1, 0]}))
    assert as_one_picture(labelled, (5, 4, 3)) is labelled


def test_what_is_transparent_is_white(picture, tmp_path):
    path = picture(tmp_path / "glass.png", (0, 0, 0, 0), mode="RGBA")
    assert read_table(path, image_shape=(1, 1, 3)).block.tolist() == [[255, 255, 255]]


def test_a_folder_of_classes_is_labelled_by_its_folders(picture, tmp_path):
    for name, colour in (("cat/1.png", "white"), ("dog/2.png", "black"), ("cat/3.jpg", "white")):
        picture(tmp_path / "pets" / name, colour)
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("no picture")
    table = read_table(tmp_path / "pets")
    assert table.column("label").to_list() == ["cat", "cat", "dog"]
    assert table.column("file").to_list() == ["cat/1.png", "cat/3.jpg", "dog/2.png"]
    assert table.target_name == "label"
    encoder = TableEncoder.fit(table.drop(["label"]))
    assert encoder.n_outputs == 64 * 64 * 3


def test_a_folder_of_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="must hold pictures"):
        read_table(tmp_path)
