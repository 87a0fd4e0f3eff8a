"""Asks each peer the way its documentation does, at its defaults. One function each: values (NaN = missing) in, indices out.

Who cannot take holes gets the values without them, and its indices are mapped back. Nothing here is tuned, and nothing is told to a
detector that its user would not know.
"""

import numpy as np
import ruptures
from asv.step_detect import detect_regressions, detect_steps
from otava.analysis import compute_change_points, fill_missing

import perfherder

# asv's `regressions_thresholds`: relative size below which a step is not reported.
ASV_THRESHOLD = 0.05


def without_holes(detect):
    """Runs `detect` on the values that are there; its indices count rows again."""

    def wrapped(values):
        there = np.flatnonzero(~np.isnan(values))
        return [int(there[i]) for i in detect(values[there]) if 0 < i < len(there)]

    return wrapped


def penalty(y):
    """Penalty of BIC's kind, 2 σ² ln n; σ as a user would estimate it, from the median absolute difference of neighbours."""
    sigma = 1.4826 * np.median(np.abs(np.diff(y))) / np.sqrt(2)
    # Half of the neighbours identical: the ordinary deviation, which is at least not zero unless the series is constant.
    sigma = sigma or np.std(y)
    return 2 * sigma**2 * np.log(len(y))


def pelt_l2(y):
    """ruptures, PELT, least squares, penalty of BIC's kind; `min_size` 2 and `jump` 5 as they come."""
    return ruptures.Pelt(model="l2").fit(y).predict(pen=penalty(y) or 1e-12)


def pelt_l2_jump1(y):
    """The same with `jump=1`, as who looks for single points would set it."""
    return ruptures.Pelt(model="l2", jump=1).fit(y).predict(pen=penalty(y) or 1e-12)


def pelt_rbf(y):
    """ruptures, PELT, Gaussian kernel with its median heuristic, penalty 10: the example of its README."""
    return ruptures.Pelt(model="rbf").fit(y).predict(pen=10)


def binseg_l2(y):
    """ruptures, binary segmentation, least squares, penalty of BIC's kind."""
    return ruptures.Binseg(model="l2").fit(y).predict(pen=penalty(y) or 1e-12)


def otava(max_pvalue):
    """Otava (once Hunter): window 50, no least magnitude, as its command line has it; p-value .001 is its default."""

    def detect(values):
        y = [None if np.isnan(v) else float(v) for v in values]
        fill_missing(y)
        return [int(c.index) for c in compute_change_points(y, max_pvalue=max_pvalue)[0]]

    return detect


def asv_steps(values):
    """asv's piecewise constant fit: every border between two of its steps."""
    return [left for left, *_ in detect_steps([float(v) for v in values])][1:]


def asv_regressions(values):
    """What `asv publish` announces: steps upwards by more than 5 % that still last. It does not look for improvements."""
    found = detect_regressions(detect_steps([float(v) for v in values]), ASV_THRESHOLD)[2]
    return [after for _, after, *_ in found or []]


DETECTORS = {
    "ruptures PELT l2": without_holes(pelt_l2),
    "ruptures PELT l2, jump 1": without_holes(pelt_l2_jump1),
    "ruptures PELT rbf": without_holes(pelt_rbf),
    "ruptures Binseg l2": without_holes(binseg_l2),
    "Otava": otava(0.001),
    "Otava, p .01": otava(0.01),
    "asv steps": asv_steps,
    "asv regressions": asv_regressions,
    "Perfherder t": without_holes(perfherder.changes),
}
