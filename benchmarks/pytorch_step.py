"""A StyleGAN2 step beside the same in PyTorch: `python -m benchmarks.pytorch_step --python PYTHON`.

PYTHON is an interpreter that has torch (this one by default). In alternating rounds, each framework
in a process of its own while the other waits: the same networks, losses, lazy regularisers, Adam
and average, batches of the same shape, all cores, float32. PyTorch runs eagerly, in both
of its layouts of memory.
"""

import argparse
import itertools
import math
import pathlib
import statistics
import subprocess
import sys
import time

GAIN, SLOPE = math.sqrt(2), 0.2
LATENT, MAPPING, RATE = 128, 2, 0.0025
EVERY = {"r1": 16, "path": 8}


def in_pytorch(size, filters, max_filters, batch, channels_last):
    """Returns a function that takes a training step in PyTorch."""
    import torch
    from torch import nn
    from torch.nn import functional

    doublings = int(math.log2(size)) - 2
    widths = [min(filters * 2**k, max_filters) for k in range(doublings + 1)]
    layers = 2 * doublings + 2
    layout = torch.channels_last if channels_last else torch.contiguous_format
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    taps = torch.outer(taps, taps)

    def smooth(x, pad, down=1, gain=1.0):
        kernel = (gain * taps).expand(x.shape[1], 1, 4, 4)
        return functional.conv2d(
            functional.pad(x, (*pad, *pad)), kernel, stride=down, groups=x.shape[1]
        )

    def activate(x):
        return functional.leaky_relu(x, SLOPE) * GAIN

    class Dense(nn.Module):
        def __init__(self, inputs, outputs, rate=1.0, bias=0.0):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
            self.bias = nn.Parameter(torch.full((outputs,), bias))
            self.scale, self.rate = rate / math.sqrt(inputs), rate

        def forward(self, x):
            return functional.linear(x, self.weight * self.scale, self.bias * self.rate)

    class Conv(nn.Module):
        def __init__(self, inputs, outputs, side, bias=True, stride=1, pad=None):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(outputs, inputs, side, side))
            self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
            self.scale, self.stride = 1 / math.sqrt(inputs * side**2), stride
            self.pad = side // 2 if pad is None else pad

        def forward(self, x):
            return functional.conv2d(x, self.weight * self.scale, self.bias, self.stride, self.pad)

    class Modulated(nn.Module):
        def __init__(self, inputs, outputs, side, up=1, demodulate=True, noise=True):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(outputs, inputs, side, side))
            self.bias = nn.Parameter(torch.zeros(outputs))
            self.affine = Dense(LATENT, inputs, bias=1.0)
            self.strength = nn.Parameter(torch.zeros(())) if noise else None
            self.up, self.demodulate = up, demodulate

        def forward(self, x, w):
            styles, weight = self.affine(w), self.weight
            if self.demodulate:
                squares = styles.square() @ weight.square().sum((2, 3)).T
                scales = torch.rsqrt(squares + 1e-8)[:, :, None, None]
            else:
                weight = weight / math.sqrt(weight[0].numel())
            x = x * styles[:, :, None, None]
            if self.up == 2:
                x = functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
                x = smooth(x, (1, 1), gain=4.0)
            else:
                x = functional.conv2d(x, weight, padding=weight.shape[-1] // 2)
            if self.demodulate:
                x = x * scales
            x = x + self.bias[:, None, None]
            if self.strength is not None:
                x = x + self.strength * torch.randn(len(x), 1, *x.shape[2:])
                x = activate(x)
            return x

    class Generator(nn.Module):
        def __init__(self):
            super().__init__()
            self.mapping = nn.ModuleList(Dense(LATENT, LATENT, 0.01) for _ in range(MAPPING))
            self.start = nn.Parameter(torch.randn(1, widths[-1], 4, 4))
            self.convs, self.images = nn.ModuleList(), nn.ModuleList()
            before = widths[-1]
            for level, width in enumerate(reversed(widths)):
                if level:
                    self.convs.append(Modulated(before, width, 3, up=2))
                self.convs.append(Modulated(width, width, 3))
                plain = {"demodulate": False, "noise": False}
                self.images.append(Modulated(width, 3, 1, **plain))
                before = width

        def map(self, z):
            w = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
            for dense in self.mapping:
                w = activate(dense(w))
            return w

        def forward(self, styles):
            x = self.start.expand(len(styles), -1, -1, -1).contiguous(memory_format=layout)
            x, image = self.convs[0](x, styles[:, 0]), None
            for level in range(doublings + 1):
                if level:
                    x = self.convs[2 * level - 1](x, styles[:, 2 * level - 1])
                    x = self.convs[2 * level](x, styles[:, 2 * level])
                    wide = image.new_zeros(len(image), 3, *x.shape[2:])
                    wide[:, :, ::2, ::2] = image
                    image = smooth(wide, (2, 1), gain=4.0)
                part = self.images[level](x, styles[:, 2 * level + 1])
                image = part if image is None else image + part
            return image

    class Discriminator(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = Conv(3, widths[0], 1)
            self.blocks = nn.ModuleList()
            for before, width in itertools.pairwise(widths):
                skip = Conv(before, width, 1, bias=False)
                same = Conv(before, before, 3)
                halved = Conv(before, width, 3, stride=2, pad=0)
                self.blocks.append(nn.ModuleList([skip, same, halved]))
            self.last = Conv(widths[-1] + 1, widths[-1], 3)
            self.dense = Dense(16 * widths[-1], widths[-1])
            self.logit = Dense(widths[-1], 1)

        def forward(self, x):
            x = activate(self.first(x))
            for skip, same, halved in self.blocks:
                y = skip(smooth(x, (1, 1), down=2))
                x = activate(same(x))
                x = activate(halved(smooth(x, (2, 2))))
                x = (x + y) * math.sqrt(0.5)
            groups = x.reshape(4, -1, *x.shape[1:])
            std = torch.sqrt((groups - groups.mean(0)).square().mean(0) + 1e-8)
            std = std.mean((1, 2, 3)).repeat(4)[:, None, None, None]
            x = torch.cat([x, std.expand(-1, 1, *x.shape[2:])], 1)
            x = activate(self.last(x))
            return self.logit(activate(self.dense(x.flatten(1))))

    generator, judge, average = Generator(), Discriminator(), Generator()
    for network in (generator, judge, average):
        network.to(memory_format=layout)
    optimizers = [
        torch.optim.Adam(network.parameters(), RATE, (0.0, 0.99)) for network in (generator, judge)
    ]
    mean, mean_path = torch.zeros(LATENT), torch.zeros(())
    number = 0

    def styles(count):
        own, other = (generator.map(torch.randn(count, LATENT)) for _ in range(2))
        first = torch.randint(1, layers, (count, 1))
        takes = (torch.rand(count, 1) < 0.9) & (torch.arange(layers)[None] >= first)
        return torch.where(takes[..., None], other[:, None], own[:, None]), own

    def path(count):
        w, _ = styles(count)
        noise = torch.randn(count, 3, size, size) / size
        (slopes,) = torch.autograd.grad((generator(w) * noise).sum(), w, create_graph=True)
        lengths = slopes.square().sum(2).mean(1).sqrt()
        mean = mean_path + 0.01 * (lengths.mean() - mean_path)
        mean_path.copy_(mean.detach())
        return 2 * (lengths - mean).square().mean()

    def step(real):
        nonlocal number
        w, own = styles(len(real))
        mean.mul_(0.995).add_(0.005 * own.detach().mean(0))
        fakes = generator(w)
        judge.requires_grad_(True)
        due = number % EVERY["r1"] == 0
        real = real.detach().requires_grad_(due)
        logits = judge(real)
        loss = (
            functional.softplus(-logits).mean() + functional.softplus(judge(fakes.detach())).mean()
        )
        if due:
            (slopes,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
            gamma = 0.0002 * size**2 / 32
            loss = loss + 16 * gamma / 2 * slopes.square().sum((1, 2, 3)).mean()
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()
        judge.requires_grad_(False)
        loss = functional.softplus(-judge(fakes)).mean()
        if number % EVERY["path"] == 0:
            loss = loss + EVERY["path"] * path(len(real) // 2)
        optimizers[0].zero_grad()
        loss.backward()
        optimizers[0].step()
        with torch.no_grad():
            share = 1 - 0.5 ** (len(real) / 10_000)
            pairs = zip(average.parameters(), generator.parameters(), strict=True)
            for old, new in pairs:
                old.lerp_(new, share)
        number += 1

    real = torch.rand(batch, 3, size, size).mul(2).sub(1).contiguous(memory_format=layout)
    count = sum(p.numel() for network in (generator, judge) for p in network.parameters())
    return lambda: step(real), count


def in_keras(size, filters, max_filters, batch):
    """Returns a function that takes a step of `kg.StyleGAN2`."""
    import numpy as np
    import tensorflow as tf

    import keras_gans as kg

    sizes = {"filters": filters, "max_filters": max_filters, "latent_dim": LATENT}
    gan = kg.StyleGAN2(image_shape=(size, size, 3), **sizes)
    gan.compile()
    images = np.random.default_rng(0).uniform(-1, 1, (batch, size, size, 3)).astype("float32")
    real, step = tf.constant(images), tf.function(gan.train_step)
    networks = (gan.generator, gan.discriminator)
    count = sum(v.value.shape.num_elements() for n in networks for v in n.trainable_variables)
    return lambda: step(real), count


def work(words):
    """Takes so many steps for each line that comes in, and answers with their seconds."""
    name, *numbers, steps = words
    numbers = [int(number) for number in numbers]
    made = {
        "keras_gans": lambda: in_keras(*numbers),
        "pytorch": lambda: in_pytorch(*numbers, channels_last=False),
        "pytorch, channels last": lambda: in_pytorch(*numbers, channels_last=True),
    }
    step, count = made[name]()
    print(count, flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        for _ in range(int(steps)):
            step()
        print(time.perf_counter() - started, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in {
        "--image-size": 64, "--filters": 16, "--max-filters": 128, "--batch-size": 32,
        "--steps": 16, "--rounds": 5,
    }.items():  # fmt: skip
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has torch")
    found = parser.parse_args()
    sizes = (found.image_size, found.filters, found.max_filters, found.batch_size, found.steps)
    workers = {}
    for name in ("keras_gans", "pytorch", "pytorch, channels last"):
        python = sys.executable if name == "keras_gans" else found.python
        command = [python, str(pathlib.Path(__file__)), "--work", name, *map(str, sizes)]
        workers[name] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        print(f"{name}: {int(workers[name].stdout.readline()):,} parameters", flush=True)
    seconds = {name: [] for name in workers}
    for turn in range(found.rounds + 1):
        for name, worker in workers.items():
            worker.stdin.write("\n")
            worker.stdin.flush()
            taken = float(worker.stdout.readline())
            if turn:  # The first one traces.
                seconds[name].append(taken / found.steps)
    for name, worker in workers.items():
        worker.stdin.close()
        worker.wait()
        ratios = [a / b for a, b in zip(seconds[name], seconds["keras_gans"], strict=True)]
        print(
            f"{name:24}{1000 * statistics.median(seconds[name]):6.0f} ms a step; keras_gans is "
            f"{statistics.median(ratios):.2f} times as fast"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2:])
    else:
        main()
