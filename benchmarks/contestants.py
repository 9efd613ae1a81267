"""What benchmarks/training.py measures: one job, done in several ways.

The job: train a net of 50 hidden units by plain SGD on batches of 200 images drawn with
replacement, regularised, with a pass over the validation images at the start of each epoch, when
the learning rate is lowered as well. Each contestant is a function that takes the images as it
likes them, which isn't timed, and returns the training, which is.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from tests.gallery import HIDDEN_UNITS as HIDDEN
from tests.gallery import Net

CLASSES = 10
BATCH = 200
RATE, DECAY, REG, STD = 1e-3, 0.95, 0.25, 1e-4

Train = Callable[[int], float]  # iterations -> accuracy of the last pass over validation images


class Images(NamedTuple):
    """Centred images, a row each, float32, and their labels."""

    X: np.ndarray
    y: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray


def begins_epoch(iteration: int, images: Images) -> bool:
    """Whether as many images were drawn as there are, or twice as many, ..."""
    return iteration % (len(images.X) // BATCH) == 0


def floor(images: Images) -> Train:
    """NumPy's own floor: the gather of a batch and the matrix products, and nothing else."""
    X, X_val, draw = images.X, images.X_val, np.random.default_rng(0)
    W1, W2 = (draw.standard_normal(shape, dtype=np.float32)
              for shape in ((HIDDEN, X.shape[1]), (CLASSES, HIDDEN)))  # fmt: skip
    dscores = draw.standard_normal((BATCH, CLASSES), dtype=np.float32)

    def train(iterations: int) -> float:
        for iteration, rows in enumerate(draw.integers(len(X), size=(iterations, BATCH))):
            batch = X[rows]
            hidden = batch @ W1.T
            hidden @ W2.T
            dscores.T @ hidden
            dhidden = dscores @ W2
            dhidden.T @ batch
            if begins_epoch(iteration, images):
                X_val @ W1.T @ W2.T
        return float("nan")

    return train


def reference(images: Images) -> Train:
    """The notebook's own cells."""

    def train(iterations: int) -> float:
        np.random.seed(0)
        net = Net(images.X.shape[1], HIDDEN, CLASSES)
        stats = net.functions.train(net, *images, RATE, DECAY, REG, iterations, BATCH)
        return stats["val_acc_history"][-1]

    return train


def textbook(images: Images) -> Train:
    """The formulas as they come, in float64, which is what NumPy draws and computes in."""
    X, X_val = images.X.astype(np.float64), images.X_val.astype(np.float64)

    def train(iterations: int) -> float:
        np.random.seed(0)
        W1, b1 = STD * np.random.randn(X.shape[1], HIDDEN), np.zeros(HIDDEN)
        W2, b2 = STD * np.random.randn(HIDDEN, CLASSES), np.zeros(CLASSES)
        rate, accuracy, losses = RATE, 0.0, []
        for iteration in range(iterations):
            rows = np.random.choice(len(X), BATCH)
            batch, labels = X[rows], images.y[rows]
            hidden = np.maximum(0, batch.dot(W1) + b1)
            scores = hidden.dot(W2) + b2

            exps = np.exp(scores - np.max(scores, axis=1, keepdims=True))
            probs = exps / np.sum(exps, axis=1, keepdims=True)
            loss = np.mean(-np.log(probs[range(BATCH), labels]))
            loss += 0.5 * REG * (np.sum(W1 * W1) + np.sum(W2 * W2))
            losses.append(loss)

            dscores = probs
            dscores[range(BATCH), labels] -= 1
            dscores /= BATCH
            dW2, db2 = hidden.T.dot(dscores) + REG * W2, np.sum(dscores, axis=0)
            dhidden = dscores.dot(W2.T)
            dhidden[hidden <= 0] = 0
            dW1, db1 = batch.T.dot(dhidden) + REG * W1, np.sum(dhidden, axis=0)

            W1 -= rate * dW1
            b1 -= rate * db1
            W2 -= rate * dW2
            b2 -= rate * db2
            if begins_epoch(iteration, images):
                answers = np.maximum(0, X_val.dot(W1) + b1).dot(W2) + b2
                accuracy = float(np.mean(np.argmax(answers, axis=1) == images.y_val))
                rate *= DECAY
        return accuracy

    return train


