#!/usr/bin/env python3
"""Writes the weights and the series of w4 that another simulator's script will use, for `limnos bench w4 --matrices FILE`.

    python matrices.py --peers DIR --of scipy|reservoirpy --n N [--degree 10] [--steps 10000] [--seed 1] --out FILE.npz

The scripts draw their weights from a seed; this draws the same ones by the same calls (`esn_matrix` and `mackey_glass` of `common.py`, ReservoirPy's
own initialisation), so that both sides run one network. Needs the virtualenv of the other simulator.
"""
import argparse
import sys


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--peers", required=True, metavar="DIR", help="folder of common.py")
    p.add_argument("--of", choices=["scipy", "reservoirpy"], required=True)
    p.add_argument("--n", type=int, required=True)
    p.add_argument("--degree", type=int, default=10)
    p.add_argument("--steps", type=int, default=10_000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--answer", action="store_true", help="run it too, in f64, and add the error of the forecast as `nrmse`")
    p.add_argument("--out", required=True, metavar="FILE")
    return p.parse_args()


def of_scipy(common, a):
    """As scipy_peer.py."""
    import numpy as np
    signs = np.where(np.random.default_rng(a.seed).random(a.n) < 0.5, 1.0, -1.0)
    return common.esn_matrix(a.n, a.degree, 0.9, a.seed), signs


def of_reservoirpy(common, a, series):
    """As reservoirpy_peer.py, which has a ready matrix above 20 000 units."""
    import numpy as np
    from reservoirpy.nodes import Reservoir
    if a.n > 20_000:
        given = dict(W=common.esn_matrix(a.n, a.degree, 0.9, a.seed))
    else:
        given = dict(sr=0.9, rc_connectivity=a.degree / a.n)
    reservoir = Reservoir(a.n, lr=0.3, input_scaling=1.0, seed=a.seed, **given)
    reservoir.run(series[:2, None])
    if np.any(reservoir.bias):
        sys.exit("ReservoirPy's reservoir has a bias, which the file has no place for")
    w_in = reservoir.Win
    return reservoir.W, np.asarray(w_in.todense() if hasattr(w_in, "todense") else w_in).ravel()


def nrmse(common, w, w_in, x):
    """The error of scikit-learn's forecast from SciPy's states, as scipy_peer.py finds it."""
    import numpy as np
    from sklearn.linear_model import Ridge
    states, s = np.zeros((len(x) - 1, len(w_in))), np.zeros(len(w_in))
    for t, u in enumerate(x[:-1]):
        s = 0.7 * s + 0.3 * np.tanh(w @ s + w_in * u)
        states[t] = s
    ridge = Ridge(alpha=1e-6, solver="cholesky").fit(states[100:], x[101:])
    return common.nrmse(x[101:], ridge.predict(states[100:]))


def main():
    a = arguments()
    sys.path.insert(0, a.peers)
    sys.dont_write_bytecode = True
    import common
    import numpy as np
    import scipy.sparse as sp
    series = common.mackey_glass(a.steps + 1, seed=a.seed)
    w, w_in = of_scipy(common, a) if a.of == "scipy" else of_reservoirpy(common, a, series)
    w = sp.csr_array(w)
    w.sum_duplicates()
    arrays = dict(indptr=w.indptr, indices=w.indices, data=w.data.astype(np.float64), w_in=w_in.astype(np.float64), series=series)
    if a.answer:
        arrays["nrmse"] = np.float64(nrmse(common, w, w_in, series))
    np.savez_compressed(a.out, **arrays) if a.answer else np.savez(a.out, **arrays)


if __name__ == "__main__":
    main()
