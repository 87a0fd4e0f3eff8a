"""Noise of generator b: a second opinion, so that nobody tunes a detector to the assumptions of `noise.py`.

Same promise (deviations in units of the noise level, ordinary points with a standard deviation of about one, none of it a change), other
families: what clocks, processors, garbage collectors and shared machines do, rather than what a textbook lists.
"""

import numpy as np


def unit(z):
    """Brought to mean 0 and variance 1 by what was drawn; a constant stays 0."""
    spread = np.std(z)
    return (z - np.mean(z)) / (spread if spread > 0 else 1)


def gamma_mixture(rng, n):
    """Two or three gamma humps of different width and weight, as histograms of real timings show."""
    humps = int(rng.integers(2, 4))
    hump = rng.choice(humps, size=n, p=rng.dirichlet(np.full(humps, 2.0)))
    shape, scale, start = rng.uniform(1.5, 8, humps), rng.uniform(0.2, 1, humps), rng.uniform(0, 3, humps)
    return unit(start[hump] + rng.gamma(shape[hump], scale[hump]))


def arma(rng, n):
    """ARMA(1,1) with a random pole in .2-.8 and a random zero in -.6-.6."""
    pole, zero, shock = rng.uniform(0.2, 0.8), rng.uniform(-0.6, 0.6), rng.normal(size=n + 50)
    z = np.zeros(n + 50)
    for i in range(1, n + 50):
        z[i] = pole * z[i - 1] + shock[i] + zero * shock[i - 1]
    return z[50:] / np.sqrt((1 + 2 * pole * zero + zero**2) / (1 - pole**2))


def quiet_and_loud(rng, n):
    """A hidden busy neighbour: the spread is 2-5 times larger while it runs, and skewed to slow; the quiet level stays."""
    loud = np.cumsum(rng.random(n) < 1 / rng.uniform(8, 40)) % 2 == 1
    return rng.normal(size=n) + loud * rng.exponential(rng.uniform(1, 4), size=n) * (rng.random(n) < 0.5)


def diurnal(rng, n):
    """A period of 7-30 points, amplitude 0.5-1.5 noise levels, with a second harmonic."""
    angle = 2 * np.pi * (np.arange(n) / rng.uniform(7, 30) + rng.random())
    return rng.uniform(0.5, 1.5) * (np.sin(angle) + 0.3 * np.sin(2 * angle + 1)) + rng.normal(size=n)


def frequency_modes(rng, n):
    """Three levels of a processor's clock with dwell times drawn anew (Pareto, mostly 1-5 points, now and then 20)."""
    levels, z, at = np.sort(rng.uniform(0, 5, size=3)), np.zeros(n), 0
    while at < n:
        stay = int(min(1 + rng.pareto(1.6), 20))
        z[at : at + stay] = levels[rng.integers(3)]
        at += stay
    return unit(z + rng.normal(size=n))


def sawtooth(rng, n):
    """A slow leak and a reset every 8-40 points, at least three times, 1.5-3 noise levels high: recurring, so no change."""
    period, height = rng.integers(8, min(41, n // 3 + 1)), rng.uniform(1.5, 3)
    phase = (np.arange(n) + rng.integers(period)) % period / period
    return height * (phase - 0.5) + rng.normal(size=n)


def stragglers(rng, n):
    """Pareto tail (index 2.2) above a hard floor: the fastest run is typical, the slow ones have no limit."""
    z = np.minimum(rng.pareto(2.2, size=n), 60)
    return (z - 0.83) / 0.8 + 0.2 * rng.normal(size=n)


def laplace_clumps(rng, n):
    """Laplace, and bad points come in pairs and triples rather than alone."""
    bad = rng.random(n) < rng.uniform(0.005, 0.02)
    bad = bad | np.roll(bad, 1) & (rng.random(n) < 0.7) | np.roll(bad, 2) & (rng.random(n) < 0.4)
    return rng.laplace(size=n) / np.sqrt(2) + bad * rng.uniform(4, 12, size=n)


def long_memory(rng, n):
    """Sum of five AR(1) with time constants 2-32 points in equal parts with white noise: looks like 1/f."""
    z = rng.normal(size=n) * 1.2
    for constant in (2, 4, 8, 16, 32):
        rho, part = np.exp(-1 / constant), rng.normal()
        for i in range(n):
            part = rho * part + np.sqrt(1 - rho**2) * rng.normal()
            z[i] += part * 0.3
    return z / np.sqrt(1.44 + 5 * 0.09)


def rounded_gamma(rng, n):
    """Skewed and printed with few digits, with holes: repeated values, 0-10 % not there."""
    z = np.round(unit(rng.gamma(3, size=n)) * 1.5) / 1.5
    z[1:-1][rng.random(n - 2) < rng.uniform(0, 0.1)] = np.nan
    return z


NOISES = {
    "gamma-mixture": gamma_mixture,
    "arma": arma,
    "quiet-and-loud": quiet_and_loud,
    "diurnal": diurnal,
    "frequency-modes": frequency_modes,
    "sawtooth": sawtooth,
    "stragglers": stragglers,
    "laplace-clumps": laplace_clumps,
    "long-memory": long_memory,
    "rounded-gamma": rounded_gamma,
}
