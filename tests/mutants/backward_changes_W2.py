"""dW2 is built up in params["W2"] itself.

cell: backward
loses: backward.W2
"""


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    dscores = probs
    dscores[range(len(y)), y] -= 1
    dscores /= len(y)
    dhidden = dscores.dot(params["W2"]) * (hidden > 0)

    grads["W2"] = params["W2"]
    grads["W2"] *= reg
    grads["W2"] += dscores.T.dot(hidden)
    grads["b2"] = dscores.sum(axis=0)
    grads["W1"] = dhidden.T.dot(X) + reg * params["W1"]
    grads["b1"] = dhidden.sum(axis=0)
    return grads
