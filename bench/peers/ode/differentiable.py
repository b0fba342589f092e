"""Times torchdiffeq's dopri5 on the problems of ode.py, in float64.

    python differentiable.py

prints a line for each problem and tolerance in the form of ode.py; the error is
printed as nan, since the solver's method and tolerances are the same. It needs
PyTorch and torchdiffeq beside what ode.py needs.
"""
import math
import time

import torch
import torchdiffeq

from ode import PROBLEMS

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Counted(torch.nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f, self.calls = f, 0

    def forward(self, t, y):
        self.calls += 1
        return self.f(t, y)


def lorenz(t, y):
    return torch.stack((10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]))


def vdp(t, y):
    return torch.stack((y[1], 5 * (1 - y[0] ** 2) * y[1] - y[0]))


MASSES = torch.arange(1.0, 8.0)


def pleiades(t, y):
    x, v = y[:7], y[7:14]
    dx, dy = x - x[:, None], v - v[:, None]
    s = dx**2 + dy**2 + torch.eye(7)
    m = MASSES / (s * s.sqrt())
    return torch.cat((y[14:], (m * dx).sum(1), (m * dy).sum(1)))


def arenstorf(t, y):
    mu = 0.012277471
    nu = 1 - mu
    d1, d2 = ((y[0] + mu) ** 2 + y[1] ** 2) ** 1.5, ((y[0] - nu) ** 2 + y[1] ** 2) ** 1.5
    return torch.stack((y[2], y[3],
                        y[0] + 2 * y[3] - nu * (y[0] + mu) / d1 - mu * (y[0] - nu) / d2,
                        y[1] - 2 * y[2] - nu * y[1] / d1 - mu * y[1] / d2))


ONE, THREE = torch.ones(1), torch.full((1,), 3.0)


def brusselator(t, y):
    n = 200
    c = 0.02 * (n + 1) ** 2
    u, v = y[:n], y[n:]
    up, vp = torch.cat((ONE, u, ONE)), torch.cat((THREE, v, THREE))
    w = u * u * v
    return torch.cat((1 + w - 4 * u + c * (up[:-2] - 2 * u + up[2:]), 3 * u - w + c * (vp[:-2] - 2 * v + vp[2:])))


def spiral(t, y):
    a, b = y**3
    return torch.stack((-0.1 * a + 2 * b, -2 * a - 0.1 * b))


FIELDS = {f.__name__: f for f in (lorenz, vdp, pleiades, arenstorf, brusselator, spiral)}


def main():
    print("version\ttorchdiffeq %s, PyTorch %s" % (torchdiffeq.__version__, torch.__version__))
    for f, y0, end in PROBLEMS:
        y0, span = torch.tensor([float(v) for v in y0]), torch.tensor([0.0, end])
        for tol in (1e-3, 1e-6, 1e-9):
            field = Counted(FIELDS[f.__name__])
            from_ = time.process_time()
            with torch.no_grad():
                torchdiffeq.odeint(field, y0, span, method="dopri5", rtol=tol, atol=tol)
            print("%s\t%g\ttorchdiffeq\t%.9g\t%d\t%g" % (f.__name__, tol, time.process_time() - from_, field.calls, math.nan), flush=True)


if __name__ == "__main__":
    main()
