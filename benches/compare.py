#!/usr/bin/env python3
"""Times limnos beside other simulators in one sitting: each in turn, several times over; medians and ratios.

    python compare.py --peers DIR --envs DIR [--limnos target/release/limnos] [--only w1,20000] [--repeats 3] [--threads 1,2]

`--peers` is a folder with one script a simulator (nest_peer.py, brian2_peer.py, genn_peer.py, ...) that takes `--workload --n --steps
--threads --drive --batch` and prints one JSON line with `sim_wall_s` (stepping alone). `--envs` holds a virtualenv for each of them
(nest, brian2, genn, torch, jax); default: the environment variable PEERS. One that is missing is said and left out.

Prints a table on standard error and one JSON object as the last line of standard output: for each network the median of every
simulator and number of threads, ours, the fastest other one, and how many times faster ours is. Other simulators are given each number of
threads in `--threads`, since some are slower with two; ours is given the largest. A ratio is that of the medians, both over the same minutes;
the load average of each run is kept, to tell a disturbed one. Echo state networks (w4) have a table of their own: see compare_w4.py.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import compare_w4

# workload, arguments that ours and theirs share, the least ratio that is wanted, and how many times faster GeNN was than Brian2, one thread
# each, in one run of both: it stands in where GeNN is not installed, since its Python package has to be built from source.
NETWORKS = [
    ("w1 20000 poisson", ["w1"], ["--n", "20000", "--steps", "1000", "--drive", "poisson"], 3.0, 1.9),
    ("w1 20000 dc", ["w1"], ["--n", "20000", "--steps", "1000", "--drive", "dc"], 2.0, 3.3),
    ("w1 100000 poisson", ["w1"], ["--n", "100000", "--steps", "1000", "--drive", "poisson"], 3.0, 1.5),
    ("w1 100000 dc", ["w1"], ["--n", "100000", "--steps", "1000", "--drive", "dc"], 2.0, 1.5),
    ("w2 20000 poisson", ["w2"], ["--n", "20000", "--steps", "1000", "--drive", "poisson"], 3.0, 1.6),
    ("w2 20000 dc", ["w2"], ["--n", "20000", "--steps", "1000", "--drive", "dc"], 3.0, 2.2),
    ("w2 100000 poisson", ["w2"], ["--n", "100000", "--steps", "1000", "--drive", "poisson"], 3.0, 1.3),
    ("w2 100000 dc", ["w2"], ["--n", "100000", "--steps", "1000", "--drive", "dc"], 3.0, 1.8),
    ("w3 4000", ["w3"], ["--n", "4000", "--steps", "10000"], None, 0.7),
    ("w5 256", ["w5"], ["--batch", "256", "--steps", "250"], 2.0, 1.0),
]
# virtualenv, script, workloads, whether it can use threads
PEERS = [
    ("genn", "genn_peer.py", ("w1", "w2", "w3", "w5"), False),
    ("nest", "nest_peer.py", ("w1", "w2", "w3", "w5"), True),
    ("brian2", "brian2_peer.py", ("w1", "w2", "w3", "w5"), True),
    ("jax", "brainevent_peer.py", ("w1", "w2"), True),
    ("torch", "spikingjelly_peer.py", ("w5",), True),
]
SEQUENTIAL = {("nest", "w5"), ("brian2", "w5")}     # samples one after another: a second thread does not help


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--peers", required=True, metavar="DIR", help="scripts of the other simulators")
    p.add_argument("--envs", default=os.environ.get("PEERS"), metavar="DIR", help="their virtualenvs")
    p.add_argument("--limnos", default="target/release/limnos", help="our command")
    p.add_argument("--device", default="cpu", help="device of ours")
    p.add_argument("--only", default="", help="keep networks whose name holds each of these comma-separated words")
    p.add_argument("--simulators", default="", help="keep these of the other simulators, comma-separated")
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--threads", default="1,2", help="threads that the others are given, each in turn")
    p.add_argument("--lines", metavar="FILE", help="append the JSON line of every run of w4 to this file")
    p.add_argument("--timeout", type=float, default=600.0, help="seconds of one run")
    a = p.parse_args()
    a.threads = [int(t) for t in a.threads.split(",")]
    a.peers, a.envs = os.path.abspath(a.peers), a.envs and os.path.abspath(a.envs)
    a.lines = a.lines and os.path.abspath(a.lines)
    if not os.path.isdir(a.peers):
        p.error(f"--peers {a.peers}: no such folder")
    if not a.envs or not os.path.isdir(a.envs):
        p.error("--envs: no such folder; name it, or set PEERS")
    if a.repeats < 1:
        p.error(f"--repeats {a.repeats}: at least 1")
    found = any(os.access(os.path.join(d, a.limnos), os.X_OK) for d in ["", *os.environ["PATH"].split(os.pathsep)])
    if not found:
        p.error(f"--limnos {a.limnos}: not there; cargo build --release -p limnos-bench")
    return a


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def simulators(a, workload):
    """(name, command, threads) of each other simulator that has the workload, where it is installed."""
    for env, script, workloads, threaded in PEERS:
        python, path = os.path.join(a.envs, env, "bin", "python"), os.path.join(a.peers, script)
        if workload not in workloads or (a.simulators and env not in a.simulators.split(",")):
            continue
        if not os.path.exists(python) or not os.path.exists(path):
            say(f"  {env}: not installed, left out")
            continue
        for threads in a.threads if threaded and (env, workload) not in SEQUENTIAL else [1]:
            yield env, [os.path.abspath(python), os.path.abspath(path), "--workload", workload], threads


def run(command, timeout):
    """The last JSON line of a command, or a dict with `error`."""
    load = os.getloadavg()[0]
    path = os.path.dirname(command[0])
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PATH=path + os.pathsep + os.environ["PATH"])
    with tempfile.TemporaryDirectory(prefix="compare_") as folder:
        try:
            done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return dict(error=f"over {timeout:.0f} s")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return dict(error=(done.stderr or done.stdout).strip()[-300:] or f"exit code {done.returncode}")
    return dict(json.loads(lines[-1]), loadavg_before=round(load, 2))


def compare(a, name, workload, shared, wanted, genn):
    """All runs of one network, in turns."""
    say(f"{name}:")
    ours = [os.path.abspath(a.limnos) if os.sep in a.limnos else a.limnos, "bench", workload, *shared, "--device", a.device,
            "--threads", str(max(a.threads)), "--no-digest", "--json"]
    entrants = {("limnos", max(a.threads)): ours}
    for env, command, threads in simulators(a, workload):
        entrants[env, threads] = [*command, *shared, "--threads", str(threads)]
    runs = {entrant: [] for entrant in entrants}
    for _ in range(a.repeats):
        for entrant, command in entrants.items():
            if any("error" in r for r in runs[entrant]):        # do not wait for the same failure again
                continue
            start = time.time()
            result = run(command, a.timeout)
            runs[entrant].append(result)
            told = result.get("error") or f"{result['sim_wall_s']:.4f} s, {result['rate_hz']} Hz"
            say(f"  {entrant[0]}, {entrant[1]} threads: {told} (load {os.getloadavg()[0]:.1f}, {time.time() - start:.0f} s in all)")
    return summary(name, runs, wanted, genn)


def summary(name, runs, wanted, genn):
    rows = []
    for (simulator, threads), results in runs.items():
        good = [r for r in results if "error" not in r]
        row = dict(simulator=simulator, threads=threads, version=good[-1]["version"] if good else None)
        if len(good) == len(results):
            walls = [r["sim_wall_s"] for r in good]
            row.update(median_s=statistics.median(walls), all_s=walls, rate_hz=good[-1]["rate_hz"],
                       build_s=good[-1]["build_s"], loads=[r["loadavg_before"] for r in good])
        else:
            row["error"] = next(r["error"] for r in results if "error" in r)
        rows.append(row)
    rows += estimated(rows, genn)
    out = dict(network=name, wanted=wanted, rows=rows, fastest=None, ratio=None)
    others = [r for r in rows if r["simulator"] != "limnos" and "median_s" in r]
    if others and "median_s" in rows[0]:
        fastest = min(others, key=lambda r: r["median_s"])
        out["fastest"] = f"{fastest['simulator']}, {fastest['threads']} threads"
        out["ratio"] = round(fastest["median_s"] / rows[0]["median_s"], 3)
    return out


def estimated(rows, genn):
    """A row for GeNN from Brian2's, where GeNN itself was not there."""
    brian2 = [r for r in rows if (r["simulator"], r["threads"]) == ("brian2", 1) and "median_s" in r]
    if any(r["simulator"] == "genn" for r in rows) or not brian2:
        return []
    return [dict(simulator="genn (estimated)", threads=1, version=None, median_s=brian2[0]["median_s"] / genn, factor=genn)]


