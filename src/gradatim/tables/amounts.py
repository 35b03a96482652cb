"""Texts that are numbers with something around them: ``$1,200.50``, ``15 %``, ``1.200,50 €``, ``1,234,567``.

Conventions
-----------
* A column has one unit: dollars beside euros, or shares beside per cent, are no numbers that can be compared.
* The number is the one that stands there: ``15 %`` is 15.
"""

from __future__ import annotations

import polars as pl

_UNITS = r"[$€£¥%]"
_AMOUNT = rf"^([+-]?)\s*({_UNITS}?)\s*([+-]?)\s*(\d{{1,3}}(?:,\d{{3}})+|\d+|)(\.\d+|)\s*({_UNITS}?)$"
_SWAPPED = {",": ".", ".": ","}


def amounts(texts: pl.Series, *, decimal_comma: bool = False) -> pl.Series | None:
    """What these texts amount to, null where one is no amount; None where they are no amounts of one unit.

    Args:
        texts: (m,) without spaces around them, null where missing.
        decimal_comma: whether 1.200,50 is a number.

    Example:
        >>> amounts(pl.Series(["$1,200", "-$0.50", "n/k"])).to_list()
        [1200.0, -0.5, None]
        >>> amounts(pl.Series(["1.200,50 €", "3 €"]), decimal_comma=True).to_list()
        [1200.5, 3.0]
        >>> amounts(pl.Series(["$3", "3 €"])) is None
        True
    """
    swapped = texts.str.replace_many(_SWAPPED) if decimal_comma else texts
    if not swapped.drop_nulls().head(20).str.contains(_AMOUNT).any():
        return None
    parts = swapped.str.extract_groups(_AMOUNT).struct.unnest().get_columns()
    sign, before, inner, whole, fraction, behind = parts
    numbers = (whole.str.replace_all(",", "") + fraction).cast(pl.Float64, strict=False)
    unit = (before + behind).filter(numbers.is_not_null())
    if not len(unit) or unit.n_unique() > 1 or len(unit[0]) > 1:
        return None
    if not unit[0] and (decimal_comma or not whole.str.contains(",").any()):
        return None  # plain numbers are read before; 1.200 beside a decimal comma may be either
    negative = (sign == "-") | (inner == "-")
    return pl.select(pl.when(negative).then(-numbers).otherwise(numbers)).to_series().alias(texts.name)
