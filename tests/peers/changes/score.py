"""Compares what a detector reported with the truth, one series at a time, and adds it up. Pure: no files, no printing.

A step is found when a change is reported within `MARGIN` points, one report for one step. A drift is found when anything is reported
inside it (widened by the margin); further reports inside it are not false, as a drift has no single place. The covering metric and the
F1 that counts index 0 as found are those of TCPDBench (van den Burg and Williams 2020, arXiv 2003.06222), taken over series without
drifts, since they know only points.
"""

from statistics import median

MARGIN = 5


def matched(truth, reports):
    """Pairs (truth, report) within the margin, each used once, nearest first."""
    pairs = sorted((abs(t - r), t, r) for t in truth for r in reports if abs(t - r) <= MARGIN)
    taken, used, found = set(), set(), []
    for _, t, r in pairs:
        if t not in taken and r not in used:
            taken.add(t)
            used.add(r)
            found.append((t, r))
    return found


def cover(truth, reports, n):
    """How well the reported stretches cover the true ones (Jaccard index of the best, weighted by length): 1 is perfect."""
    theirs = list(zip([0, *reports], [*reports, n]))
    total = 0.0
    for start, end in zip([0, *truth], [*truth, n]):
        best = max(max(0, min(end, e) - max(start, s)) / (max(end, e) - min(start, s)) for s, e in theirs)
        total += (end - start) * best
    return total / n


def one(truth, changes):
    """Counts for one series; `changes` in the form of `files.reported`."""
    n = truth["points"]
    reports = sorted({c["index"] for c in changes if 0 < c["index"] < n})
    steps = sorted({index for index, _ in truth["steps"]})
    drifts = [(first - MARGIN, last + MARGIN) for first, last, _ in truth["drifts"]]
    pairs = matched(steps, reports)
    used = {r for _, r in pairs}
    found = sum(any(a <= r <= b for r in reports) for a, b in drifts)
    # One report for each drift that was found is right, and the rest inside is neither right nor false.
    false = [r for r in reports if r not in used and not any(a <= r <= b for a, b in drifts)]
    intervals = {c["index"]: c["interval"] for c in changes if c.get("interval")}
    held = [intervals[r][0] <= t <= intervals[r][1] for t, r in pairs if r in intervals]
    counted = {"right": len(pairs) + found, "false": len(false), "true": len(steps) + len(drifts),
               "errors": [abs(t - r) for t, r in pairs], "held": held, "alarmed": bool(reports),
               "unchanged": not steps and not drifts}
    if not drifts:
        # Index 0 is found by definition, so a silent detector on an unchanged series scores 1.
        right, said, known = len(pairs) + 1, len(reports) + 1, len(steps) + 1
        counted["tcpd"] = 2 * right / (said + known)
        counted["cover"] = cover(steps, reports, n)
    return counted


def pooled(counts):
    """Totals over series: precision, recall, F1, TCPDBench's F1 and Cover (means), location error, intervals that hold the truth."""
    right, false, true = (sum(c[key] for c in counts) for key in ("right", "false", "true"))
    unchanged = [c for c in counts if c["unchanged"]]
    errors = [e for c in counts for e in c["errors"]]
    held = [h for c in counts for h in c["held"]]
    return {
        "series": len(counts), "true": true,
        "precision": ratio(right, right + false), "recall": ratio(right, true), "f1": ratio(2 * right, right + false + true),
        "tcpd": mean([c["tcpd"] for c in counts if "tcpd" in c]), "cover": mean([c["cover"] for c in counts if "cover" in c]),
        "error": median(errors) if errors else None, "held": mean(held),
        "alarmed": sum(c["alarmed"] for c in unchanged), "unchanged": len(unchanged),
    }


def ratio(part, whole):
    """None where there is nothing to divide by."""
    return part / whole if whole else None


def mean(xs):
    """None of nothing."""
    return sum(xs) / len(xs) if xs else None


def wilson(part, whole, z=1.96):
    """95 % interval of a rate (Wilson 1927)."""
    if not whole:
        return None
    p, z2 = part / whole, z * z
    centre, half = p + z2 / (2 * whole), z * ((p * (1 - p) + z2 / (4 * whole)) / whole) ** 0.5
    return max(0.0, (centre - half) / (1 + z2 / whole)), min(1.0, (centre + half) / (1 + z2 / whole))
