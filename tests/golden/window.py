# Makes tests/golden/window.toml: `python window.py > window.toml`. Standard library only.
# Independent of the host: mean and sample standard deviation of Python's statistics, the trend as the tracker's
# document writes it.
import random
import statistics
import sys

random.seed(20261121)
series = {
    "one": [150.0],
    "two": [150.0, 140.0],
    "constant": [0.1] * 12,
    "seed": [150.0, 149.5, 148.0, 151.0, 152.0, 147.25, 149.0, 150.5, 146.0, 145.0, 140.0],
    "offset": [1e9 + random.random() for _ in range(25)],
    "cancelling": [1e16, 1.0, -1e16, 1.0, 2.5, 1e16, -1e16, 3.0, 4.0, 5.0, 6.0],
    "noise": [random.gauss(500, 20) for _ in range(40)],
}
print("# Made by tests/golden/window.py; do not edit.")
print(f'program = "Python {sys.version.split()[0]}"')
for name, xs in series.items():
    for size in (10, 3):
        last = xs[-size:]
        stdev = statistics.stdev(last) if len(last) > 1 else 0.0
        print(f'\n[[window]]\nname = "{name}"\nvalues = {xs!r}\nsize = {size}\nmean = {statistics.mean(last)!r}')
        print(f"stdev = {stdev!r}\nmin = {min(last)!r}\nmax = {max(last)!r}\ncount = {len(last)}")
        # The document adds up plainly, which loses everything where terms cancel.
        if len(xs) >= 10 and size == 10 and name != "cancelling":
            recent, older = sum(xs[-5:]) / 5, sum(xs[-10:-5]) / 5
            print(f"trend = {(recent - older) / older * 100!r}")
