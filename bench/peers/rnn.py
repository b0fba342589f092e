"""Times PyTorch's training steps of VRNN and SRNN for bench/rnn -task steps.

Prints a line "kind/size<TAB>seconds" for each: loss, gradient, bound on the
gradient's norm and Adam, the mean processor time of one over at least --seconds
seconds, after a warm-up. One thread, eager mode or --compile. The models are those
of engine.py.
"""

import argparse

import torch
from engine import SRNN, VRNN, compiler, sequences
from timing import seconds_per_run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    torch.set_default_dtype(getattr(torch, args.dtype))
    for size, steps, x, hidden, z, binary in ("series", 100, 1, 64, 16, False), ("chorales", 60, 88, 200, 50, True):
        for kind in VRNN, SRNN:
            run = sequences(kind, steps, 32, x, hidden, z, binary, compiler(args.compile))
            print(f"{kind.__name__.lower()}/{size}\t{seconds_per_run(run, args.seconds):.9f}", flush=True)


if __name__ == "__main__":
    main()
