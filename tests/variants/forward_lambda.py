"""A lambda.

cell: forward
"""

import numpy as np

relu = lambda a: np.maximum(a, 0)  # noqa: E731
layers = lambda p, h: (h @ p["W2"].T + p["b2"], h)  # noqa: E731
forward = lambda params, X: layers(params, relu(X @ params["W1"].T + params["b1"]))  # noqa: E731
