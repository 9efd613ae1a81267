"""It goes through its own little network class.

cell: predict
"""


class Net:
    def __init__(self, params):
        self.params = params

    def scores(self, X):
        return forward(self.params, X)[0]


def predict(params, X):
    return Net(params).scores(X).argmax(-1)
