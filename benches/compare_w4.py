"""The part of compare.py for w4: echo state networks beside ReservoirPy and a loop on SciPy's sparse product with scikit-learn's ridge regression.

Each of their scripts runs as it is; ours runs right before it with the weights and the series that this script draws (see matrices.py), so that
each ratio is one of two neighbouring runs on one network. Run and fit are timed apart: the run of ours in f32, which keeps all states where theirs does;
the fit of ours in f64 from states in f64, as theirs. Beside the ratio of the times stands that of the CPU seconds of both runs, which other work on the
machine disturbs less.
"""
import json
import os
import statistics
import subprocess
import tempfile

ENV = "esn"
# units, steps, connections a unit, whether a readout is fitted, the ratios wanted over ReservoirPy and over the SciPy loop
SIZES = {
    "w4 100": (100, 10_000, 10, True, 8.0, 8.0),
    "w4 1000": (1000, 10_000, 10, True, 5.0, 3.0),
    "w4 5000": (5000, 10_000, 10, True, 5.0, 3.0),
    "w4 100000": (100_000, 1000, 10, False, 5.0, 3.0),
    "w4 10000 long": (10_000, 50_000, 5, False, None, None),
}
FIT_RATIO = 1.1         # of scikit-learn's time
MEMORY_RATIO = 3.0      # of ReservoirPy's peak
# name, script, arguments, whose weights, whether its fit is compared
PEERS = [
    ("ReservoirPy", "reservoirpy_peer.py", [], "reservoirpy", True),
    ("ReservoirPy f32", "reservoirpy_peer.py", ["--dtype", "float32"], "reservoirpy", False),
    ("ReservoirPy JAX", "reservoirpy_peer.py", ["--variant", "jax"], "reservoirpy", False),
    ("ReservoirPy JAX f32", "reservoirpy_peer.py", ["--variant", "jax", "--dtype", "float32"], "reservoirpy", False),
    ("SciPy", "scipy_peer.py", [], "scipy", True),
    ("SciPy f32", "scipy_peer.py", ["--dtype", "float32"], "scipy", False),
]


