"""Times diffrax on a batch of 128 with a drift and a diffusion of 4-20-20-4.

    python jax_sde.py

prints lines like torch_sde.py's. Solutions are compiled beforehand, vectorised
over the batch, in float64, with diffrax's virtual Brownian tree at a tolerance of
half a step, and with its path that draws each step anew and cannot be asked
again, which has no gradient in reverse (nan). Called by the program in bench/sde; see README.md.
"""
import os
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import diffrax
import jax
import jax.numpy as jnp
import lineax

from networks import BATCH, DIM, END, STEPS, start, weights


def network(p, y):
    (w1, b1), (w2, b2), (w3, b3) = p
    return jnp.tanh(jnp.tanh(y @ w1 + b1) @ w2 + b2) @ w3 + b3


def main():
    print("version\tdiffrax %s, JAX %s" % (diffrax.__version__, jax.__version__))
    drift, k = weights(0)
    diffusion, _ = weights(k)
    params = jax.tree.map(jnp.asarray, (drift, diffusion))
    y0 = jnp.asarray(start())
    keys = jax.random.split(jax.random.key(1), BATCH)
    step = END / STEPS

    for side, path, adjoint in (
        ("diffrax, tree", lambda key: diffrax.VirtualBrownianTree(0.0, END, tol=step / 2, shape=(DIM,), key=key),
         diffrax.RecursiveCheckpointAdjoint()),
        ("diffrax, unsafe path", lambda key: diffrax.UnsafeBrownianPath(shape=(DIM,), key=key), diffrax.ForwardMode()),
    ):
        for name, solver in (("Euler-Maruyama", diffrax.Euler()), ("reversible Heun", diffrax.ReversibleHeun())):

            def end(params, y0, key):
                terms = diffrax.MultiTerm(
                    diffrax.ODETerm(lambda t, y, p: network(p[0], y)),
                    diffrax.ControlTerm(
                        lambda t, y, p: lineax.DiagonalLinearOperator(jax.nn.sigmoid(network(p[1], y))), path(key)),
                )
                s = diffrax.diffeqsolve(terms, solver, 0.0, END, step, y0, params, max_steps=STEPS + 2, adjoint=adjoint,
                                        saveat=diffrax.SaveAt(t1=True))
                return s.ys[-1]

            def states(params, y0):
                return jax.vmap(end, (None, 0, 0))(params, y0, keys)

            def loss(params, y0):
                return (states(params, y0) ** 2).sum() / 2

            runs, best = [jax.jit(states)], []
            if side == "diffrax, tree":
                runs.append(jax.jit(jax.value_and_grad(loss, (0, 1))))
            for run in runs:
                jax.block_until_ready(run(params, y0))
                least = float("inf")
                for _ in range(3):
                    began = time.process_time()
                    jax.block_until_ready(run(params, y0))
                    least = min(least, time.process_time() - began)
                best.append(least)
            best.append(float("nan"))
            print("%s\t%s\t%.9g\t%.9g\t%.6g" % (side, name, best[0], best[1], (runs[0](params, y0) ** 2).mean()), flush=True)


if __name__ == "__main__":
    main()
