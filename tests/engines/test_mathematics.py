"""The functions of kernels: their errors over all float32 numbers, and that loops of them become vector code."""

import os
import platform
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Chebyshev, Polynomial

numba = pytest.importorskip("numba")

from gradatim.engines.fast import mathematics  # noqa: E402
from gradatim.engines.fast.compiling import COMPILES, OPTIONS  # noqa: E402


def sigmoid_reference(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


# The reference of each function, and its largest error in ulp as its docstring states it.
FUNCTIONS = {
    "exp": (np.exp, 1.0),
    "expm1": (np.expm1, 1.5),
    "log": (np.log, 1.0),
    "log1p": (np.log1p, 2.0),  # 1.7 for x ≥ 0
    "tanh": (np.tanh, 2.5),
    "sigmoid": (sigmoid_reference, 2.5),
}
SPECIAL = [0, 1, -1, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38, 88.72, 88.73, -87.4, -103.9, -104.1]

compiled = pytest.mark.skipif(not COMPILES, reason="Numba compiles nothing here (NUMBA_DISABLE_JIT)")


@pytest.fixture(autouse=True)
def quiet():
    """Overflow and invalid numbers are what these tests are about."""
    with np.errstate(all="ignore"):
        yield


def loop_over(name):
    function = getattr(mathematics, name)

    @numba.njit(**OPTIONS)
    def loop(x, y):
        for i in range(x.size):
            y[i] = function(x[i])

    return loop


@numba.njit(**OPTIONS)
def sincos_loop(x, s, c):
    for i in range(x.size):
        s[i], c[i] = mathematics.sincos(x[i])


def values(name, x):
    y = np.empty_like(x)
    loop_over(name)(x, y)
    return y


def sines_and_cosines(x):
    s, c = np.empty_like(x), np.empty_like(x)
    sincos_loop(x, s, c)
    return s, c


def ulps(y, truth):
    """How far y is from the truth, which has more digits, in ulp of y's type; 0 where the truth rounds to y."""
    rounded = truth.astype(y.dtype)
    ulp = np.spacing(np.minimum(np.abs(rounded), np.finfo(y.dtype).max)).astype(truth.dtype)
    error = np.abs(y.astype(truth.dtype) - truth) / ulp
    agree = (y == rounded) | (np.isnan(y) & np.isnan(rounded))
    return np.where(agree, 0, np.nan_to_num(error, nan=np.inf))


def all_exponents():
    """Every 4001st float32, by its bits: all exponents, both signs, subnormal numbers, infinity and NaN."""
    return np.arange(0, 2**32, 4001, dtype=np.int64).astype(np.uint32).view(np.float32)


def usual_numbers():
    rng = np.random.default_rng(7)
    return np.concatenate([rng.uniform(-low, low, 500_000) for low in (1, 4, 20, 110)]).astype(np.float32)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("numbers", [all_exponents, usual_numbers])
@compiled
def test_float32_errors_are_within_those_that_are_documented(name, numbers):
    reference, bound = FUNCTIONS[name]
    x = numbers()
    assert ulps(values(name, x), reference(x.astype(np.float64))).max() <= bound


@compiled
def test_log1p_is_within_1_7_ulp_where_kernels_use_it():
    x = np.abs(np.concatenate([all_exponents(), usual_numbers()]))
    assert ulps(values("log1p", x), np.log1p(x.astype(np.float64))).max() <= 1.7


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values_in_python(name):
    reference, bound = FUNCTIONS[name]
    x = np.array([*SPECIAL, np.inf, -np.inf, np.nan], np.float32)
    y = np.array([getattr(mathematics, name)(v) for v in x])
    assert y.dtype == np.float32
    truth = np.where(np.isneginf(x) & (name == "sigmoid"), 0, reference(x.astype(np.float64)))
    assert ulps(y, truth).max() <= bound


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=st.floats(width=32))
def test_the_same_formula_holds_in_python(name, x):
    reference, bound = FUNCTIONS[name]
    with np.errstate(all="ignore"):
        y = np.atleast_1d(getattr(mathematics, name)(np.float32(x)))
        assert y.dtype == np.float32
        assert ulps(y, np.atleast_1d(reference(np.float64(x)))).max() <= bound


@given(st.floats(width=32, allow_nan=False))
def test_tanh_is_odd_and_sigmoid_and_tanh_stay_in_their_ranges(x):
    x = np.float32(x)
    assert mathematics.tanh(-x) == -mathematics.tanh(x)
    assert abs(mathematics.tanh(x)) <= 1
    assert 0 <= mathematics.sigmoid(x) <= 1


def test_overflow_and_underflow():
    f = np.float32
    assert mathematics.exp(f(1e30)) == np.inf
    assert mathematics.expm1(f(89)) == np.inf
    assert mathematics.exp(f(-1e30)) == 0
    assert mathematics.expm1(f(-1e30)) == -1
    assert mathematics.sigmoid(f(-80)) == pytest.approx(np.exp(-80.0), rel=3e-7, abs=0)


@pytest.mark.parametrize(("largest", "error"), [(1, 1e-7), (300, 1e-7), (1e4, 1e-7), (1e5, 1e-6)])
@compiled
def test_sincos_errors(largest, error):
    x = np.random.default_rng(3).uniform(-largest, largest, 500_000).astype(np.float32)
    for y, reference in zip(sines_and_cosines(x), (np.sin, np.cos), strict=True):
        assert np.abs(y - reference(x.astype(np.float64))).max() <= error


