"""scikit-learn's ridge at the sizes of `cargo bench --bench ridge`: one JSON line a size.

python ridge.py 5000 1000 100 --threads 1        (scikit-learn 1.9.1, numpy 2.4.6, scipy 1.17.1)
"""
import argparse, json, os, resource, time

p = argparse.ArgumentParser()
p.add_argument("sizes", type=int, nargs="*", default=[5000, 1000, 100])
p.add_argument("--samples", type=int, default=9900)
p.add_argument("--threads", type=int, default=1)
p.add_argument("--repeats", type=int, default=5)
p.add_argument("--f32", action="store_true")
a = p.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(a.threads)

import numpy as np
import sklearn
from sklearn.linear_model import Ridge


def peak_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def states(samples, features, dtype):
    """x_j <- tanh(0.7 x_j + 0.3 x_(j-1) + 0.5 noise), down the samples."""
    rng, x, state = np.random.default_rng(1), np.empty((samples, features), dtype), np.zeros(features)
    for row in x:
        state = np.tanh(0.7 * state + 0.3 * np.roll(state, 1) + rng.uniform(-0.5, 0.5, features))
        row[:] = state
    return x


for n in a.sizes:
    x = states(a.samples, n, np.float32 if a.f32 else np.float64)
    y = np.sin(x[:, ::7].sum(axis=1, dtype=np.float64)).astype(x.dtype)
    before, wall, cpu = peak_mb(), [], []
    for _ in range(a.repeats):
        model, w, c = Ridge(alpha=1e-6, solver="cholesky"), time.perf_counter(), time.process_time()
        model.fit(x, y)
        wall.append(time.perf_counter() - w)
        cpu.append(time.process_time() - c)
    peak = peak_mb()
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    off = centred.T @ (y - x @ model.coef_ - model.intercept_) - 1e-6 * model.coef_
    print(json.dumps({
        "workload": "ridge", "peer": "scikit-learn " + sklearn.__version__, "features": n, "samples": a.samples,
        "number": x.dtype.name, "threads": a.threads, "repeats": a.repeats, "wall_s": round(float(np.median(wall)), 5),
        "wall_min_s": round(min(wall), 5), "cpu_s": round(float(np.median(cpu)), 5), "cpu_min_s": round(min(cpu), 5),
        "rss_before_mb": before, "peak_rss_mb": peak,
        "gradient": float(np.abs(off).max() / np.abs(centred.T @ (y - y.mean())).max()), "load": os.getloadavg()[0],
    }), flush=True)
