"""Levels that stand in rows to predict, and never stood where the encoding was learned."""

from __future__ import annotations

import polars as pl

from gradatim.errors import did_you_mean
from gradatim.tables.encoding.columns import texts_of
from gradatim.tables.encoding.encoder import TableEncoder
from gradatim.tables.encoding.levels import Category
from gradatim.tables.table import Table

SPELT_OUT = 3
LONGEST = 30
MOST_TO_COMPARE = 2000
"""Among more levels no similar one is looked for: that takes seconds, and finds some by chance."""


def unseen_levels(encoder: TableEncoder, table: Table) -> tuple[str, ...]:
    """A sentence for each category that holds levels which the encoder does not know, and reads as missing.

    Args:
        encoder: fitted.
        table: to predict or to measure. Columns that are not there are passed over.

    Example:
        >>> encoder = TableEncoder.fit(Table.from_any({"city": ["Rome", "Oslo", "Bern"] * 3}))
        >>> print(*unseen_levels(encoder, Table.from_any({"city": ["Roma", "Oslo", None]})))
        'city': 1 row holds 'Roma', which training never saw: read as missing. Did you mean 'Rome'?
    """
    there = set(table.names)
    categories = [
        *((category, len(category.levels) >= encoder.encoding.max_levels) for category in encoder.categories),
        *((category, False) for category in encoder.embedded),
    ]
    said = (_sentence(category, table, cut=cut) for category, cut in categories if category.feature.raw in there)
    return tuple(sentence for sentence in said if sentence)


def _sentence(category: Category, table: Table, *, cut: bool) -> str:
    texts = texts_of(table.levels_column(category.feature.raw), *category.feature).drop_nulls().cast(pl.String)
    known = pl.Series(category.levels, dtype=pl.String)
    unknown = texts.filter(~texts.is_in(known.implode())).alias("level")
    if not len(unknown):
        return ""
    counted = unknown.value_counts(name="rows").sort("rows", "level", descending=[True, False])
    levels = counted["level"].to_list()
    named = [repr(level if len(level) <= LONGEST else level[: LONGEST - 1] + "…") for level in levels[:SPELT_OUT]]
    if len(levels) > SPELT_OUT:
        named.append(f"one of {len(levels) - SPELT_OUT:,} other levels")
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"
    rows = "1 row holds" if len(unknown) == 1 else f"{len(unknown):,} rows hold"
    why = f"none of the {len(category.levels):,} levels that are kept" if cut else "which training never saw"
    guess = "" if category.feature.part else _guess(levels[:SPELT_OUT], category.levels)
    return f"{category.feature.name!r}: {rows} {listed}, {why}: read as missing.{guess}"


def _guess(unknown: list[str], known: tuple[str, ...]) -> str:
    """What the first of these that resembles a known level was probably meant to be; numbers resemble by chance."""
    if len(known) > MOST_TO_COMPARE:
        return ""
    for level in unknown:
        guess = did_you_mean(level, known) if any(letter.isalpha() for letter in level) else ""
        if guess:
            return guess if len(unknown) == 1 else guess.replace("?", f" by {level!r}?")
    return ""
