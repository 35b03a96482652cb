"""The ladder: from the simplest model upwards, on the same rows, and the verdict on whether the next step was worth it.

In reading order: `examples` (rows with a target), `splits` (which rows do what), `reading` (how a table was
understood), `rungs` (what is trained), `scoring` (what a model says beside what happened), `verdict` (which rung to
keep, and why); `watcher` looks on.
"""
