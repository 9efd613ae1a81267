"""The bugs that have a name: what a student is told, what causes it, what to read again."""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Bug:
    """A wrong formula that has a name.

    Attributes
    ----------
    name : str
        What a student is told; {0} is the parameter or output it is about.
    cause : str
        What in the code does it.
    reread : str
        Section of the notebook.
    """

    name: str
    cause: str
    reread: str

    def parameter_in(self, said: str) -> str | None:
        """The parameter in these words, or ""; None if they are not the name of this bug."""
        pattern = re.escape(self.name).replace(r"\{0\}", r"(\w+)")
        found = re.fullmatch(pattern, said)
        return "".join(found.groups()) if found else None


NETWORK, FORWARD, LOSS = "1. The network", "2. Forward", "3. The loss"
BACKWARD, PREDICT, TRAIN = "4. Backward", "5. Predict", "7. Train"

BUGS = {
    # any output
    "transposed": Bug(
        "{0} is transposed",
        "The factors of a matrix product are in the wrong order, or a .T too many or too few.",
        NETWORK,
    ),
    "kept axis": Bug(
        "{0} has one axis too many, of length 1",
        "A sum with keepdims=True keeps the axis it sums over; the biases have only one axis.",
        NETWORK,
    ),
    "swapped": Bug(
        "the results are returned in the wrong order",
        "The return statement names them in another order than the docstring.",
        NETWORK,
    ),
    # forward
    "no b1": Bug("b1 is not added", "The hidden layer is X times W1 alone.", FORWARD),
    "no b2": Bug("b2 is not added", "The scores are hidden times W2 alone.", FORWARD),
    "no biases": Bug("neither bias is added", "Both products stand alone.", FORWARD),
    "no relu": Bug(
        "the ReLU is missing", "Negative values of the hidden layer go on to the scores.", FORWARD
    ),
    "hidden before relu": Bug(
        "hidden is returned without the ReLU",
        "The values before the ReLU are returned; the scores are made of those after it.",
        FORWARD,
    ),
    # loss
    "loss summed": Bug(
        "the loss is summed over the batch: the mean is missing",
        "The loss of a batch is the mean over its N images, not their sum.",
        LOSS,
    ),
    "loss divided twice": Bug(
        "the loss is divided by the batch size twice",
        "A mean is divided by N once more.",
        LOSS,
    ),
    "loss over classes": Bug(
        "the loss is divided by the number of classes, not by the batch size",
        "The mean is taken over the N images: the length of y, and the first axis of scores.",
        LOSS,
    ),
    "loss over 5": Bug(
        "the loss is divided by 5, the size of the toy batch",
        "The 5 stands in the code; the batch size is the length of y.",
        LOSS,
    ),
    "loss sign": Bug(
        "the sign of the loss is wrong", "The minus before the logarithm is missing.", LOSS
    ),
    "log 2": Bug("the logarithm is to base 2", "np.log2 stands for np.log.", LOSS),
    "log 10": Bug("the logarithm is to base 10", "np.log10 stands for np.log.", LOSS),
    "penalty doubled": Bug(
        "the regularisation is exactly twice what it should be",
        "The factor 0.5 is missing, or the penalty is added twice.",
        LOSS,
    ),
    "no penalty": Bug("the regularisation is not added", "reg is not used.", LOSS),
    "biases penalised": Bug(
        "the biases are regularised", "b1 and b2 are in the sum of squares.", LOSS
    ),
    "bias penalised": Bug(
        "{0} is in the penalty, with W1 and W2",
        "The sum of squares takes in a bias; only the weights belong there.",
        LOSS,
    ),
    "W2 not penalised": Bug("W2 is not regularised", "Only W1 is in the sum of squares.", LOSS),
    "W1 not penalised": Bug("W1 is not regularised", "Only W2 is in the sum of squares.", LOSS),
    "penalty averaged": Bug(
        "the regularisation is divided by the batch size",
        "The penalty is added before the mean is taken; it does not depend on the batch.",
        LOSS,
    ),
    "softmax overflows": Bug(
        "the softmax overflows or underflows for large scores",
        "exp of a large score is inf, and of a very negative one 0. Shift each row first.",
        LOSS,
    ),
    "probs is gradient": Bug(
        "probs is already the gradient: 1 is subtracted at the right class",
        "A step of backward is done in the loss, on the array that is returned.",
        LOSS,
    ),
    "probs is log": Bug(
        "probs holds logarithms of probabilities", "Return the probabilities themselves.", LOSS
    ),
    "probs not normalised": Bug(
        "probs is not normalised", "The exponentials are not divided by their row's sum.", LOSS
    ),
    "probs over batch": Bug(
        "the softmax is taken over the batch, not over the classes",
        "The sum runs over axis 0; the classes are axis 1.",
        LOSS,
    ),
    # backward
    "gradient no mean": Bug(
        "d{0} is exactly N times too large: the mean over the batch is missing",
        "The loss is a mean over N images, so its gradient is divided by N too.",
        BACKWARD,
    ),
    "gradient divided twice": Bug(
        "d{0} is divided by the batch size twice", "Divide by N in one place only.", BACKWARD
    ),
    "gradient over classes": Bug(
        "d{0} is divided by the number of classes, not by the batch size",
        "The mean is taken over the N images, so the gradient is divided by N.",
        BACKWARD,
    ),
    "gradient over 5": Bug(
        "d{0} is divided by 5, the size of the toy batch",
        "The 5 stands in the code; the batch size is the length of y.",
        BACKWARD,
    ),
    "gradient no one-hot": Bug(
        "d{0} lacks the one-hot labels",
        "At the right class of each image, 1 is subtracted from its probability.",
        BACKWARD,
    ),
    "gradient sign": Bug(
        "d{0} has the wrong sign", "The difference at the scores is the wrong way round.", BACKWARD
    ),
    "gradient data sign": Bug(
        "d{0} has the wrong sign, but for its regularisation",
        "The difference at the scores is the wrong way round.",
        BACKWARD,
    ),
    "gradient no penalty": Bug(
        "d{0} lacks the regularisation", "The slope of the penalty is not added.", BACKWARD
    ),
    "gradient penalty doubled": Bug(
        "d{0} has its regularisation doubled",
        "The slope of 0.5 reg w^2 is reg w; the 2 and the 0.5 cancel.",
        BACKWARD,
    ),
    "gradient penalty halved": Bug(
        "d{0} has its regularisation halved",
        "The slope of 0.5 reg w^2 is reg w; the 2 and the 0.5 cancel.",
        BACKWARD,
    ),
    "gradient penalty averaged": Bug(
        "d{0} has its regularisation divided by the batch size",
        "The penalty is added after the mean is taken; it does not depend on the batch.",
        BACKWARD,
    ),
    "gradient bias penalised": Bug(
        "{0} is regularised", "Only W1 and W2 are in the penalty.", BACKWARD
    ),
    "gradient no relu": Bug(
        "dhidden ignores the ReLU",
        "Where the hidden value is 0, no change of its input changes the loss.",
        BACKWARD,
    ),
    # predict
    "lowest score": Bug(
        "predict takes the lowest score, not the highest", "argmin stands for argmax.", PREDICT
    ),
    # train
    "other labels": Bug(
        "rows and labels of a minibatch are drawn with different indices",
        "Draw indices once, and take both X and y with them.",
        TRAIN,
    ),
    "same minibatch": Bug(
        "the minibatch is always the same", "The indices are not drawn anew.", TRAIN
    ),
    "reg not passed": Bug("reg is not passed to net.loss", "Hand train's reg on.", TRAIN),
    "never updated": Bug(
        "the update of {0} has no effect",
        "No step changes net.params: it is missing, is taken on a copy, or undone by another.",
        TRAIN,
    ),
    "ascends": Bug(
        "{0} steps along its gradient: the sign of the update is wrong",
        "A step goes against the gradient, so it is subtracted.",
        TRAIN,
    ),
    "no learning rate": Bug(
        "{0} is updated without the learning rate", "The step is the bare gradient.", TRAIN
    ),
    "updated twice": Bug(
        "{0} is updated twice in each iteration",
        "The step is taken in two places, or the loop over the parameters stands in another.",
        TRAIN,
    ),
    "no decay": Bug(
        "the learning rate never decays",
        "Multiply it by learning_rate_decay once an epoch.",
        TRAIN,
    ),
}


def name(key: str, which: str = "") -> str:
    """What a student is told of the bug with this key of `BUGS`."""
    return BUGS[key].name.format(which)


@cache
def known(said: str) -> Bug | None:
    """The bug that a student was told of in these words; None if there is none."""
    return next((bug for bug in BUGS.values() if bug.parameter_in(said) is not None), None)
