"""Times PyTorch on the work of the table in docs/benchmarks/engine.md.

Prints a line "name<TAB>seconds" for each case: the mean processor time of one
run over at least --seconds seconds, after a warm-up. One thread, eager mode, or
with --compile behind torch.compile. Of the models of sequences that compiles a step
of the recurrence and what is computed for all steps at once: the whole record,
unrolled, takes minutes to compile.
"""

import argparse
import warnings

import torch
from torch import nn
from torch.nn import functional as F

from timing import seconds_per_run


def eager(function):
    return function


def product(kind, m, k, n, compiled=eager):
    a = torch.randn(k, m).t() if kind == "TN" else torch.randn(m, k)
    b = torch.randn(n, k).t() if kind == "NT" else torch.randn(k, n)
    c = torch.empty(m, n)
    mm = compiled(lambda a, b, c: torch.mm(a, b, out=c))
    return lambda: mm(a, b, c)


def elements(function, compiled=eager):
    x = torch.randn(10000)
    y = torch.empty_like(x)
    f = compiled(lambda x, y: function(x, out=y))
    return lambda: f(x, y)


def mlp(hidden, compiled=eager):
    net = nn.Sequential(nn.Linear(4, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 4))
    leaves = list(net.parameters())
    net = compiled(net)
    x = torch.randn(128, 4, requires_grad=True)
    v = torch.ones(128, 4)
    leaves = [x, *leaves]
    return lambda: torch.autograd.grad(net(x), leaves, v)


def gru_step(compiled=eager):
    cell = nn.GRUCell(64, 64)
    leaves = list(cell.parameters())
    cell = compiled(cell)
    x = torch.randn(32, 64, requires_grad=True)
    h = torch.randn(32, 64, requires_grad=True)
    v = torch.ones(32, 64)
    leaves = [x, h, *leaves]
    return lambda: torch.autograd.grad(cell(x, h), leaves, v)


