"""Times SciPy's LSODA, BDF and Radau on stiff problems, and with the argument
"diffrax" diffrax's Kvaerno5 as well (jitted, float64, on the processor, the
second run).

    python stiff.py [diffrax]

prints lines in the form of ode.py. References are Radau's at 1e-12.
"""
import sys
import time

import numpy as np
import scipy
from scipy.integrate import solve_ivp


def vdp(mu):
    def f(t, y):
        return [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]]

    return f


def robertson(t, y):
    a, b, c = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return [b - a, a - b - c, c]


# The name, the field, the start, the end and ATol in units of RTol.
PROBLEMS = [
    ("vdp 1000", vdp(1000.0), [2.0, 0.0], 2000.0, 1.0),
    ("vdp 2000", vdp(2000.0), [2.0, 0.0], 4000.0, 1.0),
    ("robertson", robertson, [1.0, 0.0, 0.0], 1e5, 1e-4),
]
TOLERANCES = (1e-4, 1e-6, 1e-8)


def off(y, exact):
    return np.max(np.abs(y - exact) / np.max(np.abs(exact)))


def with_scipy(references):
    for name, f, y0, end, share in PROBLEMS:
        for tol in TOLERANCES:
            for method in ("LSODA", "BDF", "Radau"):
                best = np.inf
                for _ in range(2):
                    start = time.process_time()
                    s = solve_ivp(f, (0, end), y0, method=method, rtol=tol, atol=tol * share)
                    best = min(best, time.process_time() - start)
                print("%s\t%g\t%s\t%.9g\t%d\t%.3g" % (name, tol, method, best, s.nfev, off(s.y[:, -1], references[name])), flush=True)


def with_diffrax(references):
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def vdp(mu):
        return lambda t, y, args: jnp.stack([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    def robertson(t, y, args):
        a, b, c = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
        return jnp.stack([b - a, a - b - c, c])

    fields = [vdp(1000.0), vdp(2000.0), robertson]
    for (name, _, y0, end, share), f in zip(PROBLEMS, fields):
        for tol in TOLERANCES:
            def solve(y):
                return diffrax.diffeqsolve(
                    diffrax.ODETerm(f), diffrax.Kvaerno5(), 0.0, end, None, y,
                    stepsize_controller=diffrax.PIDController(rtol=tol, atol=tol * share),
                    saveat=diffrax.SaveAt(t1=True), max_steps=1 << 20, throw=False)

            run = jax.jit(solve)
            y = jnp.array(y0)
            jax.block_until_ready(run(y))
            best = np.inf
            for _ in range(2):
                start = time.process_time()
                s = jax.block_until_ready(run(y))
                best = min(best, time.process_time() - start)
            steps = int(s.stats["num_steps"])
            print("%s\t%g\tdiffrax\t%.9g\t%d\t%.3g" % (name, tol, best, steps, off(np.asarray(s.ys[-1]), references[name])), flush=True)
    return diffrax.__version__, jax.__version__


def main():
    references = {}
    for name, f, y0, end, share in PROBLEMS:
        references[name] = solve_ivp(f, (0, end), y0, method="Radau", rtol=1e-12, atol=1e-12 * share).y[:, -1]
        print("reference\t%s\t%s" % (name, "\t".join("%.17g" % v for v in references[name])), flush=True)
    with_scipy(references)
    version = "SciPy %s" % scipy.__version__
    if "diffrax" in sys.argv[1:]:
        version += ", diffrax %s, JAX %s" % with_diffrax(references)
    print("version\t" + version)


if __name__ == "__main__":
    main()
