"""Noise of generator a: what a benchmark's numbers do while nothing changes.

Every entry of `NOISES` takes a random generator and a number of points and returns deviations in units of the series' noise level,
scaled so that the ordinary points (not the outliers) have a standard deviation of about one. No noise here is a change: what a detector
reports on it alone is a false alarm. The noises of generator b live in `noise2.py` and share no code with these, on purpose.
"""

import numpy as np


def white(rng, n):
    """Independent and normal: the textbook."""
    return rng.normal(size=n)


def lognormal(rng, n):
    """Skewed to the slow side, as waiting times are; sigma .6, brought to mean 0 and variance 1."""
    z = np.exp(0.6 * rng.normal(size=n))
    variance = (np.exp(0.36) - 1) * np.exp(0.36)
    return (z - np.exp(0.18)) / np.sqrt(variance)


def student(rng, n):
    """Student's t with 3 degrees of freedom, variance 1: heavy on both sides."""
    return rng.standard_t(3, size=n) / np.sqrt(3)


def outliers_up(rng, n):
    """1-5 % of the points are far too slow."""
    wild = rng.random(n) < rng.uniform(0.01, 0.05)
    return rng.normal(size=n) + wild * rng.uniform(5, 30, size=n)


def outliers_both(rng, n):
    """1-5 % of the points are far off, to either side."""
    wild = rng.random(n) < rng.uniform(0.01, 0.05)
    return rng.normal(size=n) + wild * rng.uniform(5, 20, size=n) * rng.choice([-1, 1], size=n)


def bimodal(rng, n):
    """Each point falls into one of two modes by chance, 2-6 noise levels apart."""
    share, apart = rng.uniform(0.1, 0.5), rng.uniform(2, 6)
    upper = rng.random(n) < share
    return (rng.normal(size=n) + apart * (upper - share)) / np.sqrt(1 + share * (1 - share) * apart**2)


def slow_modes(rng, n):
    """Two modes that last 2-8 points on average: the mode of a machine, not of the code."""
    stay, apart = rng.uniform(2, 8), rng.uniform(2, 5)
    mode = np.cumsum(rng.random(n) < 1 / stay) % 2
    return (rng.normal(size=n) + apart * (mode - 0.5)) / np.sqrt(1 + apart**2 / 4)


def autoregressive(rho):
    """AR(1) with this lag-one correlation and variance 1."""

    def noise(rng, n):
        z = rng.normal(size=n)
        for i in range(1, n):
            z[i] = rho * z[i - 1] + np.sqrt(1 - rho**2) * z[i]
        return z

    return noise


def wobble(rng, n):
    """White noise on a random walk that is held near its start: steps of 0.05-0.2 noise levels, pulled back by 2 %."""
    step, walk = rng.uniform(0.05, 0.2), np.zeros(n)
    for i in range(1, n):
        walk[i] = 0.98 * walk[i - 1] + step * rng.normal()
    return walk + rng.normal(size=n)


def heteroscedastic(rng, n):
    """The spread itself changes, 2-4 stretches between a third and three times the level; the mean does not."""
    edges = np.sort(rng.integers(1, n, size=rng.integers(1, 4)))
    spread = np.exp(rng.uniform(-1.1, 1.1, size=len(edges) + 1))
    return rng.normal(size=n) * spread[np.searchsorted(edges, np.arange(n), side="right")]


def quantised(rng, n):
    """White; `simulate.py` rounds the values to multiples of 0.7-4 noise levels afterwards, as a coarse clock does."""
    return rng.normal(size=n)


def missing(rng, n):
    """White, but 5-30 % of the points are not there."""
    z = rng.normal(size=n)
    z[1:-1][rng.random(n - 2) < rng.uniform(0.05, 0.3)] = np.nan
    return z


NOISES = {
    "white": white,
    "lognormal": lognormal,
    "student-t3": student,
    "outliers-up": outliers_up,
    "outliers-both": outliers_both,
    "bimodal": bimodal,
    "slow-modes": slow_modes,
    "ar-0.3": autoregressive(0.3),
    "ar-0.6": autoregressive(0.6),
    "ar-0.9": autoregressive(0.9),
    "wobble": wobble,
    "heteroscedastic": heteroscedastic,
    "quantised": quantised,
    "missing": missing,
}
