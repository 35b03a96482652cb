"""A network made ready to predict gives what the textbook engine gives; an array's short way, what its long way gives.

The judge of every number here is `gradatim.engines.textbook.predict` in float64, and for encodings a `Table`.
"""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

import gradatim.model.predictor as predictor_module
from gradatim.engines.contract import Data
from gradatim.engines.textbook import predict
from gradatim.errors import InputError, ShapeError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.model import Settings, train_model
from gradatim.model.predictor import Predictor
from gradatim.network import Architecture, Dense
from gradatim.tables import Encoding, Table, TableEncoder
from gradatim.training.threads import allowed_threads, blas_threads
from tests.networks import CASES, case

QUICK = {"preset": "plain", "max_epochs": 2, "random_state": 0, "engine": "textbook", "hidden_widths": (6, 5)}
WIDE = Architecture(20, layers=(Dense(64), Dense(64, "tanh"), Dense(64)), output=Dense(1, "sigmoid"))


def codes_of(data, rows):
    return None if data.codes is None else data.codes[rows]


@pytest.mark.parametrize("rows_at_once", [256, 4])
@pytest.mark.parametrize("name", CASES)
def test_every_network_predicts_as_the_textbook_does(name, rows_at_once, monkeypatch):
    """All rows, in blocks or at once, and one row alone."""
    monkeypatch.setattr(predictor_module, "ROWS_AT_ONCE", rows_at_once)
    problem, vector, data = CASES[name].problem, CASES[name].vector, CASES[name].data
    expected = predict(problem.architecture, vector, data)
    exact, quick = (Predictor(problem.architecture, vector, dtype) for dtype in ("float64", "float32"))
    for rows in (slice(None), slice(2, 3)):
        A = exact(data.X[rows], codes_of(data, rows))
        np.testing.assert_allclose(A, expected[rows], rtol=1e-12, atol=1e-14)
        assert A.dtype == np.float64
        A = quick(data.X[rows], codes_of(data, rows))
        np.testing.assert_allclose(A, expected[rows], rtol=2e-5, atol=2e-6)
        assert A.dtype == np.float32


def test_no_rows_have_no_outputs():
    assert Predictor(WIDE, case(WIDE).vector)(np.empty((0, 20))).shape == (0, 1)


def test_sparse_rows_predict_as_dense_ones():
    example = case(WIDE, m=300)
    X = example.data.X * (example.data.X > 1)
    dense = predict(WIDE, example.vector, Data(X))
    A = Predictor(WIDE, example.vector)(sparse.csr_array(X))
    np.testing.assert_allclose(A, dense, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("m", [1, 5])
def test_scores_beyond_all_exponents_are_certain_and_warn_nobody(dtype, m):
    """Conftest makes an overflow an error."""
    line = Architecture(1, output=Dense(1, "sigmoid"))
    A = Predictor(line, np.array([1.0, 0.0]), dtype)
    assert A(np.full((m, 1), 1e5)) == pytest.approx(np.ones((m, 1)), abs=0)
    assert (A(np.full((m, 1), -1e5)) < 1e-37).all()
    assert np.isnan(A(np.full((m, 1), np.nan))).all()


def test_probabilities_near_zero_keep_their_digits():
    line = Architecture(1, output=Dense(1, "sigmoid"))
    x = np.array([[-300.0], [-40.0]])
    expected = np.exp(x)  # 1 / (1 + e^-z) and e^z are the same to e^-40
    for X in (x, x[:1]):
        np.testing.assert_allclose(Predictor(line, np.array([1.0, 0.0]))(X), expected[: len(X)], rtol=1e-12)


def test_what_comes_out_is_the_callers_own():
    example = case(WIDE, m=4)
    predictor = Predictor(WIDE, example.vector)
    first = predictor(example.data.X[:1])
    kept = first.copy()
    predictor(example.data.X[1:2])
    assert np.array_equal(first, kept)


@pytest.mark.parametrize("m", [1, 7, 600])
def test_threads_may_predict_at_once(m):
    example = case(WIDE, m=8 * m)
    predictor = Predictor(WIDE, example.vector)
    parts = [example.data.X[k * m : (k + 1) * m] for k in range(8)] * 20
    alone = [predictor(part) for part in parts[:8]] * 20
    with ThreadPoolExecutor(8) as pool:
        assert all(map(np.array_equal, pool.map(predictor, parts), alone))


def test_threads_share_many_rows_and_give_blas_its_own_back(monkeypatch):
    example = case(WIDE, m=3000)
    alone = Predictor(WIDE, example.vector)(example.data.X)
    monkeypatch.setattr(predictor_module, "WORTH_THREADS", 1)
    with blas_threads(2):
        before = allowed_threads()
        shared = [Predictor(WIDE, example.vector, n_threads=n)(example.data.X) for n in (1, 3, None)]
        assert allowed_threads() == before
    for A in shared:
        assert np.array_equal(A, alone)


def test_a_fault_in_a_thread_comes_back(monkeypatch):
    monkeypatch.setattr(predictor_module, "WORTH_THREADS", 1)
    embedding = CASES["category embedding"]
    X, codes = np.tile(embedding.data.X, (100, 1)), np.tile(embedding.data.codes, (100, 1))
    with pytest.raises(ShapeError, match="codes must have 2 rows"):
        Predictor(embedding.problem.architecture, embedding.vector, n_threads=2)(X, codes[:, :1])


def test_inputs_of_another_width_are_refused():
    with pytest.raises(ShapeError, match=r"X must be \(m, 20\): a column per input\. Got \(3, 19\)"):
        Predictor(WIDE, case(WIDE).vector)(np.zeros((3, 19)))


def test_a_predictor_can_be_pickled_and_so_can_a_model_that_predicted():
    example = case(WIDE, m=4)
    predictor = Predictor(WIDE, example.vector, "float32", n_threads=1)
    A = predictor(example.data.X)
    again = pickle.loads(pickle.dumps(predictor))
    assert np.array_equal(again(example.data.X), A)
    assert again.n_threads == 1
    fitted = NetworkRegressor(**QUICK).fit(example.data.X, example.data.Y[:, 0])
    predicted = fitted.predict(example.data.X)
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict(example.data.X), predicted)