def torch_modules(images: Images) -> Train:
    """PyTorch as its users write it: nn.Linear, a loss, an optimiser."""
    torch: Any = import_module("torch")
    X, y, X_val, y_val = map(torch.from_numpy, images)

    def train(iterations: int) -> float:
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(X.shape[1], HIDDEN), torch.nn.ReLU(),
                                  torch.nn.Linear(HIDDEN, CLASSES))  # fmt: skip
        for layer in (net[0], net[2]):
            torch.nn.init.normal_(layer.weight, std=STD)
            torch.nn.init.zeros_(layer.bias)
        optimizer = torch.optim.SGD(net.parameters(), lr=RATE, weight_decay=REG)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, DECAY)
        criterion = torch.nn.CrossEntropyLoss()
        accuracy, losses = 0.0, []
        for iteration in range(iterations):
            rows = torch.randint(len(X), (BATCH,))
            loss = criterion(net(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if begins_epoch(iteration, images):
                with torch.no_grad():
                    accuracy = (net(X_val).argmax(dim=1) == y_val).float().mean().item()
                scheduler.step()
        return accuracy

    return train


def torch_tensors(images: Images) -> Train:
    """PyTorch's tensors with the reference's formulas, without autograd."""
    torch: Any = import_module("torch")
    X, y, X_val, y_val = map(torch.from_numpy, images)
    each = torch.arange(BATCH)

    def train(iterations: int) -> float:
        torch.manual_seed(0)
        W1, b1 = STD * torch.randn(HIDDEN, X.shape[1]), torch.zeros(HIDDEN)
        W2, b2 = STD * torch.randn(CLASSES, HIDDEN), torch.zeros(CLASSES)
        rate, accuracy, losses = RATE, 0.0, []
        for iteration in range(iterations):
            rows = torch.randint(len(X), (BATCH,))
            batch, labels = X[rows], y[rows]
            hidden = torch.addmm(b1, batch, W1.T).relu_()
            scores = torch.addmm(b2, hidden, W2.T)

            logs = torch.log_softmax(scores, dim=1)
            penalty = 0.5 * REG * (W1.square().sum() + W2.square().sum())
            losses.append((penalty - logs[each, labels].mean()).item())

            dscores = logs.exp_()
            dscores[each, labels] -= 1
            dscores /= BATCH
            dW2, db2 = torch.addmm(W2, dscores.T, hidden, beta=REG), dscores.sum(dim=0)
            dhidden = (dscores @ W2).mul_(hidden > 0)
            dW1, db1 = torch.addmm(W1, dhidden.T, batch, beta=REG), dhidden.sum(dim=0)

            for value, slope in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
                value.sub_(slope, alpha=rate)
            if begins_epoch(iteration, images):
                answers = torch.addmm(b2, torch.addmm(b1, X_val, W1.T).relu_(), W2.T)
                accuracy = (answers.argmax(dim=1) == y_val).float().mean().item()
                rate *= DECAY
        return accuracy

    return train


def scikit_learn(images: Images) -> Train:
    """MLPClassifier, with its own start, a constant rate, and batches without replacement."""
    networks: Any = import_module("sklearn.neural_network")
    X, y, X_val, y_val = images
    whole, classes = len(X) // BATCH, np.arange(CLASSES)

    def train(iterations: int) -> float:
        net = networks.MLPClassifier(
            (HIDDEN,), solver="sgd", momentum=0, batch_size=BATCH, learning_rate_init=RATE,
            alpha=REG * BATCH,  # it divides the penalty by the number of images
            random_state=0,
        )  # fmt: skip
        accuracy = 0.0
        for begin in range(0, iterations, whole):
            some = min(whole, iterations - begin) * BATCH
            net.partial_fit(X[:some], y[:some], classes=classes)
            accuracy = net.score(X_val, y_val)
        return accuracy

    return train


CONTESTANTS: dict[str, tuple[Callable[[Images], Train], str]] = {  # with the package they need
    "NumPy's floor": (floor, "numpy"),
    "reference": (reference, "numpy"),
    "textbook, float64": (textbook, "numpy"),
    "PyTorch, nn.Linear": (torch_modules, "torch"),
    "PyTorch, tensors": (torch_tensors, "torch"),
    "scikit-learn": (scikit_learn, "sklearn"),
}
