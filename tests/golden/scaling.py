# Makes tests/golden/scaling.toml: `python scaling.py > scaling.toml`. Needs NumPy and SciPy.
# Independent of the host: every fit is a direct minimisation over all free parameters (Nelder-Mead, then least_squares),
# every interval the root of its profile, both by SciPy; regression, F and Welch are SciPy's own.
import sys

import numpy as np
import scipy
from scipy import optimize, stats

CONFIDENCE = 0.95


def usl(n, p):
    return 1 + p[1] * (n - 1) + p[2] * n * (n - 1)


def amdahl(n, p):
    return 1 + p[1] * (n - 1)


def minimise(n, x, w, law, count, constraint=None, starts=()):
    """Least weighted squares of ln x; `constraint` maps the free parameters to (ln lambda, sigma, kappa)."""

    def residuals(free):
        p = constraint(free) if constraint else free
        d = law(n, p)
        if not np.all(np.isfinite(p)) or np.any(d <= 0):
            return np.full(len(n), 1e3)
        return np.sqrt(w) * (np.log(x) - p[0] - np.log(n) + np.log(d))

    best = None
    for start in starts:
        found = optimize.minimize(lambda f: np.sum(residuals(f) ** 2), start, method="Nelder-Mead",
                                  options={"xatol": 1e-12, "fatol": 1e-16, "maxiter": 4000})
        found = optimize.least_squares(residuals, found.x, x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15)
        if best is None or 2 * found.cost < best[1]:
            best = found.x, 2 * found.cost
    return best


def fit(n, x, law, count):
    start = [np.log(x[np.argmin(n)] / n.min()), 0.05, 0.001][:count]
    w = np.ones(len(n))
    p, squares = minimise(n, x, w, law, count, starts=[start])
    levels = np.unique(n)
    logs = [np.log(x[n == level]) for level in levels]
    pure = sum(np.sum((l - l.mean()) ** 2) for l in logs)
    freedom = len(n) - count
    lack = None
    above, below = len(levels) - count, len(n) - len(levels)
    if above > 0 and below > 0:
        lack = stats.f.sf((squares - pure) / above / (pure / below), above, below)
    if lack is not None and lack < 0.05:
        n, x = levels, np.exp([l.mean() for l in logs])
        w = np.ones(len(n))
        p, squares = minimise(n, x, w, law, count, starts=[start])
        freedom = above
    scatter = np.sqrt(squares / freedom)
    bound = squares + (scatter * stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) ** 2

    def profile(value, constraint, start):
        ends = []
        excess = lambda v: minimise(n, x, w, law, count, constraint(v), start(v))[1] - bound
        for sign in (-1, 1):
            step = 0.01 * max(abs(value), 1e-4)
            while excess(value + sign * step) < 0:
                step *= 1.5
                if step > 1e4 * max(abs(value), 1):
                    raise OverflowError("unbounded")
            ends.append(float(optimize.brentq(lambda v: excess(v), value, value + sign * step, xtol=1e-13, rtol=1e-12)))
        return ends

    out = {"parameters": [float(np.exp(p[0])), *map(float, p[1:])], "scatter": float(scatter), "freedom": freedom}
    if lack is not None:
        out["lack_of_fit_p"] = float(lack)
    intervals = []
    for k in range(count):
        others = [i for i in range(count) if i != k]

        def constraint(v, k=k, others=others):
            def full(free):
                p = np.empty(count)
                p[k] = v
                p[others] = free
                return p
            return full
        intervals.append(profile(p[k], constraint, lambda v, others=others: [[p[i] for i in others]]))
    out["lambda"] = [float(np.exp(v)) for v in intervals[0]]
    out["sigma"] = intervals[1]
    if count == 3:
        out["kappa"] = intervals[2]
        if intervals[2][0] > 0:
            peak = np.sqrt((1 - p[1]) / p[2])
            # Started where sigma stays as it is: further out with the old kappa there is no curve at all.
            out["peak"] = [float(peak), *profile(peak, lambda v: lambda f: (f[0], 1 - f[1] * v * v, f[1]),
                                                 lambda v: [[p[0], (1 - p[1]) / v**2]])]
            top = p[0] + np.log(peak) - np.log(usl(peak, p))

            def at_top(v):
                def full(f):
                    n = np.sqrt((1 - f[0]) / f[1]) if f[1] > 0 and f[0] < 1 else np.nan
                    return v - np.log(n) + np.log(usl(n, [0, *f])), f[0], f[1]
                return full
            out["throughput"] = [float(np.exp(v)) for v in [top, *profile(top, at_top, lambda v: [[p[1], p[2]], [p[1], p[2] * np.exp(2 * (top - v))]])]]
            # Largest N/D(N)^2, found without its formula.
            knee = lambda p: optimize.minimize_scalar(lambda m: np.log(usl(m, p) ** 2 / m), bounds=(1, 1e3), method="bounded",
                                                      options={"xatol": 1e-10}).x
            out["knee"] = float(knee(p))
    return out


