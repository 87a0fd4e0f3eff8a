"""Scores as Markdown: an overall table with one row for each detector, then tables by noise, by shape and by size of the step."""

import score

BINS = [(0, 0.5), (0.5, 1), (1, 2), (2, 4), (4, 10), (10, float("inf"))]
# Noise that looks like change for many points, or truth that is a matter of taste: counted in, and once more left out.
AMBIGUOUS = {"slow-modes", "ar-0.9", "wobble", "frequency-modes", "sawtooth", "diurnal", "long-memory", "annotated"}
# A step by twice the noise of one point can be seen by eye when there are some points on both sides.
DETECTABLE = 2


def ratio_of(truth):
    """Smallest step of a series, in noise levels (short-run, one point)."""
    return min(abs(c) for _, c in truth["steps"]) / truth["sd"]


def number(x, digits=3):
    """A dash for what could not be computed."""
    return "–" if x is None else f"{x:.{digits}f}".replace("0.", ".", 1) if 0 <= x < 1 else f"{x:.{digits}f}"


def rate(part, whole):
    """Share with its Wilson interval, in %."""
    if not whole:
        return "–"
    low, high = score.wilson(part, whole)
    return f"{100 * part / whole:.1f} % [{100 * low:.1f}, {100 * high:.1f}] of {whole}"


def table(head, rows):
    """Lines of a Markdown table."""
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows)]


def summary(truths, counts, times):
    """Lines of everything. `counts`: detector → counts by name; `times`: detector → text."""
    plain = [t for t in truths if t["family"] not in AMBIGUOUS]
    clear = [t for t in plain if not t["drifts"] and (not t["steps"] or ratio_of(t) >= DETECTABLE)]
    groups = {"All series": truths, "Without ambiguous noise": plain,
              f"Unchanged, or every step ≥ {DETECTABLE} sd; without drifts and ambiguous noise": clear}
    lines = []
    for group, members in groups.items():
        lines += ["", f"### {group}: {len(members)} series", "", *overall(members, counts, times)]
    lines += ["", "### Unchanged series alarmed, by noise", ""]
    families = sorted({t["family"] for t in truths})
    lines += by(truths, counts, families, "family", lambda p: rate(p["alarmed"], p["unchanged"]).split(" of")[0])
    lines += ["", "### F1, by noise", ""]
    lines += by(truths, counts, families, "family", lambda p: number(p["f1"]))
    lines += ["", "### By shape: F1 (share alarmed where nothing changed)", ""]
    shapes = list(dict.fromkeys(t["shape"] for t in sorted(truths, key=lambda t: (t["family"] == "annotated", t["shape"]))))
    lines += by(truths, counts, shapes, "shape",
                lambda p: rate(p["alarmed"], p["unchanged"]).split(" of")[0] if p["unchanged"] == p["series"] else number(p["f1"]))
    return lines + ["", *by_size(truths, counts)]


def overall(truths, counts, times):
    """One row for each detector."""
    head = ["detector", "unchanged alarmed", "precision", "recall", "F1", "F1 (TCPD)", "Cover", "error, points",
            "interval holds", "ms / 1000 points: CPU (wall)"]
    rows = []
    for detector, found in counts.items():
        p = score.pooled([found[t["name"]] for t in truths])
        rows.append([detector, rate(p["alarmed"], p["unchanged"]), number(p["precision"]), number(p["recall"]), number(p["f1"]),
                     number(p["tcpd"]), number(p["cover"]), number(p["error"], 1), number(p["held"]),
                     times.get(detector, "–")])
    return table(head, rows)


def by(truths, counts, values, key, cell):
    """One row for each value of `key`, one column for each detector."""
    rows = []
    for value in values:
        members = [t["name"] for t in truths if t[key] == value]
        rows.append([value, str(len(members)), *(cell(score.pooled([found[m] for m in members])) for found in counts.values())])
    return table([key, "series", *counts], rows)


def by_size(truths, counts):
    """Series with steps on benchmark noise, by their smallest step in noise levels: F1, and recall after the stroke."""
    lines, rows = ["### Steps by size over noise level: F1 / recall", ""], []
    for low, high in BINS:
        members = [t["name"] for t in truths if t["steps"] and t["family"] != "annotated" and low <= ratio_of(t) < high]
        cells = [score.pooled([found[m] for m in members]) for found in counts.values()]
        name = f"{low:g}–{high:g}" if high < float("inf") else f"≥ {low:g}"
        rows.append([name, str(len(members)), *(f"{number(p['f1'])} / {number(p['recall'])}" for p in cells)])
    return lines + table(["smallest step / sd", "series", *counts], rows)
