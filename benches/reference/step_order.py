#!/usr/bin/env python3
"""Compare two runs spike for spike: at which step do they first differ?

    python reference.py --simulator numpy  --workload w3 --save-spikes a.npz
    python reference.py --simulator brian2 --workload w3 --save-spikes b.npz
    python step_order.py a.npz b.npz

Two simulators with one step order, one network and one set of initial values agree in every spike until rounding
separates them; with another step order they part within the first steps.  Exit code 0 if all are equal.
"""
import json
import sys

import numpy as np


def first_difference(a, b):
    """The first step whose set of spikes differs, or None."""
    for step in range(int(max(a["steps"].max(), b["steps"].max())) + 1):
        ids = [r["ids"][slice(*np.searchsorted(r["steps"], [step, step + 1]))] for r in (a, b)]
        if not np.array_equal(*ids):
            return step
    return None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    a, b = (dict(np.load(name)) for name in sys.argv[1:])
    step = first_difference(a, b)
    common = len(a["steps"]) if step is None else int(np.searchsorted(a["steps"], step))
    print(json.dumps(dict(first_differing_step=step, equal_spikes=common, spikes=[len(a["steps"]), len(b["steps"])])))
    sys.exit(step is not None)


if __name__ == "__main__":
    main()
