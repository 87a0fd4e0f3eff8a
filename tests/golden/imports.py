# Makes tests/golden/imports.json: `python imports.py > imports.json`. Standard library only.
# Independent of the host: what is in tests/fixtures/imports, read by Python's own json and counted by statistics.
import json
import math
import sys
from datetime import datetime, timezone
from itertools import product
from pathlib import Path
from statistics import median
from urllib.parse import quote

ROOT = Path(__file__).parent.parent / "fixtures" / "imports"
groups = []


def load(path):
    return json.loads((ROOT / path).read_text())


def unix(text):
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def group(format_, files, entries, skipped):
    groups.append({"format": format_, "files": files, "entries": entries, "skipped": skipped})


def entry(case, metric, unit, direction, value, n=1, samples=(), low=None, high=None, machine=None, time=None,
          revision=None):
    finite = value is not None and math.isfinite(value)
    return {"case": case, "metric": metric, "unit": unit, "direction": direction, "value": value if finite else None,
            "n": n, "samples": len(samples), "sum": math.fsum(samples), "low": low, "high": high, "machine": machine,
            "time": time, "revision": revision}


def named(name, params):
    safe = "'\"!$()*+,-./:;<>@[]\\^_`{|}~"
    parts = [f"{quote(k, safe=safe)}={quote(str(v), safe=safe)}" for k, v in sorted(params.items())]
    return name + ("?" + "&".join(parts) if parts else "")


for name in ["storage_0001", "storage_0030", "local_5", "local_5_with_data"]:
    path = f"pytest-benchmark/{name}.json"
    data = load(path)
    commit = data["commit_info"]["id"]
    entries = []
    for b in data["benchmarks"]:
        samples = b["stats"].get("data", [])
        entries.append(entry(b["fullname"], "time", "s", "lower", b["stats"]["median"], b["stats"]["rounds"], samples,
                             machine=data["machine_info"]["node"], time=unix(data["datetime"]),
                             revision=None if commit == "unversioned" else commit))
    group("pytest-benchmark", [path], entries, 0)

files, entries = [], []
for path in sorted((ROOT / "criterion").rglob("*.json")):
    files.append(str(path.relative_to(ROOT)))
    if path.name == "benchmark.json" and path.parent.name == "new":
        estimate = json.loads((path.parent / "estimates.json").read_text())["median"]
        raw = json.loads((path.parent / "sample.json").read_text())
        samples = [t / n / 1e9 for t, n in zip(raw["times"], raw["iters"])]
        bounds = estimate["confidence_interval"]
        entries.append(entry(json.loads(path.read_text())["full_id"], "time", "s", "lower",
                             estimate["point_estimate"] / 1e9, len(samples), samples, bounds["lower_bound"] / 1e9,
                             bounds["upper_bound"] / 1e9))
group("criterion", files, entries, 0)

for name in ["plain", "repetitions5"]:
    path = f"google-benchmark/{name}.json"
    data = load(path)
    rows, skipped = {}, 0
    for row in data["benchmarks"]:
        if row.get("error_occurred") or row.get("aggregate_name") in ("BigO", "RMS"):
            skipped += 1
        elif row["run_type"] == "iteration":
            metrics = rows.setdefault(row["run_name"], {})
            for key, value in row.items():
                unit, direction, scale = {"real_time": ("s", "lower", 1e9), "cpu_time": ("s", "lower", 1e9),
                                          "bytes_per_second": ("B/s", "higher", 1),
                                          "items_per_second": ("items/s", "higher", 1),
                                          "n": ("", "neither", 1)}.get(key, (None, None, 1))
                if unit is not None:
                    metric = {"real_time": "time", "cpu_time": "cpu-time"}.get(key, key)
                    metrics.setdefault((metric, unit, direction), []).append(value / scale)
    entries = [entry(case, *key, median(xs), len(xs), xs, machine="vm", time=unix(data["context"]["date"]))
               for case, metrics in rows.items() for key, xs in metrics.items()]
    group("google-benchmark", [path], entries, skipped)