def test_a_models_predictor_computes_in_the_type_of_its_parameters():
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = train_model(Settings(**QUICK), X, X[:, 0] * X[:, 1])
    encoded = model.encoder.encode(X)
    quick, exact = model.compiled_predictor(), model.compiled_predictor("float64")
    assert (quick.dtype, exact.dtype) == (np.float32, np.float64)
    assert np.array_equal(exact(*encoded), model.outputs(X))
    np.testing.assert_allclose(quick(*encoded), model.outputs(X), atol=2e-6)
    own = train_model(Settings(**QUICK, dtype="float64"), X, X[:, 0] * X[:, 1])
    assert own.compiled_predictor().dtype == np.float64


# --- an array's short way --------------------------------------------------------------------------------------------

odd = st.sampled_from([0.0, -0.0, 1.0, -3.5, np.nan, np.inf, -np.inf, 1e300, -1e300, 1e30, 1.1e30, 5e-324, 2.0**60])
cells = odd | st.floats(-100, 100)
settings = st.builds(
    Encoding, numbers=st.sampled_from(["robust", "standard", "none"]), dtype=st.sampled_from(["float32", "float64"])
)


@st.composite
def tables(draw):
    """Training rows and rows to predict, of the same columns: odd numbers, and columns that never change."""
    columns = draw(st.integers(1, 5))
    training = draw(arrays("float64", (draw(st.integers(2, 12)), columns), elements=cells))
    constant = draw(arrays("bool", columns))
    training[:, constant] = training[0, constant]
    new = draw(arrays("float64", (draw(st.integers(1, 6)), columns + draw(st.integers(0, 1))), elements=cells))
    return training, new


@given(tables(), settings)
def test_the_short_way_encodes_to_the_same_bytes(rows, encoding):
    training, new = rows
    with np.errstate(all="ignore"):  # statistics of 1e300 are no subject of this test
        encoder = TableEncoder.fit(training, encoding=encoding)
        by_table = encoder.encode(Table.from_any(new))
        few = encoder.encode_few(new)
    if not encoder.numbers.features:
        assert few is None
        return
    assert few.X.tobytes() == by_table.X.tobytes()
    assert few.X.dtype == by_table.X.dtype
    assert few.codes is by_table.codes is None


@pytest.mark.parametrize("dtype", ["float16", "float32", ">f8", "int8", "uint64", "bool"])
def test_the_short_way_takes_numbers_of_any_type(dtype):
    encoder = TableEncoder.fit(np.random.default_rng(0).normal(size=(30, 3)))
    X = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    assert encoder.encode_few(X).X.tobytes() == encoder.encode(Table.from_any(X)).X.tobytes()
    assert np.array_equal(encoder.encode_few(X[:, ::-1]).X, encoder.encode_few(X[:, ::-1].copy()).X)


def test_the_short_way_is_for_few_numbers_in_arrays_and_for_nothing_else():
    X = np.random.default_rng(0).normal(size=(300, 3))
    encoder = TableEncoder.fit(X)
    assert encoder.encode_few(X[:5]) is not None
    for other in (X[0], X[:0], X, X[:5].tolist(), X[:5].astype(object), X[:5] + 0j, pd.DataFrame(X[:5]), X[:5, :2]):
        assert encoder.encode_few(other) is None
    assert encoder.encode_few(np.ma.masked_array(X[:5])) is None, "a mask would be lost"
    dated = TableEncoder.fit({"x1": ["2020-01-31", "2021-02-27", "2022-03-30"] * 9, "x2": list(range(27))})
    assert dated.encode_few(X[:5, :2]) is None
    named = TableEncoder.fit(pd.DataFrame(X, columns=["a", "b", "c"]))
    assert named.encode_few(X[:5]) is None
    assert TableEncoder.fit(sparse.csr_array(X)).encode_few(X[:5]) is None


@given(arrays("float64", (7, 3), elements=cells))
def test_an_array_and_its_table_are_predicted_alike(rows):
    for model in MODELS:
        assert model.outputs(rows).tobytes() == model.outputs(Table.from_any(rows)).tobytes()


def _models():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 3))
    X[rng.uniform(size=X.shape) < 0.1] = np.nan
    y = np.nan_to_num(X[:, 0]) > 0
    return [train_model(Settings(**QUICK | {"encoding": how}), X, y) for how in ("auto", Encoding(numbers="standard"))]


MODELS = _models()


# --- an estimator still refuses and warns ----------------------------------------------------------------------------


def test_an_estimator_still_counts_columns_and_knows_their_names():
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = X[:, 0] > 0
    plain, named = (NetworkClassifier(**QUICK).fit(rows, y) for rows in (X, pd.DataFrame(X, columns=["a", "b", "c"])))
    with pytest.raises(ValueError, match="X has 2 features, but NetworkClassifier is expecting 3 features as input"):
        plain.predict_proba(X[:1, :2])
    with pytest.raises(ShapeError, match="X must have rank 2"):
        plain.predict(X[0])
    with pytest.warns(UserWarning, match="X does not have valid feature names"), pytest.raises(InputError):
        named.predict(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(plain.predict_proba(X[:1]), plain.predict_proba(X)[:1], rtol=1e-12)
