"""Trains a VAE of the rows of a CSV file with PyTorch, as bench/vae does.

Prints a line of that program's table. One thread, float32, eager mode. The
network is the usual one for images as vectors: two hidden layers of rectifiers
in encoder and decoder, a Gaussian posterior, a Bernoulli law of the values,
Adam at a constant rate.
"""

import argparse
import csv
import resource

import torch
from torch import nn
from torch.nn import functional as F


def read(path, skip, top):
    with open(path, newline="") as f:
        rows = csv.DictReader(f)
        names = [n for n in rows.fieldnames if n != skip]
        x = torch.tensor([[float(r[n]) for n in names] for r in rows]) / top
    cut = len(x) * 4 // 5
    return x[:cut], x[cut:]


def layers(*widths):
    parts = []
    for i, o in zip(widths, widths[1:]):
        parts += [nn.Linear(i, o), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


class VAE(nn.Module):
    def __init__(self, width, hidden, latent):
        super().__init__()
        self.encoder = layers(width, hidden, hidden, 2 * latent)
        self.decoder = layers(latent, hidden, hidden, width)

    def draw(self, x):
        mean, log_sd = self.encoder(x).chunk(2, -1)
        noise = torch.randn_like(mean)
        z = mean + log_sd.exp() * noise
        fit = -F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none").sum(-1)
        kl = (0.5 * (mean**2 + (2 * log_sd).exp() - 1) - log_sd).sum(-1)
        ratio = (0.5 * (noise**2 - z**2) + log_sd).sum(-1)
        return fit, kl, ratio


def cpu_seconds():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--skip", default="label")
    p.add_argument("--top", type=float, default=1)
    p.add_argument("--hidden", type=int, default=256)
    p.add_argument("--latent", type=int, default=2)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--epochs", type=int, default=200)
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    train, test = read(a.data, a.skip, a.top)
    model = VAE(train.shape[1], a.hidden, a.latent)
    optimiser = torch.optim.Adam(model.parameters(), lr=a.rate)
    start = cpu_seconds()
    for _ in range(a.epochs):
        order = torch.randperm(len(train))
        for i in range(0, len(train), a.batch):
            fit, kl, _ = model.draw(train[order[i : i + a.batch]])
            optimiser.zero_grad()
            (kl - fit).mean().backward()
            optimiser.step()
    seconds = (cpu_seconds() - start) / a.epochs
    with torch.no_grad():
        fits, kls, weights = zip(*(model.draw(test) for _ in range(500)))
        fit, kl = torch.stack(fits[:20]).mean(), kls[0].mean()
        weight = torch.stack([f + w for f, w in zip(fits, weights)])
        bound = (torch.logsumexp(weight, 0) - torch.log(torch.tensor(500.0))).mean()
    print(f"| {a.latent} | PyTorch | {kl - fit:.2f} | {-fit:.2f} | {kl:.2f} | {-bound:.2f} | {seconds:.3f} |")


if __name__ == "__main__":
    main()