def tanh_layers(*widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [nn.Linear(i, o), nn.Tanh()]
    return nn.Sequential(*layers)


class Sequences(nn.Module):
    """What both models of sequences have: features of x and z, decoder, loss.
    What does not depend on the recurrence is computed for all steps at once."""

    def __init__(self, x, hidden, z, binary):
        super().__init__()
        self.hidden, self.z, self.binary = hidden, z, binary
        self.features = tanh_layers(x, hidden, hidden)
        self.latent = tanh_layers(z, hidden)
        self.decoder = nn.Sequential(
            tanh_layers(2 * hidden, hidden, hidden), nn.Linear(hidden, x if binary else 2 * x)
        )

    @staticmethod
    def gaussian(head):
        mean, raw = head.chunk(2, -1)
        return mean, F.softplus(raw) + 1e-4

    def compile_parts(self, compiled):
        self.features, self.latent = compiled(self.features), compiled(self.latent)
        self.step, self.loss = compiled(self.step), compiled(self.loss)

    def loss(self, x, latents, states, mean, sd, prior_mean, prior_sd):
        d, s = (mean - prior_mean) / prior_sd, sd / prior_sd
        kl = (0.5 * (d * d + s * s - 1) - s.log()).sum()
        y = self.decoder(torch.cat([latents, states], 2))
        if self.binary:
            nll = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        else:
            m, sd = self.gaussian(y)
            nll = (0.5 * ((x - m) / sd) ** 2 + sd.log()).sum()
        return (kl + nll) / (x.shape[0] * x.shape[1])


class VRNN(Sequences):
    """Chung et al. 2015."""

    def __init__(self, x, hidden, z, binary):
        super().__init__(x, hidden, z, binary)
        self.posterior = nn.Sequential(tanh_layers(2 * hidden, hidden, hidden), nn.Linear(hidden, 2 * z))
        self.prior = nn.Sequential(tanh_layers(hidden, hidden), nn.Linear(hidden, 2 * z))
        self.cell = nn.GRUCell(2 * hidden, hidden)

    def step(self, f, h, noise):
        mean, sd = self.gaussian(self.posterior(torch.cat([f, h], 1)))
        u = self.latent(mean + sd * noise)
        return mean, sd, u, self.cell(torch.cat([f, u], 1), h)

    def forward(self, x):
        steps, rows, _ = x.shape
        noise = torch.randn(steps, rows, self.z)
        f = self.features(x)
        h = torch.zeros(rows, self.hidden)
        states, latents, means, sds = [], [], [], []
        for t in range(steps):
            states.append(h)
            mean, sd, u, h = self.step(f[t], h, noise[t])
            latents.append(u)
            means.append(mean)
            sds.append(sd)
        h = torch.stack(states)
        return self.loss(x, torch.stack(latents), h, torch.stack(means), torch.stack(sds), *self.gaussian(self.prior(h)))


class SRNN(Sequences):
    """Fraccaro et al. 2016, the posterior's mean added to the prior's."""

    def __init__(self, x, hidden, z, binary):
        super().__init__(x, hidden, z, binary)
        self.forwards = nn.GRU(hidden, hidden)
        self.backwards = nn.GRU(2 * hidden, hidden)
        self.prior_state, self.posterior_state = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.prior_z, self.posterior_z = nn.Linear(z, hidden, bias=False), nn.Linear(z, hidden, bias=False)
        self.prior_head, self.posterior_head = nn.Linear(hidden, 2 * z), nn.Linear(hidden, 2 * z)

    def step(self, z, told_prior, told_posterior, noise):
        prior_mean, prior_sd = self.gaussian(self.prior_head(torch.tanh(told_prior + self.prior_z(z))))
        mean, sd = self.gaussian(self.posterior_head(torch.tanh(told_posterior + self.posterior_z(z))))
        mean = mean + prior_mean
        return mean + sd * noise, mean, sd, prior_mean, prior_sd

    def forward(self, x):
        steps, rows, width = x.shape
        noise = torch.randn(steps, rows, self.z)
        f = self.features(torch.cat([torch.zeros(1, rows, width), x]))
        d, _ = self.forwards(f[:-1])
        a, _ = self.backwards(torch.cat([d, f[1:]], 2).flip(0))
        told_prior, told_posterior = self.prior_state(d), self.posterior_state(a.flip(0))
        z = torch.zeros(rows, self.z)
        laws = [[], [], [], [], []]
        for t in range(steps):
            z, *law = self.step(z, told_prior[t], told_posterior[t], noise[t])
            for kept, value in zip(laws, (z, *law)):
                kept.append(value)
        zs, *laws = (torch.stack(kept) for kept in laws)
        return self.loss(x, self.latent(zs), d, *laws)


def sequences(kind, steps, rows, x, hidden, z, binary, compiled=eager):
    model = kind(x, hidden, z, binary)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.compile_parts(compiled)
    data = torch.randint(2, (steps, rows, x)).to(torch.get_default_dtype()) if binary else torch.randn(steps, rows, x)

    def step():
        optimiser.zero_grad()
        model(data).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def cases(compiled):
    for kind in "NN", "NT", "TN":
        for m, k, n in (32, 64, 64), (128, 20, 20), (128, 256, 256), (512, 512, 512):
            yield f"product {kind} {m}x{k}x{n}", product(kind, m, k, n, compiled)
    for function in torch.exp, torch.tanh, torch.sigmoid:
        yield f"{function.__name__} of 10000", elements(function, compiled)
    yield "MLP 4-20-20-4", mlp(20, compiled)
    yield "MLP 4-64-64-4", mlp(64, compiled)
    yield "GRU step", gru_step(compiled)
    for kind in VRNN, SRNN:
        yield f"{kind.__name__} series", sequences(kind, 100, 32, 1, 64, 16, False, compiled)
        yield f"{kind.__name__} chorales", sequences(kind, 60, 32, 88, 200, 50, True, compiled)


def compiler(wanted):
    """Returns torch.compile if it is wanted, and else what leaves functions as they are."""
    if not wanted:
        return eager
    warnings.filterwarnings("ignore")
    torch._dynamo.config.cache_size_limit = 64
    return lambda function: torch.compile(function, dynamic=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    torch.set_default_dtype(getattr(torch, args.dtype))
    print(f"version\t{torch.__version__}")
    for name, run in cases(compiler(args.compile)):
        print(f"{name}\t{seconds_per_run(run, args.seconds):.9f}", flush=True)


if __name__ == "__main__":
    main()
