"""The files between simulation, detectors and scores: a CSV of values, a JSON of truth, a JSON of reported changes.

The CSV has the columns that `benchhost import` and `history changes` read: `series,time,value`. A missing point keeps its row with an
empty value, and indices count rows, missing ones too. `time` is in seconds since 1970, one day apart.
"""

import csv
import json
import math
from datetime import datetime
from pathlib import Path

FIRST_TIME, STEP = 1_600_000_000, 86_400


def write(folder, series, generator, seed):
    """Writes `series.csv` and `truth.json`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "series.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["series", "time", "value"])
        for one in series:
            for i, value in enumerate(one["values"]):
                rows.writerow([one["name"], FIRST_TIME + i * STEP, "" if math.isnan(value) else repr(float(value))])
    truth = [dict({k: v for k, v in one.items() if k != "values"}, points=len(one["values"])) for one in series]
    text = {"generator": generator, "seed": seed, "series": truth}
    (folder / "truth.json").write_text(json.dumps(text, indent=0))


def truth(folder):
    """The list of truths that `write` wrote."""
    return json.loads((Path(folder) / "truth.json").read_text())["series"]


def seconds(time):
    """Seconds since 1970 of a time that a tool wrote, as a number or as ISO 8601."""
    try:
        return float(time)
    except ValueError:
        return datetime.fromisoformat(time).timestamp()


def reported(path, truths):
    """Changes by name of series, from JSON in benchhost's form. A series that was left out reported nothing.

    A detector that dropped the missing rows counts fewer points than there are; its indices are then found again by their time.
    """
    points = {one["name"]: one["points"] for one in truths}
    found = {}
    for one in json.loads(Path(path).read_text())["series"]:
        name, changes = one["series"], []
        if name not in points:
            raise SystemExit(f"{path}: series `{name}` is not in truth.json")
        for change in one["changes"]:
            index = change["index"]
            if one.get("points", points[name]) != points[name] and change.get("time") is not None:
                index = round((seconds(change["time"]) - FIRST_TIME) / STEP)
            interval = [i + index - change["index"] for i in change.get("interval") or []]
            changes.append({**change, "index": index, "interval": interval})
        found[name] = changes
    return found
