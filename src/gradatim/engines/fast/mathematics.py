"""exp, log, tanh and their like, one number at a time, for loops that become vector code.

Conventions
-----------
* A function here takes one number and gives a number of that type back. Kernels call it by its name, and so does
  Python, where a debugger may walk it.
* float32: the body that stands here. It has no branch and calls no library, so that the compiler works on 4, 8 or 16
  numbers of a loop at once. float64 and integers: NumPy's function of that name, which in a kernel is the C library's:
  within 2 ulp (tanh and sigmoid: 2.5), and not vectorised.
* Constants are float32 as well: a bare 0.5 is a float64 to Numba, and makes a float64 of all that it touches. Callers
  mind that too: ``exp(np.float32(0.5) * x)``.
* Errors are in ulp, the distance of neighbouring float32 numbers at the true value. They are the largest that sweeps
  over all exponents met, rounded up; they hold whether or not the processor fuses a product with a sum.
* NaN stays NaN, infinity gives the limit, results too large are infinity, and results too small are subnormal or 0.
  The sign of 0 is not kept.

Arguments are brought into a short interval without loss by constants in two or three parts (Cody and Waite 1980,
"Software Manual for the Elementary Functions"). Each polynomial was made for this file: it agrees with its function in
the Chebyshev nodes of the interval, one more than its degree; then its coefficients were rounded to float32. The tests
make them anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from gradatim.engines.fast.compiling import INNER

Function = Callable[[Any], Any]
Helper = TypeVar("Helper", bound=Callable[..., Any])


def _float32(*numbers: float) -> tuple[np.float32, ...]:
    return tuple(np.float32(number) for number in numbers)


_ZERO, _HALF, _ONE, _TWO, _INFINITY, _NAN = _float32(0, 0.5, 1, 2, np.inf, np.nan)
_LARGEST = np.finfo(np.float32).max
_SMALLEST_NORMAL = np.finfo(np.float32).smallest_normal

# Added to a number below 2²², this leaves the nearest integer in the last bits of the sum. No conversion to an integer:
# that of NaN may be anything, and the compiler knows.
_ROUNDER = np.float32(1.5 * 2**23)
_ROUNDER_BITS = np.int32(0x4B400000)
_TWO_THIRDS_BITS = np.int32(0x3F2AAAAB)

_LOG2_E, _2_OVER_PI = _float32(1.442695, 0.63661975)
# The first part has so few bits that its products with an exponent are exact: 15.
_LN_2 = _float32(0.693145751953125, 1.4286068e-06)
# Likewise two parts, of 8 and of 11 bits, with the numbers up to 8192.
_PI_OVER_2 = _float32(1.5703125, 0.0004837512969970703, 7.54979e-08)

# (eʳ − 1 − r)/r² in r, |r| ≤ ln(2)/2.
_EXP = _float32(0.5, 0.16666667, 0.041666467, 0.0083333105, 0.001393365, 0.00019890991)
# (ln(1 + r) − r + r²/2)/r³ in r, |r| ≤ 1/3.
_LOG = _float32(
    0.33333334, -0.24999945, 0.19999948, -0.16673316, 0.14291868, -0.12288719, 0.10915652, -0.124222174, 0.11330633
)
# (sin(r)/r − 1)/r² and (cos(r) − 1 + r²/2)/r⁴, both in r², |r| ≤ π/4.
_SIN = _float32(-0.16666664, 0.008332748, -0.00019587866)
_COS = _float32(0.041666664, -0.0013888302, 2.4547917e-05)

_WITHIN_CALLER: Any = {**INNER, "forceinline": True}  # a call that stays a call keeps a loop from becoming vector code


def _helper(function: Helper) -> Helper:
    """For Python and for kernels; what `kernel` makes is for kernels only."""
    return register_jitable(**_WITHIN_CALLER)(function)


def _float64(double: Function) -> Callable[[Function], Function]:
    """Makes of a function of a float32 one of any number, which is `double` where it is no float32."""

    def decorate(single: Function) -> Function:
        @wraps(single)
        def function(x: Any) -> Any:
            return single(x) if isinstance(x, np.float32) else double(x)

        def implementation(x: types.Type) -> Function:
            return single if x == types.float32 else lambda x: double(x)

        # Not strict: it would want the type hints of both to be the same.
        overload(function, jit_options=_WITHIN_CALLER, strict=False)(implementation)
        return function

    return decorate


@_helper
def _bits(x: np.float32) -> np.int32:
    return np.float32(x).view(np.int32)  # Numba views nothing but what such a call has made


@_helper
def _from_bits(bits: np.int32) -> np.float32:
    return np.int32(bits).view(np.float32)


@_helper
def _power_of_two(k: np.int32) -> np.float32:
    """2ᵏ for k from −126 to 127."""
    return _from_bits((k + 127) << 23)


@_helper
def _over_ln_2(x: np.float32) -> tuple[np.int32, np.float32]:
    """K and r with x = k·ln(2) + r, |r| ≤ ln(2)/2."""
    rounded = x * _LOG2_E + _ROUNDER
    n = rounded - _ROUNDER
    r = (x - n * _LN_2[0]) - n * _LN_2[1]
    return np.int32(_bits(rounded) - _ROUNDER_BITS), r


@_helper
def _expm1_near_zero(r: np.float32) -> np.float32:
    """eʳ − 1 for |r| ≤ ln(2)/2."""
    c0, c1, c2, c3, c4, c5 = _EXP
    return r + r * r * (((((c5 * r + c4) * r + c3) * r + c2) * r + c1) * r + c0)


@_float64(np.exp)
def exp(x: np.float32) -> np.float32:
    """eˣ = 2ᵏ·eʳ, within 1 ulp.

    Example:
        >>> exp(np.float32(1)), exp(np.float32(-200)), exp(1.0)
        (np.float32(2.7182817), np.float32(0.0), np.float64(2.718281828459045))
    """
    x = np.float32(-105) if x < np.float32(-105) else x
    x = np.float32(89) if x > np.float32(89) else x
    k, r = _over_ln_2(x)
    half = np.int32(k >> 1)  # 2ᵏ leaves the normal numbers at both ends, where two factors do not
    return (_ONE + _expm1_near_zero(r)) * _power_of_two(half) * _power_of_two(np.int32(k - half))


@_float64(np.expm1)
def expm1(x: np.float32) -> np.float32:
    """eˣ − 1 = 2ᵏ·(eʳ − 1) + (2ᵏ − 1), within 1.5 ulp, near 0 as well.

    Example:
        >>> expm1(np.float32(1e-10))
        np.float32(1e-10)
    """
    x = np.float32(-20) if x < np.float32(-20) else x
    x = np.float32(89) if x > np.float32(89) else x
    k, r = _over_ln_2(x)
    h = _power_of_two(np.int32(k - 1))  # half of it, for 2¹²⁸ is infinity already
    return _TWO * (h * _expm1_near_zero(r) + (h - _HALF))


@_helper
def _log_of_sum(u: np.float32, c: np.float32) -> np.float32:
    """ln(u + c) = k·ln(2) + ln(1 + r) with u + c = 2ᵏ·(1 + r), |r| ≤ 1/3; c is what rounding took from u."""
    subnormal = u < _SMALLEST_NORMAL
    v = u * np.float32(2**23) if subnormal else u
    k = np.int32(np.int32(_bits(v) - _TWO_THIRDS_BITS) >> 23)
    m = _from_bits(_bits(v) - np.int32(k << 23))
    r = (m - _ONE) + c * _power_of_two(np.int32(-k if k < 64 else -64))  # from 2²⁵ on, c is 0 anyway
    n = np.float32(k) - (np.float32(23) if subnormal else _ZERO)

    c0, c1, c2, c3, c4, c5, c6, c7, c8 = _LOG
    p = (((((((c8 * r + c7) * r + c6) * r + c5) * r + c4) * r + c3) * r + c2) * r + c1) * r + c0
    y = n * _LN_2[0] + (r + (r * r * (r * p - _HALF) + n * _LN_2[1]))

    y = y if u > _ZERO else _NAN
    y = -_INFINITY if u == _ZERO else y
    return y if u <= _LARGEST else u


@_float64(np.log)
def log(x: np.float32) -> np.float32:
    """ln(x), within 1 ulp, of subnormal numbers as well; −∞ at 0, NaN below.

    Example:
        >>> log(np.float32(10)), log(np.float32(0))
        (np.float32(2.3025851), np.float32(-inf))
    """
    return _log_of_sum(x, _ZERO)


@_float64(np.log1p)
def log1p(x: np.float32) -> np.float32:
    """ln(1 + x), within 1.7 ulp for x ≥ 0; −∞ at −1, NaN below.

    Between −1 and 0 the error is within 2 ulp.

    Example:
        >>> log1p(np.float32(1e-10))
        np.float32(1e-10)
    """
    u = _ONE + x
    c = x - (u - _ONE) if u <= _LARGEST else _ZERO
    return _log_of_sum(u, c)


@_float64(np.tanh)
def tanh(x: np.float32) -> np.float32:
    """The hyperbolic tangent t/(t + 2), t = e²ˣ − 1, within 2.5 ulp; odd, and never beyond ±1.

    Example:
        >>> tanh(np.float32(0.5)), tanh(np.float32(-0.5)), tanh(np.float32(100))
        (np.float32(0.462117...), np.float32(-0.462117...), np.float32(1.0))
    """
    z = x if x > _ZERO else -x
    z = np.float32(10) if z > np.float32(10) else z  # from 9.02 on, tanh rounds to 1
    t: np.float32 = expm1(_TWO * z)
    y = t / (t + _TWO)
    return y if x > _ZERO else -y


@_helper
def _sigmoid_of_float64(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return (1.0 if x > 0 else e) / (1.0 + e)


@_float64(_sigmoid_of_float64)
def sigmoid(x: np.float32) -> np.float32:
    """1/(1 + e⁻ˣ), below 0 as eˣ/(1 + eˣ); within 2.5 ulp, of float64 as well.

    Example:
        >>> sigmoid(np.float32(0)), sigmoid(np.float32(-80)), sigmoid(np.float32(1000))
        (np.float32(0.5), np.float32(1.8048513e-35), np.float32(1.0))
    """
    e: np.float32 = exp(-x if x > _ZERO else x)
    return (_ONE if x > _ZERO else e) / (_ONE + e)


@_helper
def _sincos_of_float64(x: Any) -> tuple[Any, Any]:
    return np.sin(x), np.cos(x)


@_float64(_sincos_of_float64)
def sincos(x: np.float32) -> tuple[np.float32, np.float32]:
    """sin(x) and cos(x), for an angle of up to some thousand turns.

    Within 1.5 ulp for |x| ≤ 1. Then each is at most 10⁻⁷ from the truth for |x| ≤ 10⁴, and 10⁻⁶ for |x| ≤ 10⁵. Beyond
    that the error grows; from 6·10⁶ on the results mean nothing, but stay within ±1. NaN for ±∞.

    Example:
        >>> sincos(np.float32(2))
        (np.float32(0.909297...), np.float32(-0.416146...))
    """
    rounded = x * _2_OVER_PI + _ROUNDER
    n = rounded - _ROUNDER
    r = ((x - n * _PI_OVER_2[0]) - n * _PI_OVER_2[1]) - n * _PI_OVER_2[2]
    r = _ONE if r > _ONE else r  # only where x is too large
    r = -_ONE if r < -_ONE else r

    z = r * r
    s0, s1, s2 = _SIN
    c0, c1, c2 = _COS
    s = r + r * z * ((s2 * z + s1) * z + s0)
    c = _ONE - z * _HALF + z * z * ((c2 * z + c1) * z + c0)

    quarter = _bits(rounded)  # its last two bits: which quarter turn x is in
    sine = c if quarter & 1 else s
    cosine = s if quarter & 1 else c
    return -sine if quarter & 2 else sine, -cosine if (quarter + 1) & 2 else cosine
