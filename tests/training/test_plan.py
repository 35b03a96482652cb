"""Plans of epochs, and the rows held out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.engines.contract import Problem
from gradatim.formulas.losses import LogLoss
from gradatim.formulas.optimizers import Adam, Momentum
from gradatim.formulas.schedules import Cosine
from gradatim.network import Architecture, CategoryEmbedding, Dense, NumericEmbedding, Scale
from gradatim.settings import DescentOptions, Settings
from gradatim.training import hold_out
from gradatim.training.plan import block_factors, epoch_plan


def resolved(**changes):
    return Settings(**{"preset": "plain"} | changes).resolved("regression", output="identity", rows=100)


def test_an_epoch_takes_every_row_once_in_a_new_order():
    settings, rows, rng = resolved(batch_size=4), np.arange(5, 15), np.random.default_rng(0)
    first, second = epoch_plan(settings, rows, 1, rng), epoch_plan(settings, rows, 2, rng)
    assert sorted(first.order) == sorted(second.order) == list(rows)
    assert list(first.order) != list(second.order)
    assert [len(first.batch(s)) for s in range(first.steps)] == [4, 4, 2]


def test_a_full_batch_keeps_rows_where_they_are_and_draws_nothing():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    plan = epoch_plan(resolved(batch_size=None), np.arange(10), 1, rng)
    assert plan.steps == 1
    assert rng.bit_generator.state == before


def test_rates_follow_the_schedule_over_all_epochs():
    """Cosine over 2 epochs of 2 steps: (1 + cos(π t)) / 2 at t = 0, 1/4, 1/2, 3/4."""
    settings = resolved(batch_size=5, max_epochs=2, learning_rate=0.1, schedule=Cosine())
    rng = np.random.default_rng(0)
    rates = np.concatenate([epoch_plan(settings, np.arange(10), epoch, rng).learning_rate for epoch in (1, 2)])
    assert rates == pytest.approx([0.1, 0.1 * (2 + np.sqrt(2)) / 4, 0.05, 0.1 * (2 - np.sqrt(2)) / 4])


def test_weight_decay_reaches_every_step():
    plan = epoch_plan(resolved(batch_size=5, weight_decay=0.02), np.arange(10), 1, np.random.default_rng(0))
    assert list(plan.decay) == [0.02, 0.02]


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60), st.floats(0.05, 0.6), st.integers(0, 5))
def test_no_class_loses_its_last_row_and_shares_are_kept(classes, share, seed):
    classes = np.array(classes)
    kept, held = hold_out(np.arange(len(classes)), share, np.random.default_rng(seed), classes)
    assert sorted([*kept, *held]) == list(range(len(classes)))
    assert len(held) == min(max(round(share * len(classes)), 1), len(classes) - 1)
    counts = np.bincount(classes)
    if len(held) <= len(classes) - np.count_nonzero(counts):
        assert set(classes[kept]) == set(classes)
        for label in np.flatnonzero(counts > 1):
            expected = len(held) / len(classes) * counts[label]
            assert abs(np.sum(classes[held] == label) - expected) <= max(2, np.count_nonzero(counts))


def test_classes_are_held_out_in_proportion():
    classes = np.repeat([0, 1, 2], [100, 50, 10])
    _, held = hold_out(np.arange(160), 0.2, np.random.default_rng(0), classes)
    assert np.bincount(classes[held]).tolist() == [20, 10, 2]


def test_a_class_of_one_row_trains():
    kept, held = hold_out(np.arange(10), 0.5, np.random.default_rng(0), np.array([0] * 9 + [1]))
    assert 9 in kept
    assert len(held) == 5


@pytest.mark.parametrize(("optimizer", "rate"), [(Adam(), 1000 / 12288), (Momentum(), 1.0)])
def test_an_adaptive_optimizer_is_gentle_on_many_inputs(optimizer, rate):
    """W1 has 12,288 inputs and W2 has 20; biases keep the rate, and only weights decay."""
    problem = Problem(Architecture(12288, layers=(Dense(20),)), LogLoss(), optimizer=optimizer)
    factors = block_factors(problem, resolved().descent)
    assert [factor.rate for factor in factors] == [rate, 1, 1, 1]
    assert [factor.decay for factor in factors] == [1, 0, 1, 0]


def test_steps_may_end_within_an_epoch():
    """5 batches of 2 an epoch, 7 steps: the second epoch has two of them, and cosine runs over the 7."""
    settings = resolved(batch_size=2, max_steps=7, max_epochs=None, learning_rate=1.0, schedule=Cosine())
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    first, second = epoch_plan(settings, np.arange(10), 1, rng), epoch_plan(settings, np.arange(10), 2, rng)
    whole = [other.permutation(10) for _ in range(2)]
    assert list(first.order) == list(whole[0])
    assert list(second.order) == list(whole[1][:4])
    assert (first.steps, second.steps, second.rows) == (5, 2, 4)
    rates = [*first.learning_rate, *second.learning_rate]
    assert rates == pytest.approx([(1 + np.cos(np.pi * t / 7)) / 2 for t in range(7)])


def test_a_last_batch_that_would_be_smaller_is_left_out_of_an_order_drawn_anew():
    """11 rows in batches of 8: one step, of other rows in the next epoch; 7 rows are one batch as they stand."""
    settings = resolved(batch_size=8, descent=DescentOptions(drop_last=True))
    rng = np.random.default_rng(0)
    plans = [epoch_plan(settings, np.arange(11), epoch, rng) for epoch in range(1, 40)]
    assert {plan.steps for plan in plans} == {1}
    assert {plan.rows for plan in plans} == {8}
    assert set(np.concatenate([plan.order for plan in plans])) == set(range(11))
    assert len({tuple(plan.order) for plan in plans}) > 30
    assert epoch_plan(settings, np.arange(7), 1, rng).rows == 7


def test_the_strong_preset_departs_from_the_plan_as_its_paper_does():
    """Rates: scale ×6, biases, embeddings of numbers and slopes ×0.1, W[l] over √n[l-1], ε times it; decay by f²."""
    architecture = Architecture(
        4,
        front=(NumericEmbedding(4), CategoryEmbedding((20,)), Scale()),
        layers=(Dense(25, "selu", learned_slope=True),),
    )
    settings = Settings().resolved("classification", output="sigmoid", rows=100)
    factors = block_factors(Problem(architecture, LogLoss(), optimizer=settings.optimizer), settings.descent)
    found = {block.name: (f.rate, f.epsilon, f.decay) for block, f in zip(architecture.blocks, factors, strict=True)}
    n0 = 4 * 4 + 8
    embedding = pytest.approx((0.1, 1, 0.01))
    assert found == {
        "frequency": embedding,
        "phase": embedding,
        "V": embedding,
        "c": embedding,
        "E1": (1, 1, 1),
        "scale": (6, 1, 36),
        "W1": pytest.approx((n0**-0.5, n0**0.5, 1)),
        "b1": (0.1, 1, 0),
        "slope1": embedding,
        "W2": pytest.approx((0.2, 5, 1)),
        "b2": (0.1, 1, 0),
    }


def test_rates_decay_and_dropout_follow_schedules_of_their_own():
    """One step an epoch over 8 epochs; flat_cos is 1 up to t = ½, coslog4's first factor is 0."""
    settings = Settings(max_epochs=8).resolved("regression", output="identity", rows=100)
    rng = np.random.default_rng(0)
    plans = [epoch_plan(settings, np.arange(100), epoch, rng) for epoch in range(1, 9)]
    flat = [1, 1, 1, 1, 1, (1 + np.sqrt(0.5)) / 2, 0.5, (1 - np.sqrt(0.5)) / 2]
    assert [plan.dropout[0] for plan in plans] == pytest.approx(flat)
    assert [plan.decay[0] for plan in plans] == pytest.approx(0.02 * np.array(flat))
    waves = 0.2 * np.sin(np.pi * np.log2(1 + 15 * np.arange(8) / 8)) ** 2
    assert [plan.learning_rate[0] for plan in plans] == pytest.approx(waves)
