"""Times torchsde on a batch of 128 with a drift and a diffusion of 4-20-20-4.

    python torch_sde.py

prints a line for each method: side, method, processor seconds of the solution,
those with the gradient, and the mean square of the states at the end. Called by
the program in bench/sde; see README.md.
"""
import time

import torch
import torchsde

from networks import BATCH, END, STEPS, start, weights

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class System(torch.nn.Module):
    noise_type = "diagonal"

    def __init__(self, sde_type):
        super().__init__()
        self.sde_type = sde_type
        drift, k = weights(0)
        diffusion, _ = weights(k)
        self.drift, self.diffusion = self.layers(drift), self.layers(diffusion)

    def layers(self, values):
        return torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(v)) for wb in values for v in wb])

    @staticmethod
    def network(p, y):
        y = torch.tanh(torch.addmm(p[1], y, p[0]))
        y = torch.tanh(torch.addmm(p[3], y, p[2]))
        return torch.addmm(p[5], y, p[4])

    def f(self, t, y):
        return self.network(self.drift, y)

    def g(self, t, y):
        return torch.sigmoid(self.network(self.diffusion, y))


def main():
    print("version\ttorchsde %s, PyTorch %s" % (torchsde.__version__, torch.__version__))
    ts = torch.tensor([0.0, END])
    for name, sde_type, method, solve, options in (
        ("Euler-Maruyama", "ito", "euler", torchsde.sdeint, {}),
        ("SRI", "ito", "srk", torchsde.sdeint, {}),
        ("reversible Heun", "stratonovich", "reversible_heun", torchsde.sdeint_adjoint,
         {"adjoint_method": "adjoint_reversible_heun"}),
    ):
        sde = System(sde_type)
        best = [float("inf"), float("inf")]
        for _ in range(2):
            y0 = torch.tensor(start(), requires_grad=True)
            sde.zero_grad()
            began = time.process_time()
            with torch.no_grad():
                torchsde.sdeint(sde, y0, ts, method=method, dt=END / STEPS)
            best[0] = min(best[0], time.process_time() - began)
            began = time.process_time()
            y = solve(sde, y0, ts, method=method, dt=END / STEPS, **options)[-1]
            ((y**2).sum() / 2).backward()
            best[1] = min(best[1], time.process_time() - began)
        print("torchsde\t%s\t%.9g\t%.9g\t%.6g" % (name, best[0], best[1], (y**2).mean().item()), flush=True)


if __name__ == "__main__":
    main()
