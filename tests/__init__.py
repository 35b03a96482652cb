"""Tests. A package, so that `tests.networks` and the like are ours even where another package installs a `tests`."""
