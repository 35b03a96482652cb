"""The benchmark of speed is run by hand; here that it runs, and that its page reckons right."""

import json
import os

import pytest

from benchmarks.speed import __main__ as speed
from benchmarks.speed import page, playing
from benchmarks.speed.rounds import Terms
from benchmarks.speed.whole import from_the_start


def record(figure, case, system, turns, **more):
    return {"figure": figure, "case": case, "system": system, "threads": 2, "turns": turns, **more}


@pytest.fixture
def results():
    """Made up, so that every number of the page can be had by hand."""
    return {
        "machine": {"processor": "an abacus"},
        "versions": {"torch": "2", "numpy": "1"},
        "terms": {"repeats": 2, "length": 0.5, "engine": "textbook", "data": "made up"},
        "load": 0.0,
        "records": [
            # Medians of the turns are 2 and 4.5 s, of all 3; a quarter is below 2, a quarter above 4.
            record("warm", "small", "gradatim", [[1.0, 2.0, 3.0], [4.0, 5.0]]),
            record("warm", "small", "sklearn", [[4.0], [27.0]]),  # 2 and 6 times ours: 4
            record("warm", "small", "torch", [[1.92], [4.32]]),  # 0.96 both: 1.04 times theirs is no loss
            record("warm", "small", "floor", [[2.0], [4.5]]),
            record("warm", "small", "floor-1", [[0.5], [1.125]]),  # the quicker floor, a quarter of ours
            record("warm", "one-layer", "gradatim", [[0.002], [0.004]]),
            record("warm", "one-layer", "sklearn", [[0.018], [0.036]]),  # 9 times ours; with the 4 above, √36 = 6
            record("warm", "one-layer", "torch", [[0.0016], [0.0032]]),  # 0.8: ours takes 1.25 times as long
            record("cold", "small", "gradatim", [[1.0], [1.0], [1.0]], peak_megabytes=[1500.0, 1000.0, 9000.0]),
            record("cold", "small", "train_model", [[0.5], [1.0], [1.0]], peak_megabytes=[100.0, 100.0, 100.0]),
            record("cold", "small", "jax", [[2.0], [5.0], [3.0]], peak_megabytes=[10.0, 30.0, 20.0]),
            record("prediction", "1", "gradatim", [[0.00008, 0.00012]]),  # 100 µs
            {"figure": "warm", "case": "small", "system": "jax", "threads": 2, "skipped": "not installed"},
        ],
    }


def test_page_reckons_ratios_and_means_as_by_hand(results):
    """A ratio is the median over turns, a mean of ratios is geometric, the floor is the quicker one."""
    lines = page.page(results).splitlines()
    small = next(line for line in lines if line.startswith("| **small**"))
    assert small.endswith("batch 32 | 3.00 s | 15.5 s (4.00×) | 3.12 s (0.96×) | 812 ms (0.25×) |")
    # PyTorch: √(0.96 · 0.8) = 0.876; bare products have one shape only.
    assert "| geometric mean of the ratios |  | 6.00× | 0.88× | 0.25× |" in lines
    assert "gradatim over the bare products: small 4.00×." in lines
    assert any(line.startswith("| small | 2.00 s – 4.00 s | 9.75 s – 21.2 s |") for line in lines)


def test_page_names_losses_beyond_five_per_cent_only(results):
    """1.25 times as long is one, 1.04 is none."""
    text = page.page(results)
    losses = text.split("## Where we lose")[1].split("##")[0].splitlines()
    assert [line for line in losses if line.startswith("- ")] == ["- an epoch of one-layer: 1.25× as long as PyTorch"]


def test_page_says_what_is_reached_and_what_is_not(results):
    """Each target has its number, or is said not to be measured."""
    lines = page.page(results).splitlines()
    assert "| scikit-learn's epoch over ours, geometric mean | at least 7× | 6.00× | **no** |" in lines
    assert "| an epoch of ours over that of any rival, where it is worst | at most 1.05× | 1.25× | **no** |" in lines
    from_the_start = (
        "| JAX from process start to a trained small network over `train_model` | at least 2× | 4.00× | yes |"
    )
    assert from_the_start in lines
    assert "| `predict_proba` of one row through 3 × 256 | at most 100 µs | 100.00 µs | yes |" in lines
    assert "| JAX's epoch over ours, geometric mean | at least 1.5× | not measured | |" in lines
    assert "| small | 1,500 | 100 | 20 |" in lines
    assert "- JAX: not installed (warm small)" in lines


def test_speed_up_by_threads_stands_on_the_page(results):
    """From 6 s with one thread to 3 s with two is twice as fast."""
    results["records"].append(record("warm", "small", "gradatim", [[6.0]]) | {"threads": 1})
    assert "| small | 6.00 s → 3.00 s (2.00×) |" in page.page(results).splitlines()


def test_turn_tells_its_epochs_and_waits(monkeypatch):
    """The first turn warms up and tells its first epoch; the second tells all of its epochs, as they were."""
    clock = iter([0.0, 5.0, 5.0, 6.0, 6.0, 7.0, 100.0, 100.0, 100.2, 100.2, 100.7, 200.0, 200.0])
    monkeypatch.setattr(playing, "perf_counter", lambda: next(clock))
    told, waited = [], []
    turns = playing.Turns(told.append, lambda: waited.append(len(told)), length=0.5, warm_up=1.0)
    for _ in range(5):
        turns()
    assert told[0] == {"first": 5.0}
    assert told[1] == pytest.approx([0.2, 0.5])
    assert waited == [1, 2]


def test_reason_holds_no_path():
    """What a compiler says may name files of a machine; the page must not."""
    fault = RuntimeError("cannot open /home/somebody/cache/file.so: no\nand much more")
    assert playing.reason_of(fault) == "RuntimeError: cannot open …: no"


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system cannot say what a process took")
def test_whole_process_has_seconds_and_memory():
    """Python with NumPy takes more than 15 MB, and its start some time."""
    (found,) = from_the_start(Terms(threads=1, repeats=1), "tiny", ["nothing"])
    assert len(found["turns"]) == len(found["peak_megabytes"]) == 1
    assert found["turns"][0][0] > 0.01
    assert found["peak_megabytes"][0] > 15


def test_tiny_shape_is_measured_beside_scikit_learn(tmp_path):
    """From the options to the page; a second run writes the page alone, and it is the same."""
    file, written, again = tmp_path / "speed.json", tmp_path / "page.md", tmp_path / "again.md"
    asked = ["--quick", "--shapes", "tiny", "--rivals", "sklearn", "--threads", "1", "--repeats", "1"]
    speed.main([*asked, "--figures", "warm", "--engine", "textbook", "--json", str(file), "--page", str(written)])
    records = {record["system"]: record for record in json.loads(file.read_text(encoding="utf-8"))["records"]}
    assert set(records) == {"gradatim", "sklearn", "floor"}
    assert all(seconds > 0 for record in records.values() for turn in record["turns"] for seconds in turn)
    assert all(len(record["turns"]) == 1 and record["first"] > 0 for record in records.values())
    speed.main(["--figures", "none", "--json", str(file), "--page", str(again)])
    text = written.read_text(encoding="utf-8")
    assert text == again.read_text(encoding="utf-8")
    assert "| **tiny**: 200 × 4, hidden 8, out 1, batch 64 |" in text
    with pytest.raises(SystemExit, match="must have the same terms"):
        speed.main([*asked, "--figures", "warm", "--engine", "auto", "--json", str(file)])
