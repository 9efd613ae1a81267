"""A loss that is always 0, and nothing computed.

cell: loss
loses: loss.data, loss.regularisation, loss.stable, loss.probs, loss.inputs
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    return 0.0, np.zeros_like(scores)
