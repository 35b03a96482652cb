"""From a table to examples: weights."""

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables.examples import examples_of


def test_a_weight_is_quoted_as_written_with_its_row_of_the_file(tmp_path):
    """Rows without a target go, but are counted: the bad weight stands in the table's row 14."""
    lines = [f"{i},{'' if i == 2 else i % 7},{'heavy' if i == 13 else 1.5}" for i in range(40)]
    (tmp_path / "table.csv").write_text("\n".join(["x,y,w", *lines]) + "\n")
    with pytest.raises(InputError, match=r"weight, 'w', must hold .* Got 'heavy' in row 14, and 1 such rows? in all"):
        examples_of(tmp_path / "table.csv", "y", weight="w")


def test_the_weight_of_a_row_without_a_target_does_not_matter():
    examples = examples_of({"x": [1, 2, 3], "y": [1.5, None, 2.5], "w": [1.0, -1.0, 2.0]}, "y", weight="w")
    assert examples.weights.tolist() == [1.0, 2.0]


def test_rows_of_weight_0_are_left_out_and_counted():
    table = {"x": [1, 2, 3, 4], "y": [1.5, 0.5, 2.5, None], "w": [1.0, 0.0, 2.0, 0.0]}
    examples = examples_of(table, "y", weight="w", order="x")
    assert examples.y.to_list() == [1.5, 2.5]
    assert (examples.weights.tolist(), examples.order.to_list()) == ([1.0, 2.0], [1, 3])
    assert examples.notes[:2] == ("1 row without y is left out.", "1 row of weight 0 is left out.")


def test_weights_of_0_alone_are_refused():
    frame = pl.DataFrame({"x": np.arange(3), "y": [1.0, 2.0, None], "w": [0, 0, 1]})
    with pytest.raises(InputError, match=r"The column of weight, 'w', must hold a number above 0 .* Got 0 in every"):
        examples_of(frame, "y", weight="w")


def test_a_column_of_weight_is_told():
    examples = examples_of({"x": [1, 2], "y": [1.5, 0.5], "w": [1.0, 2.0]}, "y", weight="w")
    assert examples.notes == ("In training each row counts by its 'w', which is not predicted from.",)
    assert examples_of({"x": [1, 2], "y": [1.5, 0.5]}, "y").notes == ()
