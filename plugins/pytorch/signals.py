"""Signals by ID, and batches of pairs of windows: what `plugins/contrastive` cuts, in PyTorch.

The order of all draws is that of `pairs/mod.rs` and `windows.rs`, so that a seed gives the same batches.
"""

import hashlib
import os

import benchhost
import torch
from benchhost import ConfigError
from streams import Stream

GROUND_MOTION = "ground-motion"
_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../contrastive/signals/ground_motion.h5")
_SHA256 = "89c6e2a8e063c110d86f57c487a8f2361a7579d8d9c6ab7449187e59e45ab803"
_PLACES = {
    "CER": (4096, 10650, 3), "HUDDLE_0438": (131896, 120000, 1), "HUDDLE_STS2": (611896, 120000, 1),
    "JMI": (1091896, 4740, 3), "MBBE": (1150824, 3675, 3), "MBGA": (1194924, 3675, 3), "MBGB": (1239024, 3675, 3),
    "MBGE": (1285172, 3675, 3), "MBGH": (1329272, 3675, 3), "MEMA": (1373372, 5750, 3), "MOLA_A": (1444420, 9750, 3),
    "MOLA_B": (1561420, 9750, 3), "RG16_1": (1680468, 30000, 3), "RJOB": (2040468, 12000, 3),
    "STN": (2184468, 8250, 3), "TL01": (2283468, 3788, 3), "UH3": (2330972, 11517, 3), "WIN_a10": (2469176, 66000, 2),
    "WIN_f11": (2999224, 6000, 3),
}
"""Where the recordings lie in the file (its datasets are contiguous f32): first byte, samples, channels. Found with
`h5py.Dataset.id.get_offset`; with them the file is read without h5py, and its sha256 says that they still hold."""


class Signals:
    """Recordings, `[length, channels]` each, and a note of what was left out."""

    def __init__(self, source: str, ids: dict) -> None:
        self.source, self.ids, self.left_out = source, ids, []

    def leave_out(self, reason) -> None:
        """Removes the IDs for which `reason` finds one, and notes it."""
        for name, values in list(self.ids.items()):
            why = reason(values)
            if why:
                del self.ids[name]
                self.left_out.append(f"`{name}` {why}")

    def keep_channels(self, channels: int) -> None:
        """Cuts every ID to its first channels; 0 stands for as many as every ID has."""
        counts = [values.shape[1] for values in self.ids.values()]
        channels = channels or min(counts)
        if channels > max(counts):
            raise ConfigError(f"channels = {channels} is more than any ID of {self.source} has: {max(counts)}")
        self.leave_out(lambda v: v.shape[1] < channels and f"has {v.shape[1]} of {channels} channels")
        self.ids = {name: values[:, :channels] for name, values in self.ids.items()}

    def standardise(self) -> None:
        """Gives each channel of each ID mean 0 and deviation 1; constant channels become 0."""
        for name, values in self.ids.items():
            values = values.double()
            values = values - values.mean(0)
            deviation = values.square().mean(0).sqrt()
            scale = torch.where(deviation > 0, 1.0 / deviation, torch.zeros_like(deviation))
            self.ids[name] = (values * scale).float()


def load(params: dict, seed: int) -> Signals:
    """The signals that the parameters name."""
    name = params["signals"]
    if name in ("simple", "medium", "complex"):
        ids = {f"{name}-{i}": synthetic(name, i, params["length"], seed) for i in range(params["ids"])}
        signals = Signals(f'synthetic signal "{name}"', ids)
    elif name == GROUND_MOTION:
        signals = Signals(name, _ground_motion())
    elif os.path.exists(name):
        signals = Signals(name, _hdf5(name))
    else:
        known = '"ground-motion", "simple", "medium", "complex"'
        raise ConfigError(f'signals is "{name}", expected {known}, or the path of an HDF5 file')
    signals.keep_channels(params["channels"])
    if params["normalise"] == "id":
        signals.standardise()
    return signals


def synthetic(family: str, i: int, length: int, seed: int) -> torch.Tensor:
    """The signal of ID `i`; formulas in `plugins/support/src/signals/synthetic.rs`."""
    stream = Stream(seed, f"{family}-{i}")
    noise, turn = stream.normal(length), torch.tensor(6.283185307179586)
    step = 1.0 / torch.tensor(float(max(length - 1, 1)))
    index = torch.arange(length, dtype=torch.float32)
    sine = lambda angle: angle.double().sin().float()
    if family == "medium":
        omega = turn * (torch.tensor(0.1) + torch.tensor(0.05) * float(i % 10))
        noise = sine(omega * index * step) + 0.1 * noise
    if family == "complex":
        t = index * step
        waves = [sine(turn * f * t + phase) for f, phase in zip(torch.tensor([0.05, 0.15, 0.3]), stream.uniform(3))]
        noise = waves[0] + waves[1] + waves[2] + 0.2 * noise + 0.5 * t
    return noise[:, None]


