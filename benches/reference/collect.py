#!/usr/bin/env python3
"""Gather the JSON lines of reference.py into reference.json.

    python collect.py results.jsonl > reference.json

One entry for each workload, simulator, version, variant and size: its seeds, the values of each measure in the order
of the seeds, and of those mean, sd (divisor seeds - 1), min, max and `band`: from the lower of min and mean - 1 % to
the higher of max and mean + 1 %.
"""
import json
import sys

SETTINGS = ["workload", "simulator", "version", "variant", "network", "drive", "n", "seconds", "dt_ms", "discard_ms",
            "bin_ms", "pairs", "min_intervals"]
MEASURES = ["rate_hz", "rate_exc_hz", "rate_inh_hz", "cv_isi", "cv_isi_exc", "cv_isi_inh", "cv_neurons", "correlation",
            "correlation_sd", "correlation_pairs", "correlation_all_pairs", "silent_neurons",
            "rate_last_tenth_hz"]
OF_WEIGHTS = ["w_mean", "w_sd", "w_p05", "w_p25", "w_p50", "w_p75", "w_p95"]     # w2


def shortened(x):
    """Nine significant digits: more would be noise, and a diff should be readable."""
    return float(f"{x:.9g}") if isinstance(x, float) else x


def summary(values):
    n, mean = len(values), sum(values) / len(values)
    sd = (sum((x - mean) ** 2 for x in values) / (n - 1)) ** 0.5 if n > 1 else 0.0
    low, high = min(values), max(values)
    margin = 0.01 * abs(mean)
    out = dict(mean=mean, sd=sd, min=low, max=high, band=[min(low, mean - margin), max(high, mean + margin)])
    return {k: [shortened(x) for x in v] if k == "band" else shortened(v) for k, v in out.items()}


def entry(settings, runs):
    runs = sorted(runs, key=lambda r: r["seed"])
    seeds = [r["seed"] for r in runs]
    if len(set(seeds)) != len(seeds):
        sys.exit(f"{settings}: a seed occurs twice")
    measures = MEASURES + [m for m in OF_WEIGHTS if m in runs[0]]
    values = {m: [shortened(r[m]) for r in runs] for m in measures}
    return dict(zip(SETTINGS, settings)) | dict(
        seeds=seeds, values=values, summary={m: summary([r[m] for r in runs]) for m in measures})


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    groups = {}
    for name in sys.argv[1:]:
        with open(name) as f:
            for line in f:
                run = json.loads(line)
                groups.setdefault(tuple(run[k] for k in SETTINGS), []).append(run)
    ordered = sorted(groups.items(), key=lambda g: [str(x).zfill(9) for x in g[0]])
    text = json.dumps(dict(references=[entry(*g) for g in ordered]), indent=1)
    print(one_line_lists(text))


def one_line_lists(text):
    """Lists of numbers on one line each."""
    import re
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text)


if __name__ == "__main__":
    main()
