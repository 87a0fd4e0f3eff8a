"""Runs benchhost and its peers in turns and prints one table of ratios: compare.py BENCHHOST [AREA…] [--rounds N].

In each round and area benchhost comes first or second by turns; a ratio is taken within a round, so that a bad minute
of the machine falls on both. The table shows the median ratio and its range over the rounds.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
AREAS = sorted(path.stem for path in HERE.glob("*.toml"))


def ours(benchhost, area, rows):
    """Values of benchhost by row: medians of the samples, in base units."""
    with tempfile.TemporaryDirectory() as folder:
        command = [benchhost, "run", HERE / f"{area}.toml", "--no-store", "--out", folder]
        done = subprocess.run(command, capture_output=True, text=True)
        report = pathlib.Path(folder) / "run.json"
        if not report.exists():
            sys.exit(f"{area}: benchhost run failed:\n{done.stderr}")
        cases = json.loads(report.read_text())["cases"]
    values = {}
    for case in cases:
        name = case["case"]["benchmark"]
        summaries = {entry["metric"]["name"]: entry for entry in case["measurements"]}
        if name in rows and rows[name]["metric"] in summaries:
            values[name] = summaries[rows[name]["metric"]]["summary"]["median"]
        elif name in rows:
            print(f"{area}/{name}: {json.dumps(case['outcome'])[:300]}", file=sys.stderr)
    return values


def theirs(area, rows, seconds):
    """Values of the peer by row; a script that cannot run says why and is left out."""
    command = [sys.executable, HERE / f"{area}.py", str(seconds), *rows]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{area}.py: {done.stderr.strip()[-600:]}", file=sys.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["row"]: line["value"] for line in lines}


def rows_of(area):
    listed = subprocess.run([sys.executable, HERE / f"{area}.py", "list"], capture_output=True, text=True, check=True)
    return {line["row"]: line for line in map(json.loads, listed.stdout.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchhost", help="the program, a release build")
    parser.add_argument("areas", nargs="*", default=[], help=f"some of {', '.join(AREAS)} [default: all]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row of a peer in a round")
    args = parser.parse_args()
    print("| area | row | against | ours | theirs | ratio | range | goal | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for area in args.areas or AREAS:
        rows = rows_of(area)
        pairs = {name: [] for name in rows}
        for turn in range(args.rounds):
            sides = [lambda: ours(args.benchhost, area, rows), lambda: theirs(area, rows, args.seconds)]
            if turn % 2:
                second = sides[1]()
                first = sides[0]()
            else:
                first = sides[0]()
                second = sides[1]()
            for name in rows:
                if name in first and name in second:
                    pairs[name].append((first[name], second[name]))
        for name, row in rows.items():
            print(line(area, name, row, pairs[name]), flush=True)


def line(area, name, row, pairs):
    if not pairs:
        return f"| {area} | {name} | {row['against']} | – | – | – | – | {row['goal']} | not measured |"
    ratios = [a / b if row["higher"] else b / a for a, b in pairs]
    ratio = statistics.median(ratios)
    mine, other = (statistics.median(side) for side in zip(*pairs))
    reached = "reached" if ratio >= row["goal"] else "missed"
    return (
        f"| {area} | {name} | {row['against']} | {mine:.4g} | {other:.4g} | **{ratio:.2f}** "
        f"| {min(ratios):.2f}–{max(ratios):.2f} | {row['goal']} | {reached} |"
    )


if __name__ == "__main__":
    main()
