"""Numerical gradients, to check analytic ones against.

References
----------
Central differences: CS231n course notes, "Gradient checks", https://cs231n.github.io/neural-networks-3/
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt


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
    f: Callable[[np.ndarray], float], x: np.ndarray, verbose: bool = True, h: float = 1e-5
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
    for index in np.ndindex(*x.shape):
        kept = x[index]
        try:
            x[index] = kept + h
            above = float(f(x))
            x[index] = kept - h
            below = float(f(x))
        finally:
            x[index] = kept
        slope = gradient[index] = (above - below) / (2 * h)
        if verbose:
            print(index, slope)
    return gradient