for name in ["local_1.15", "local_1.15_params_failures"]:
    path = f"hyperfine/{name}.json"
    entries, skipped = [], 0
    for r in load(path)["results"]:
        case = named(r["command"], r.get("parameters", {}))
        runs = len(r["times"])
        entries.append(entry(case, "time", "s", "lower", r["median"], runs, r["times"]))
        entries.append(entry(case, "user-time", "s", "lower", r["user"], runs))
        entries.append(entry(case, "system-time", "s", "lower", r["system"], runs))
        skipped += any(code != 0 for code in r["exit_codes"])
    group("hyperfine", [path], entries, skipped)

for folder, machine in [("asv-v1", "cheetah"), ("asv-v2", "bench-host")]:
    benchmarks = load(f"{folder}/benchmarks.json")
    files = sorted(str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob("*.json"))
    entries, skipped = [], 0
    def environment(path):
        return load(path).get("env_name") or Path(path).stem.split("-", 1)[1]

    first = min(environment(path) for path in files if "results" in load(path))
    for path in files:
        data = load(path)
        if "results" not in data:
            continue
        other = {} if environment(path) == first else {"environment": environment(path)}
        columns = data.get("result_columns", [])
        for name, result in data["results"].items():
            low = high = repeat = None
            if data["version"] == 2:
                result = dict(zip(columns, result))
                values, params = result["result"], result["params"]
                low, high, repeat = result.get("stats_ci_99_a"), result.get("stats_ci_99_b"), result.get("stats_repeat")
            elif isinstance(result, dict):
                values, params = result["result"], result.get("params", [])
                values = values if isinstance(values, list) else [values]
                if "stats" in result:
                    low, high = [[s["ci_99"][i] for s in result["stats"]] for i in (0, 1)]
            else:
                values, params = [result], []
            skipped += 1 if values is None else sum(v is None or math.isnan(v) for v in values)
            benchmark = benchmarks.get(name, {})
            unit = {"seconds": "s", "bytes": "B"}.get(benchmark.get("unit"), benchmark.get("unit", ""))
            kind = benchmark["type"]
            metric, direction = {"time": ("time", "lower"), "memory": ("memory", "lower"),
                                 "track": ("value", "neither")}[kind]
            names = benchmark.get("param_names", [])
            if len(names) != len(params):
                names = [f"param{i + 1}" for i in range(len(params))]
            for i, combination in enumerate(product(*params)):
                bounds = (low[i], high[i]) if low and math.isfinite(low[i]) and math.isfinite(high[i]) else (None, None)
                entries.append(entry(named(name, {**other, **dict(zip(names, combination))}), metric, unit, direction,
                                     values[i] if values else None, repeat[i] if repeat else 1, low=bounds[0],
                                     high=bounds[1], machine=machine, time=data["date"] / 1000,
                                     revision=data["commit_hash"]))
    group("asv", files, entries, skipped)

for name in ["telco", "track_memory", "mult_list_py36", "local_timeit"]:
    path = f"pyperf/{name}.json"
    data = load(path)
    shared, entries = data.get("metadata", {}), []
    for b in data["benchmarks"]:
        meta = {**shared, **b.get("metadata", {})}
        values = [v for run in b["runs"] for v in run.get("values", [])]
        date = [run["metadata"]["date"] for run in b["runs"] if "date" in run.get("metadata", {})][-1]
        metric, unit = ("memory", "B") if meta.get("unit") == "byte" else ("time", "s")
        entries.append(entry(meta["name"], metric, unit, "lower", median(values), len(values), values,
                             machine=meta["hostname"], time=unix(date)))
    group("pyperf", [path], entries, 0)

json.dump({"program": f"Python {sys.version.split()[0]}", "groups": groups}, sys.stdout, indent=1)
print()
