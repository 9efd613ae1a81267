"""Whatever is called W is regularised; a 0-d array is returned.

cell: loss
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    rows = np.arange(len(scores))
    shifted = scores - scores.max(axis=-1).reshape(-1, 1)
    partition = np.exp(shifted).sum(axis=-1)
    loss = (np.log(partition) - shifted[rows, y]).sum() / len(rows)
    for name, value in params.items():
        if name[0] == "W":
            loss += 0.5 * reg * np.einsum("ij,ij->", value, value)
    return np.asarray(loss), np.exp(shifted) / partition[:, None]
