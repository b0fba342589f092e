"""Times Hairer's dopri5, as compiled in SciPy, and SciPy's RK45 on six problems.

    python ode.py

prints a line for each problem, tolerance and solver: problem, tolerance, solver,
processor seconds of one solution, evaluations, and the error at the end, the
largest |y - reference| / (1 + |reference|). The reference is SciPy's DOP853 at a
tolerance of 1e-13. Called by the program in bench/ode; see README.md.

The Fortran routine is called with right-hand sides in C (native.c): SciPy's
extension module holds it at a place that its symbol table tells. That needs a
SciPy that still has the Fortran (1.14), nm and a C compiler.
"""
import ctypes
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy
import scipy.integrate
from scipy.integrate import _dop, solve_ivp

HERE = os.path.dirname(os.path.abspath(__file__))


def lorenz(t, y):
    return np.array([10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]])


def vdp(t, y):
    return np.array([y[1], 5 * (1 - y[0] ** 2) * y[1] - y[0]])


def pleiades(t, y):
    x, v = y[:7], y[7:14]
    dx, dy = x - x[:, None], v - v[:, None]
    s = dx**2 + dy**2
    np.fill_diagonal(s, 1)
    m = np.arange(1, 8) / (s * np.sqrt(s))
    return np.concatenate([y[14:], (m * dx).sum(1), (m * dy).sum(1)])


def arenstorf(t, y):
    mu = 0.012277471
    nu = 1 - mu
    d1, d2 = ((y[0] + mu) ** 2 + y[1] ** 2) ** 1.5, ((y[0] - nu) ** 2 + y[1] ** 2) ** 1.5
    return np.array([y[2], y[3],
                     y[0] + 2 * y[3] - nu * (y[0] + mu) / d1 - mu * (y[0] - nu) / d2,
                     y[1] - 2 * y[2] - nu * y[1] / d1 - mu * y[1] / d2])


def brusselator(t, y):
    n = 200
    c = 0.02 * (n + 1) ** 2
    u, v = y[:n], y[n:]
    up, vp = np.concatenate([[1], u, [1]]), np.concatenate([[3], v, [3]])
    w = u * u * v
    return np.concatenate([1 + w - 4 * u + c * (up[:-2] - 2 * u + up[2:]), 3 * u - w + c * (vp[:-2] - 2 * v + vp[2:])])


def spiral(t, y):
    a, b = y**3
    return np.array([-0.1 * a + 2 * b, -2 * a - 0.1 * b])


_x = np.arange(1, 201) / 201
PROBLEMS = [
    (lorenz, [1, 1, 1], 10),
    (vdp, [2, 0], 20),
    (pleiades, [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0], 3),
    (arenstorf, [0.994, 0, 0, -2.00158510637908252240537862224], 17.0652165601579625588917206249),
    (brusselator, np.concatenate([1 + np.sin(2 * np.pi * _x), np.full(200, 3.0)]), 2),
    (spiral, [2, 0], 25),
]


def native():
    """Returns the C timing loop and the address of the compiled dopri5."""
    module = _dop.__file__
    place = {}
    for line in subprocess.run(["nm", module], capture_output=True, text=True, check=True).stdout.splitlines():
        parts = line.split()
        if len(parts) == 3:
            place[parts[2]] = int(parts[0], 16)
    if "dopri5_" not in place:
        sys.exit("this SciPy, %s, has no Fortran dopri5; install scipy 1.14" % scipy.__version__)
    known = ctypes.cast(ctypes.CDLL(module).PyInit__dop, ctypes.c_void_p).value
    address = known - place["PyInit__dop"] + place["dopri5_"]
    library = os.path.join(tempfile.mkdtemp(), "native.so")
    subprocess.run(["cc", "-O3", "-march=native", "-shared", "-fPIC", os.path.join(HERE, "native.c"), "-o", library, "-lm"], check=True)
    solve = ctypes.CDLL(library).solve
    solve.restype = ctypes.c_double
    return solve, ctypes.c_void_p(address)


def main():
    solve, address = native()
    print("version\tSciPy %s" % scipy.__version__)
    for k, (f, y0, end) in enumerate(PROBLEMS):
        y0 = np.asarray(y0, float)
        exact = solve_ivp(f, (0, end), y0, method="DOP853", rtol=1e-13, atol=1e-13).y[:, -1]
        print("reference\t%s\t%s" % (f.__name__, "\t".join(repr(float(v)) for v in exact)))
        for tol in (1e-3, 1e-6, 1e-9):
            y, calls, idid = np.empty_like(y0), ctypes.c_int(), ctypes.c_int()
            double = ctypes.POINTER(ctypes.c_double)

            def run(repeats):
                return solve(address, k, len(y0), y0.ctypes.data_as(double), ctypes.c_double(end), ctypes.c_double(tol),
                             repeats, y.ctypes.data_as(double), ctypes.byref(calls), ctypes.byref(idid))

            once = run(3)
            seconds = min(run(max(1, int(0.02 / once))) for _ in range(3))
            if idid.value != 1:
                sys.exit("dopri5 on %s at %g: code %d" % (f.__name__, tol, idid.value))
            error = np.max(np.abs(y - exact) / (1 + np.abs(exact)))
            print("%s\t%g\tdopri5\t%.9g\t%d\t%.3g" % (f.__name__, tol, seconds, calls.value, error))
            from_ = time.process_time()
            s = solve_ivp(f, (0, end), y0, method="RK45", rtol=tol, atol=tol)
            seconds = time.process_time() - from_
            error = np.max(np.abs(s.y[:, -1] - exact) / (1 + np.abs(exact)))
            print("%s\t%g\tRK45\t%.9g\t%d\t%.3g" % (f.__name__, tol, seconds, s.nfev, error))


if __name__ == "__main__":
    main()
