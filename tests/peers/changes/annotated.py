"""A few series in the style of data that people annotate: trends, seasons and counts rather than benchmarks.

Drawn, not copied: no public data set lies here. Only what a reader of the plot would mark is truth: the level shift on a trend, the kink
where a trend turns, the year in which counts fall; not the trend itself, not the season, not the burst. A detector that reports the
trend is therefore charged for it here, as it is by the annotators of such collections.
"""

import numpy as np


def truth(steps):
    """Steps only: a person marks points."""
    return {"steps": [[int(i), float(c)] for i, c in steps], "drifts": []}


def trend_shift(rng, n):
    """Growth of 10-60 % over the series with one level shift of 10-40 %."""
    at, change = int(rng.integers(n // 5, n - n // 5)), rng.uniform(0.1, 0.4) * rng.choice([-1, 1])
    level = 1 + rng.uniform(0.1, 0.6) * np.arange(n) / n
    level[at:] *= 1 + change
    return level * (1 + 0.02 * rng.normal(size=n)), truth([(at, change)])


def season_shift(rng, n):
    """A yearly season of 12 points, 5-15 % high, with one shift of 15-50 %."""
    at, change = int(rng.integers(n // 5, n - n // 5)), rng.uniform(0.15, 0.5) * rng.choice([-1, 1])
    level = 1 + rng.uniform(0.05, 0.15) * np.sin(2 * np.pi * np.arange(n) / 12)
    level[at:] *= 1 + change
    return level * (1 + 0.02 * rng.normal(size=n)), truth([(at, change)])


def season(rng, n):
    """The same season, and nothing else."""
    level = 1 + rng.uniform(0.05, 0.15) * np.sin(2 * np.pi * np.arange(n) / 12)
    return level * (1 + 0.02 * rng.normal(size=n)), truth([])


def counts(rng, n):
    """Poisson counts around 5-100 with a burst of 1-2 points; in two of three series the rate changes once to half or double."""
    rate, steps = np.full(n, rng.uniform(5, 100)), []
    if rng.random() < 0.67:
        at, factor = int(rng.integers(n // 5, n - n // 5)), float(rng.choice([0.5, 2.0]))
        rate[at:] *= factor
        steps = [(at, factor - 1)]
    rate[rng.integers(0, n, size=2)] *= rng.uniform(1.5, 3)
    return rng.poisson(rate).astype(float), truth(steps)


def kink(rng, n):
    """A trend that turns: the annotated point is where it turns."""
    at, slope = int(rng.integers(n // 4, n - n // 4)), rng.uniform(0.3, 1.0) * rng.choice([-1, 1])
    shape = np.where(np.arange(n) < at, np.arange(n), 2 * at - np.arange(n)) / n
    return (2 + slope * shape) * (1 + 0.01 * rng.normal(size=n)), truth([(at, slope)])


STYLES = {"trend-shift": trend_shift, "season-shift": season_shift, "season": season, "counts": counts, "kink": kink}


def one(rng):
    """One series of a random style, 60-300 points, any unit."""
    style, n = str(rng.choice(list(STYLES))), int(rng.integers(60, 301))
    values, known = STYLES[style](rng, n)
    scale = 1 if style == "counts" else 10 ** rng.uniform(0, 6)
    return {"family": "annotated", "shape": style, "sd": 0.02, "values": values * scale, **known}
