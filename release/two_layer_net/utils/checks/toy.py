"""The toy problem: a net and data small enough to print, and the figures it must give.

The figures are public; they were computed with the layout W1 (H, D), b1 (H,), W2 (C, H), b2 (C,) in
float64. The problem is that of CS231n's two-layer-net exercise, https://cs231n.github.io/
"""

import numpy as np

INPUT, HIDDEN, CLASSES, COUNT = 4, 10, 3, 5

SCORES = np.array(
    [
        [-1.07260209, 0.05083871, -0.87253915],
        [-2.02778743, -0.10832494, -1.52641362],
        [-0.74225908, 0.15259725, -0.39578548],
        [-0.38172726, 0.10835902, -0.17328274],
        [-0.64417314, -0.18886813, -0.41106892],
    ]
)
SCORES_WITHOUT_RELU = np.array(  # what a frequent mistake gives
    [
        [-0.47149069, 0.01614659, -0.49671461],
        [-1.74889123, -0.06681797, -1.4139023],
        [0.10821361, 0.57191067, 0.06115404],
        [-0.00845391, 0.38823808, 0.05511459],
        [-0.66929607, -0.19421647, -0.46448334],
    ]
)
REG = 0.05
LOSS = 1.071696123862817  # with REG
LOSS_WITHOUT_REG = 1.0527307058649984

PARAMS = ("W1", "b1", "W2", "b2")  # of every two-layer net
Params = dict[str, np.ndarray]


def toy_params() -> Params:
    """Parameters of the toy net: std 0.1, seed 0, biases zero.

    Returns
    -------
    dict
        W1 (10, 4), b1 (10,), W2 (3, 10), b2 (3,), float64.
    """
    rng = np.random.RandomState(0)
    return {
        "W1": 1e-1 * rng.randn(HIDDEN, INPUT),
        "b1": np.zeros(HIDDEN),
        "W2": 1e-1 * rng.randn(CLASSES, HIDDEN),
        "b2": np.zeros(CLASSES),
    }


def toy_data() -> tuple[np.ndarray, np.ndarray]:
    """Inputs X (5, 4) float64 and labels y (5,) int of the toy problem, seed 1."""
    X = 10 * np.random.RandomState(1).randn(COUNT, INPUT)
    return X, np.array([0, 1, 2, 2, 1])


def random_case(count: int = 7) -> tuple[Params, np.ndarray, np.ndarray]:
    """A net with biases that are not zero, and data whose every dimension is another number.

    Returns
    -------
    params : dict
        W1 (6, 5), b1 (6,), W2 (4, 6), b2 (4,), float64.
    X : ndarray, shape (count, 5)
    y : ndarray of int, shape (count,)
        Labels of which class 2 is missing.
    """
    rng = np.random.RandomState(2)
    params = {
        "W1": rng.randn(6, 5),
        "b1": rng.randn(6),
        "W2": rng.randn(4, 6),
        "b2": rng.randn(4),
    }
    return params, rng.randn(count, 5), np.array([0, 1, 3, 3, 1, 0, 3])[:count]
