"""How fast gradatim trains and predicts, beside what else can.

Read `shapes`, then `systems`, one short module for each; `playing` and `rounds` measure them in turns, `whole` measures
whole processes; `figures` does the arithmetic, and `page` writes it down. `__main__` is the program.
"""