@compiled
def test_sincos_near_zero_and_at_the_ends():
    x = all_exponents()
    s, c = sines_and_cosines(x)
    small = np.abs(x) <= 1
    assert ulps(s[small], np.sin(x[small].astype(np.float64))).max() <= 1.5
    assert ulps(c[small], np.cos(x[small].astype(np.float64))).max() <= 1.5
    np.testing.assert_array_equal(np.isnan(s), ~np.isfinite(x))
    np.testing.assert_array_equal(np.isnan(c), ~np.isfinite(x))
    assert np.nanmax(np.abs([s, c])) <= 1


@given(st.floats(-1e4, 1e4, width=32))
def test_sincos_in_python(x):
    s, c = mathematics.sincos(np.float32(x))
    assert s.dtype == c.dtype == np.float32
    assert abs(s - np.sin(x)) <= 1e-7
    assert abs(c - np.cos(x)) <= 1e-7


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double is no longer than double here")
@pytest.mark.parametrize("name", FUNCTIONS)
@compiled
def test_float64_errors_are_within_those_that_are_documented(name):
    bound = 2.5 if name in ("tanh", "sigmoid") else 2
    rng = np.random.default_rng(5)
    x = np.concatenate(
        [rng.uniform(-1, 1, 100_000), rng.uniform(-30, 30, 100_000), 10 ** rng.uniform(-300, 2, 100_000)]
    )
    truth = FUNCTIONS[name][0](x.astype(np.longdouble))
    assert ulps(values(name, x), truth).max() <= bound
    in_python = np.array([getattr(mathematics, name)(v) for v in x[::500]])
    assert ulps(in_python, truth[::500]).max() <= bound


@compiled
def test_float64_sincos_and_integers():
    x = np.random.default_rng(5).uniform(-1e6, 1e6, 10_000)
    s, c = sines_and_cosines(x)
    np.testing.assert_allclose(s, np.sin(x), rtol=0, atol=3e-16)
    np.testing.assert_allclose(c, np.cos(x), rtol=0, atol=3e-16)
    assert numba.njit(**OPTIONS)(lambda: mathematics.exp(2))() == pytest.approx(np.e**2, rel=1e-15)


def packed_products(assembly):
    """Products of several float32 numbers at once: AVX, AVX-512 or SSE, fused with a sum or not."""
    return re.findall(r"\b(?:v?mulps|vf(?:n?m)(?:add|sub)\d+ps)\b.*%[xyz]mm", assembly)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86-64 assembly")
@pytest.mark.parametrize("name", [*FUNCTIONS, "sincos"])
@compiled
def test_loops_become_vector_code_and_call_no_library(name):
    loop = sincos_loop if name == "sincos" else loop_over(name)
    x = np.ones(1, np.float32)
    loop(*([x] * (3 if name == "sincos" else 2)))
    assembly = loop.inspect_asm(next(s for s in loop.signatures if s[0].dtype == numba.float32))
    assert len(packed_products(assembly)) >= 8  # at least a polynomial's
    # Addresses of functions of the C library, of either precision, as operands: `movabsq $expf, %rax` and `callq expf`.
    assert not re.findall(r"[\s$](?:exp|expm1|log|log1p|tanh|sin|cos|sincos)f?(?:@\w+)?(?:,|\s)", assembly)


def chebyshev_fit(function, degree, low, high):
    """The polynomial that agrees with the function (40 digits) in the Chebyshev nodes, in powers of its argument."""
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(40):
        # The shift keeps the node in the middle off 0, where the functions are 0/0.
        fit = Chebyshev.interpolate(
            lambda x: np.array([float(function(mpmath.mpf(float(v)) + mpmath.mpf(10) ** -12)) for v in x]),
            degree,
            domain=[low, high],
        )
    return fit.convert(kind=Polynomial).coef


@pytest.mark.parametrize(
    ("coefficients", "formula", "low", "high"),
    [
        ("_EXP", lambda m, r: (m.expm1(r) - r) / r**2, -np.log(2) / 2, np.log(2) / 2),
        ("_LOG", lambda m, r: (m.log1p(r) - r + r**2 / 2) / r**3, -1 / 3, 1 / 3),
        ("_SIN", lambda m, z: (m.sin(m.sqrt(z)) / m.sqrt(z) - 1) / z, 0, (np.pi / 4) ** 2),
        ("_COS", lambda m, z: (m.cos(m.sqrt(z)) - 1 + z / 2) / z**2, 0, (np.pi / 4) ** 2),
    ],
)
def test_coefficients_are_those_of_the_fit(coefficients, formula, low, high):
    mpmath = pytest.importorskip("mpmath")
    ours = np.array(getattr(mathematics, coefficients), np.float64)
    made = chebyshev_fit(lambda v: formula(mpmath, v), ours.size - 1, low, high)
    # What the interval's rounding moves in a coefficient moves the polynomial by far less than half an ulp.
    np.testing.assert_allclose(ours, made, rtol=1e-3)
    x = np.linspace(low, high, 101)
    np.testing.assert_allclose(Polynomial(ours)(x), Polynomial(made)(x), rtol=2e-7)


def test_without_the_compiler_the_names_are_ordinary_functions():
    program = (
        "import numpy as np\n"
        "from gradatim.engines.fast import mathematics as m\n"
        "print(repr(m.exp(np.float32(1))), repr(m.tanh(np.float32(-30))), repr(m.exp(0.0)), m.sincos(np.float32(0)))"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[0] == (
        "np.float32(2.7182817) np.float32(-1.0) np.float64(1.0) (np.float32(0.0), np.float32(1.0))"
    )
