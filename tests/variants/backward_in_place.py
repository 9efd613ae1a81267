"""The one-hot is folded into probs in place, the mask into hidden.

cell: backward
"""


def backward(params, X, y, hidden, probs, reg):
    N = X.shape[0]
    probs[range(N), y] -= 1
    probs /= N
    grads = {}
    grads["W2"] = probs.T.dot(hidden)
    grads["W2"] += reg * params["W2"]
    grads["b2"] = probs.sum(axis=0)
    hidden[hidden > 0] = 1
    hidden *= probs.dot(params["W2"])
    grads["W1"] = hidden.T.dot(X)
    grads["W1"] += reg * params["W1"]
    grads["b1"] = hidden.sum(axis=0)
    return grads
