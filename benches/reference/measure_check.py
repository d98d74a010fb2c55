#!/usr/bin/env python3
"""Write measure_check.json: a small raster with the values that reference.py computes for it.

    python measure_check.py > measure_check.json

The raster holds what an implementation may get wrong: a neuron that is silent, one silent within the window, one with
an interval too few, one with just enough, a regular one (CV 0), one with the same count in each bin (no correlation),
spikes on both edges of the window, and spikes in a last, partial bin.
"""
import importlib.util
import json
import math
import os

import numpy as np

HERE = os.path.dirname(os.path.realpath(__file__))
_spec = importlib.util.spec_from_file_location("reference_statistics", os.path.join(HERE, "reference.py"))
st = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(st)

N, N_EXC, STEPS, FIRST, WINDOW, PAIR_SEED, PAIR_COUNT = 20, 16, 400, 53, 347, 7, 40
CASES = [dict(dt_ms=1.0, bin_ms=5.0, min_intervals=5), dict(dt_ms=0.1, bin_ms=2.0, min_intervals=1)]


def raster():
    """Steps of each neuron's spikes."""
    rng = np.random.default_rng(11)
    common = np.sort(rng.choice(STEPS, 30, replace=False))
    rows = [[], [3, 20, 52], [60, 90, 130, 200, 310], [60, 90, 130, 200, 310, 333], range(55, 400, 10),
            [52, 53, 54, 120, 180, 260, 300, 398, 399], [70, 100, 101, 104, 150, 220, 398, 399], range(53, 400, 5)]
    for i in range(len(rows), N):
        own = np.flatnonzero(rng.random(STEPS) < 0.02 + 0.01 * (i % 5))
        rows.append(np.union1d(own, common[rng.random(len(common)) < 0.1 * (i % 7)]))
    return [[int(t) for t in row] for row in rows]


def case(rows, pairs, dt_ms, bin_ms, min_intervals):
    ids = np.repeat(np.arange(N), [len(r) for r in rows])
    steps = np.concatenate([np.array(r, int) for r in rows])
    settings = dict(dt_ms=dt_ms, bin_ms=bin_ms, min_intervals=min_intervals)
    values = st.measure(steps, ids, N, N_EXC, first_step=FIRST, window_steps=WINDOW, pairs=pairs, **settings)
    inside = steps >= FIRST
    s, i = steps[inside] - FIRST, ids[inside]
    none = lambda x: [None if math.isnan(v) else float(v) for v in x]  # noqa: E731
    return dict(**settings, **values, cv_of_neuron=none(st.interval_cv(s, i, N, min_intervals)),
                correlation_of_pair=none(st.pair_correlation(s, i, pairs, int(round(bin_ms / dt_ms)), WINDOW)))


def main():
    rows, pairs = raster(), st.random_pairs(N_EXC, PAIR_COUNT, PAIR_SEED)
    large = st.random_pairs(16000, 4, 1)
    head = dict(n=N, n_exc=N_EXC, steps=STEPS, first_step=FIRST, window_steps=WINDOW, pair_seed=PAIR_SEED,
                pairs=pairs.tolist(), pairs_of_16000_seed_1=large.tolist(), spike_steps_of_neuron=rows)
    lines = [f' "{k}": {json.dumps(v)}' for k, v in head.items()]
    cases = ",\n".join("  " + json.dumps(case(rows, pairs, **c)) for c in CASES)
    print("{\n" + ",\n".join(lines) + f',\n "cases": [\n{cases}\n ]\n}}')


if __name__ == "__main__":
    main()
