"""Pictures as columns and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradatim.errors import ShapeError
from gradatim.tables.images import image_columns, images, pixel_names

shapes = st.tuples(st.integers(0, 4), st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 3]))


def test_a_picture_is_unrolled_as_the_course_does():
    pictures = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 3), dtype=np.uint8)
    np.testing.assert_array_equal(image_columns(pictures), pictures.reshape(pictures.shape[0], -1).T)


@given(pictures=arrays(np.uint8, shapes))
def test_pictures_come_back(pictures):
    columns = image_columns(pictures)
    assert columns.shape == (np.prod(pictures.shape[1:]), len(pictures))
    np.testing.assert_array_equal(images(columns, pictures.shape[1:]), pictures)


def test_columns_are_a_view():
    pictures = np.zeros((2, 3, 3, 1))
    assert np.shares_memory(image_columns(pictures), pictures)


def test_names_follow_the_pixels():
    names = pixel_names((2, 3, 2))
    place = np.ravel_multi_index((1, 2, 0), (2, 3, 2))
    assert names[place] == "pixel_1_2_0"
    assert len(names) == 12


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError, match=r"pictures\[None\]"):
        image_columns(np.zeros((4, 4)))
    with pytest.raises(ShapeError, match=r"\(12, m\) for pictures of 2×2×3\. Got \(11, 1\)"):
        images(np.zeros((11, 1)), (2, 2, 3))
