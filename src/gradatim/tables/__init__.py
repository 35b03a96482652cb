"""From what people have to numbers and category codes, and back."""

from gradatim.tables.encoding import Encoded, Encoding, TableEncoder
from gradatim.tables.reading import read_table, table_of
from gradatim.tables.samples import SAMPLES, read_sample
from gradatim.tables.table import Table
from gradatim.tables.targets import ClassTarget, LabelTarget, NumberTarget
from gradatim.tables.tasks import task_of

__all__ = [
    "SAMPLES",
    "ClassTarget",
    "Encoded",
    "Encoding",
    "LabelTarget",
    "NumberTarget",
    "Table",
    "TableEncoder",
    "read_sample",
    "read_table",
    "table_of",
    "task_of",
]
