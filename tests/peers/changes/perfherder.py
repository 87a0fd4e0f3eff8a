"""The t-test of Mozilla's Perfherder, written anew from its description: Treeherder is a web service, not a library.

Each point is compared with its past: weighted means of the 12-24 points before it and the 12 from it on, weights falling linearly away
from the point, variances about those means. A change is a local maximum of |t| above 7 that has 12 points on both sides. The window
before grows from 12 to 24 while nothing is found. Constants: Treeherder's defaults.
"""

import numpy as np

BACK, MOST_BACK, FORE, T = 12, 24, 12, 7.0


def weighted(window):
    """Mean with linear weights (nearest point first), and the sample variance about it."""
    n = len(window)
    weights = np.arange(n, 0, -1) / n
    mean = float(window @ weights / weights.sum())
    return mean, float(((window - mean) ** 2).sum() / (n - 1)) if n > 1 else 0.0


def t_value(before, after):
    """|t| of Welch's form; infinite for two different constants."""
    (m1, v1), (m2, v2) = weighted(before), weighted(after)
    if m1 == m2:
        return 0.0
    spread = (v1 / len(before) + v2 / len(after)) ** 0.5
    return abs(m2 - m1) / spread if spread > 0 else float("inf")


def changes(values):
    """Indices of changes in values without holes."""
    y = np.asarray(values, dtype=float)
    n, quiet = len(y), 0
    t, back = np.zeros(n), np.zeros(n, dtype=int)
    for i in range(1, n):
        back[i] = min(i, MOST_BACK, max(quiet, BACK))
        t[i] = t_value(y[i - back[i] : i][::-1], y[i : i + FORE])
        quiet = 0 if t[i] > T else quiet + 1
    return [i for i in range(1, n) if back[i] >= BACK and n - i >= FORE and t[i] > T
            and t[i - 1] <= t[i] and (i + 1 == n or t[i + 1] <= t[i])]
