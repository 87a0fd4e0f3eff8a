"""Proves a training in f64: the batch and the loss of the last step, and all of one more step.

That step is taken by the measured code, from a state that is known exactly because it was just copied; everything is
put back afterwards, so that the training goes on as if nobody had looked. The references share no code with it.
"""

import contextlib
import copy
import math

import torch
from benchhost import Wrong, ensure_right

TOLERANCE = {"f32": 1e-3, "bf16": 5e-2}
"""Largest difference, relative to the length of what is compared."""

BETAS, EPS = (0.9, 0.999), 1e-8
"""Of Adam, torch's defaults."""


def check(training) -> None:
    """Raises `Wrong` with the first thing that does not hold."""
    ensure_right(training.last is not None, "no step was taken")
    check_history(training)
    check_batch(training.pairs, training.last)
    check_loss(training, training.last)
    check_one_more_step(training)


def check_history(training) -> None:
    """Losses are finite, begin where cosines can begin, and fall where they must."""
    losses, params = training.losses, training.params
    ensure_right(losses.not_finite is None, f"the loss of step {losses.not_finite} is not a finite number")
    rows = params["batch"] if params["loss"] in ("infonce", "symmetric") else 2 * params["batch"] - 1
    most = math.log(rows) + 2 / params["temperature"]
    ensure_right(losses.first[0] <= most, f"the first loss is {losses.first[0]:.4f} nat, expected at most {most:.4f}")
    learns = (
        params["signals"] not in ("simple", "medium", "complex") and params["encoder"] in ("simple", "medium")
        and params["normalise"] == "id" and params["batch"] >= 8 and params["temperature"] >= 0.05
        and 3e-4 <= params["learning-rate"] <= 3e-3
    )
    if learns and losses.steps >= 100:
        began, ended = sum(losses.first) / 10, sum(losses.last) / 10
        fell = f"mean of the first 10 {began:.4f} nat, of the last {ended:.4f}"
        ensure_right(ended < began, f"the loss did not fall in {losses.steps} steps: {fell}")


def check_batch(pairs, last: dict) -> None:
    """IDs distinct or almost equally often; two different windows of each, inside it, and nothing else in the views."""
    ids, batch, window = last["ids"], pairs.batch, pairs.window
    signals = list(pairs.signals.ids.values())
    times = [ids.count(id) for id in range(len(signals))]
    low, high = batch // len(signals), -(-batch // len(signals))
    ensure_right(len(ids) == batch and low <= min(times) and max(times) <= high, f"IDs of the batch: {times} times")
    for row, (id, starts) in enumerate(zip(ids, last["starts"])):
        inside = starts[0] != starts[1] and all(0 <= start <= len(signals[id]) - window for start in starts)
        ensure_right(inside, f"pair {row} has windows at {starts} of {len(signals[id])} samples")
        for side, start in enumerate(starts):
            plain = signals[id][start : start + window].flatten()
            found = last["views"][side * batch + row].cpu()
            ensure_right(torch.equal(found, plain), f"view {side} of pair {row} does not hold the samples from {start}")


def check_loss(training, last: dict) -> None:
    """The loss of the last step is that of its embeddings."""
    plain = loss(last["embeddings"].double().cpu(), last["ids"], training.params).item()
    limit = TOLERANCE[training.params["dtype"]] * max(1.0, abs(plain))
    found = last["loss"]
    ensure_right(abs(found - plain) <= limit, f"the loss is {found:.6f} nat, its f64 reference {plain:.6f}")


def loss(embeddings: torch.Tensor, ids: list, params: dict) -> torch.Tensor:
    """The loss by its definition. Sources: see `plugins/contrastive/src/loss/mod.rs`."""
    unit = embeddings / embeddings.norm(dim=1, keepdim=True).clamp_min(1e-8)
    anchors, positives = unit.chunk(2)
    ids = torch.tensor(list(ids))
    own = torch.eye(len(ids), dtype=torch.bool)

    def rows(lefts, rights, candidates, partners):
        """Mean over the rows of ln Σ exp(candidates) − the mean of the partners."""
        s = lefts @ rights.T / params["temperature"]
        every = s.masked_fill(~candidates, -math.inf).logsumexp(1)
        return (every - (s * partners).sum(1) / partners.sum(1)).mean()

    if params["loss"] in ("infonce", "symmetric"):
        candidates = own | (ids[:, None] != ids)
        there = rows(anchors, positives, candidates, own)
        return there if params["loss"] == "infonce" else (there + rows(positives, anchors, candidates, own)) / 2
    same, itself = (ids[:, None] == ids).repeat(2, 2), torch.block_diag(own, own).bool()
    if params["loss"] == "simclr":
        partners = own.repeat(2, 2) & ~itself
        return rows(unit, unit, partners | ~same, partners)
    return rows(unit, unit, ~itself, same & ~itself)


