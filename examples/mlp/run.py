"""Train two networks on handwritten digits with emitted gradients alone, and draw their losses.

python examples/mlp/run.py [--plot PATH]
"""

import argparse
import sys
from pathlib import Path

import matplotlib
import numpy as np
from rich.progress import Progress
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import exprdiff

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
# The shapes of each network's parameters, in the order of its .expr file.
NETWORKS = {
    "book": [(64, 100), (100, 10)],
    "deep": [(64, 64), (64,), (64, 32), (32,), (32, 10), (10,)],
}
DECAY = 1e-4
EPOCHS = 30
BATCH = 32
ACCURACY_WANTED = 0.95


class Adam:
    """Kingma and Ba's optimiser, with their constants but for the step."""

    def __init__(self, parameters, step=2e-3):
        self.step = step
        self.count = 0
        self.means = [np.zeros_like(p) for p in parameters]
        self.squares = [np.zeros_like(p) for p in parameters]

    def update(self, parameters, gradients):
        """Move the parameters, in place, along the gradients."""
        self.count += 1
        rate = self.step * np.sqrt(1 - 0.999**self.count) / (1 - 0.9**self.count)
        for p, g, m, s in zip(parameters, gradients, self.means, self.squares, strict=True):
            m += 0.1 * (g - m)
            s += 0.001 * (g**2 - s)
            p -= rate * m / (np.sqrt(s) + 1e-8)


def initial(shapes, rng):
    """He's initialisation for the matrices, zeros for the biases."""
    return [
        rng.normal(scale=np.sqrt(2 / s[0]), size=s) if len(s) == 2 else np.zeros(s) for s in shapes
    ]


def train(module, parameters, X, Y, rng, epochs):
    """Fit the parameters in place; return the mean loss of each epoch."""
    adam = Adam(parameters)
    losses = []
    for _ in epochs:
        batches = np.array_split(rng.permutation(len(X)), len(X) // BATCH)
        total = 0.0
        for batch in batches:
            loss, gradients = module.value_and_gradient(X[batch], Y[batch], DECAY, *parameters)
            adam.update(parameters, gradients)
            total += loss
        losses.append(total / len(batches))
    return losses


def draw(curves, path):
    """Plot each network's loss against the epoch, in a PNG file."""
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, losses in curves.items():
        axes.semilogy(range(1, EPOCHS + 1), losses, label=f"{name}.expr")
    axes.set(xlabel="epoch", ylabel="training loss J", title="Handwritten digits")
    axes.legend()
    figure.savefig(path, format="png", dpi=150)
    plt.close(figure)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--plot", type=Path, default=HERE / "losses.png", help="PNG to write")
    plot = options.parse_args().plot

    digits = load_digits()
    X, X_held, labels, labels_held = train_test_split(
        digits.data / 16, digits.target, test_size=0.2, stratify=digits.target, random_state=0
    )
    one_hot = np.eye(10)
    curves, accuracies = {}, {}
    with Progress() as progress:
        for name, shapes in NETWORKS.items():
            module = exprdiff.compile((HERE / f"{name}.expr").read_text(encoding="utf-8"))
            rng = np.random.default_rng(0)
            parameters = initial(shapes, rng)
            epochs = progress.track(range(EPOCHS), description=f"{name}.expr")
            curves[name] = train(module, parameters, X, one_hot[labels], rng, epochs)
            _, scores = module.forward(X_held, one_hot[labels_held], DECAY, *parameters)
            accuracies[name] = np.mean(np.argmax(scores, axis=1) == labels_held)
    draw(curves, plot)

    for name, accuracy in accuracies.items():
        first, last = curves[name][0], curves[name][-1]
        print(f"{name}.expr: loss {first:.4f} -> {last:.4f}, held-back accuracy {accuracy:.4f}")
    print(f"losses drawn in {plot}")
    if min(accuracies.values()) <= ACCURACY_WANTED:
        sys.exit(f"expected over {ACCURACY_WANTED}")


if __name__ == "__main__":
    main()
