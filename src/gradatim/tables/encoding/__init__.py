"""A table as numbers: learned on training rows, applied to any rows.

Read `settings`, `columns` (the kind of each, and why), `encoder`, which puts the parts together, and the parts:
`numeric`, `levels`, `pixels`, `scaling`; `notes` are what is told, `form` is what a file keeps, `unseen` the levels
that training never saw.
"""

from gradatim.tables.encoding.encoder import Encoded, TableEncoder
from gradatim.tables.encoding.settings import Encoding

__all__ = ["Encoded", "Encoding", "TableEncoder"]
