"""TinyVLM and EfficientNet-Lite0 as PyTorch modules, frozen for inference: normalisations folded into convolutions.

Two forms are timed in turns for a moment, eager with channels last and TorchScript after `optimize_for_inference`
(oneDNN's convolutions with the activation inside), and the faster one is measured. Weights are random: neither side's
speed depends on them.
"""

import time

from peer import Row, main, median_seconds

# Window, step, factor of expansion, channels and number of blocks of EfficientNet-Lite0.
STAGES = [(3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4), (3, 1, 6, 320, 1)]


def lite0():
    import torch
    from torch import nn

    class Same(nn.Module):
        """A convolution with TensorFlow's padding, its normalisation and ReLU6."""

        def __init__(self, inputs, outputs, size, step, side, groups=1, active=True):
            super().__init__()
            total = max((-(-side // step) - 1) * step + size - side, 0)
            before, after = total // 2, total - total // 2
            even = before == after
            self.pad = nn.Identity() if even else nn.ZeroPad2d((before, after, before, after))
            conv = nn.Conv2d(inputs, outputs, size, step, before if even else 0, groups=groups, bias=False)
            norm = nn.BatchNorm2d(outputs, eps=1e-3)
            self.conv = torch.nn.utils.fuse_conv_bn_eval(conv.eval(), norm.eval())
            self.active = nn.ReLU6(inplace=True) if active else nn.Identity()

        def forward(self, x):
            return self.active(self.conv(self.pad(x)))

    class Block(nn.Module):
        def __init__(self, inputs, outputs, size, step, factor, side):
            super().__init__()
            wide = inputs * factor
            layers = [Same(inputs, wide, 1, 1, side)] if factor > 1 else []
            layers.append(Same(wide, wide, size, step, side, groups=wide))
            layers.append(Same(wide, outputs, 1, 1, side, active=False))
            self.layers = nn.Sequential(*layers)
            self.skips = step == 1 and inputs == outputs

        def forward(self, x):
            y = self.layers(x)
            return x + y if self.skips else y

    layers, channels, side = [Same(3, 32, 3, 2, 224)], 32, 112
    for size, step, factor, outputs, count in STAGES:
        for index in range(count):
            this = step if index == 0 else 1
            layers.append(Block(channels, outputs, size, this, factor, side))
            channels, side = outputs, -(-side // this)
    layers += [Same(320, 1280, 1, 1, side), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000)]
    return nn.Sequential(*layers).eval()


def tiny_vlm():
    import torch
    from torch import nn

    def convolution(inputs, outputs):
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return torch.nn.utils.fuse_conv_bn_eval(conv.eval(), nn.BatchNorm2d(outputs).eval())

    class Vlm(nn.Module):
        def __init__(self):
            super().__init__()
            pool, relu = nn.MaxPool2d(2), nn.ReLU(inplace=True)
            self.see = nn.Sequential(
                convolution(3, 32), relu, pool, convolution(32, 64), relu, pool, convolution(64, 128), relu,
                nn.AdaptiveAvgPool2d(4), nn.Flatten(2),
            )
            self.visual = nn.Linear(128, 128)
            self.words = nn.Embedding(256, 64)
            self.positions = nn.Parameter(torch.randn(32, 64))
            layer = nn.TransformerEncoderLayer(64, 4, 256, batch_first=True, norm_first=True)
            self.read = nn.TransformerEncoder(layer, 2, nn.LayerNorm(64), enable_nested_tensor=False)
            self.projected = nn.Linear(64, 128)
            self.cross = nn.MultiheadAttention(128, 4, batch_first=True)
            self.norm = nn.LayerNorm(128)
            self.head = nn.Sequential(nn.Linear(192, 64), nn.ReLU(), nn.Linear(64, 1))

        def forward(self, image, text):
            seen = self.visual(self.see(image).transpose(1, 2))
            read = self.read(self.words(text) + self.positions[: text.shape[1]])
            text = self.projected(read)
            attended, _ = self.cross(seen, text, text, need_weights=False)
            seen = self.norm(seen + attended)
            return self.head(torch.cat([seen.mean(1), read.mean(1)], 1))

    return Vlm().eval()


def fastest(net, inputs):
    """The faster form of `net`, as a function without arguments."""
    import torch

    last = [x.to(memory_format=torch.channels_last) if x.dim() == 4 else x for x in inputs]
    frozen = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, inputs)))
    forms = [(frozen, inputs), (net.to(memory_format=torch.channels_last), last)]
    times = []
    for form, given in forms:
        for _ in range(5):
            form(*given)
        started = time.perf_counter()
        for _ in range(5):
            form(*given)
        times.append(time.perf_counter() - started)
    form, given = forms[times.index(min(times))]
    return lambda: form(*given)


def vlm(seconds):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(42)
    inputs = (torch.rand(1, 3, 64, 64), torch.randint(256, (1, 16)))
    with torch.inference_mode():
        return 1e9 * median_seconds(fastest(tiny_vlm(), inputs), seconds)


def images(batch):
    def measure(seconds):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(42)
        with torch.inference_mode():
            step = fastest(lite0(), (torch.randn(batch, 3, 224, 224),))
            return batch / median_seconds(step, seconds)

    return measure


ROWS = {
    "vlm-b1-t1": Row(vlm, 1.0, metric="time", higher=False),
    "classify-b1-t1": Row(images(1), 1.0),
    "classify-b8-t1": Row(images(8), 1.0),
}

if __name__ == "__main__":
    main(ROWS)
