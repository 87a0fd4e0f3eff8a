"""Plugin `pytorch`: the training step of the plugin `contrastive`, in PyTorch.

Only what must be known without PyTorch is here, so that the plugin can be looked at anywhere.
"""

import math

import benchhost
from benchhost import Metric, Param, Work, Workload


class Training(Workload):
    """Trains an encoder on pairs of windows with PyTorch: one iteration is one step, windowing included."""

    name = "training"
    params = [
        Param(
            "signals", "ground-motion",
            '"ground-motion" (19 real instruments), "simple", "medium", "complex" (synthetic), or the path of an HDF5 '
            "file with one dataset for each ID (needs h5py)",
        ),
        Param("ids", 64, "IDs of a synthetic signal", min=1, max=1e6),
        Param("length", 4096, "length of a synthetic signal", unit="samples", min=1, max=1e8),
        Param("channels", 0, "first channels to use; 0: as many as every ID has", min=0, max=1024),
        Param("normalise", "id", "\"id\": each channel of each ID to mean 0, deviation 1", choices=("id", "none")),
        Param("batch", 16, "pairs in one step", unit="samples", min=2, max=65536),
        Param("repeat-ids", False, "lets a batch be larger than the number of IDs"),
        Param("window", 512, "length of a window", unit="samples", min=1, max=1e6),
        Param("stride", 0, "distance of sequential windows; 0: half the window", unit="samples", min=0, max=1e6),
        Param("strategy", "random", "where windows begin", choices=("sequential", "random", "evenly_spaced")),
        Param("pairs", 500, "pairs of an epoch, rounded up to whole batches", unit="samples", min=1, max=1e9),
        Param("epochs", 0, "ends the case after so many; 0: the host decides", min=0, max=1e9),
        Param("encoder", "simple", "size of the encoder", choices=("simple", "medium", "complex", "deep")),
        Param(
            "dropout", "seeded",
            "\"seeded\": the masks of contrastive, slow to draw here; \"torch\": by PyTorch's generator",
            choices=("seeded", "torch"),
        ),
        Param("output", 128, "length of an embedding", unit="values", min=1, max=65536),
        Param("loss", "infonce", "contrastive loss", choices=("infonce", "symmetric", "simclr", "supcon")),
        Param("temperature", 0.07, "divides the similarities", min=0.001, max=1000),
        Param("optimizer", "adam", "weight decay as L2 or decoupled", choices=("adam", "adamw")),
        Param("learning-rate", 1e-3, "step size of the optimiser", min=1e-12, max=1e4),
        Param("weight-decay", 0.0, "decay of the weights", min=0, max=1e4),
        Param(
            "implementation", "eager", "\"compile\": encoder and loss by torch.compile (needs a C++ compiler)",
            choices=("eager", "compile"),
        ),
        Param("dtype", "f32", "type of the products: \"bf16\" by autocast", choices=("f32", "bf16")),
    ]
    metrics = [
        Metric.lower("loss", "nat", kind="quality", help="mean loss of the steps of the sample"),
        Metric.lower(
            "loss-50", "nat", kind="quality",
            help="mean loss of steps 41 to 50: the same in every run of a seed, however long it runs",
        ),
        Metric.higher("accuracy", "1", kind="ratio", help="rows of the last step whose best candidate is a positive"),
        Metric.neutral("epoch", "1", help="epochs finished"),
        Metric.lower("epoch-time", "ns", kind="time", help="time inside the steps of the last whole epoch"),
    ]

    def setup(self):
        torch = benchhost.require("torch", hint="pip install torch")
        import proof
        import training

        torch.set_num_threads(self.ctx.threads)
        device = self.device(torch)
        self.ctx.info(f"PyTorch {torch.__version__} on {device}, {torch.get_num_threads()} threads")
        self.training = training.Training(self.params, device, self.ctx.seed)
        self.prove = proof.check
        if self.params["encoder"] != "simple" and self.params["dropout"] == "seeded":
            self.ctx.warn(
                'dropout = "seeded" draws the masks of contrastive with stock operations, inside phase forward; users '
                'of PyTorch have dropout = "torch", which is faster and gives another loss'
            )
        left_out = self.training.pairs.signals.left_out
        if left_out:
            self.ctx.warn(f"left out of {self.training.pairs.signals.source}: {'; '.join(left_out)}")

    def device(self, torch):
        kind, _, index = self.ctx.device.partition(":")
        if kind not in ("cpu", "cuda") or not (index or "0").isdigit():
            raise benchhost.ConfigError(f'device is "{self.ctx.device}", expected "cpu", "cuda" or "cuda:N"')
        if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
            why = f"no CUDA device {index or 0} for PyTorch {torch.__version__}"
            raise benchhost.Unsupported(f'{why}; use device = "cpu"')
        return torch.device(self.ctx.device)

    def iterate(self):
        self.training.step(self.ctx.span)
        losses, epochs = self.training.losses, self.params["epochs"]
        if epochs and losses.steps >= epochs * losses.steps_of_epoch:
            self.ctx.finish()

    def verify(self):
        self.prove(self.training)

    def work(self):
        return Work(items=self.params["batch"], item="samples", flop=self.training.flop())

    def report(self):
        losses = self.training.losses
        return {
            "loss": losses.take_mean(),
            "loss-50": losses.at_50,
            "accuracy": self.training.accuracy(),
            "epoch": math.floor(losses.steps / losses.steps_of_epoch),
            "epoch-time": losses.epoch_ns,
        }


if __name__ == "__main__":
    benchhost.serve("pytorch", [Training], version="1.0.0", summary="Contrastive learning on windows, in PyTorch.")
