"""Entry: simulate, ask every detector, score, print. `run` starts it inside a virtual environment; `--help` lists the options."""

import argparse
from pathlib import Path

import files
import score
import simulate
import tables

SERIES = {"quick": 300, "full": 3000, "simulate": 4000}


def arguments():
    """What can be typed."""
    parser = argparse.ArgumentParser(prog="tests/peers/changes/run", description=__doc__)
    parser.add_argument("--simulate", metavar="DIR", help="only write series.csv and truth.json into DIR")
    parser.add_argument("--score", nargs=2, metavar=("DIR", "RESULT"), help="only score RESULT (benchhost's JSON) against DIR")
    parser.add_argument("--generator", choices=sorted(simulate.GENERATORS), default="a")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--series", type=int, help=f"how many; default {SERIES}")
    parser.add_argument("--quick", action="store_true", help="fewer series, about a minute")
    parser.add_argument("--detectors", help="separated by semicolons; default all")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--out", help="write the tables to this file too")
    return parser.parse_args()


def scored(truths, reported):
    """Counts by name of series."""
    return {t["name"]: score.one(t, reported.get(t["name"], [])) for t in truths}


def show(lines, out):
    """Prints the report, and keeps it where asked."""
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if out:
        Path(out).write_text(text)


def main():
    """One of the three modes."""
    args = arguments()
    if args.score:
        folder, result = args.score
        truths = files.truth(folder)
        counts = {Path(result).stem: scored(truths, files.reported(result, truths))}
        return show(tables.summary(truths, counts, {}), args.out)
    mode = "simulate" if args.simulate else "quick" if args.quick else "full"
    number = args.series or SERIES[mode]
    series = simulate.series(args.generator, args.seed, number)
    print(f"generator {args.generator}, seed {args.seed}: {number} series, {sum(len(s['values']) for s in series)} points")
    if args.simulate:
        return files.write(args.simulate, series, args.generator, args.seed)
    import bench  # Needs the peers, which the other modes do without.

    return bench.main(args, series, scored, show)


if __name__ == "__main__":
    main()
