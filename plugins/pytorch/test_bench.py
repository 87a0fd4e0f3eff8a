"""The step is that of `contrastive`, and its proof finds what is wrong. Needs PyTorch: skipped where it is missing.

Run with `python3 -m unittest` in this folder.
"""

import importlib.util
import unittest
from unittest import mock

import benchhost
from bench import Training

WITHOUT_TORCH = importlib.util.find_spec("torch") is None

SAME_LOSSES = [
    ({}, [4.867363, 2.775580, 3.350292, 3.075196, 2.396759], 2.425),
    (
        {"signals": "simple", "ids": 20, "length": 600, "batch": 8, "window": 64, "encoder": "medium"},
        [2.759395, 2.563339, 2.403814, 2.439312, 2.025662], 2.108,
    ),
    (
        {"signals": "complex", "ids": 5, "length": 600, "batch": 12, "repeat-ids": True, "window": 64, "loss": "supcon",
         "optimizer": "adamw", "weight-decay": 0.01},
        [5.293994, 3.701937, 3.365692, 3.458232, 3.370757], 3.14,
    ),
    (
        {"signals": "medium", "batch": 8, "window": 128, "loss": "simclr", "strategy": "evenly_spaced",
         "weight-decay": 0.1},
        [4.997475, 3.397238, 2.994413, 3.344729, 3.252566], 2.709,
    ),
    (
        {"channels": 3, "batch": 8, "window": 100, "loss": "symmetric", "strategy": "sequential", "encoder": "complex",
         "normalise": "none"},
        [0.941552, 0.845278, 1.294913, 1.033453, 0.476786], 0.076,
    ),
]
"""Parameters, losses of the second to the sixth step, `loss-50`: what the plugin `contrastive` reports under seed 42
with `warm-up = "none"`, `iterations = 1`."""


@unittest.skipIf(WITHOUT_TORCH, "PyTorch is not installed")
class TestTraining(unittest.TestCase):
    def test_losses_are_those_of_contrastive(self):
        for params, losses, at_50 in SAME_LOSSES:
            with self.subTest(params):
                found = []

                class Watched(Training):
                    def iterate(self):
                        super().iterate()
                        found.append(self.training.last["loss"])

                report = benchhost.bench(Watched, params, iterations=51)

                for loss, golden in zip(found[1:], losses):
                    self.assertAlmostEqual(loss, golden, delta=1e-4)
                self.assertAlmostEqual(report.metrics["loss-50"], at_50, delta=0.0011)

    def test_work_is_that_of_contrastive(self):
        flop = [benchhost.bench(Training, params).work.flop for params, _, _ in SAME_LOSSES]

        self.assertEqual(flop, [23265280, 17874944, 6733824, 5439488, 85770240])

    def test_looking_at_a_training_does_not_change_it(self):
        def losses(looks):
            found = []

            class Watched(Training):
                def iterate(self):
                    super().iterate()
                    found.append(self.training.last["loss"])
                    if looks:
                        self.verify()

            benchhost.bench(Watched, {"encoder": "medium", "dropout": "torch"}, iterations=4)
            return found

        self.assertEqual(losses(looks=True), losses(looks=False))

    def test_bf16_is_proved_too(self):
        report = benchhost.bench(Training, {"dtype": "bf16", "encoder": "medium"}, iterations=50)

        self.assertAlmostEqual(report.metrics["loss-50"], 2.364, delta=0.02 * 2.364)

    def test_phases_epochs_and_the_end(self):
        report = benchhost.bench(Training, {"pairs": 40, "epochs": 2}, iterations=100)

        self.assertEqual((report.iterations, report.metrics["epoch"]), (6, 2))
        self.assertEqual(list(report.spans), ["prepare", "forward", "loss", "backward", "optimizer"])
        self.assertLess(sum(report.spans.values()), report.elapsed_ns)

    def test_what_cannot_work_is_refused_with_the_sentence_of_contrastive(self):
        for params, message in (
            ({"batch": 20}, "batch = 20 is larger than the 19 IDs of ground-motion; use a smaller batch or repeat-ids"),
            ({"signals": "noise"}, 'signals is "noise", expected "ground-motion", "simple", "medium", "complex", or'),
            ({"channels": 4}, "channels = 4 is more than any ID of ground-motion has: 3"),
            ({"window": 500000}, "no ID of ground-motion has two windows of 500000 samples: the longest, `HUDDLE"),
        ):
            with self.assertRaisesRegex(benchhost.ConfigError, message):
                benchhost.bench(Training, params)
        with self.assertRaisesRegex(benchhost.Unsupported, "no CUDA device 99 for PyTorch"):
            benchhost.bench(Training, device="cuda:99")


@unittest.skipIf(WITHOUT_TORCH, "PyTorch is not installed")
class TestProof(unittest.TestCase):
    """Each disturbance of the measured code must be found."""

    def assertWrong(self, message, *patches, **params):
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)
        with self.assertRaisesRegex(benchhost.Wrong, message):
            benchhost.bench(Training, {"encoder": "medium", **params}, iterations=2)
        mock.patch.stopall()

    def test_a_wrong_loss_and_a_wrong_temperature(self):
        import training

        plain = training.loss_of
        more = lambda *args: plain(*args) * 1.01
        self.assertWrong("the loss is .* nat, its f64 reference", mock.patch("training.loss_of", more))
        similar = training.similarities
        warmer = lambda embeddings, kind, temperature: similar(embeddings, kind, temperature * 1.01)
        self.assertWrong("the loss is .* nat, its f64 reference", mock.patch("training.similarities", warmer))

    def test_a_wrong_layer_gradient_and_update(self):
        import torch
        import training

        forward = training.Encoder.forward
        odd = lambda self, x, masks: forward(self, x, masks) + 0.1 * x.mean(1, keepdim=True) * torch.arange(128)
        self.assertWrong("in f64 all the way", mock.patch("training.Encoder.forward", odd))
        unmasked = lambda self, x, masks: forward(self, x, [None] * len(masks))
        self.assertWrong("in f64 all the way", mock.patch("training.Encoder.forward", unmasked))
        step = torch.optim.Adam.step

        def twice(self):
            step(self)
            step(self)

        self.assertWrong("first moment of variable 0", mock.patch("torch.optim.Adam.step", twice))
        backward = torch.Tensor.backward
        self.assertWrong("gradient of variable 0 is off", mock.patch(
            "torch.Tensor.backward", lambda self: backward(self * 1.01)
        ))

    def test_a_wrong_window_and_a_wrong_id(self):
        import signals

        draw = signals.Pairs.draw

        def shifted(self):
            views, ids, starts = draw(self)
            return views, ids, [(starts[0][0], starts[0][1] - 1), *starts[1:]]

        def swapped(self):
            views, ids, starts = draw(self)
            return views, [ids[1], ids[0], *ids[2:]], starts

        self.assertWrong("view 1 of pair 0 does not hold the samples", mock.patch("signals.Pairs.draw", shifted))
        self.assertWrong("pair 0|view 0 of pair 0", mock.patch("signals.Pairs.draw", swapped))


class TestWithoutTorch(unittest.TestCase):
    def test_without_pytorch_the_case_is_skipped_with_the_way_out(self):
        with mock.patch.dict("sys.modules", {"torch": None}):
            with self.assertRaisesRegex(benchhost.Unsupported, "install it with `pip install torch`"):
                benchhost.bench(Training)


if __name__ == "__main__":
    unittest.main()
