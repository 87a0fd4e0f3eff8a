"""Makes the series and their truth: noise times shape times level, plus a few in the style of human-annotated data.

Deterministic: the same generator, seed and number give the same series. Names say nothing that a detector could use: it sees only values.
"""

import numpy as np

import annotated
import noise
import noise2
from shapes import SHAPES

GENERATORS = {"a": noise.NOISES, "b": noise2.NOISES}
LEVELS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.10]
LENGTHS, LENGTH_SHARES = [30, 64, 100, 300, 1000], [0.24, 0.26, 0.26, 0.17, 0.07]
ANNOTATED_SHARE = 0.06


def series(generator, seed, number):
    """List of series, each a dict: name, family (noise), shape, values (NaN = missing), steps, drifts, sd (relative noise level)."""
    noises = GENERATORS[generator]
    found = []
    for k in range(number):
        # Each series has a stream of its own, so that series 17 is the same in a short and in a long run.
        rng = np.random.default_rng([seed, ord(generator), k])
        made = annotated.one(rng) if rng.random() < ANNOTATED_SHARE else one(rng, noises)
        found.append({"name": f"{generator}{k:05d}", **made})
    return found


def one(rng, noises):
    """One series of a benchmark's kind."""
    n = int(rng.choice(LENGTHS, p=LENGTH_SHARES))
    family = str(rng.choice(list(noises)))
    shape = str(rng.choice(list(SHAPES), p=[share for _, share in SHAPES.values()]))
    sd = float(rng.choice(LEVELS))
    deviation = noises[family](rng, n)
    level, truth = SHAPES[shape][0](rng, n)
    # A relative noise: the slower regime is the noisier one. A time cannot be negative, however wild the outlier.
    values = 10 ** rng.uniform(-3, 9) * level * np.maximum(1 + sd * deviation, 0.05)
    if family == "quantised":
        # Rounded last: a coarse clock knows nothing of levels, and many values become identical.
        grain = np.median(values) * sd * rng.uniform(0.7, 4)
        values = np.maximum(np.round(values / grain), 1) * grain
    return {"family": family, "shape": shape, "sd": sd, "values": values, **truth}
