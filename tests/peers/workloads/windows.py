"""numpy and h5py on the rows of windows.toml: the same file, the same windows, one thread.

`windows` copies with `np.stack` over slices, as data loaders in Python do; `views` is what numpy can do without copying.
`batch` draws 16 of the recordings and two places in each, and copies 32 windows into two arrays. `hdf5` reads every dataset into f32,
scaled where the file has counts; freeing the arrays of the reading before is not timed, as in benchhost. benchhost also looks at
every value for one that is not finite; h5py does not.
"""

import os
import pathlib
import time

import h5py
import numpy as np

from peer import Row, main, rate

GROUND_MOTION = pathlib.Path(__file__).parents[3] / "plugins/contrastive/signals/ground_motion.h5"
WINDOW, STRIDE, BATCH = 1024, 512, 16


def located(name):
    """The file `name` in the folders of BENCHHOST_DATA."""
    folders = os.environ.get("BENCHHOST_DATA", "").split(os.pathsep)
    found = [path for folder in folders if folder and (path := pathlib.Path(folder) / name).is_file()]
    if not found:
        raise SystemExit(f"{name} is in no folder of BENCHHOST_DATA")
    return found[0]


def recordings():
    """First channel of each recording that has a window, contiguous."""
    with h5py.File(GROUND_MOTION) as file:
        signals = [np.ascontiguousarray(file[name][:, 0]) for name in sorted(file)]
    return [signal for signal in signals if len(signal) >= WINDOW]


def windows(seconds):
    signals = recordings()

    def step():
        digest = 0.0
        for signal in signals:
            starts = range(0, len(signal) - WINDOW + 1, STRIDE)
            digest += np.stack([signal[start : start + WINDOW] for start in starts])[:, 0].sum()
        return digest

    return rate(step, total(signals), seconds)


def views(seconds):
    signals = recordings()

    def step():
        digest = 0.0
        for signal in signals:
            digest += np.lib.stride_tricks.sliding_window_view(signal, WINDOW)[::STRIDE][:, 0].sum()
        return digest

    return rate(step, total(signals), seconds)


def total(signals):
    return sum((len(signal) - WINDOW) // STRIDE + 1 for signal in signals)


def batch(seconds):
    signals = recordings()
    places = np.array([len(signal) - WINDOW + 1 for signal in signals])
    generator = np.random.default_rng(42)

    def step():
        ids = generator.permutation(len(signals))[:BATCH]
        starts = generator.integers(0, places[ids], size=(2, BATCH))
        return [np.stack([signals[i][s : s + WINDOW] for i, s in zip(ids, side)]) for side in starts]

    return rate(step, BATCH, seconds)


def read(path):
    """Every dataset as f32, counts times their scale."""
    signals = {}
    with h5py.File(path) as file:
        for name, dataset in file.items():
            values = dataset[()]
            scale = dataset.attrs.get("scale")
            signals[name] = values if scale is None else np.multiply(values, scale.astype(np.float32), dtype=np.float32)
    return signals


def reading(path, seconds):
    """IDs a second: the median of single readings."""
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        started = time.perf_counter()
        signals = read(path)
        times.append(time.perf_counter() - started)
        ids = len(signals)
        del signals
    times.sort()
    return ids / times[len(times) // 2]


if __name__ == "__main__":
    main(
        {
            "windows-1024-t1": Row(windows, 100.0, against="numpy, copies"),
            "views-1024-t1": Row(views, 1.0, against="numpy, views"),
            "batch-16x1024-t1": Row(batch, 1.0, against="numpy"),
            "hdf5-ground-motion-t1": Row(lambda s: reading(GROUND_MOTION, s), 1.0, against="h5py"),
            "hdf5-cwru-f32-t1": Row(
                lambda s: reading(located("signals/cwru_16x40000x3_f32.h5"), s), 1.0, against="h5py"
            ),
            "hdf5-cwru-gzip-t1": Row(
                lambda s: reading(located("signals/cwru_16x96000x3_i16_gzip.h5"), s), 1.0, against="h5py"
            ),
        }
    )
