"""How well gradatim predicts with its defaults, beside what else can.

Read `contestants`, then how each is fitted: `ours`, `pipelines`, `rivals`. `splits` draws the rows; `fitting` fits and
scores in a process of its own, which `fits` starts; `results` keeps. `standings` and `parity` do the arithmetic, and
`page` writes it down. `__main__` is the program.
"""
