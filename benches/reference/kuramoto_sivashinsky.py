"""Reference of the Kuramoto-Sivashinsky series, by another road: differentiation matrices and an implicit Runge-Kutta rule.

u_t = -u u_x - u_xx - u_xxxx, periodic on 0 to L, n points. Radau IIA of order 5 (scipy) at rtol 1e-11, in real space, where the derivatives are
dense matrices (Fourier collocation, L. N. Trefethen, "Spectral methods in MATLAB", SIAM 2000, chapter 3), not transforms; L = 22 unless said.
Prints one JSON object: the state from a given start at some times, and statistics of a long run.

Made with numpy 2.4.6 and scipy 1.17.1.
"""
import json
import sys

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import circulant


def matrices(length, n):
    """First, second and fourth derivative on n points (n even); the highest wave has no first derivative."""
    k = 2 * np.pi / length * np.fft.fftfreq(n, 1 / n)
    odd = np.where(np.arange(n) == n // 2, 0, k)
    column = lambda symbol: circulant(np.fft.ifft(symbol).real)
    return column(1j * odd), column(-(k**2)), column(k**4)


def solve(length, u, times, rtol):
    d1, d2, d4 = matrices(length, len(u))
    linear = -d2 - d4
    right = lambda t, v: linear @ v - 0.5 * d1 @ (v * v)
    jacobian = lambda t, v: linear - d1 * v
    span = (0.0, times[-1])
    done = solve_ivp(right, span, u, "Radau", times, rtol=rtol, atol=rtol, jac=jacobian)
    assert done.success, done.message
    return done.y.T


def start(length, n):
    """The start of Kassam & Trefethen 2005, scaled to the period: cos(x') (1 + sin(x')), x' = 2 pi x / L."""
    x = 2 * np.pi * np.arange(n) / n
    return np.cos(x) * (1 + np.sin(x))


def short():
    result = {}
    for length, n, name in [(22.0, 64, "l22"), (32 * np.pi, 128, "kassam_trefethen")]:
        times = [5.0, 10.0, 20.0, 40.0]
        states = solve(length, start(length, n), times, 1e-11)
        result[name] = {"length": length, "points": n, "times": times, "states": states.tolist()}
    return result


def long():
    """Mean energy and spectrum on the attractor: four runs, 200 time units dropped from each."""
    length, n, rows = 22.0, 64, []
    for run in range(4):
        rng = np.random.default_rng(run)
        u = start(length, n) + 0.1 * rng.standard_normal(n)
        u -= u.mean()
        rows.append(solve(length, u, np.arange(200.0, 5200.0, 1.0), 1e-6))
    u = np.concatenate(rows)
    power = np.abs(np.fft.rfft(u, axis=1) / n) ** 2
    by_run = np.array_split((u**2).mean(axis=1), 4)
    return {"mean_square": float((u**2).mean()), "mean_square_by_run": [float(r.mean()) for r in by_run],
            "power": power.mean(axis=0)[:11].tolist()}


if __name__ == "__main__":
    json.dump({"short": short(), "long": long()}, sys.stdout)
    print()
