"""Architecture and Parameters: which blocks a network has, and where they lie."""

import numpy as np
import pytest

from gradatim.errors import InputError, ShapeError
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Parameters, Scale


def test_blocks_of_a_deep_network_in_the_notes_shapes():
    """The notes: W[l] is (n[l], n[l-1]), b[l] is (n[l], 1)."""
    architecture = Architecture(12288, layers=(Dense(20), Dense(7), Dense(5)), output=Dense(1, "sigmoid"))
    assert architecture.L == 4
    assert architecture.n == (12288, 20, 7, 5, 1)
    shapes = {block.name: block.shape for block in architecture.blocks}
    assert shapes == {
        "W1": (20, 12288), "b1": (20, 1), "W2": (7, 20), "b2": (7, 1),
        "W3": (5, 7), "b3": (5, 1), "W4": (1, 5), "b4": (1, 1),
    }  # fmt: skip
    assert architecture.size == 12288 * 20 + 20 + 20 * 7 + 7 + 7 * 5 + 5 + 5 + 1


def test_blocks_of_the_full_front_follow_each_other_without_gap():
    architecture = Architecture(
        5,
        front=(NumericEmbedding(columns=3, frequencies=2, width=4), CategoryEmbedding((4, 6), width=3), Scale()),
        layers=(Dense(7, "selu", learned_slope=True), Dropout(0.1), Dense(6, "mish", learned_slope=True)),
        output=Dense(2, "softmax"),
        members=3,
    )
    assert architecture.n[0] == 3 * 4 + 2 + 2 * 3
    assert architecture.dropout == (0.1, 0.0, 0.0)
    names = [block.name for block in architecture.blocks]
    assert names == [
        "frequency",
        "phase",
        "V",
        "c",
        "E1",
        "E2",
        "scale",
        "r",
        "W1",
        "b1",
        "slope1",
        "W2",
        "b2",
        "slope2",
        "W3",
        "b3",
    ]
    stops = [block.stop for block in architecture.blocks]
    assert [block.start for block in architecture.blocks] == [0, *stops[:-1]]
    assert architecture.block["W3"].shape == (3, 2, 6)
    assert architecture.block["r"].shape == (3, architecture.n[0])


def test_numbers_per_embedded_column_are_the_papers():
    """RealMLP: 16 + 16 + 48 + 3 = 83 parameters for each numeric column."""
    architecture = Architecture(1, front=(NumericEmbedding(columns=1),))
    assert sum(block.size for block in architecture.blocks if block.role == "embedding") == 83


def test_parameters_read_and_write_the_vector():
    architecture = Architecture(2, layers=(Dense(3, "tanh"),))
    parameters = Parameters(architecture, np.arange(13.0))
    np.testing.assert_array_equal(parameters.W[1], [[0, 1], [2, 3], [4, 5]])
    np.testing.assert_array_equal(parameters.b[2], [[12]])
    parameters.b[1] = np.array([[7.0], [8.0], [9.0]])
    np.testing.assert_array_equal(parameters.vector[6:9], [7, 8, 9])
    assert list(parameters) == ["W1", "b1", "W2", "b2"]


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (np.zeros(3), r"\.reshape\(3, 1\)"),
        (np.zeros((1, 3)), r"\.T"),
        (np.zeros((2, 1)), r"b\[1\] must have shape \(3, 1\), which is \(n\[1\], 1\)\. Got \(2, 1\)"),
    ],
)
def test_another_shape_is_refused_with_the_cure(value, advice):
    parameters = Parameters(Architecture(2, layers=(Dense(3, "tanh"),)), np.zeros(13))
    with pytest.raises(ShapeError, match=advice):
        parameters.b[1] = value
    assert not parameters.vector.any()


@pytest.mark.parametrize("integer", [int, np.int64, np.uint8])
def test_any_integer_numbers_a_layer(integer):
    """As they come out of NumPy: `for l in np.arange(1, L + 1)`."""
    parameters = Parameters(Architecture(2, layers=(Dense(3, "tanh"),)), np.arange(13.0))
    np.testing.assert_array_equal(parameters.b[integer(1)], [[6], [7], [8]])
    parameters.W[integer(2)] = [[20, 30, 40]]
    np.testing.assert_array_equal(parameters.vector[9:12], [20, 30, 40])


@pytest.mark.parametrize("l", [0, 3, -1, "1", 1.0, np.float64(1)])
def test_layers_count_from_one_to_L(l):
    parameters = Parameters(Architecture(2, layers=(Dense(3, "tanh"),)), np.zeros(13))
    with pytest.raises(InputError, match="1 to 2"):
        parameters.W[l]


@pytest.mark.parametrize(
    "arguments",
    [
        {"inputs": -1},
        {"inputs": 2, "members": 0},
        {"inputs": 2, "layers": (Dense(0),)},
        {"inputs": 2, "layers": (Dense(3, "softmax"),)},
        {"inputs": 2, "layers": (Dense(3, "rleu"),)},
        {"inputs": 2, "layers": (Dropout(0.1), Dense(3))},
        {"inputs": 2, "layers": (Dense(3), Dropout(0.1), Dropout(0.1))},
        {"inputs": 2, "layers": (Dense(3), Dropout(1.0))},
        {"inputs": 2, "front": (Scale(), Scale())},
        {"inputs": 2, "front": (Scale(), NumericEmbedding(2))},
        {"inputs": 2, "front": (NumericEmbedding(3),)},
        {"inputs": 2, "output": Dense(1, "sigmoid", learned_slope=True)},
    ],
)
def test_networks_that_make_no_sense_are_refused(arguments):
    with pytest.raises(InputError):
        Architecture(**arguments)


def test_a_constant_model_has_no_inputs_and_only_biases():
    architecture = Architecture(0, output=Dense(3, "softmax"))
    assert [(block.name, block.size) for block in architecture.blocks] == [("W1", 0), ("b1", 3)]
