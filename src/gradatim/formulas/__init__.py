"""The mathematics: one file or folder a subject, one entry a formula, no file longer than a lesson.

Read in this order:

1. `activations`: what a unit makes of its score z.
2. `losses`: what one prediction costs, and the slope that training starts from.
3. `initializers`: the weights before the first step.
4. `penalties`: what large weights cost.
5. `optimizers`: the rule of one step.
6. `schedules`: how the step's length changes over time.
7. `metrics`: how a finished model is judged.

`arrays` says what "array" means in all of them, `names` how a number behind a name is read. Each subject ends in a
table by name (`ACTIVATIONS`, `LOSSES`, …) and the function that looks a name up in it. To add a method is to add an
entry; engines, documentation and tests go over the tables. Each entry carries its formula and its source.
"""