def check_one_more_step(training) -> None:
    """Forward, loss, every gradient, both moments and every parameter of a step, from the state before it."""
    params = list(training.encoder.parameters())
    state = [training.optimizer.state[p] for p in params]
    before = [p.detach().clone() for p in params]
    moments = [{key: value.clone() for key, value in each.items()} for each in state]
    kept = {key: copy.copy(getattr(training, key)) for key in ("last", "losses", "roles")}
    kept["losses"] = copy.deepcopy(training.losses)
    places = training.pairs.stream.position, training.dropout.place(), list(training.pairs.order)
    try:
        training.step(lambda _: contextlib.nullcontext())
        check_batch(training.pairs, training.last)
        check_gradients(training, before, [p.grad for p in params])
        for index, (p, old, was) in enumerate(zip(params, before, moments)):
            check_update(training.params, index, (p.detach(), p.grad, state[index]), (old, was))
    finally:
        with torch.no_grad():
            for p, old, now, was in zip(params, before, state, moments):
                p.copy_(old)
                for key, value in was.items():
                    now[key].copy_(value)
        for key, value in kept.items():
            setattr(training, key, value)
        training.pairs.stream.position, place, training.pairs.order[:] = places
        training.dropout.go_back(place)


def check_gradients(training, before: list, found: list) -> None:
    """Loss and gradients of the step, by f64 through the definition."""
    last, relative = training.last, TOLERANCE[training.params["dtype"]]
    # Autocast rounds what goes into a product and what comes out; its gradient passes as if it had not.
    bf16 = training.params["dtype"] == "bf16"
    rounded = (lambda x: x + (x.detach().bfloat16().double() - x.detach())) if bf16 else (lambda x: x)
    leaves = [p.double().cpu().requires_grad_() for p in before]
    x = last["views"].double().cpu()
    for index in range(0, len(leaves), 2):
        x = rounded(rounded(x) @ rounded(leaves[index]).T + rounded(leaves[index + 1]))
        if index < len(leaves) - 2:
            mask = last["masks"][index // 2]
            x = x.clamp_min(0) if mask is None else x.clamp_min(0) * mask.double().cpu()
    plain = loss(x, last["ids"], training.params)
    limit = relative * max(1.0, abs(plain.item()))
    ensure_right(
        abs(last["loss"] - plain.item()) <= limit,
        f"the loss of a step is {last['loss']:.6f} nat, in f64 all the way {plain.item():.6f}",
    )
    gradients = torch.autograd.grad(plain, leaves)
    # What rounding leaves of gradients that cancel to nearly nothing is measured by the largest of them.
    largest = max(gradient.norm().item() for gradient in gradients)
    for index, (gradient, plain_gradient) in enumerate(zip(found, gradients)):
        difference = (gradient.double().cpu() - plain_gradient).norm().item()
        limit = relative * plain_gradient.norm().item() + 1e-5 * largest + 1e-12
        what = f"gradient of variable {index}"
        ensure_right(difference <= limit, f"the {what} is off by {difference:.2e}, expected at most {limit:.2e}")


def check_update(params: dict, index: int, found: tuple, before: tuple) -> None:
    """Adam with L2 (`adam`) or decoupled decay (`adamw`). Sources: arXiv:1412.6980 and arXiv:1711.05101."""
    (theta, gradient, state), (old, was) = found, before
    rate, decay = params["learning-rate"], params["weight-decay"]
    gradient, expected = gradient.double(), old.double()
    if params["optimizer"] == "adam":
        gradient = gradient + decay * expected
    else:
        expected = expected * (1 - rate * decay)
    steps = float(was["step"]) + 1
    first = BETAS[0] * was["exp_avg"].double() + (1 - BETAS[0]) * gradient
    second = BETAS[1] * was["exp_avg_sq"].double() + (1 - BETAS[1]) * gradient.square()
    root = (second / (1 - BETAS[1] ** steps)).sqrt() + EPS
    change = rate / (1 - BETAS[0] ** steps) * first / root
    expected = expected - change
    # A parameter is rounded to about 1e-7 of itself; the change to 1e-3 of itself.
    checks = (
        ("first moment", state["exp_avg"], first, 1e-5 * first.abs().max()),
        ("second moment", state["exp_avg_sq"], second, 1e-5 * second.abs().max()),
        ("value", theta, expected, 1e-3 * change.abs().max() + 3e-7 * old.double().abs()),
    )
    for what, value, plain, limit in checks:
        off = (value.double() - plain).abs() - limit
        if not (off <= 0).all():
            raise Wrong(f"the {what} of variable {index} is off by {off.max().item():.2e} after an update")
