"""Times JAX's training steps of VRNN and SRNN for bench/rnn -task steps: jit and scan.

Prints a line "kind/size<TAB>seconds" for each, as rnn.py does: loss, gradient, bound on
the gradient's norm and Adam, the mean processor time of one over at least --seconds
seconds, after a warm-up. float32, one thread. The models are those of engine.py; what does
not depend on the recurrence is computed for all steps at once.
"""

import argparse
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from timing import seconds_per_run


def linear(key, rows, cols):
    bound = 1 / np.sqrt(rows)
    a, b = jax.random.split(key)
    return {
        "w": jax.random.uniform(a, (rows, cols), minval=-bound, maxval=bound),
        "b": jax.random.uniform(b, (cols,), minval=-bound, maxval=bound),
    }


def layers(key, *widths):
    keys = jax.random.split(key, len(widths))
    return [linear(k, a, b) for k, a, b in zip(keys, widths, widths[1:])]


def affine(p, x):
    return x @ p["w"] + p["b"]


def tanh_layers(p, x):
    for q in p:
        x = jnp.tanh(affine(q, x))
    return x


def gaussian(x):
    mean, raw = jnp.split(x, 2, -1)
    return mean, jax.nn.softplus(raw) + 1e-4


def gru(p, gx, h):
    rx, ux, cx = jnp.split(gx, 3, -1)
    rh, uh, ch = jnp.split(affine(p, h), 3, -1)
    u = jax.nn.sigmoid(ux + uh)
    return (1 - u) * jnp.tanh(cx + jax.nn.sigmoid(rx + rh) * ch) + u * h


def parameters(kind, x, h, z, binary, key):
    k = jax.random.split(key, 14)
    p = {
        "features": layers(k[0], x, h, h),
        "latent": layers(k[1], z, h),
        "decoder": layers(k[2], 2 * h, h, h),
        "head": linear(k[3], h, x if binary else 2 * x),
    }
    if kind == "vrnn":
        p |= {
            "posterior": layers(k[4], 2 * h, h, h),
            "posterior head": linear(k[5], h, 2 * z),
            "prior": layers(k[6], h, h),
            "prior head": linear(k[7], h, 2 * z),
            "input": linear(k[8], 2 * h, 3 * h),
            "hidden": linear(k[9], h, 3 * h),
        }
    else:
        p |= {
            "input": linear(k[4], h, 3 * h),
            "hidden": linear(k[5], h, 3 * h),
            "back input": linear(k[6], 2 * h, 3 * h),
            "back hidden": linear(k[7], h, 3 * h),
        }
        for i, name in enumerate(("prior", "posterior")):
            p[name + " state"] = linear(k[8 + 3 * i], h, h)
            p[name + " z"] = linear(k[9 + 3 * i], z, h)
            p[name + " head"] = linear(k[10 + 3 * i], h, 2 * z)
    return p


def bound(p, x, latent, states, q, prior, binary):
    """The negative evidence lower bound for each sequence and step."""
    (mean, sd), (prior_mean, prior_sd) = q, prior
    d, s = (mean - prior_mean) / prior_sd, sd / prior_sd
    total = (0.5 * (d * d + s * s - 1) - jnp.log(s)).sum()
    y = affine(p["head"], tanh_layers(p["decoder"], jnp.concatenate([latent, states], 2)))
    if binary:
        total += (jax.nn.softplus(y) - x * y).sum()
    else:
        mean, sd = gaussian(y)
        total += (0.5 * ((x - mean) / sd) ** 2 + jnp.log(sd)).sum()
    return total / (x.shape[0] * x.shape[1])


def loss_vrnn(p, x, noise, h, binary):
    f = tanh_layers(p["features"], x)
    first, second = p["posterior"]
    guides = f @ first["w"][:h] + first["b"]
    gates = f @ p["input"]["w"][:h] + p["input"]["b"]

    def step(state, now):
        guide, gate, e = now
        q = jnp.tanh(affine(second, jnp.tanh(guide + state @ first["w"][h:])))
        mean, sd = gaussian(affine(p["posterior head"], q))
        latent = tanh_layers(p["latent"], mean + sd * e)
        return gru(p["hidden"], gate + latent @ p["input"]["w"][h:], state), (state, latent, mean, sd)

    start = jnp.zeros((x.shape[1], h))
    _, (states, latent, mean, sd) = jax.lax.scan(step, start, (guides, gates, noise))
    prior = gaussian(affine(p["prior head"], tanh_layers(p["prior"], states)))
    return bound(p, x, latent, states, (mean, sd), prior, binary)


def loss_srnn(p, x, noise, h, binary):
    f = tanh_layers(p["features"], jnp.concatenate([jnp.zeros_like(x[:1]), x]))
    start = jnp.zeros((x.shape[1], h))

    def recurrence(q, gates):
        def step(state, g):
            state = gru(q, g, state)
            return state, state

        return jax.lax.scan(step, start, gates)[1]

    d = recurrence(p["hidden"], affine(p["input"], f[:-1]))
    back = affine(p["back input"], jnp.concatenate([d, f[1:]], 2)[::-1])
    a = recurrence(p["back hidden"], back)[::-1]

    def layer(name, z, share):
        return gaussian(affine(p[name + " head"], jnp.tanh(share + z @ p[name + " z"]["w"])))

    def step(z, now):
        of_past, of_all, e = now
        prior_mean, prior_sd = layer("prior", z, of_past)
        mean, sd = layer("posterior", z, of_all)
        mean = mean + prior_mean
        z = mean + sd * e
        return z, (z, mean, sd, prior_mean, prior_sd)

    shares = affine(p["prior state"], d), affine(p["posterior state"], a), noise
    _, (z, mean, sd, prior_mean, prior_sd) = jax.lax.scan(step, jnp.zeros_like(noise[0]), shares)
    return bound(p, x, tanh_layers(p["latent"], z), d, (mean, sd), (prior_mean, prior_sd), binary)


def training_step(kind, steps, rows, x, h, z, binary):
    loss = {"vrnn": loss_vrnn, "srnn": loss_srnn}[kind]
    rng = np.random.default_rng(0)
    data = rng.integers(0, 2, (steps, rows, x)) if binary else rng.normal(size=(steps, rows, x))
    data = jnp.asarray(data, jnp.float32)

    def step(p, m, v, t, key):
        noise = jax.random.normal(key, (steps, rows, z))
        g = jax.grad(lambda p: loss(p, data, noise, h, binary))(p)
        norm = jnp.sqrt(sum((a * a).sum() for a in jax.tree.leaves(g)))
        g = jax.tree.map(lambda a: a * jnp.minimum(1, 1 / (norm + 1e-6)), g)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        t = t + 1
        p = jax.tree.map(
            lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), p, m, v
        )
        return p, m, v, t, jax.random.split(key)[0]

    p = parameters(kind, x, h, z, binary, jax.random.PRNGKey(0))
    m, v = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)
    state = p, m, v, jnp.float32(0), jax.random.PRNGKey(1)
    compiled = jax.jit(step, donate_argnums=(0, 1, 2))

    def run():
        nonlocal state
        state = compiled(*state)
        jax.block_until_ready(state)

    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1)
    args = parser.parse_args()
    for size, steps, x, hidden, z, binary in ("series", 100, 1, 64, 16, False), ("chorales", 60, 88, 200, 50, True):
        for kind in "vrnn", "srnn":
            run = training_step(kind, steps, 32, x, hidden, z, binary)
            print(f"{kind}/{size}\t{seconds_per_run(run, args.seconds):.9f}", flush=True)


if __name__ == "__main__":
    main()
