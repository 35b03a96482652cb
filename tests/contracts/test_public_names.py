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


def test_the_list_of_names_is_the_table():
    assert gradatim.__all__ == list(gradatim._HOME)


@pytest.mark.parametrize("name", gradatim.__all__)
def test_every_name_resolves_and_says_what_it_is(name):
    found = getattr(gradatim, name)
    assert found.__doc__
    assert name in dir(gradatim)


def test_what_is_handed_to_an_estimator_is_on_the_shelf():
    """An estimator whose options must be dug out of inner modules cannot be set at all."""
    gd = gradatim
    network = gd.NetworkRegressor(
        optimizer=gd.Adam(beta2=0.95),
        loss=gd.Huber(2.0),
        penalty=(gd.L1(0.1), gd.L2(0.1)),
        encoding=gd.Encoding(clip=2.0),
        network=gd.NetworkOptions(scale=True),
        max_epochs=1,
    ).fit([[0.0], [1.0], [2.0], [4.0]], [0.5, 1.0, 2.0, 3.0])
    assert (network.settings_.optimizer.beta2, network.settings_.loss.delta) == (0.95, 2.0)


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
