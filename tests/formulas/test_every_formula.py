"""Every entry of every table says what it computes, where it is from, and stands in the table that heads its file."""

import re

import pytest

from gradatim.formulas import activations, initializers, losses, metrics, optimizers, penalties, schedules

TABLES = {
    activations: activations.ACTIVATIONS,
    losses: losses.LOSSES,
    initializers: initializers.INITIALIZERS,
    penalties: penalties.PENALTIES,
    optimizers: optimizers.OPTIMIZERS,
    schedules: schedules.SCHEDULES,
    metrics: metrics.METRICS,
}
ENTRIES = [
    pytest.param(module, name, entry, id=f"{module.__name__.rpartition('.')[2]}-{name}")
    for module, table in TABLES.items()
    for name, entry in table.items()
]


@pytest.mark.parametrize(("module", "name", "entry"), ENTRIES)
def test_an_entry_has_a_name_a_formula_and_a_source(module, name, entry):
    assert entry.name == name
    assert entry.formula
    assert re.search(r"\b1[789]\d\d\b|\b20[012]\d\b|Ng, Deep Learning Specialization", entry.source), entry.source


@pytest.mark.parametrize("module", TABLES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_table_on_top_lists_the_entries_in_order(module):
    """Between the second and the third rule of the docstring's table, a line each."""
    rows = re.split(r"^==+ .*=$", module.__doc__, flags=re.MULTILINE)[2]
    assert [line.split()[0] for line in rows.strip().splitlines()] == list(TABLES[module])


@pytest.mark.parametrize("module", TABLES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_conventions_stand_on_top(module):
    assert "\nConventions\n-----------\n" in module.__doc__
