"""The system that all sides solve: drift and diffusion are perceptrons 4-20-20-4.

The weights are w_k = scale * sin(1 + k), numbered from 0 through all matrices and
biases in order; scale is 1.5 over the root of a layer's inputs.
"""
import numpy as np

BATCH, DIM, HIDDEN, STEPS, END = 128, 4, 20, 100, 1.0


def weights(first):
    """The three layers' matrices (inputs x outputs) and biases, from number first on."""
    layers, k = [], first
    for n, m in ((DIM, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, DIM)):
        scale = 1.5 / n**0.5
        w = scale * np.sin(1.0 + np.arange(k, k + n * m)).reshape(n, m)
        k += n * m
        b = scale * np.sin(1.0 + np.arange(k, k + m))
        k += m
        layers.append((w, b))
    return layers, k


def start():
    return np.cos(np.arange(BATCH * DIM)).reshape(BATCH, DIM)
