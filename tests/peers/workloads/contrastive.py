"""Contrastive training with PyTorch: the shapes, maths and recordings of contrastive.toml.

Both views go through the encoder in one batch, AdamW is the fused one, windows are numpy slices copied once into the
tensor that the encoder reads. `contrastive.py losses [STEPS] [SEEDS]` prints mean losses to hold against benchhost's
metric `loss-50`.
"""

import pathlib
import statistics
import sys

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from peer import Row, main, rate

RECORDINGS = pathlib.Path(__file__).parents[3] / "plugins" / "contrastive" / "signals" / "ground_motion.h5"
TEMPERATURE = 0.07
GOALS = {1: 1.3, 2: 1.0}
SIZES = [(16, 512), (32, 1024), (64, 2048)]


def signals():
    """The first channel of each recording, with mean 0 and deviation 1."""
    with h5py.File(RECORDINGS) as file:
        raw = [np.asarray(file[name], dtype=np.float32) for name in sorted(file)]
    first = [np.ascontiguousarray(values.reshape(len(values), -1)[:, 0], dtype=np.float64) for values in raw]
    return [((values - values.mean()) / values.std()).astype(np.float32) for values in first]


class Training:
    def __init__(self, batch, window, seed=42):
        torch.manual_seed(seed)
        self.random = np.random.default_rng(seed)
        self.signals = signals()
        self.batch, self.window = batch, window
        self.encoder = nn.Sequential(nn.Linear(window, 256), nn.ReLU(), nn.Linear(256, 128))
        self.optimizer = torch.optim.AdamW(self.encoder.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
        self.views = torch.empty(2 * batch, window)
        self.rows = self.views.numpy()
        self.targets = torch.arange(batch)

    def prepare(self):
        """Two windows of each of `batch` IDs; returns the IDs. They repeat when there are fewer."""
        ids = [self.random.permutation(len(self.signals)) for _ in range(-(-self.batch // len(self.signals)))]
        ids = np.concatenate(ids)[: self.batch]
        draws = self.random.random((self.batch, 2))
        for row, (i, (a, b)) in enumerate(zip(ids.tolist(), draws.tolist())):
            signal = self.signals[i]
            last = len(signal) - self.window
            # Two different starts, uniform: the second one skips the first.
            first, second = int(a * (last + 1)), int(b * last)
            second += second >= first
            self.rows[row] = signal[first : first + self.window]
            self.rows[self.batch + row] = signal[second : second + self.window]
        return ids

    def step(self):
        ids = self.prepare()
        units = F.normalize(self.encoder(self.views), dim=1, eps=1e-8)
        similarities = units[: self.batch] @ units[self.batch :].T / TEMPERATURE
        if self.batch > len(self.signals):
            # Other windows of the same ID are no negatives.
            ids = torch.from_numpy(ids)
            same = ids[:, None] == ids[None, :]
            similarities = similarities.masked_fill(same.fill_diagonal_(False), -1e4)
        loss = F.cross_entropy(similarities, self.targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def measure(batch, window, threads):
    def run(seconds):
        torch.set_num_threads(threads)
        return rate(Training(batch, window).step, batch, seconds, warm_up=20)

    return run


def losses(steps=50, seeds=10):
    """Mean loss of the last ten of `steps` steps, by size: mean and standard deviation over seeds."""
    for batch, window in SIZES:
        found = []
        for seed in range(seeds):
            training = Training(batch, window, seed)
            found.append(statistics.mean([training.step() for _ in range(steps)][-10:]))
        print(f"{batch}x{window}: {statistics.mean(found):.3f} nat, deviation {statistics.stdev(found):.3f}")


ROWS = {
    f"train-{batch}x{window}-t{threads}": Row(measure(batch, window, threads), goal)
    for threads, goal in GOALS.items()
    for batch, window in SIZES
}

if __name__ == "__main__":
    if sys.argv[1] == "losses":
        losses(*map(int, sys.argv[2:]))
    else:
        main(ROWS)
