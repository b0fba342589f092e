"""Times JAX on the work of the table in docs/benchmarks/engine.md: jit and scan, float32.

Prints a line "name<TAB>seconds" for each case, as engine.py does: the mean processor
time of one run over at least --seconds seconds, after a warm-up. One thread.
"""

import argparse

from rnn_jax import affine, gru, layers, linear, training_step  # sets JAX's flags first

import jax
import jax.numpy as jnp

from timing import seconds_per_run


def normal(seed, *shape):
    return jax.random.normal(jax.random.PRNGKey(seed), shape)


def timed(function, *arguments):
    compiled = jax.jit(function)
    return lambda: jax.block_until_ready(compiled(*arguments))


def product(kind, m, k, n):
    a = normal(1, k, m) if kind == "TN" else normal(1, m, k)
    b = normal(2, n, k) if kind == "NT" else normal(2, k, n)
    return timed(lambda a, b: (a.T if kind == "TN" else a) @ (b.T if kind == "NT" else b), a, b)


def mlp(hidden):
    p = layers(jax.random.PRNGKey(3), 4, hidden, hidden, 4)

    def out(p, x):
        for q in p[:-1]:
            x = jnp.tanh(affine(q, x))
        return affine(p[-1], x)

    return timed(lambda p, x, v: jax.vjp(out, p, x)[1](v), p, normal(4, 128, 4), jnp.ones((128, 4)))


def gru_step():
    a, b = jax.random.split(jax.random.PRNGKey(5))
    p = linear(a, 64, 192), linear(b, 64, 192)

    def out(p, x, h):
        return gru(p[1], affine(p[0], x), h)

    return timed(lambda p, x, h, v: jax.vjp(out, p, x, h)[1](v), p, normal(6, 32, 64), normal(7, 32, 64), jnp.ones((32, 64)))


def cases():
    for kind in "NN", "NT", "TN":
        for m, k, n in (32, 64, 64), (128, 20, 20), (128, 256, 256), (512, 512, 512):
            yield f"product {kind} {m}x{k}x{n}", product(kind, m, k, n)
    for name, function in ("exp", jnp.exp), ("tanh", jnp.tanh), ("sigmoid", jax.nn.sigmoid):
        yield f"{name} of 10000", timed(function, normal(8, 10000))
    yield "MLP 4-20-20-4", mlp(20)
    yield "MLP 4-64-64-4", mlp(64)
    yield "GRU step", gru_step()
    for kind in "vrnn", "srnn":
        yield f"{kind.upper()} series", training_step(kind, 100, 32, 1, 64, 16, False)
        yield f"{kind.upper()} chorales", training_step(kind, 60, 32, 88, 200, 50, True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.2)
    args = parser.parse_args()
    print(f"version\t{jax.__version__}")
    for name, run in cases():
        print(f"{name}\t{seconds_per_run(run, args.seconds):.9f}", flush=True)


if __name__ == "__main__":
    main()
