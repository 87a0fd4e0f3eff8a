"""What happens to the level of a series: nothing, steps, drifts, regimes that end, bursts that are no change.

A shape returns the factor by which each point's level is multiplied, and the truth about it: `steps` holds the index (from 0) of the
first point of each new regime with its relative size, `drifts` first and last index of each ramp. Noise is laid over it elsewhere.
"""

import numpy as np

SIZES = [0.01, 0.02, 0.03, 0.05, 0.10, 0.20]


def size(rng):
    """One of the sizes that benchmarks are asked to find, up or down."""
    return float(rng.choice(SIZES) * rng.choice([-1, 1]))


def stepped(n, steps):
    """Level under these (index, relative size) steps; the truth with it."""
    level = np.ones(n)
    for index, change in steps:
        level[index:] *= 1 + change
    return level, {"steps": [[int(i), float(c)] for i, c in steps], "drifts": []}


def unchanged(rng, n):
    """Nothing happened."""
    return stepped(n, [])


def one_step(rng, n):
    """One step anywhere but in the first or last five points."""
    return stepped(n, [(rng.integers(5, n - 4), size(rng))])


def many_steps(rng, n):
    """2-5 steps, at least ten points apart (eight in short series)."""
    apart = 8 if n < 60 else 10
    count = min(int(rng.integers(2, 6)), n // apart - 1)
    slack = np.sort(rng.integers(0, n - apart * (count + 1) + 1, size=count))
    return stepped(n, [(at + apart * (k + 1), size(rng)) for k, at in enumerate(slack)])


def spike_regime(rng, n):
    """A step and its return after 10-30 points: two changes."""
    length = int(rng.integers(10, min(30, n // 2) + 1))
    start, change = int(rng.integers(5, n - length - 4)), size(rng)
    return stepped(n, [(start, change), (start + length, 1 / (1 + change) - 1)])


def ramp(rng, n):
    """A linear drift by 3-30 % within 20-300 points, level before and after it."""
    length = int(rng.integers(20, max(21, min(300, int(n * 0.8)) + 1)))
    start = int(rng.integers(0, n - length + 1))
    return drifted(n, start, start + length - 1, rng.uniform(0.03, 0.3) * rng.choice([-1, 1]))


def trend(rng, n):
    """A linear drift by 3-30 % over the whole series."""
    return drifted(n, 0, n - 1, rng.uniform(0.03, 0.3) * rng.choice([-1, 1]))


def drifted(n, first, last, change):
    """Level that moves linearly by `change` from `first` to `last`."""
    level = 1 + change * np.clip((np.arange(n) - first) / (last - first), 0, 1)
    return level, {"steps": [], "drifts": [[first, last, float(change)]]}


def burst(rng, n):
    """One to three bursts of 1-3 bad points, 10-100 % off: over at once, so no change."""
    level = np.ones(n)
    for _ in range(rng.integers(1, 4)):
        at = rng.integers(0, n - 3)
        level[at : at + rng.integers(1, 4)] *= 1 + rng.uniform(0.1, 1) * rng.choice([1, 1, 1, -0.4])
    return level, {"steps": [], "drifts": []}


# Shape and its share of the series. "Nothing happened" is the commonest truth, and a rate of 1 % needs many of it.
SHAPES = {
    "none": (unchanged, 0.46),
    "burst": (burst, 0.07),
    "step": (one_step, 0.17),
    "steps": (many_steps, 0.12),
    "spike": (spike_regime, 0.06),
    "ramp": (ramp, 0.08),
    "trend": (trend, 0.04),
}
