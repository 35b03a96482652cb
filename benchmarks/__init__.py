"""Measurements of gradatim beside others. Run from the checkout, such as `python -m benchmarks.tables`."""
