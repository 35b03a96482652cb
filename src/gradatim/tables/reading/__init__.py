"""A table from wherever people keep it.

Read `sources`, which chooses the reader; then a reader a kind: `delimited` (CSV and its relatives), `records` (JSON),
`archives` (.npz .npy .h5), `arrow`, `databases`, `spreadsheets`, `pictures`. `signatures` tells kinds by their first
bytes, `compression` unpacks, `values` makes columns of Python values; `parquet_pages` and `arrow_buffers` look at sizes
before Polars does, which takes a damaged header at its word.
"""

from gradatim.tables.reading.sources import read_table, table_of

__all__ = ["read_table", "table_of"]
