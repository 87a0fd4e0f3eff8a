"""Numbers that comparisons are checked against: evidence, confidence sequences, Welch's t.

    python3 tests/golden/comparison.py > tests/golden/comparison.toml

Needs NumPy and SciPy. Written from the formulas of docs/METHODOLOGY.md, not from the Rust code: products of
factors instead of sums of logarithms, a root finder instead of bisection.
"""

import sys

import numpy as np
import scipy
from scipy import optimize, special, stats

SIZES = [0.25, 0.5, 0.75, 1.0, 1.5, 4.0]
LEVEL = 0.005
rng = np.random.default_rng(20261121)


def spread(past):
    if len(past) == 1:
        return abs(past[0])
    deviation = np.abs(past - np.median(past)).sum() / (len(past) - 1)
    return np.sqrt(np.pi / 2) * deviation


def log_evidence(d, centre, side):
    products = []
    for size in SIZES:
        factors = [1.0]
        for r in range(1, len(d)):
            x = side * size * (d[r] - centre) / spread(d[:r])
            factors.append(2 * special.expit(2 * x))  # = exp(x) / cosh(x)
        products.append(np.prod(np.array(factors, dtype=np.longdouble)))
    return float(np.log(np.mean(products)))


def interval(d):
    needed = np.log(2 / LEVEL)
    width = d.max() - d.min()
    if log_evidence(d, d.min() - 50 * width, 1) < needed:
        return [-np.inf, np.inf]
    low = optimize.brentq(lambda c: log_evidence(d, c, 1) - needed, d.min() - 50 * width, d.max(), xtol=1e-14)
    high = optimize.brentq(lambda c: log_evidence(d, c, -1) - needed, d.min(), d.max() + 50 * width, xtol=1e-14)
    return [low, high]


def numbers(xs):
    return "[" + ", ".join("inf" if x == np.inf else "-inf" if x == -np.inf else repr(float(x)) for x in xs) + "]"


print("# Made by tests/golden/comparison.py; do not edit.")
print(f'program = "Python {sys.version.split()[0]}, NumPy {np.__version__}, SciPy {scipy.__version__}"')
print(f"level = {LEVEL}\ntolerance = 0.003\nmargin = 0.01")
for name, d in {
    "few": rng.normal(0.02, 0.001, 6),
    "slower": rng.normal(0.02, 0.004, 20),
    "equal": rng.normal(0.0, 0.003, 40),
    "heavy": 0.004 * rng.standard_t(2, 60),
    "faster": rng.normal(-0.1, 0.08, 50),
}.items():
    d = d.round(6)
    print(f'\n[[paired]]\nname = "{name}"\nlog_ratios = {numbers(d)}')
    print(f"higher = {log_evidence(d, 0.003, 1)!r}\nlower = {log_evidence(d, -0.003, -1)!r}")
    equivalent = min(log_evidence(d, 0.01, -1), log_evidence(d, -0.01, 1))
    print(f"equivalent = {equivalent!r}\nround_sd = {float(spread(d))!r}\ninterval = {numbers(interval(d))}")

for name, (a, b) in {
    "three": (rng.normal(100, 1, 3), rng.normal(104, 2, 3)),
    "uneven": (rng.normal(10, 0.1, 12), rng.normal(10, 0.5, 5)),
}.items():
    a, b = a.round(4), b.round(4)
    test = stats.ttest_ind(np.log(b), np.log(a), equal_var=False)
    ci = test.confidence_interval(1 - LEVEL)
    se = test._standard_error
    shifted = abs(np.log(b).mean() - np.log(a).mean()) - 0.003
    print(f'\n[[unpaired]]\nname = "{name}"\nbaseline = {numbers(a)}\ncandidate = {numbers(b)}')
    print(f"log_ratio = {float(np.log(b).mean() - np.log(a).mean())!r}")
    print(f"p_change = {float(min(1.0, 2 * stats.t.sf(shifted / se, test.df)))!r}")
    print(f"interval = {numbers([ci.low, ci.high])}")
