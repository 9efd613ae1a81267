"""An empty dict is returned.

cell: backward
loses: backward.W1, backward.b1, backward.W2, backward.b2
"""


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    return grads
