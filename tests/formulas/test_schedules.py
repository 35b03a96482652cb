"""Schedules by hand, cut into spans, and PyTorch's."""

from math import cos, log2, pi, sin, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.formulas.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    CosLog,
    Exponential,
    FlatCosine,
    Step,
    WarmUp,
    schedule,
)

# Four epochs of two steps.
BY_HAND = [
    (Constant(), [1, 1, 1, 1, 1, 1, 1, 1]),
    (Step(every_epochs=2, factor=0.1), [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1]),
    (Exponential(0.25), [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128]),
    (
        Cosine(),
        [
            1,
            (1 + cos(pi / 8)) / 2,
            (1 + sqrt(0.5)) / 2,
            (1 + cos(3 * pi / 8)) / 2,
            0.5,
            (1 - cos(3 * pi / 8)) / 2,
            (1 - sqrt(0.5)) / 2,
            (1 - cos(pi / 8)) / 2,
        ],
    ),
    # 1 until t = ½, then ½ (1 + cos(π u)) at u = 0, ¼, ½, ¾.
    (FlatCosine(), [1, 1, 1, 1, 1, (1 + sqrt(0.5)) / 2, 0.5, (1 - sqrt(0.5)) / 2]),
    # sin²(π log₂(1 + 3t)): log₂ is 1 at t = 1/3, and 1 + 3k/8 is 11/8, 14/8, 17/8 …
    (CosLog(waves=2), [sin(pi * log2(1 + 3 * k / 8)) ** 2 for k in range(8)]),
    (CosLog(waves=1), [sin(pi * log2((8 + k) / 8)) ** 2 for k in range(8)]),
    (WarmUp(2), [1 / 4, 2 / 4, 3 / 4, 1, 1, 1, 1, 1]),
    # Two steps up, six down: ½ (1 + cos(π k/6)).
    (WarmUp(1, then=Cosine()), [0.5, 1, 1, (1 + sqrt(0.75)) / 2, 0.75, 0.5, 0.25, (1 - sqrt(0.75)) / 2]),
    (WarmUp(10), [k / 20 for k in range(1, 9)]),  # a training shorter than its warm-up
]


@pytest.mark.parametrize(("rule", "expected"), BY_HAND, ids=[repr(rule) for rule, _ in BY_HAND])
def test_by_hand(rule, expected):
    factors = rule.factors(0, 8, total_steps=8, steps_per_epoch=2)
    assert factors.dtype == np.float64
    np.testing.assert_allclose(factors, expected, rtol=1e-14, atol=1e-16)


def test_every_schedule_is_worked_by_hand():
    assert {rule.name for rule, _ in BY_HAND} == set(SCHEDULES)


@given(st.sampled_from([rule for rule, _ in BY_HAND]), st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_spans_are_cut_from_one_curve(rule, lengths):
    total = max(sum(lengths), 1)
    whole = rule.factors(0, total, total_steps=total, steps_per_epoch=3)
    starts = np.cumsum([0, *lengths[:-1]])
    spans = [
        rule.factors(int(start), n, total_steps=total, steps_per_epoch=3)
        for start, n in zip(starts, lengths, strict=True)
    ]
    assert [span.shape for span in spans] == [(n,) for n in lengths]
    np.testing.assert_allclose(np.concatenate(spans), whole[: sum(lengths)], rtol=1e-15)


def test_epochs_equal_pytorch():
    """PyTorch's schedulers count epochs; ours agree at the start of each."""
    torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    scheduler = torch.optim.lr_scheduler
    pairs = [
        (Step(3, 0.5), lambda o: scheduler.StepLR(o, 3, 0.5)),
        (Exponential(0.9), lambda o: scheduler.ExponentialLR(o, 0.9)),
        (Cosine(), lambda o: scheduler.CosineAnnealingLR(o, 10)),
    ]
    for ours, make in pairs:
        sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        theirs = make(sgd)
        rates = []
        for _ in range(10):
            rates.append(sgd.param_groups[0]["lr"])
            sgd.step()
            theirs.step()
        factors = ours.factors(0, 50, total_steps=50, steps_per_epoch=5)[::5]
        np.testing.assert_allclose(factors, rates, rtol=1e-12, err_msg=str(ours))


def test_names():
    assert schedule("cosine") == Cosine()
    assert schedule(WarmUp(3, Cosine())) == WarmUp(3, Cosine())
    assert [schedule(name).name for name in SCHEDULES] == list(SCHEDULES)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedule("cosin"), r"Got 'cosin'\. Did you mean 'cosine'\?"),
        (lambda: Step(every_epochs=0), r"Step: every_epochs must be a number, 1 or more\. Got 0"),
        (lambda: Step(factor=0.0), r"Step: factor must be a number above 0\. Got 0\.0"),
        (lambda: Exponential(-1.0), r"Exponential: factor .* Got -1\.0"),
        (lambda: WarmUp(0), r"WarmUp: epochs must be a number above 0\. Got 0"),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_coslog_is_zero_in_its_valleys_and_one_between():
    """Over 15,000 steps: the paper's waves end at t = 1/15, 3/15, 7/15; they peak at (2^(j+½) - 1)/15."""
    factors = CosLog().factors(0, 15_000, total_steps=15_000, steps_per_epoch=100)
    np.testing.assert_allclose(factors[[0, 1000, 3000, 7000]], 0, atol=1e-14)
    peaks = np.round(1000 * (2 ** (np.arange(4) + 0.5) - 1)).astype(int)
    np.testing.assert_allclose(factors[peaks], 1, atol=1e-5)
    assert np.round(15 * CosLog().valleys).tolist() == [1, 3, 7, 15]
