"""Numerical gradients against analytic ones, and what holds of the point they are taken at."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from utils.gradient_check import eval_numerical_gradient, rel_error

points = arrays(
    np.float64,
    array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    elements=st.floats(-3, 3),
)


class Boom(Exception):
    pass


def numerical(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    return eval_numerical_gradient(f, x, verbose=False, h=h)


@settings(max_examples=150, deadline=None)
@given(x=points)
@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (lambda x: float(np.sum(x**2)), lambda x: 2 * x),
        (lambda x: float(np.sum(np.sin(x))), np.cos),
        (lambda x: float(np.sum(np.exp(x))), np.exp),
        (lambda x: float(np.sum(x) ** 2), lambda x: np.full_like(x, 2 * np.sum(x))),
        (lambda x: float(np.sum(np.tanh(x) * 3)), lambda x: 3 / np.cosh(x) ** 2),
    ],
    ids=["squares", "sines", "exponentials", "squared sum", "tanh"],
)
def test_against_analytic_gradients(f: Callable, gradient: Callable, x: np.ndarray) -> None:
    kept = x.copy()
    got = numerical(f, x)
    assert got.shape == x.shape and got.dtype == np.float64
    assert np.allclose(got, gradient(x), rtol=1e-6, atol=1e-6)
    assert x.tobytes() == kept.tobytes()


@settings(max_examples=100, deadline=None)
@given(x=points, w=st.integers(0, 2**32 - 1))
def test_a_linear_function_has_the_slope_of_its_weights(x: np.ndarray, w: int) -> None:
    weights = np.random.RandomState(w).randn(*x.shape)
    got = numerical(lambda x: float(np.sum(weights * x)), x, h=1e-3)
    assert np.allclose(got, weights, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    x=arrays(np.float64, (2, 3), elements=st.floats(allow_nan=True, allow_infinity=True)),
    calls=st.integers(1, 12),
)
def test_the_point_is_restored_to_the_last_bit_even_if_f_raises(x: np.ndarray, calls: int) -> None:
    kept, left = x.tobytes(), [calls]

    def f(x: np.ndarray) -> float:
        left[0] -= 1
        if left[0] == 0:
            raise Boom
        return 0.0

    with pytest.raises(Boom):
        numerical(f, x)
    assert x.tobytes() == kept


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.arange(12.0).reshape(3, 4).T,
        lambda: np.arange(24.0).reshape(4, 6)[::2, 1::3],
        lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        lambda: np.array(2.0),
    ],
    ids=["transposed", "strided", "fortran", "a number"],
)
def test_any_layout_in_memory(make: Callable[[], np.ndarray]) -> None:
    x = make()
    assert np.allclose(numerical(lambda x: float(np.sum(x**2)), x), 2 * make(), atol=1e-6)
    assert np.array_equal(x, make())


def test_f_is_called_twice_an_element_with_the_array_itself() -> None:
    x, calls = np.zeros((2, 3)), []

    def f(value: np.ndarray) -> float:
        calls.append(value is x)
        return 0.0

    numerical(f, x)
    assert calls == [True] * 12


def test_verbose_prints_every_slope(capsys: pytest.CaptureFixture[str]) -> None:
    eval_numerical_gradient(lambda x: float(x.sum()), np.zeros((1, 2)))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(") ")[0] for line in lines] == ["(0, 0", "(0, 1"]
    numerical(lambda x: float(x.sum()), np.zeros((1, 2)))
    assert capsys.readouterr().out == ""


def test_a_nan_is_kept() -> None:
    x = np.array([1.0, 2.0])
    got = numerical(lambda x: float("nan") if x[1] > 2 else float(x[0]), x)
    assert got[0] == pytest.approx(1)
    assert np.isnan(got[1])


def test_a_point_of_whole_numbers_is_refused_or_right() -> None:
    x = np.array([1, 2])
    try:
        got = numerical(lambda x: float(np.sum(x**2)), x)
    except (TypeError, ValueError):
        return
    assert np.allclose(got, [2, 4])


# --- rel_error ---


@settings(max_examples=200, deadline=None)
@given(data=st.data(), shape=array_shapes(max_dims=3, max_side=4))
def test_rel_error_is_the_homeworks(data: Any, shape: tuple[int, ...]) -> None:
    elements = st.floats(-1e6, 1e6)
    x = data.draw(arrays(np.float64, shape, elements=elements))
    y = data.draw(arrays(np.float64, shape, elements=elements))
    expected = max(
        abs(a - b) / max(1e-8, abs(a) + abs(b)) for a, b in zip(x.flat, y.flat, strict=True)
    )
    assert rel_error(x, y) == rel_error(y, x) == expected
    assert 0 <= rel_error(x, y) <= 1
    assert rel_error(x, x) == 0


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (1.0, 1.0, 0.0),
        (1.0, -1.0, 1.0),
        (0.0, 0.0, 0.0),
        ([1.0, 2.0], [1.0, 6.0], 0.5),
        (1e-9, 0.0, 0.1),  # not 1: below 1e-8, differences stop to matter
    ],
)
def test_rel_error_by_hand(x: Any, y: Any, expected: float) -> None:
    assert rel_error(x, y) == pytest.approx(expected)


def test_rel_error_of_a_nan_is_nan() -> None:
    assert np.isnan(rel_error([1.0, np.nan], [1.0, 2.0]))
    assert np.isnan(rel_error([1.0, 2.0], [np.nan, 2.0]))
    assert not rel_error([np.nan], [np.nan]) < 1e-8


@pytest.mark.parametrize(
    ("x", "y"),
    [((3,), (1, 3)), ((3, 1), (3,)), ((2, 3), (3, 2)), ((), (1,)), ((3,), (4,))],
)
def test_rel_error_refuses_shapes_that_would_broadcast(x: tuple, y: tuple) -> None:
    with pytest.raises(ValueError, match=re.escape(f"not {x} with {y}")):
        rel_error(np.ones(x), np.ones(y))
