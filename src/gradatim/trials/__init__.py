"""Try values: a grid of settings, each scored on the same rows, which no training of its own has seen.

Read `grid` (what is tried), `folds` (on which rows), `training` (one candidate on one fold), `workers` (all of them,
over the cores, within a budget), `ranking` (what comes out) and `trying`, which puts them together.
"""
