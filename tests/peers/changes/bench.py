"""Runs every detector over the same series and measures what it costs, in the same run on the same machine.

Peers are called inside worker processes, timed around each call (processor and wall-clock time, without simulation and transfer).
benchhost is a program: its time is that of its whole process, reading the CSV and writing JSON included.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from multiprocessing import Pool
from pathlib import Path

import detectors
import files
import tables

OURS = "benchhost"


def ask(job):
    """One series, one detector: its indices and the two times in seconds. A peer that fails reports nothing, and is counted."""
    name, values = job
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, failure = [int(i) for i in detectors.DETECTORS[name](values)], None
    except Exception as error:  # Whatever a peer raises is a finding about it, not the end of the comparison.
        found, failure = [], repr(error)
    return found, time.process_time() - cpu, time.perf_counter() - wall, failure


def peer(pool, name, series):
    """Reports by name of series, and the text for the time column."""
    answers = pool.map(ask, [(name, one["values"]) for one in series], chunksize=8)
    failures = [failure for *_, failure in answers if failure]
    if failures:
        print(f"{name} failed on {len(failures)} series, which count as silent; first: {failures[0]}", file=sys.stderr)
    cpu, wall = (sum(answer[k] for answer in answers) for k in (1, 2))
    reports = {one["name"]: [{"index": i} for i in answer[0]] for one, answer in zip(series, answers)}
    return reports, each(cpu, wall, series)


def each(cpu, wall, series):
    """Milliseconds for 1000 points: processor time, and wall-clock time in brackets."""
    points = sum(len(one["values"]) for one in series)
    return f"{1e6 * cpu / points:.3g} ({1e6 * wall / points:.3g})"


def ours(series, folder, truths):
    """The same for benchhost, or None with a sentence where it cannot be asked."""
    binary = os.environ.get("BENCHHOST", "")
    if not Path(binary).is_file():
        print(f"benchhost skipped: `{binary}` is not there (cargo build --release, or set BENCHHOST)", file=sys.stderr)
        return None
    result, before, wall = Path(folder) / "result.json", resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [binary, "history", "changes", "--input", str(Path(folder) / "series.csv"), "--format", "json"]
    with open(result, "w") as out:
        run = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode or not result.stat().st_size:
        first = next(iter(run.stderr.splitlines()), "no message")
        print(f"benchhost skipped: `{' '.join(command)}` ended with {run.returncode}: {first}", file=sys.stderr)
        return None
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return files.reported(result, truths), each(cpu, wall, series)


def main(args, series, scored, show):
    """Every detector in turn, then the tables."""
    names = [name.strip() for name in args.detectors.split(";")] if args.detectors else [OURS, *detectors.DETECTORS]
    unknown = [name for name in names if name not in detectors.DETECTORS and name != OURS]
    if unknown:
        raise SystemExit(f"no detector `{unknown[0]}`; there are: {'; '.join([OURS, *detectors.DETECTORS])}")
    counts, times = {}, {}
    with tempfile.TemporaryDirectory() as folder, Pool(args.jobs) as pool:
        files.write(folder, series, args.generator, args.seed)
        truths = files.truth(folder)
        for name in names:
            started = time.perf_counter()
            answer = ours(series, folder, truths) if name == OURS else peer(pool, name, series)
            if answer:
                reports, times[name] = answer
                counts[name] = scored(truths, reports)
                print(f"{name}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    counts["nothing reported"] = scored(truths, {})
    head = [f"Generator {args.generator}, seed {args.seed}, {len(series)} series, {sum(t['points'] for t in truths)} points, "
            f"{args.jobs} processes on {os.cpu_count()} CPUs."]
    show(head + tables.summary(truths, counts, times), args.out)