class Comparison:
    """All runs of one size, in turns."""

    def __init__(self, a, name, run, say):
        self.a, self.name, self.say = a, name, say
        self.n, self.steps, self.degree, self.fit, self.over_reservoirpy, self.over_scipy = SIZES[name]
        self._run = run
        self.threads = max(a.threads)
        self.shared = ["--workload", "w4", "--n", str(self.n), "--steps", str(self.steps), "--degree", str(self.degree)]

    def run(self, who, command):
        r = self._run(command, self.a.timeout)
        if self.a.lines:
            with open(self.a.lines, "a") as lines:
                lines.write(json.dumps(dict(r, network=self.name, who=who)) + "\n")
        told = r.get("error") or f"{r['sim_wall_s']:.4f} s" + (f", fit {r['fit_s']:.3f} s" if r.get("fit_s") else "") + f", {r['peak_rss_mb']} MB"
        self.say(f"  {who}: {told} (load {os.getloadavg()[0]:.1f})")
        return r

    def ours(self, who, matrices, *more):
        command = [os.path.abspath(self.a.limnos) if os.sep in self.a.limnos else self.a.limnos, "bench", "w4", "--n", str(self.n), "--steps", str(self.steps), "--matrices", matrices,
                   "--device", self.a.device, "--threads", str(self.threads), *more, "--json"]
        return self.run(f"limnos, weights of {who}", command)

    def theirs(self, peer, fit):
        name, script, arguments, _, _ = peer
        command = [os.path.join(self.a.envs, ENV, "bin", "python"), os.path.join(self.a.peers, script), *self.shared, *arguments,
                   "--threads", str(self.threads), *([] if fit else ["--no-fit"])]
        return self.run(name, command)

    def matrices(self, folder, of):
        out = os.path.join(folder, f"{of}.npz")
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "matrices.py")
        command = [os.path.join(self.a.envs, ENV, "bin", "python"), script, "--peers", self.a.peers, "--of", of, "--n", str(self.n),
                   "--degree", str(self.degree), "--steps", str(self.steps), "--out", out]
        subprocess.run(command, check=True)
        return out

    def result(self):
        """Runs everything; the rows of the table."""
        self.say(f"{self.name}:")
        kept = [p for p in PEERS if not self.a.simulators or p[0] in self.a.simulators.split(",")]
        rows = {p[0]: [] for p in kept}
        fits = []
        with tempfile.TemporaryDirectory(prefix="compare_w4_") as folder:
            files = {of: self.matrices(folder, of) for of in {p[3] for p in kept}}
            for turn in range(self.a.repeats):
                for peer in kept:
                    self.turn(turn, peer, files[peer[3]], rows[peer[0]], fits)
        return dict(network=self.name, rows=[self.row(p, rows[p[0]]) for p in kept], fit=self.fit_row(fits))

    def turn(self, turn, peer, file, pairs, fits):
        name, _, _, of, fits_too = peer
        if any("error" in theirs for _, theirs in pairs):       # do not wait for the same failure again
            return
        # ReservoirPy gives all states back, fit or not; the SciPy loop keeps them for a fit alone, which its f32 has no use for: scikit-learn's
        # fit in f32 finds the system singular and takes minutes.
        fits_now = self.fit and fits_too
        keeps = of == "reservoirpy" or fits_now
        ours = self.ours(of, file, "--no-fit", *(["--keep-states"] if keeps else []))
        # ReservoirPy's fit is run once, for its memory; scikit-learn's each time, for its time.
        fit = fits_now and (of == "scipy" or turn == 0)
        theirs = self.theirs(peer, fit)
        pairs.append((ours, theirs))
        if fit:
            fits.append((name, self.ours(of, file, "--precision", "f64") if self.a.device == "cpu" else {"error": "no f64"}, theirs))

    def row(self, peer, pairs):
        wanted = self.over_scipy if peer[3] == "scipy" else self.over_reservoirpy
        row = dict(simulator=peer[0], weights_of=peer[3], wanted=wanted)
        good = [(o, t) for o, t in pairs if "error" not in o and "error" not in t]
        if not good:
            return dict(row, error=next((r["error"] for pair in pairs for r in pair if "error" in r), "not run"))
        walls = [(o["sim_wall_s"], t["sim_wall_s"]) for o, t in good]
        cpus = [t["sim_cpu_s"] / o["sim_cpu_s"] for o, t in good if o["sim_cpu_s"] and t["sim_cpu_s"]]
        return dict(row, version=good[-1][1]["version"], ours_s=statistics.median(o for o, _ in walls), theirs_s=statistics.median(t for _, t in walls),
                    cpu_ratio=round(statistics.median(cpus), 2) if cpus else None,
                    ratio=round(statistics.median(t / o for o, t in walls), 2), ours_all=[o for o, _ in walls], theirs_all=[t for _, t in walls],
                    loads=[t["loadavg_before"] for _, t in good])

    def fit_row(self, fits):
        good = [f for f in fits if "error" not in f[1] and "error" not in f[2]]
        sklearn, reservoirpy = ([(o, t) for name, o, t in good if name.startswith(of)] for of in ("SciPy", "ReservoirPy"))
        out = {}
        if sklearn:
            out.update(ours_s=statistics.median(o["fit_s"] for o, _ in sklearn), theirs_s=statistics.median(t["fit_s"] for _, t in sklearn),
                       ratio=round(statistics.median(o["fit_s"] / t["fit_s"] for o, t in sklearn), 3), wanted=FIT_RATIO,
                       ours_all=[o["fit_s"] for o, _ in sklearn], theirs_all=[t["fit_s"] for _, t in sklearn],
                       ours_nrmse=sklearn[-1][0]["nrmse"], theirs_nrmse=sklearn[-1][1]["nrmse"])
        if reservoirpy:
            ours, theirs = reservoirpy[0]
            out.update(ours_mb=ours["peak_rss_mb"], reservoirpy_mb=theirs["peak_rss_mb"], memory_ratio=round(theirs["peak_rss_mb"] / ours["peak_rss_mb"], 2),
                       memory_wanted=MEMORY_RATIO, reservoirpy_fit_s=theirs["fit_s"], ours_fit_s=ours["fit_s"], ours_nrmse_of_reservoirpys=ours["nrmse"],
                       reservoirpy_nrmse=theirs["nrmse"])
        return out or None


def table(results, say):
    say(f"\n{'network':<14} {'other':<20} {'limnos s':>10} {'other s':>10} {'ratio':>7} {'wanted':>7} {'CPU ratio':>10}")
    show = lambda x, form: "-" if x is None else format(x, form)  # noqa: E731
    for r in results:
        for row in r["rows"]:
            say(f"{r['network']:<14} {row['simulator']:<20} {show(row.get('ours_s'), '10.4f'):>10} {show(row.get('theirs_s'), '10.4f'):>10} "
                f"{show(row.get('ratio'), '7.2f'):>7} {show(row['wanted'], '7.1f'):>7} {show(row.get('cpu_ratio'), '10.2f'):>10}")
    for r in results:
        f = r["fit"] or {}
        if "ratio" in f:
            say(f"{r['network']:<14} fit in f64: {f['ours_s']:.4f} s, scikit-learn {f['theirs_s']:.4f} s, ours over theirs {f['ratio']:.3f} (at most "
                f"{f['wanted']}); NRMSE {f['ours_nrmse']:.6e} and {f['theirs_nrmse']:.6e}")
        if "memory_ratio" in f:
            say(f"{r['network']:<14} memory: {f['ours_mb']:.0f} MB, ReservoirPy {f['reservoirpy_mb']:.0f} MB, theirs over ours {f['memory_ratio']:.2f} (at "
                f"least {f['memory_wanted']}); NRMSE {f['ours_nrmse_of_reservoirpys']:.6e} and {f['reservoirpy_nrmse']:.6e}")
