"""Times JAX and diffrax on the training iteration of latentode.py: jit and scan.

The same model, data, tolerances and method of integration, diffrax's Dopri5 with one
step size for the whole batch and the gradient by way of its steps (checkpointed, the
default). Prints the median processor time of an iteration, after 5 others, and the
steps of the last. One thread.
"""

import argparse
import math
import statistics
import time

from rnn_jax import affine, linear  # sets JAX's flags first

import diffrax
import jax
import jax.numpy as jnp
import numpy as np


def parameters(key, latent=4, hidden=20, recurrent=25):
    k = jax.random.split(key, 8)
    return {
        "input": linear(k[0], 2, recurrent),
        "hidden": linear(k[1], recurrent, recurrent),
        "head": linear(k[2], recurrent, 2 * latent),
        "field": [linear(k[3], latent, hidden), linear(k[4], hidden, hidden), linear(k[5], hidden, latent)],
        "decoder": [linear(k[6], latent, hidden), linear(k[7], hidden, 2)],
    }


def field(t, z, p):
    a, b, c = p
    return affine(c, jax.nn.elu(affine(b, jax.nn.elu(affine(a, z)))))


def loss(p, x, times, key, rtol, atol):
    gates = affine(p["input"], x[::-1])

    def encode(h, g):
        return jnp.tanh(g + affine(p["hidden"], h)), None

    last, _ = jax.lax.scan(encode, jnp.zeros((x.shape[1], p["hidden"]["w"].shape[0])), gates)
    mean, log_variance = jnp.split(affine(p["head"], last), 2, -1)
    z0 = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(field), diffrax.Dopri5(), times[0], times[-1], 0.01, z0, p["field"],
        saveat=diffrax.SaveAt(ts=times), stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol), max_steps=1024,
    )
    hidden = jax.nn.relu(affine(p["decoder"][0], solution.ys))
    y = affine(p["decoder"][1], hidden)
    fit = -0.5 * ((x - y) / 0.3) ** 2 - math.log(0.3) - 0.5 * math.log(2 * math.pi)
    kl = 0.5 * (mean**2 + jnp.exp(log_variance) - 1 - log_variance)
    return (kl.sum() - fit.sum()) / x.shape[1], solution.stats["num_steps"]


def spirals(count, points=100):
    rng = np.random.default_rng(1)
    step = 6 * math.pi / 499
    start = step * (100 + 250 * rng.random(count))
    t = start + step * np.arange(points)[:, None]
    back = 6 * math.pi + 1 - t
    other = np.arange(count) % 2 == 0
    angle, radius = np.where(other, back, t), np.where(other, 15 / back, 0.3 * t)
    center = np.where(other, -5.0, 5.0)
    x = np.stack([radius * np.cos(angle) + center, radius * np.sin(angle)], -1)
    return x + 0.3 * rng.normal(size=x.shape), step * np.arange(points)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--iterations", type=int, default=40)
    a.add_argument("--rtol", type=float, default=1e-7)
    a.add_argument("--atol", type=float, default=1e-9)
    a.add_argument("--float64", action="store_true")
    a = a.parse_args()
    jax.config.update("jax_enable_x64", a.float64)
    x, times = (jnp.asarray(v, float) for v in spirals(1000))
    p = parameters(jax.random.PRNGKey(0))
    p = jax.tree.map(lambda v: jnp.asarray(v, float), p)

    def step(p, m, v, t, key):
        (_, steps), g = jax.value_and_grad(loss, has_aux=True)(p, x, times, key, a.rtol, a.atol)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        t = t + 1
        p = jax.tree.map(
            lambda p, m, v: p - 1e-2 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), p, m, v
        )
        return (p, m, v, t, jax.random.split(key)[0]), steps

    zero = jax.tree.map(jnp.zeros_like, p)
    state = p, zero, zero, jnp.zeros(()), jax.random.PRNGKey(1)
    compiled = jax.jit(step)
    seconds = []
    for _ in range(a.iterations):
        start = time.process_time()
        state, steps = compiled(*state)
        jax.block_until_ready(state)
        seconds.append(time.process_time() - start)
    print(f"{statistics.median(seconds[5:]):.4f} s an iteration, {steps} steps")


if __name__ == "__main__":
    main()
