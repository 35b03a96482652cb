"""The shelf `import gradatim as gd`: complete, truthful, and quick to open."""

import subprocess
import sys

import pytest

import gradatim

HEAVY = {"scipy", "sklearn", "polars", "matplotlib", "numba", "safetensors", "rich", "cyclopts", "torch", "jax"}


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh Python holds after running `code`."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_list_of_names_is_the_table_in_alphabetical_order():
    assert gradatim.__all__ == sorted(gradatim._HOME)


@pytest.mark.parametrize("name", gradatim.__all__)
def test_every_name_resolves_and_says_what_it_is(name):
    found = getattr(gradatim, name)
    assert found.__doc__
    assert name in dir(gradatim)


def test_a_name_is_looked_up_once():
    assert gradatim.Network is vars(gradatim)["Network"]


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(AttributeError, match=r"gradatim has no name 'netwrk'\. Did you mean 'Network'\?"):
        gradatim.netwrk  # noqa: B018


def test_import_loads_nothing_heavier_than_numpy():
    assert not modules_after("import gradatim") & HEAVY


def test_the_learners_door_loads_neither_tables_nor_estimators():
    loaded = modules_after("import gradatim as gd; gd.Network([2, 3, 1], activations=['tanh', 'sigmoid'], seed=1)")
    assert "gradatim" in loaded
    assert not loaded & (HEAVY - {"scipy"})


def test_the_package_says_that_it_is_typed(root):
    assert (root / "src/gradatim/py.typed").is_file()
