"""One training step in PyTorch, as its users write it: `nn.Linear`, `cross_entropy`, `torch.optim`.

Initial weights, dropout masks and batches are those of `plugins/contrastive` under the same seed. What is proved about
a step is in `proof.py`.
"""

import contextlib
import functools
import math
import time

import torch
from torch import nn
from torch.nn import functional

import signals
from streams import Stream

HIDDEN = {
    "simple": ((256, 0.0),),
    "medium": ((512, 0.2), (256, 0.2)),
    "complex": ((1024, 0.3), (512, 0.3), (256, 0.2)),
    "deep": ((1024, 0.3), (512, 0.3), (512, 0.2), (256, 0.2), (256, 0.2)),
}
"""Width and dropout rate of the hidden layers of each encoder."""

MASKED = -1e4
"""Added to a similarity that is no candidate, as in `contrastive`."""


class Encoder(nn.Module):
    """Linear layers with ReLU and dropout between."""

    def __init__(self, kind: str, width: int, output: int, seed: int) -> None:
        super().__init__()
        self.rates = [rate for _, rate in HIDDEN[kind]]
        widths = [width, *(width for width, _ in HIDDEN[kind]), output]
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in zip(widths, widths[1:]))
        stream = Stream(seed, "init")
        with torch.no_grad():
            for layer in self.layers:
                limit = float(1.0 / torch.tensor(float(layer.in_features)).sqrt())
                layer.weight.copy_(stream.uniform(layer.weight.numel(), limit).view_as(layer.weight))
                layer.bias.copy_(stream.uniform(layer.bias.numel(), limit))

    def forward(self, x: torch.Tensor, masks: list) -> torch.Tensor:
        for layer, mask in zip(self.layers, masks):
            x = functional.relu(layer(x))
            if mask is not None:
                x = x * mask
        return self.layers[-1](x)


class Dropout:
    """Draws the factors of dropout for both views: `seeded` those of `contrastive`, `torch` by PyTorch's generator."""

    def __init__(self, params: dict, device: torch.device, seed: int) -> None:
        self.rows, self.layers, self.device = params["batch"], HIDDEN[params["encoder"]], device
        self.stream, self.generator = None, torch.Generator(device).manual_seed(seed)
        if params["dropout"] == "seeded":
            self.stream = Stream(seed, "dropout")
            # One threshold and one factor for each word of a step: layer by layer for the anchors, then the positives.
            counts = torch.tensor([self.rows * width for width, _ in self.layers]).repeat(2)
            rates = torch.tensor([rate for _, rate in self.layers], dtype=torch.float64).repeat(2)
            self.counts = counts.tolist()
            self.thresholds = (rates * 0xFFFF_FFFF).long().repeat_interleave(counts)
            self.kept = (1.0 / (1.0 - rates)).float().repeat_interleave(counts)

    def masks(self) -> list:
        """`[2 · batch, width]` for each hidden layer: 0 with the probability of its rate, else 1/(1 − rate)."""
        if not any(rate for _, rate in self.layers):
            return [None] * len(self.layers)
        if self.stream is None:
            shapes = [((2 * self.rows, width), 1 - rate) for width, rate in self.layers]
            empty = lambda shape: torch.empty(shape, device=self.device)
            return [empty(shape).bernoulli_(kept, generator=self.generator).div_(kept) for shape, kept in shapes]
        drawn = torch.where(self.stream.words(len(self.kept)) < self.thresholds, 0.0, self.kept)
        parts = drawn.to(self.device).split(self.counts)
        halves = parts[: len(self.layers)], parts[len(self.layers) :]
        return [torch.cat(pair).view(2 * self.rows, -1) for pair in zip(*halves)]

    def place(self) -> tuple:
        """How far it has come; `go_back` takes it."""
        return self.stream and self.stream.position, self.generator.get_state()

    def go_back(self, place: tuple) -> None:
        """To where it was."""
        if self.stream:
            self.stream.position = place[0]
        self.generator.set_state(place[1])