def show(name, table, n, x, extra):
    print(f'\n[[{table}]]\nname = "{name}"\nat = {[float(v) for v in n]}\nvalue = {[float(v) for v in x]}')
    for key, value in extra.items():
        print(f"{key} = {value!r}")


def simulated(seed, levels, repetitions, sigma, kappa, noise, off=0.0):
    random = np.random.default_rng(seed)
    n = np.repeat(np.array(levels, float), repetitions)
    x = 500 * n / usl(n, [0, sigma, kappa]) * np.exp(noise * random.standard_normal(len(n)))
    x *= np.exp(np.repeat(off * random.standard_normal(len(levels)), repetitions))
    return n, np.round(x, 4)


# Published: Gunther (2007), "Guerrilla Capacity Planning", Springer. SPEC SDM91 on a SPARCcenter 2000 (scripts per hour
# against simulated users); BRL-CAD ray tracer on an SGI Origin 2000 (operations per second against processors).
SPEC = (np.array([1.0, 18, 36, 72, 108, 144, 216]), np.array([64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]))
RAYS = (np.array([1.0, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64]),
        np.array([20.0, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310]))
# The numbers are the published ones: fitted as the R package usl 3.0 does it (unweighted, not logarithms), they give the
# coefficients and standard errors that its documents print.
plain = lambda n, l, s, k: l * n / usl(n, [0, s, k])
p, c = optimize.curve_fit(plain, *SPEC, p0=[64.9, 0.02, 1e-4])
assert np.allclose(p, [89.9952330, 0.0277285, 0.0001044], rtol=5e-4), p
assert np.allclose(np.sqrt(np.diag(c)), [14.2134894, 0.0091217, 0.0000199], rtol=5e-3), c
p, c = optimize.curve_fit(lambda n, l, s: plain(n, l, s, 0), *RAYS, p0=[20, 0.05])
assert np.allclose(p, [21.848843, 0.057771], rtol=5e-5), p

print("# Made by tests/golden/scaling.py; do not edit.")
print(f'program = "Python {sys.version.split()[0]}, NumPy {np.__version__}, SciPy {scipy.__version__}"')
cases = {
    "SPEC SDM91": SPEC,
    "ray tracer": RAYS,
    "four workers": simulated(1, [1, 2, 3, 4], 5, 0.2, 0.01, 0.02),
    "doubling": simulated(2, [1, 2, 4, 8, 16, 32, 64], 3, 0.05, 0.001, 0.03),
    "from two": simulated(3, [2, 4, 8, 16], 4, 0.1, 0.02, 0.01),
    "superlinear": simulated(4, [1, 2, 4, 8], 4, -0.05, 0.002, 0.01),
    "off the law": simulated(5, [1, 2, 4, 8, 16, 32], 5, 0.05, 0.002, 0.005, off=0.04),
    "saturated": simulated(6, [1, 2, 4], 3, 0.3, 0.05, 0.01),
}
for name, (n, x) in cases.items():
    show(name, "usl", n, x, fit(n, x, usl, 3))
    # Without one worker and with a law this wrong, nothing keeps sigma from growing.
    if name != "from two":
        show(name, "amdahl", n, x, fit(n, x, amdahl, 2))

random = np.random.default_rng(7)
n = np.repeat([64.0, 256, 1024, 4096], 5)
for name, y in {
    "matmul": 3.1e-9 * n**2.7 * np.exp(0.03 * random.standard_normal(len(n))),
    "with a floor": (1e-4 + 2e-9 * n**2) * np.exp(0.01 * random.standard_normal(len(n))),
}.items():
    logs = [np.log(y[n == level]) for level in np.unique(n)]
    pure = sum(np.sum((l - l.mean()) ** 2) for l in logs)
    line = stats.linregress(np.log(n), np.log(y))
    left = np.sum((np.log(y) - line.intercept - line.slope * np.log(n)) ** 2)
    lack = stats.f.sf((left - pure) / 2 / (pure / 16), 2, 16)
    freedom = len(n) - 2
    r_squared = line.rvalue**2
    if lack < 0.05:
        line = stats.linregress(np.log(np.unique(n)), [l.mean() for l in logs])
        freedom = 2
    t = stats.t.ppf((1 + CONFIDENCE) / 2, freedom)
    show(name, "power", n, y, {
        "exponent": [float(v) for v in (line.slope, line.slope - t * line.stderr, line.slope + t * line.stderr)],
        "coefficient": [float(np.exp(line.intercept + k * t * line.intercept_stderr)) for k in (0, -1, 1)],
        "r_squared": float(r_squared), "lack_of_fit_p": float(lack), "freedom": freedom})

n, x = cases["four workers"]
speedup, low, high = [], [], []
for level in (2, 3, 4):
    r = stats.ttest_ind(np.log(x[n == level]), np.log(x[n == 1]), equal_var=False)
    ends = r.confidence_interval(CONFIDENCE)
    speedup.append(float(np.exp(np.mean(np.log(x[n == level])) - np.mean(np.log(x[n == 1])))))
    low.append(float(np.exp(ends.low)))
    high.append(float(np.exp(ends.high)))
show("four workers", "efficiency", n, x, {"speedup": speedup, "low": low, "high": high})
