"""Pictures as numbers: one divisor, and no other scale or size than that of training."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError, ShapeError
from gradatim.tables import Encoding, Table, TableEncoder, read_table

EXACT = Encoding(dtype="float64")


def test_pixels_are_divided_by_255_and_nothing_else():
    pictures = np.arange(2 * 2 * 2 * 3, dtype=np.uint8).reshape(2, 12) * 11
    table = Table(pl.DataFrame(), pictures, tuple(f"p{j}" for j in range(12)), image_shape=(2, 2, 3))
    encoder = TableEncoder.fit(table, slice(None), EXACT)
    np.testing.assert_array_equal(encoder.encode(table).X, pictures / 255)
    assert encoder.outputs[5].name == "pixel_0_1_2"


@pytest.mark.parametrize(("largest", "divisor"), [(1, 1), (16, 16), (17, 255), (255, 255), (4095, 4095)])
def test_the_divisor_of_pixels_follows_the_largest_one(largest, divisor):
    table = Table(pl.DataFrame(), np.array([[0, largest]]), ("p", "q"), image_shape=(1, 2, 1))
    assert TableEncoder.fit(table, slice(None), EXACT).encode(table).X.max() == largest / divisor


def pictures(values, dtype=np.float64):
    """Pictures of one line and two places."""
    return Table(pl.DataFrame(), np.array(values, dtype=dtype), ("p", "q"), image_shape=(1, 2, 1))


BYTES = pictures([[0, 255]], np.uint8)
FRACTIONS = pictures([[0.0, 0.9]])
DIGITS = pictures([[0, 15]], np.uint8)
DEEP = pictures([[0, 65535]], np.uint16)
SIGNED = pictures([[-1.0, 1.0]])


@pytest.mark.parametrize(
    ("trained", "given", "words"),
    [
        (BYTES, FRACTIONS, r"0 to 255\. Got 0 to 0\.9: multiply them by 255, if their white is 1"),
        (BYTES, pictures([[0, 5], [0, 300]], np.uint16), r"Got 0 to 300: divide them by 16\.0588, if .* is 4095"),
        (BYTES, DEEP, "divide them by 257, if their white is 65535"),
        (BYTES, pictures([[-128, 127]], np.int16), r"Got -128 to 127: bring them to that scale"),
        (FRACTIONS, BYTES, r"0 to 0\.9\. Got 0 to 255: divide them by 255, if their white is 255"),
        (FRACTIONS, pictures([[0, 12]], np.uint8), "divide them by 255, if their white is 255"),
        (FRACTIONS, SIGNED, "Got -1 to 1: bring them to that scale"),
        (DIGITS, BYTES, r"divide them by 15\.9375, if their white is 255"),
        (DIGITS, FRACTIONS, "multiply them by 16, if their white is 1"),
        (DEEP, BYTES, "multiply them by 257, if their white is 255"),
    ],
)
def test_pictures_on_another_scale_are_refused(trained, given, words):
    encoder = TableEncoder.fit(trained, slice(None), EXACT)
    with pytest.raises(InputError, match=words):
        encoder.encode(given)


@pytest.mark.parametrize(
    ("trained", "given"),
    [
        (BYTES, pictures([[0, 0]], np.uint8)),
        (BYTES, pictures([[0, 1]], np.uint8)),  # nearly black
        (BYTES, pictures([[0.0, 1.0]])),
        (BYTES, pictures([[0.4, 255.3]])),
        (BYTES, pictures([[np.nan, 300.5]])),  # resizing overshoots
        (FRACTIONS, pictures([[-0.1, 1.3]])),
        (FRACTIONS, pictures([[0, 1]], np.uint8)),
        (DIGITS, pictures([[0, 16]], np.uint8)),
        (DEEP, pictures([[0, 255]], np.uint16)),
        (SIGNED, pictures([[0.1, 0.2]])),
    ],
)
def test_pictures_that_may_be_on_the_scale_of_training_are_encoded(trained, given):
    encoder = TableEncoder.fit(trained, slice(None), EXACT)
    divisor = {id(BYTES): 255, id(DIGITS): 15, id(DEEP): 65535}.get(id(trained), 1)
    np.testing.assert_allclose(encoder.encode(given).X, np.nan_to_num(given.block / divisor), rtol=1e-15)


def test_many_pictures_are_judged_some_at_a_time(monkeypatch):
    monkeypatch.setattr("gradatim.tables.encoding.pixels.PIXELS_AT_ONCE", 3)
    encoder = TableEncoder.fit(pictures([[0, 7], [-3, 1], [2, 255], [0, 0]]), slice(None), EXACT)
    assert (encoder.pixels.low, encoder.pixels.high) == (-3, 255)
    with pytest.raises(InputError, match=r"Got 0 to 1: multiply them by 255"):
        encoder.encode(pictures([[0, 1], [1, 0], [0, 0.5]]))
    assert encoder.encode(pictures([[0, 1], [1, 0], [0, 0]])).X.shape == (3, 2)


def test_the_scale_of_pictures_is_kept_in_the_file():
    encoder = TableEncoder.fit(BYTES, slice(None), EXACT)
    again = TableEncoder.from_json(json.loads(json.dumps(encoder.to_json())), encoder.tensors())
    with pytest.raises(InputError, match="multiply them by 255"):
        again.encode(FRACTIONS)


def test_pictures_of_another_size_are_refused():
    encoder = TableEncoder.fit(read_table("sample:digits").drop(["digit"]))
    small = Table(pl.DataFrame(), np.zeros((1, 4)), ("a", "b", "c", "d"), image_shape=(2, 2, 1))
    with pytest.raises(ShapeError, match=r"must be 8×8×1 .*Got 2×2×1"):
        encoder.encode(small)
    with pytest.raises(ShapeError, match="Got no pictures"):
        encoder.encode(np.zeros((1, 64)))


def test_a_picture_encoder_is_written_without_its_names():
    table = read_table("sample:digits").drop(["digit"])
    encoder = TableEncoder.fit(table, slice(0, 1000), EXACT)
    facts = json.loads(json.dumps(encoder.to_json()))
    again = TableEncoder.from_json(facts, encoder.tensors())
    assert again.encode(table).X.tobytes() == encoder.encode(table).X.tobytes()
    assert len(json.dumps(facts)) < 1000
