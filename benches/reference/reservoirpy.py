"""Golden files for the parity of echo state networks with ReservoirPy: states, ridge weights, predictions, memory capacity.

Written with Python 3.11, reservoirpy 0.4.2, numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1:
    pip install reservoirpy==0.4.2 scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python benches/reference/reservoirpy.py crates/limnos/tests/data
Only ReservoirPy computes here; its matrices are drawn from fixed seeds and written beside its results.
"""

import sys
from pathlib import Path

# This file has the name of the package that it imports.
sys.path = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np
import reservoirpy
import scipy
import scipy.sparse
from reservoirpy import datasets
from reservoirpy.nodes import Reservoir, Ridge
from reservoirpy.observables import memory_capacity

KEPT = 20  # rows of states and predictions that are written


def dense(matrix):
    """A matrix as numbers in rows."""
    return matrix.toarray() if scipy.sparse.issparse(matrix) else np.asarray(matrix)


def versions():
    return np.array([f"reservoirpy {reservoirpy.__version__}, numpy {np.__version__}, scipy {scipy.__version__}".encode()])


def arrays(reservoir, ridge):
    """What defines a network, under the names of ReservoirPy's attributes."""
    return {
        "W": dense(reservoir.W),
        "Win": dense(reservoir.Win),
        "bias": np.broadcast_to(np.asarray(dense(reservoir.bias), dtype=float).reshape(-1), (reservoir.units,)),
        "lr": np.broadcast_to(np.asarray(reservoir.lr, dtype=float), (reservoir.units,)),
        "Wout": dense(ridge.Wout),
        "Wout_bias": np.asarray(ridge.bias).reshape(-1),
        "versions": versions(),
    }


def forecast(folder):
    """One step ahead on Mackey-Glass; tanh, one leak rate, a bias for each unit; and the memory capacity of the reservoir."""
    series = datasets.mackey_glass(401, tau=17, seed=1) - 0.9
    x, y = series[:-1], series[1:]
    make = lambda: Reservoir(30, lr=0.3, sr=0.9, input_scaling=0.7, rc_connectivity=0.2, input_connectivity=0.5,
                             bias=reservoirpy.mat_gen.uniform(low=-0.3, high=0.3), seed=11)
    reservoir, ridge = make(), Ridge(ridge=1e-5)
    model = reservoir >> ridge
    model.fit(x[:300], y[:300], warmup=50)
    reservoir.reset()
    states = reservoir.run(x)
    reservoir.reset()
    prediction = model.run(x)
    fresh = make()
    inputs = np.random.default_rng(3).uniform(-0.8, 0.8, (600, 1))
    capacity = memory_capacity(fresh >> Ridge(ridge=1e-4), k_max=60, as_list=True, series=inputs, test_size=200)
    np.savez_compressed(folder / "reservoirpy_forecast.npz", x=x, y=y, states=states[-KEPT:],
                        prediction=prediction[-KEPT:], mc_inputs=inputs, mc=capacity, **arrays(reservoir, ridge))


def filtered(folder):
    """Two inputs of unequal scaling, sigmoid units of unequal leak rates, two outputs, no bias of the readout; W as SciPy writes a sparse matrix."""
    random = np.random.default_rng(5)
    x = random.uniform(-1, 1, (260, 2))
    y = np.stack([np.roll(x[:, 0], 2) * x[:, 1], np.roll(x[:, 1], 1)], axis=1)
    reservoir = Reservoir(25, lr=random.uniform(0.2, 1.0, 25), sr=1.1, input_scaling=[0.5, 2.0], rc_connectivity=0.3,
                          activation="sigmoid", seed=7)
    ridge = Ridge(ridge=1e-3, fit_bias=False)
    model = reservoir >> ridge
    model.fit(x, y, warmup=20)
    reservoir.reset()
    states = reservoir.run(x)
    reservoir.reset()
    prediction = model.run(x)
    scipy.sparse.save_npz(folder / "reservoirpy_w.npz", scipy.sparse.csr_matrix(reservoir.W))
    np.savez_compressed(folder / "reservoirpy_filter.npz", x=x, y=y, states=states[-KEPT:],
                        prediction=prediction[-KEPT:], **arrays(reservoir, ridge))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    forecast(folder)
    filtered(folder)
