"""Numerical gradients, to check analytic ones against.

References
----------
Central differences: CS231n course notes, "Gradient checks", https://cs231n.github.io/neural-networks-3/
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

Scalar = Callable[[np.ndarray], float]


def rel_error(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Largest relative error between two arrays of one shape.

    Parameters
    ----------
    x, y : array_like of float, the same shape

    Returns
    -------
    float
        max(|x - y| / max(1e-8, |x| + |y|)); nan if either holds a nan.

    Raises
    ------
    ValueError
        If the shapes differ: broadcasting would hide a wrong shape.
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape:
        raise ValueError(f"rel_error compares arrays of one shape, not {x.shape} with {y.shape}.")
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))


def eval_numerical_gradient(
    f: Scalar, x: np.ndarray, verbose: bool = True, h: float = 1e-5
) -> np.ndarray:
    """Gradient of `f` at `x` by central differences, one element after the other.

    Parameters
    ----------
    f : callable
        Takes `x` and returns a number. It is called twice an element.
    x : ndarray of float, any shape
        The point. It is changed in place during the work and restored.
    verbose : bool
        Print each element's derivative as it comes.
    h : float
        Half the step of the difference.

    Returns
    -------
    ndarray of float, the shape of `x`

    Raises
    ------
    ValueError
        If `x` doesn't hold floats.
    """
    if x.dtype.kind != "f":
        raise ValueError(f"The point has dtype {x.dtype}, which can't hold x + h; give floats.")
    gradient = np.zeros_like(x)
    for index, slope in _slopes(f, x, np.ndindex(*x.shape), h):
        gradient[index] = slope
        if verbose:
            print(index, slope)
    return gradient


def grad_check_sparse(
    f: Scalar,
    x: np.ndarray,
    analytic_gradient: np.ndarray,
    num_checks: int = 10,
    h: float = 1e-5,
    seed: int = 0,
) -> float:
    """Check an analytic gradient of a large array at a few random elements.

    Parameters
    ----------
    f : callable
        Takes `x` and returns a number.
    x : ndarray of float, any shape
        The point. It is changed in place during the work and restored.
    analytic_gradient : ndarray of float, the shape of `x`
    num_checks : int
        How many elements are drawn, with replacement.
    h : float
        Half the step of the difference.
    seed : int
        Of the draw, so that a check can be repeated.

    Returns
    -------
    float
        The largest relative error among the elements drawn. Each is printed.

    Raises
    ------
    ValueError
        If the gradient's shape is not that of `x`.
    """
    if analytic_gradient.shape != x.shape:
        raise ValueError(
            f"The gradient's shape {analytic_gradient.shape} is not {x.shape}, that of x."
        )
    rng = np.random.default_rng(seed)
    drawn = [tuple(int(rng.integers(n)) for n in x.shape) for _ in range(num_checks)]
    worst = 0.0
    for index, slope in _slopes(f, x, drawn, h):
        error = rel_error(slope, analytic_gradient[index])
        print(
            f"{index}: numerical {slope:.6e}, analytic {analytic_gradient[index]:.6e}, "
            f"relative error {error:.1e}"
        )
        worst = float(np.maximum(worst, error))  # unlike max(), keeps a nan
    return worst


def _slopes(
    f: Scalar, x: np.ndarray, indices: Iterable[tuple[int, ...]], h: float
) -> Iterator[tuple[tuple[int, ...], float]]:
    for index in indices:
        kept = x[index]
        try:
            x[index] = kept + h
            above = float(f(x))
            x[index] = kept - h
            below = float(f(x))
        finally:
            x[index] = kept
        yield index, (above - below) / (2 * h)
