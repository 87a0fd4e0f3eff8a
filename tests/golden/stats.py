# Makes tests/golden/stats.toml: `python stats.py > stats.toml`, with numpy and scipy installed.
# Independent of the host: the expected numbers are those of NumPy and SciPy.
import sys

import numpy as np
import scipy
from scipy import special, stats

rng = np.random.default_rng(20261121)
vectors = {
    "one": [3.5],
    "two": [4.0, 1.0],
    "five": [5.0, 1.0, 4.0, 2.0, 3.0],
    "ties": [40.0] * 12 + [41.0] * 7 + [400.0],
    "normal": (1000 + 25 * rng.standard_normal(101)).round(4).tolist(),
    "lognormal": np.exp(rng.standard_normal(140)).round(6).tolist(),
    "heavy": (100 + rng.standard_t(2, 664)).round(4).tolist(),
}


def numbers(xs):
    return "[" + ", ".join(repr(float(x)) for x in xs) + "]"


print("# Made by tests/golden/stats.py; do not edit.")
print(f'program = "Python {sys.version.split()[0]}, NumPy {np.__version__}, SciPy {scipy.__version__}"')
for name, xs in vectors.items():
    x = np.array(xs)
    ordered = np.sort(x)
    n = len(x)
    # Largest k with P(Bin(n, 1/2) < k) <= 0.025; 0 for none.
    k = next(k for k in range(n + 1) if stats.binom.cdf(k, n, 0.5) > 0.025)
    low, high = (ordered[k - 1], ordered[n - k]) if k else (ordered[0], ordered[-1])
    print(f'\n[[summary]]\nname = "{name}"\nvalues = {numbers(x)}')
    print(f"median = {float(np.median(x))!r}")
    print(f"mad = {float(1.4826 * stats.median_abs_deviation(x))!r}")
    print(f"mean = {float(np.mean(x))!r}")
    print(f"trimmed_mean = {float(stats.trim_mean(x, 0.1))!r}")
    print(f"standard_deviation = {float(np.std(x, ddof=1)) if n > 1 else 0.0!r}")
    print(f"p95 = {float(np.quantile(x, 0.95))!r}")
    print(f"p99 = {float(np.quantile(x, 0.99))!r}")
    print(f"interval = {numbers([low, high])}")

print("\n[normal]")
ps = [1e-9, 0.0005, 0.005, 0.025, 0.3, 0.5, 0.95, 0.975, 0.995, 0.9999]
print(f"p = {numbers(ps)}\nquantile = {numbers(stats.norm.ppf(ps))}")
for freedom in [1, 2, 3, 4, 9, 30, 200]:
    ps = [0.01, 0.5, 0.95, 0.975, 0.995, 0.9995]
    print(f"\n[[student]]\nfreedom = {freedom}.0\np = {numbers(ps)}\nquantile = {numbers(stats.t.ppf(ps, freedom))}")

for name, xs in {
    "rise": np.arange(24) + 3 * rng.standard_normal(24),
    "level": rng.standard_normal(40),
    "ties": rng.integers(0, 4, 30).astype(float),
}.items():
    xs = xs.round(4)
    half = len(xs) // 2
    u = stats.mannwhitneyu(xs[half:], xs[:half], method="asymptotic", use_continuity=True)
    # Mann-Kendall by its definition, over all pairs.
    s = sum(np.sign(xs[j] - xs[i]) for i in range(len(xs)) for j in range(i + 1, len(xs)))
    ties = np.unique(xs, return_counts=True)[1].astype(float)
    n = len(xs)
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    z = 0.0 if s == 0 else (s - np.sign(s)) / np.sqrt(variance)
    print(f'\n[[ranks]]\nname = "{name}"\nvalues = {numbers(xs)}')
    print(f"trend_z = {float(z)!r}\nshift_p = {float(u.pvalue)!r}")

for name, xs in {
    "noise": rng.standard_normal(64),
    "step": rng.standard_normal(50) + 2.0 * (np.arange(50) >= 30),
    "wave": rng.standard_normal(81) + 1.5 * np.sin(2 * np.pi * 6 * np.arange(81) / 81),
    "walk": np.cumsum(rng.standard_normal(40)),
    "ties": rng.integers(0, 3, 60).astype(float),
}.items():
    xs = xs.round(4)
    n = len(xs)
    # Pettitt by its definition, over all pairs.
    u = [abs(sum(np.sign(xs[i] - xs[j]) for i in range(t) for j in range(t, n))) for t in range(1, n)]
    step_at = int(np.argmax(u)) + 1
    step_p = min(1.0, 2 * np.exp(-6 * max(u) ** 2 / (n**3 + n**2)))
    # Fisher's g and its whole series.
    q = (n - 1) // 2
    power = np.abs(np.fft.rfft(xs - xs.mean()))[1 : q + 1] ** 2
    g = power.max() / power.sum()
    wave_p = sum((-1) ** (j - 1) * special.comb(q, j) * (1 - j * g) ** (q - 1) for j in range(1, int(1 / g) + 1))
    # Share of the 12 slowest waves, or of half of them.
    k = min(12, q // 2)
    slowness_p = stats.beta.sf(power[:k].sum() / power.sum(), k, q - k)
    print(f'\n[[serial]]\nname = "{name}"\nvalues = {numbers(xs)}')
    print(f"step_at = {step_at}\nstep_p = {float(step_p)!r}")
    print(f"wave_count = {int(np.argmax(power)) + 1}\nwave_share = {float(g)!r}\nwave_p = {float(wave_p)!r}")
    print(f"slowness_p = {float(slowness_p)!r}")
