"""Times PyTorch on one training iteration of a latent ODE of the size of the
example that comes with torchdiffeq (Chen et al. 2018, section 5.1).

1000 noisy spirals of 100 points, all in every iteration; a tanh RNN of 25 units
backwards over the points, 4 latent variables, an ELU perceptron 4-20-20-4 for
the dynamics, a ReLU perceptron 4-20-2 for the decoder, Gaussian noise of 0.3,
the bound with the divergence in closed form, Adam at 0.01. Dormand and Prince's
method of order 5 with its dense output of order 4 (Shampine 1986), one step size
for the whole batch, as torchdiffeq has it, and the gradient by way of its steps.

Prints the median processor time of an iteration, after 5 others, and how often
the field was evaluated in the last. One thread, eager mode, or with --compile field
and decoder behind torch.compile.
"""

import argparse
import math
import statistics
import time

import torch
from engine import compiler
from torch import nn

A = [
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]
DENSE = [
    [1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432],
    [0, 0, 0, 0],
    [0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799],
    [0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072],
    [0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632],
    [0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844],
    [0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423],
]


def combination(weights, slopes):
    return sum(w * k for w, k in zip(weights, slopes) if w != 0)


def integrate(field, y, times, rtol, atol):
    """Returns the states at times, times × batch × latent, and the evaluations."""
    t, end, h = times[0], times[-1], 0.01
    states, at = [y], 1
    slope, evaluations = field(y), 1
    while at < len(times):
        h = min(h, end - t)
        k = [slope]
        for row in A:
            k.append(field(y + h * combination(row, k)))
        evaluations += 6
        new = y + h * combination(A[-1], k)
        with torch.no_grad():
            scale = atol + rtol * torch.maximum(y.abs(), new.abs())
            error = (h * combination(ERROR, k) / scale).square().mean().sqrt().item()
        if error <= 1:
            while at < len(times) and (times[at] <= t + h or at == len(times) - 1 and t + h >= end * (1 - 1e-12)):
                x = (times[at] - t) / h
                weights = [sum(p * x ** (i + 1) for i, p in enumerate(row)) for row in DENSE]
                states.append(y + h * combination(weights, k))
                at += 1
            t, y, slope = t + h, new, k[-1]
        h *= min(10, max(0.2, 0.9 * (error + 1e-10) ** -0.2))
    return torch.stack(states), evaluations


class LatentODE(nn.Module):
    def __init__(self, latent=4, hidden=20, recurrent=25):
        super().__init__()
        self.encoder = nn.RNN(2, recurrent)
        self.head = nn.Linear(recurrent, 2 * latent)
        self.field = nn.Sequential(
            nn.Linear(latent, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.ELU(), nn.Linear(hidden, latent)
        )
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def loss(self, x, times, rtol, atol):
        _, last = self.encoder(x.flip(0))
        mean, log_variance = self.head(last[0]).chunk(2, -1)
        z0 = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        states, evaluations = integrate(self.field, z0, times, rtol, atol)
        fit = -0.5 * ((x - self.decoder(states)) / 0.3).square() - math.log(0.3) - 0.5 * math.log(2 * math.pi)
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
        return (kl.sum() - fit.sum()) / x.shape[1], evaluations


def spirals(count, points=100):
    step = 6 * math.pi / 499
    start = step * (100 + 250 * torch.rand(count))
    t = start + step * torch.arange(points)[:, None]
    back = 6 * math.pi + 1 - t
    other = (torch.arange(count) % 2 == 0)
    angle, radius = torch.where(other, back, t), torch.where(other, 15 / back, 0.3 * t)
    center = torch.where(other, -5.0, 5.0)
    x = torch.stack([radius * angle.cos() + center, radius * angle.sin()], -1)
    return x + 0.3 * torch.randn_like(x), [step * i for i in range(points)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--iterations", type=int, default=40)
    p.add_argument("--rtol", type=float, default=1e-7)
    p.add_argument("--atol", type=float, default=1e-9)
    p.add_argument("--float64", action="store_true")
    p.add_argument("--compile", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    if a.float64:
        torch.set_default_dtype(torch.float64)
    x, times = spirals(1000)
    model = LatentODE()
    compiled = compiler(a.compile)
    model.field, model.decoder = compiled(model.field), compiled(model.decoder)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    seconds = []
    for _ in range(a.iterations):
        start = time.process_time()
        optimiser.zero_grad()
        loss, evaluations = model.loss(x, times, a.rtol, a.atol)
        loss.backward()
        optimiser.step()
        seconds.append(time.process_time() - start)
    print(f"{statistics.median(seconds[5:]):.4f} s an iteration, {evaluations} evaluations")


if __name__ == "__main__":
    main()