class Training:
    """Data, encoder and optimiser, and what the last step left."""

    def __init__(self, params: dict, device: torch.device, seed: int) -> None:
        self.params, self.device = params, device
        self.pairs = signals.Pairs(signals.load(params, seed), params, seed)
        self.encoder = Encoder(params["encoder"], self.pairs.width, params["output"], seed).to(device)
        self.dropout = Dropout(params, device, seed)
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[params["optimizer"]]
        self.optimizer = kind(
            self.encoder.parameters(), lr=params["learning-rate"], weight_decay=params["weight-decay"], fused=True
        )
        self.products = contextlib.nullcontext
        if params["dtype"] == "bf16":
            self.products = functools.partial(torch.autocast, device.type, torch.bfloat16)
        self.similarities = similarities
        self.embed = self.encoder
        if params["implementation"] == "compile":
            self.embed = torch.compile(self.encoder, dynamic=False)
            self.similarities = torch.compile(similarities, dynamic=False)
        self.roles = self.roles_of(range(params["batch"]))
        self.last = None
        self.losses = Losses(params["batch"], params["pairs"])

    def step(self, span) -> float:
        """One step; returns its loss in nats. Each phase waits for the device, so that its time is its own."""
        params, batch = self.params, self.params["batch"]
        started = time.perf_counter_ns()
        with span("prepare"):
            views, ids, starts = self.pairs.draw()
            views = views.to(self.device)
            if batch > len(self.pairs.lengths):
                self.roles = self.roles_of(ids)
            self.wait()
        with span("forward"):
            masks = self.dropout.masks()
            with self.products():
                embeddings = self.embed(views, masks)
            self.wait()
        with span("loss"):
            similar = self.similarities(embeddings.float(), params["loss"], params["temperature"])
            loss = loss_of(similar, self.roles, params["loss"])
            value = loss.item()
        with span("backward"):
            self.optimizer.zero_grad()
            loss.backward()
            self.wait()
        with span("optimizer"):
            self.optimizer.step()
            self.wait()
        self.last = {
            "views": views, "ids": ids, "starts": starts, "masks": masks, "embeddings": embeddings.detach(),
            "similarities": similar.detach(), "loss": value,
        }
        self.losses.push(value, time.perf_counter_ns() - started)
        return value

    def roles_of(self, ids) -> tuple:
        """For a batch that shows these IDs: what is added to S (None for nothing), and the positives of each row, as
        indices or, where there are several, as weights that add up to 1."""
        kind, ids = self.params["loss"], torch.tensor(list(ids))
        if kind in ("infonce", "symmetric"):
            rows, partner = len(ids), torch.arange(len(ids))
            same = ids[:, None] == ids
        else:
            ids = ids.repeat(2)
            rows = len(ids)
            partner = torch.arange(rows).roll(rows // 2)
            same = ids[:, None] == ids
        if kind == "supcon":
            same.fill_diagonal_(False)
            targets, mask = same / same.sum(1, keepdim=True), torch.eye(rows, dtype=torch.bool)
        else:
            targets, mask = partner, same
            mask[torch.arange(rows), partner] = False
        added = torch.where(mask, MASKED, 0.0).to(self.device) if mask.any() else None
        return added, targets.to(self.device)

    def accuracy(self) -> float:
        """Share of the rows of the last step whose best candidate is a positive."""
        added, targets = self.roles
        similar = self.last["similarities"]
        best = (similar if added is None else similar + added).argmax(1)
        right = best == targets if targets.dim() == 1 else targets.gather(1, best[:, None]) > 0
        return right.float().mean().item()

    def flop(self) -> float:
        """Operations that a step cannot avoid, counted as `contrastive` counts them (its README, "Work")."""
        rows, products = 2 * self.params["batch"], []
        for layer in self.encoder.layers:
            products.append(2.0 * rows * layer.in_features * layer.out_features)
        compared = rows / 2 if self.params["loss"] in ("infonce", "symmetric") else rows
        return 3 * sum(products) - products[0] + 3 * 2.0 * compared * compared * self.params["output"]

    def wait(self) -> None:
        """Until the device has done what it was given."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def similarities(embeddings: torch.Tensor, kind: str, temperature: float) -> torch.Tensor:
    """S: cosines of anchors and positives (`simclr`, `supcon`: of all views with all views) over the temperature."""
    unit = functional.normalize(embeddings, eps=1e-8)
    left, right = unit.chunk(2) if kind in ("infonce", "symmetric") else (unit, unit)
    return left @ right.T / temperature


def loss_of(similar: torch.Tensor, roles: tuple, kind: str) -> torch.Tensor:
    """The loss in nats: mean of ln Σ exp(candidates) − positives over the rows of S."""
    added, targets = roles

    def rows(similar: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(similar if added is None else similar + added, targets)

    return (rows(similar) + rows(similar.T)) / 2 if kind == "symmetric" else rows(similar)


class Losses:
    """What the losses so far say: bounded memory."""

    def __init__(self, batch: int, pairs: int) -> None:
        self.steps_of_epoch = -(-pairs // batch)
        self.steps, self.first, self.last, self.sample = 0, [], [], []
        self.at_50 = self.not_finite = self.epoch_ns = None
        self._running_ns = 0

    def push(self, loss: float, elapsed_ns: int) -> None:
        if not math.isfinite(loss) and self.not_finite is None:
            self.not_finite = self.steps
        self.steps += 1
        self.first = (self.first + [loss])[:10] if len(self.first) < 10 else self.first
        self.last = (self.last + [loss])[-10:]
        self.sample.append(loss)
        if self.steps == 50:
            self.at_50 = round(sum(self.last) / 10, 3)
        self._running_ns += elapsed_ns
        if self.steps % self.steps_of_epoch == 0:
            self.epoch_ns, self._running_ns = self._running_ns, 0

    def take_mean(self):
        """Mean loss since the last call; None when there was no step."""
        sample, self.sample = self.sample, []
        return sum(sample) / len(sample) if sample else None