def table(results):
    say(f"\n{'network':<20} {'limnos s':>10} {'fastest other':>28} {'its s':>10} {'ratio':>7} {'wanted':>7}")
    for r in results:
        median = {f"{x['simulator']}, {x['threads']} threads": x.get("median_s") for x in r["rows"]}
        ours = r["rows"][0].get("median_s")
        show = lambda x, form: "-" if x is None else format(x, form)  # noqa: E731
        say(f"{r['network']:<20} {show(ours, '10.4f'):>10} {r['fastest'] or '-':>28} {show(median.get(r['fastest']), '10.4f'):>10} "
            f"{show(r['ratio'], '7.2f'):>7} {show(r['wanted'], '7.1f'):>7}")


def main():
    a = arguments()
    wanted = lambda name: all(word in name.split() for word in a.only.split(",") if word)  # noqa: E731
    kept, rates = [n for n in NETWORKS if wanted(n[0])], [name for name in compare_w4.SIZES if wanted(name)]
    if not kept + rates:
        there = ", ".join([n[0] for n in NETWORKS] + list(compare_w4.SIZES))
        sys.exit(f"--only {a.only}: no network has all these words; there are: {there}")
    results = [compare(a, name, workload, *rest) for name, [workload], *rest in kept]
    of_rates = [compare_w4.Comparison(a, name, run, say).result() for name in rates]
    if results:
        table(results)
    if of_rates:
        compare_w4.table(of_rates, say)
    print(json.dumps(dict(device=a.device, repeats=a.repeats, results=results, w4=of_rates)))
    ours = [row for r in results for row in r["rows"] if row["simulator"] == "limnos"]
    if any("error" in row for row in ours + [row for r in of_rates for row in r["rows"]]):
        sys.exit(1)


if __name__ == "__main__":
    main()
