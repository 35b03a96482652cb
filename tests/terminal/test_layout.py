"""Lines, columns and curves of characters."""

from gradatim.terminal.layout import blocks, columns


def test_curve_in_blocks():
    assert blocks([0.0, 7.0, 3.5]) == "▁█▄"
    assert blocks([1.0, 1.0]) == "▁▁"
    assert blocks([float("nan"), 0.0, 1.0]) == " ▁█"
    assert len(blocks(list(range(1000)))) == 16
    assert blocks([]) == ""


def test_columns_are_aligned():
    assert columns([("a", "1"), ("bcd", "23")], right={1}) == "a     1\nbcd  23"