def _ground_motion() -> dict:
    try:
        with open(_FILE, "rb") as file:
            data = file.read()
    except OSError as error:
        raise benchhost.Unsupported(f"the recordings of the plugin contrastive cannot be read: {error}") from error
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise benchhost.Failed(f"{_FILE} is not the file whose datasets are known here")
    ids = {}
    for name, (first, length, channels) in _PLACES.items():
        values = torch.frombuffer(bytearray(data[first : first + 4 * length * channels]), dtype=torch.float32)
        ids[name] = values.view(length, channels)
    return ids


def _hdf5(path: str) -> dict:
    h5py = benchhost.require("h5py", hint="pip install h5py")
    ids = {}
    with h5py.File(path, "r") as file:
        for name in sorted(file):
            data = file[name]
            if not isinstance(data, h5py.Dataset) or data.dtype.itemsize == 1:
                continue
            values = torch.from_numpy(data[()].astype("f8")).reshape(data.shape[0], -1)
            if data.dtype.kind in "iu" and "scale" in data.attrs:
                values = values * torch.from_numpy(data.attrs["scale"] + 0.0)
            ids[name] = values.float()
    return ids


class Pairs:
    """Draws batches for ever: two windows of each of `batch` IDs, which are distinct as long as there are enough."""

    def __init__(self, signals: Signals, params: dict, seed: int) -> None:
        self.batch, self.window = params["batch"], params["window"]
        self.strategy, self.stride = params["strategy"], params["stride"] or max(self.window // 2, 1)
        self.signals, self.stream = signals, Stream(seed, "pairs")
        longest = max(signals.ids, key=lambda name: len(signals.ids[name]))
        length = len(signals.ids[longest])
        too_few = f"too few for two windows of {self.window}"
        signals.leave_out(lambda v: self._fits(len(v)) < 2 and f"has {len(v)} samples, {too_few}")
        count = len(signals.ids)
        if count == 0:
            raise ConfigError(
                f"no ID of {signals.source} has two windows of {self.window} samples: the longest, `{longest}`, "
                f"has {length} samples"
            )
        if count < 2 or (count < self.batch and not params["repeat-ids"]):
            raise ConfigError(
                f"batch = {self.batch} is larger than the {count} IDs of {signals.source}; use a smaller batch or "
                "repeat-ids = true (which needs 2 IDs)"
            )
        values = list(signals.ids.values())
        self.channels, self.lengths = values[0].shape[1], [len(v) for v in values]
        self.width = self.window * self.channels
        flat = torch.cat([v.flatten() for v in values])
        self.first = [0]
        for length in self.lengths:
            self.first.append(self.first[-1] + length * self.channels)
        # Every place where a window could begin is a row of this view; picking rows copies each window once.
        self.windows = flat.as_strided((len(flat) - self.width + 1, self.width), (1, 1))
        self.order = list(range(count))

    def draw(self):
        """The next batch: views `[2 · batch, width]` (anchors, then positives), IDs, starts of both windows."""
        ids = self._ids()
        starts = [self._starts(self.lengths[id]) for id in ids]
        rows = [self.first[id] + start[side] * self.channels for side in (0, 1) for id, start in zip(ids, starts)]
        return self.windows.index_select(0, torch.tensor(rows)), ids, starts

    def _ids(self) -> list:
        """A fresh shuffle of the IDs, as often as the batch needs one, stopped after the elements needed."""
        drawn, order = [], self.order
        while len(drawn) < self.batch:
            wanted = min(self.batch - len(drawn), len(order))
            for i in range(wanted):
                j = i + self.stream.below(len(order) - i)
                order[i], order[j] = order[j], order[i]
            drawn += order[:wanted]
        return drawn

    def _starts(self, length: int) -> tuple:
        last = length - self.window
        if self.strategy == "sequential":
            return 0, self.stride
        if self.strategy == "evenly_spaced":
            return 0, last
        # Floyd's combination algorithm for two of last + 1.
        first, second = self.stream.below(last), self.stream.below(last + 1)
        return (last, second) if second == first else (first, second)

    def _fits(self, length: int) -> int:
        """Windows that there are in a signal, up to two."""
        last = length - self.window
        if last < 1:
            return 0
        return min(2, last // self.stride + 1) if self.strategy == "sequential" else 2
