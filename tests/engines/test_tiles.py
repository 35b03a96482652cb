"""Products by tiles, against NumPy's of the same small integers in float64: those are exact, whatever their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreement.random_trainings import examples

numba = pytest.importorskip("numba", reason="Numba is not installed")
from gradatim.engines.fast import tiles  # noqa: E402
from gradatim.engines.fast.compiling import OPTIONS  # noqa: E402

pytestmark = pytest.mark.skipif(not tiles.USABLE, reason="nothing is compiled, or not for AVX-512")

DTYPES = ["float32", "float64"]


@pytest.fixture(scope="module")
def of():
    """The kernels by their names, as functions that Python may call."""

    def callable_(kernel):
        @numba.njit(**OPTIONS)
        def function(a, b, c, number):
            kernel(a, b, c, number)

        return function

    def without_number(kernel):
        @numba.njit(**OPTIONS)
        def function(a, b, c):
            kernel(a, b, c)

        return function

    return {
        "scores": without_number(tiles.scores),
        "dots": without_number(tiles._compiled_dots),
        "strips": callable_(tiles._compiled_strips),
        "weight_gradient": callable_(tiles.weight_gradient),
    }


def integers(random, *shape, dtype):
    """Matrices of numbers from -4 to 4, as C's order has them."""
    return random.integers(-4, 5, shape).astype(dtype)


def matrices_of(m, n, n_prev, dtype):
    """A (m, n_prev), W (n, n_prev) and dZ (m, n)."""
    random = np.random.default_rng(m + 1000 * n + 1000000 * n_prev)
    return [integers(random, *shape, dtype=dtype) for shape in ((m, n_prev), (n, n_prev), (m, n))]


sizes = st.one_of(st.integers(1, 12), st.integers(13, 90), st.integers(250, 270))
wide = st.one_of(st.integers(64, 200), st.sampled_from([1024, 2047, 2048, 2049, 4099]))


@examples(60)
@given(m=sizes, n=sizes, n_prev=st.one_of(sizes, wide), dtype=st.sampled_from(DTYPES))
def test_scores_are_numpys(of, m, n, n_prev, dtype):
    A, W, _ = matrices_of(m, n, n_prev, dtype)
    Z = np.full((m, n), np.nan, dtype)
    of["scores"](A, W, Z)
    np.testing.assert_array_equal(Z, A.astype(float) @ W.T.astype(float))


@examples(60)
@given(m=sizes, n=sizes, n_prev=st.one_of(sizes, wide), β=st.sampled_from([0.0, 1.0]), dtype=st.sampled_from(DTYPES))
def test_the_gradient_of_weights_is_written_or_added(of, m, n, n_prev, β, dtype):
    A, W, dZ = matrices_of(m, n, n_prev, dtype)
    dW = W.copy() if β else np.full_like(W, np.nan)
    of["weight_gradient"](dZ, A, dW, β)
    np.testing.assert_array_equal(dW, dZ.T.astype(float) @ A.astype(float) + (W if β else 0))


@examples(40)
@given(m=sizes, n=sizes, n_prev=wide, dtype=st.sampled_from(DTYPES))
def test_tiles_of_any_shape(of, m, n, n_prev, dtype):
    """Of shapes, too, that would go to BLAS."""
    A, W, dZ = matrices_of(m, n, n_prev, dtype)
    Z, dW = np.full((m, n), np.nan, dtype), W.copy()
    of["dots"](A, W, Z)
    of["strips"](dZ, A, dW, True)
    np.testing.assert_array_equal(Z, A.astype(float) @ W.T.astype(float))
    np.testing.assert_array_equal(dW, dZ.T.astype(float) @ A.astype(float) + W)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("m", "n", "n_prev"), [(104, 20, 12288), (64, 17, 4099), (123, 128, 129), (7, 64, 129), (33, 70, 67)]
)
def test_nothing_is_written_beside_the_result(of, m, n, n_prev, dtype):
    """Each result lies between two stretches of memory that must stay as they are."""
    A, W, dZ = matrices_of(m, n, n_prev, dtype)
    for name, arguments, shape in (
        ("scores", (A, W), (m, n)),
        ("dots", (A, W), (m, n)),
        ("weight_gradient", (dZ, A), (n, n_prev)),
    ):
        memory = np.full(shape[0] * shape[1] + 256, 7, dtype)
        C = memory[128:-128].reshape(shape)
        of[name](*arguments, C, *([0.0] if name == "weight_gradient" else []))
        assert np.all(memory[:128] == 7), name
        assert np.all(memory[-128:] == 7), name


@pytest.mark.parametrize("spoiled", [np.nan, np.inf])
def test_what_is_not_finite_stays_in_its_row_and_column(of, spoiled):
    """Also where a tile has rows and columns too many."""
    A, W, dZ = matrices_of(104, 18, 1100, "float32")
    A[50, 1099] = spoiled
    Z, dW = np.empty((104, 18), np.float32), np.empty((18, 1100), np.float32)
    dZ[50], W[:, 1099] = 1, 1
    of["scores"](A, W, Z)
    of["weight_gradient"](dZ, A, dW, 0.0)
    np.testing.assert_array_equal(np.argwhere(~np.isfinite(Z))[:, 0], [50] * 18)
    np.testing.assert_array_equal(np.argwhere(~np.isfinite(dW))[:, 1], [1099] * 18)
