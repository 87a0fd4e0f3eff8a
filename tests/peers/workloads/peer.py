"""What the peers' scripts share: rows with a goal, and a loop that measures for a while.

A script `AREA.py` lists its rows and calls `main`. A row has the name of a benchmark in `AREA.toml`, so that the two
sides are put beside each other by name.
"""

import json
import sys
import time
from dataclasses import dataclass
from typing import Callable


@dataclass
class Row:
    """One comparison. `measure(seconds)` gives the peer's value in the base unit of benchhost's `metric` (times in ns)."""

    measure: Callable[[float], float]
    goal: float
    """Smallest ratio that counts as reached; above 1 benchhost is better."""
    metric: str = "throughput"
    higher: bool = True
    """Whether a larger value is better."""
    against: str = "PyTorch"


def rate(step, items, seconds, warm_up=3):
    """Items a second: the median over blocks of about a twentieth of `seconds`, after `warm_up` calls."""
    return items / median_seconds(step, seconds, warm_up)


def median_seconds(step, seconds, warm_up=3):
    """Seconds of a call: the median over blocks, as benchhost reports the median of its samples."""
    for _ in range(warm_up):
        step()
    started = time.perf_counter()
    step()
    once = time.perf_counter() - started
    calls = max(1, int(seconds / 20 / max(once, 1e-9)))
    blocks = []
    end = time.perf_counter() + seconds
    while not blocks or time.perf_counter() < end:
        started = time.perf_counter()
        for _ in range(calls):
            step()
        blocks.append((time.perf_counter() - started) / calls)
    blocks.sort()
    return blocks[len(blocks) // 2]


def main(rows):
    """`AREA.py list` prints the rows with their goals; `AREA.py SECONDS ROW…` measures, a JSON line for each."""
    if sys.argv[1] == "list":
        for name, row in rows.items():
            fields = {key: getattr(row, key) for key in ("goal", "metric", "higher", "against")}
            print(json.dumps({"row": name, **fields}))
        return
    for name in sys.argv[2:]:
        print(json.dumps({"row": name, "value": rows[name].measure(float(sys.argv[1]))}), flush=True)
