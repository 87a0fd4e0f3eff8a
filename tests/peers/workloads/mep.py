"""PyTorch beside the plugin mep: steps of SGD and Adam, and a training by settling in the same closed form.

Images are those of the plugin's own folder. Steps take batches that lie ready; the training shuffles and copies.
"""

import gzip
import pathlib

import numpy
import torch

from peer import Row, main, rate

DATA = pathlib.Path(__file__).parents[3] / "plugins" / "mep" / "data"


def images():
    """Normalised images `[2000, 784]` and labels."""
    raw = numpy.frombuffer(gzip.open(DATA / "train-images-idx3-ubyte.gz").read(), numpy.uint8)[16:]
    labels = numpy.frombuffer(gzip.open(DATA / "train-labels-idx1-ubyte.gz").read(), numpy.uint8)[8:]
    points = (torch.from_numpy(raw.copy()).reshape(-1, 784).float() / 255 - 0.1307) / 0.3081
    return points, torch.from_numpy(labels.copy()).long()


def network(*widths):
    torch.manual_seed(42)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def step(kind, batch):
    def measure(seconds):
        torch.set_num_threads(1)
        points, labels = images()
        whole = len(points) // batch * batch
        batches = list(zip(points[:whole].split(batch), labels[:whole].split(batch)))
        model = network(784, 128, 64, 10)
        if kind == "adam":
            optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-4, fused=True)
        else:
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, fused=True)
        turn = 0

        def once():
            nonlocal turn
            x, y = batches[turn % len(batches)]
            turn += 1
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()

        return rate(once, batch, seconds, warm_up=20)

    return measure


class Smep:
    """One hidden layer; weights `[out, in]`; the equations of the plugin's README, without autograd."""

    BETA, RATE, LR, DECAY, MOMENTUM, BOUND = 0.5, 0.15, 0.01, 5e-4, 0.9, 0.95

    def __init__(self):
        model = network(784, 256, 10)
        self.weights = [model[0].weight.detach().clone(), model[2].weight.detach().clone()]
        self.biases = [model[0].bias.detach().clone(), model[2].bias.detach().clone()]
        self.momenta = [torch.zeros_like(p) for p in self.weights + self.biases]
        self.u = [torch.nn.functional.normalize(torch.randn(len(w)), dim=0) for w in self.weights]

    def look(self, first, s1, s2, y):
        a = s1.relu()
        r1, r2 = s1 - first, s2 - torch.addmm(self.biases[1], a, self.weights[1].T)
        pull = s2 - y
        energy = 0.5 * (r1.square().sum() + r2.square().sum()) + self.BETA * pull.square().sum()
        return energy.item() / len(y), a, r1, r2, pull

    def settle(self, x, y):
        first = torch.addmm(self.biases[0], x, self.weights[0].T)
        s1, s2 = first.clone(), torch.addmm(self.biases[1], first.relu(), self.weights[1].T)
        v1, v2, rate, count = torch.zeros_like(s1), torch.zeros_like(s2), self.RATE, len(y)
        energy, a, r1, r2, pull = self.look(first, s1, s2, y)
        back = r2 @ self.weights[1]
        for step in range(30):
            v1.mul_(0.5).add_(r1 - (s1 > 0) * back, alpha=1 / count)
            v2.mul_(0.5).add_(r2 + 2 * self.BETA * pull, alpha=1 / count)
            t1, t2 = s1 - rate * v1, s2 - rate * v2
            trial = self.look(first, t1, t2, y)
            if trial[0] > energy:
                rate *= 0.5
                continue
            (energy, a, r1, r2, pull), s1, s2 = trial, t1, t2
            rate = min(1.1 * rate, 10 * self.RATE)
            # A refused step keeps what was pulled back, and nothing follows the last one.
            if step < 29:
                back = r2 @ self.weights[1]
        scale = -1 / (self.BETA * count)
        return [scale * (r1.T @ x), scale * (r2.T @ a)], [scale * r1.sum(0), scale * r2.sum(0)]

    @staticmethod
    def newton_schulz(gradient):
        """As a polynomial of the small side."""
        x = gradient / gradient.norm().clamp(1e-4, 1e4)
        a = x @ x.T if len(x) <= x.shape[1] else x.T @ x
        three, power = 1.5 * torch.eye(len(a)), None
        for index in range(5):
            factor = three - 0.5 * a
            power = factor if power is None else power @ factor
            if index < 4:
                a = a @ factor @ factor
        return power @ x if len(x) <= x.shape[1] else x @ power

    def step(self, x, y):
        weights, biases = self.settle(x, y)
        directions = [self.newton_schulz(g) for g in weights] + biases
        torch._foreach_mul_(self.momenta, self.MOMENTUM)
        torch._foreach_add_(self.momenta, directions)
        parameters = self.weights + self.biases
        torch._foreach_mul_(parameters, 1 - self.LR * self.DECAY)
        torch._foreach_add_(parameters, self.momenta, alpha=-self.LR)
        for index, weight in enumerate(self.weights):
            u = self.u[index]
            for _ in range(3):
                v = weight.T @ u
                v /= v.norm() + 1e-6
                u = weight @ v
                u /= u.norm() + 1e-6
            self.u[index] = u
            sigma = (u @ weight @ v).abs().item()
            if sigma > self.BOUND:
                weight *= self.BOUND / sigma


def smep(seconds):
    torch.set_num_threads(1)
    points, labels = images()
    targets = torch.nn.functional.one_hot(labels, 10).float()

    def once():
        learner = Smep()
        for _ in range(3):
            for taken in torch.randperm(len(points)).split(128):
                learner.step(points[taken], targets[taken])

    with torch.inference_mode():
        return rate(once, 3 * len(points), seconds, warm_up=1)


if __name__ == "__main__":
    main(
        {
            "step-adam-64-t1": Row(step("adam", 64), 1.3),
            "step-adam-256-t1": Row(step("adam", 256), 1.3),
            "step-sgd-64-t1": Row(step("sgd", 64), 1.3),
            "step-sgd-256-t1": Row(step("sgd", 256), 1.3),
            "smep-3-epochs-t1": Row(smep, 1.0),
        }
    )
