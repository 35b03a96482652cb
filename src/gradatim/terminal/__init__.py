"""What runs and trials look like in a terminal: text for standard output, progress for standard error.

Everything here returns text, or shows progress on the stream that it is handed; `gradatim.cli` decides what is printed.
Read `layout` (lines, columns, numbers), `commands`, `reading`, `run`, `trials`, then `progress`.
"""
