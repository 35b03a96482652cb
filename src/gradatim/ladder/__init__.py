"""Was it worth it? Rungs from a constant to a deep network, all on the same rows, and the verdict.

Read `splits` (which rows do what), `suspicions` and `leaks` (what makes a result too good to be true), `rungs`,
`ladder` (what is trained, and how often), `scoring`, `verdict`, and `climb`, which does all of it in order; `reading`
holds what is told beforehand, `watcher` is told on the way.
"""
