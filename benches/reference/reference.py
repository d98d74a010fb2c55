#!/usr/bin/env python3
"""Reference statistics of the workloads w1, w2 and w3: simulate, measure, print one JSON line.

    python reference.py --simulator nest|brian2|numpy --workload w1|w2|w3 --seed 1 --seconds 10 [--n N]

Needs numpy and, for `nest` and `brian2`, that simulator.  README.md beside this file says what each number means;
`measure` below is the definition in code.  One thread.

Step order (step t = 0, 1, ...; NEST's `iaf_psc_delta` and `iaf_psc_exp` follow it, `numpy` says it plainly):
1. input due at t: recurrent spikes of step t - 1, external events of step t;
2. w1: v <- v exp(-dt/tau) + input.   w3: v <- exact joint propagator of (v, g) over dt from the values after step t - 1,
   then each current decays and receives.   A refractory neuron keeps v = reset, discards delta input, its currents go on;
3. spike if v >= threshold; v <- reset; no integration in the steps t + 1 ... t + refractory.
w2 is w1 with STDP between excitatory neurons. A spike of step t - 1 arrives in step t: its weight is read, then falls by
a_minus y, y the target's trace of its spikes up to t - 1; then the source's trace x counts the arrival. A target's spike of step t
comes after that: the weight rises by a_plus x.

Brian2 tests the threshold before synapses act, so `--variant matched` (default) moves its events to give that order:
  w1  no delay, weights divided by exp(-dt/tau), external events in the slot of the synapses;
  w2  as w1, and arrivals pair one step later on a pathway of their own; weights are delivered after a target's spike of the
      step of emission has changed them, as they are when the spike arrives. Traces are kept by synapse, event-driven;
  w3  delay of one step, refractory one step longer (Brian2 integrates again in step t + refractory).
`--variant published` is w3 as in Brian2's CUBA example: no delay, refractory 5 ms; and w2 as one writes it first: a delay of one step on
all that a source's spike does, so that it reaches the potential a step later than here, while pairing is the same.
"""
import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time

for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_pool] = "1"
os.environ["PYNEST_QUIET"] = "1"
import numpy as np  # noqa: E402

DISCARD_MS, BIN_MS, PAIRS, MIN_INTERVALS = 500.0, 5.0, 2000, 5
W1 = dict(dt=1.0, tau=20.0, threshold=20.0, refractory=2, out_exc=80, out_inh=20, j_exc=0.5, j_inh=-2.5, lam=2.25, j_ext=0.5)
W2 = dict(tau=20.0, a_plus=0.005, a_minus=1.05 * 0.005, w_max=1.0)
W3 = dict(dt=0.1, tau=20.0, rest=-49.0, reset=-60.0, threshold=-50.0, refractory=50, tau_exc=5.0, tau_inh=10.0,
          w_exc=1.62, w_inh=-9.0, degree=80)


# ---------------------------------------------------------------- the networks

def stream(seed, number):
    """Independent numpy generators: 1 connections, 2 initial potentials, 3 drive."""
    return np.random.default_rng([seed, number])


def w1_targets(n, seed):
    """targets[n, 100]: 80 excitatory then 20 inhibitory ids a row, drawn with replacement, self allowed."""
    rng, n_exc = stream(seed, 1), excitatory(n)
    return np.hstack([rng.integers(0, n_exc, (n, W1["out_exc"])), rng.integers(n_exc, n, (n, W1["out_inh"]))])


def w3_pairs(n, seed):
    """(source, target) of every synapse: each ordered pair, self included, independently with p = 80 / n."""
    rng = stream(seed, 1)
    rows = [np.flatnonzero(rng.random(n) < W3["degree"] / n) for _ in range(n)]
    return np.repeat(np.arange(n), [len(r) for r in rows]), np.concatenate(rows)


def excitatory(n):
    """The first 80 % of the neurons are excitatory."""
    return int(round(0.8 * n))


def initial_potential(workload, n, seed):
    u = stream(seed, 2).random(n)
    return -60.0 + 10.0 * u if workload == "w3" else u * W1["threshold"]


# ---------------------------------------------------------------- numpy: the step order, said plainly

def numpy_w1(a, steps):
    n, n_exc, targets = a.n, excitatory(a.n), w1_targets(a.n, a.seed)
    rng, v, decay = stream(a.seed, 3), initial_potential("w1", a.n, a.seed), np.exp(-W1["dt"] / W1["tau"])
    left, fired, out = np.zeros(n, int), np.empty(0, int), []
    for t in range(steps):
        drive = rng.poisson(W1["lam"], n) if a.drive == "poisson" else W1["lam"]
        split = np.searchsorted(fired, n_exc)
        v = v * decay + W1["j_ext"] * drive \
            + W1["j_exc"] * np.bincount(targets[fired[:split]].ravel(), minlength=n) \
            + W1["j_inh"] * np.bincount(targets[fired[split:]].ravel(), minlength=n)
        v[left > 0] = 0.0
        left = np.maximum(left - 1, 0)
        fired = np.flatnonzero(v >= W1["threshold"])
        v[fired], left[fired] = 0.0, W1["refractory"]
        out.append((t, fired))
    return gathered(out) + (np.__version__,)


def numpy_w2(a, steps):
    """As numpy_w1, with a weight for each synapse between excitatory neurons, clipped once a step."""
    n, n_exc, targets = a.n, excitatory(a.n), w1_targets(a.n, a.seed)
    k, flat = W1["out_exc"], w1_targets(a.n, a.seed)[:excitatory(a.n), :W1["out_exc"]].ravel()
    column, first = np.argsort(flat, kind="stable"), np.searchsorted(np.sort(flat), np.arange(n_exc + 1))
    w, x, y = np.full(n_exc * k, W1["j_exc"]), np.zeros(n_exc), np.zeros(n_exc)
    rng, v, decay = stream(a.seed, 3), initial_potential("w2", a.n, a.seed), np.exp(-W1["dt"] / W1["tau"])
    left, fired, out, fade = np.zeros(n, int), np.empty(0, int), [], np.exp(-W1["dt"] / W2["tau"])
    for t in range(steps):
        drive = rng.poisson(W1["lam"], n) if a.drive == "poisson" else W1["lam"]
        split = np.searchsorted(fired, n_exc)
        arrived, inhibitory = fired[:split], fired[split:]
        rows = (arrived[:, None] * k + np.arange(k)).ravel()
        v = v * decay + W1["j_ext"] * drive + np.bincount(flat[rows], w[rows], minlength=n) \
            + W1["j_exc"] * np.bincount(targets[arrived, k:].ravel(), minlength=n) \
            + W1["j_inh"] * np.bincount(targets[inhibitory].ravel(), minlength=n)
        v[left > 0] = 0.0
        left = np.maximum(left - 1, 0)
        fired = np.flatnonzero(v >= W1["threshold"])
        v[fired], left[fired] = 0.0, W1["refractory"]
        out.append((t, fired))
        x, y = x * fade, y * fade
        x[arrived] += 1.0
        w[rows] -= W2["a_minus"] * y[flat[rows]]
        spiked = fired[fired < n_exc]
        columns = np.concatenate([column[first[i]:first[i + 1]] for i in spiked]) if len(spiked) else np.empty(0, int)
        w[columns] += W2["a_plus"] * x[columns // k]
        for changed in (rows, columns):
            w[changed] = np.clip(w[changed], 0.0, W2["w_max"])
        y[spiked] += 1.0
    return gathered(out) + (np.__version__, w)


def into_membrane(tau_syn, tau, dt):
    """What a current of 1 mV at the start of a step adds to the potential by its end, exactly."""
    return tau_syn / (tau_syn - tau) * (np.exp(-dt / tau_syn) - np.exp(-dt / tau))


def numpy_w3(a, steps):
    n, n_exc, p = a.n, excitatory(a.n), W3
    source, target = w3_pairs(n, a.seed)
    first = np.searchsorted(source, np.arange(n + 1))
    dt, tau = p["dt"], p["tau"]
    leak, leak_e, leak_i = np.exp(-dt / tau), np.exp(-dt / p["tau_exc"]), np.exp(-dt / p["tau_inh"])
    gain_e, gain_i = into_membrane(p["tau_exc"], tau, dt), into_membrane(p["tau_inh"], tau, dt)
    v, ge, gi = initial_potential("w3", n, a.seed), np.zeros(n), np.zeros(n)
    left, fired, out = np.zeros(n, int), [], []
    for t in range(steps):
        v = p["rest"] + (v - p["rest"]) * leak + gain_e * ge + gain_i * gi
        ge *= leak_e
        gi *= leak_i
        for s in fired:
            row = target[first[s]:first[s + 1]]
            if s < n_exc:
                ge[row] += p["w_exc"]
            else:
                gi[row] += p["w_inh"]
        v[left > 0] = p["reset"]
        left = np.maximum(left - 1, 0)
        fired = np.flatnonzero(v >= p["threshold"])
        v[fired], left[fired] = p["reset"], p["refractory"]
        if len(fired):
            out.append((t, fired))
    return gathered(out) + (np.__version__,)


def gathered(out):
    """(steps, ids) of all spikes from a list of (step, ids)."""
    return np.repeat([t for t, _ in out], [len(f) for _, f in out]), np.concatenate([f for _, f in out])


# ---------------------------------------------------------------- NEST

def nest_start(a, dt):
    import nest
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution, nest.local_num_threads, nest.rng_seed = dt, 1, a.seed
    return nest


def nest_run(nest, population, steps, dt):
    """A spike of step t carries the time (t + 1) dt in NEST."""
    recorder = nest.Create("spike_recorder")
    nest.Connect(population, recorder)
    nest.Simulate(steps * dt)
    events = recorder.events
    return np.rint(events["times"] / dt).astype(int) - 1, events["senders"] - population[0].global_id, nest.__version__


def nest_given(nest, source, target, weight, dt):
    """Connect listed pairs; NEST's ids start at 1 with the first node created."""
    nest.Connect(source + 1, target + 1, "one_to_one", dict(weight=weight, delay=np.full(len(source), dt)))


def nest_w1(a, steps):
    p, dt, n_exc = W1, W1["dt"], excitatory(a.n)
    nest = nest_start(a, dt)
    cell = dict(C_m=1.0, tau_m=p["tau"], E_L=0.0, V_reset=0.0, V_th=p["threshold"], t_ref=p["refractory"] * dt)
    if a.drive == "dc":      # the current that adds lam * j_ext in a step
        cell["I_e"] = p["lam"] * p["j_ext"] / (p["tau"] * (1 - np.exp(-dt / p["tau"])))
    every = nest.Create("iaf_psc_delta", a.n, cell)
    every.V_m = initial_potential("w1", a.n, a.seed)
    weights = (p["j_exc"], p["j_inh"])
    if a.network == "given":
        source, target = np.repeat(np.arange(a.n), 100), w1_targets(a.n, a.seed).ravel()
        nest_given(nest, source, target, np.where(source < n_exc, *weights), dt)
    else:
        for sources, weight in zip((every[:n_exc], every[n_exc:]), weights):
            for targets, k in ((every[:n_exc], p["out_exc"]), (every[n_exc:], p["out_inh"])):
                nest.Connect(sources, targets, dict(rule="fixed_outdegree", outdegree=k), dict(weight=weight, delay=dt))
    if a.drive == "poisson":
        source = nest.Create("poisson_generator", params=dict(rate=1000.0 * p["lam"] / dt))
        nest.Connect(source, every, syn_spec=dict(weight=p["j_ext"], delay=dt))
    return nest_run(nest, every, steps, dt)


def nest_w3(a, steps):
    p, dt, n_exc = W3, W3["dt"], excitatory(a.n)
    nest = nest_start(a, dt)
    c = 200.0                                            # pF; a current of 1 mV is then c / tau = 10 pA
    cell = dict(C_m=c, tau_m=p["tau"], E_L=p["rest"], V_reset=p["reset"], V_th=p["threshold"],
                t_ref=p["refractory"] * dt, tau_syn_ex=p["tau_exc"], tau_syn_in=p["tau_inh"])
    every = nest.Create("iaf_psc_exp", a.n, cell)
    every.V_m = initial_potential("w3", a.n, a.seed)
    weights = (p["w_exc"] * c / p["tau"], p["w_inh"] * c / p["tau"])
    if a.network == "given":
        source, target = w3_pairs(a.n, a.seed)
        nest_given(nest, source, target, np.where(source < n_exc, *weights), dt)
    else:
        rule = dict(rule="pairwise_bernoulli", p=p["degree"] / a.n)
        for sources, weight in zip((every[:n_exc], every[n_exc:]), weights):
            nest.Connect(sources, every, rule, dict(weight=weight, delay=dt))
    return nest_run(nest, every, steps, dt)


# ---------------------------------------------------------------- Brian2

def brian2_start(a, dt, directory):
    import brian2 as b
    b.set_device("cpp_standalone", build_on_run=False, directory=directory)
    b.prefs.devices.cpp_standalone.openmp_threads = 0
    b.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j1"]
    b.seed(a.seed)
    b.defaultclock.dt = dt * b.ms
    return b


def brian2_run(b, group, parts, steps, dt, directory):
    monitor = b.SpikeMonitor(group)
    b.Network([group, monitor] + parts).run(steps * dt * b.ms)
    b.device.build(run=True, directory=directory, with_output=False)
    return np.rint(np.asarray(monitor.t / b.ms) / dt).astype(int), np.asarray(monitor.i), b.__version__


def brian2_w1_group(b, a, up):
    """The neurons of w1 with their drive."""
    p, dt, mV = W1, W1["dt"], b.mV
    tau, threshold, jump = p["tau"] * b.ms, p["threshold"] * mV, up * p["j_ext"] * mV
    poisson = a.drive == "poisson"
    group = b.NeuronGroup(a.n, "dv/dt = -v/tau : volt (unless refractory)", threshold="v >= threshold", reset="v = 0*mV",
                          refractory=p["refractory"] * dt * b.ms, method="exact",
                          namespace=dict(tau=tau, threshold=threshold, jump=jump))
    drive = f"poisson({p['lam']})" if poisson else str(p["lam"])
    group.run_regularly(f"v += jump*{drive}", when="synapses")
    # events act from the next step on, so those of step 0 are part of the initial value
    first = stream(a.seed, 3).poisson(p["lam"], a.n) if poisson else p["lam"]
    group.v = initial_potential("w1", a.n, a.seed) * mV + jump * first
    return group


def brian2_w1(a, steps, directory):
    p, dt, n_exc = W1, W1["dt"], excitatory(a.n)
    b, up = brian2_start(a, dt, directory), float(np.exp(dt / p["tau"]))
    group = brian2_w1_group(b, a, up)
    source, target = np.repeat(np.arange(a.n), 100), w1_targets(a.n, a.seed).ravel()
    synapses = b.Synapses(group, group, "w : volt", on_pre="v_post += w")
    synapses.connect(i=source, j=target)
    synapses.w = up * np.where(source < n_exc, p["j_exc"], p["j_inh"]) * b.mV
    return brian2_run(b, group, [synapses], steps, dt, directory)


def brian2_w2(a, steps, directory):
    p, q, n_exc, matched = W1, W2, excitatory(a.n), a.variant == "matched"
    dt, up = p["dt"], float(np.exp(p["dt"] / p["tau"]))
    b = brian2_start(a, dt, directory)
    group = brian2_w1_group(b, a, up)
    names = dict(a_plus=up * q["a_plus"] * b.mV, a_minus=up * q["a_minus"] * b.mV, w_max=up * q["w_max"] * b.mV, fade=q["tau"] * b.ms)
    source, target = np.repeat(np.arange(a.n), 100), w1_targets(a.n, a.seed).ravel()
    plastic = (source < n_exc) & (target < n_exc)
    still = b.Synapses(group, group, "w : volt", on_pre="v_post += w", delay=None if matched else dt * b.ms)
    still.connect(i=source[~plastic], j=target[~plastic])
    still.w = up * np.where(source[~plastic] < n_exc, p["j_exc"], p["j_inh"]) * b.mV
    traces = """w : volt
                dx/dt = -x/fade : 1 (event-driven)
                dy/dt = -y/fade : 1 (event-driven)"""
    read, pair = "v_post += w\n", "x += 1\nw = clip(w - a_minus*y, 0*volt, w_max)"
    on_pre = dict(arrive=pair, read=read) if matched else dict(arrive=read + pair)
    learning = b.Synapses(group, group, traces, on_pre=on_pre, on_post="y += 1\nw = clip(w + a_plus*x, 0*volt, w_max)",
                          delay=dict(arrive=dt * b.ms), namespace=names)
    for order, name in enumerate(("arrive", "post", "read")):
        if name != "read" or matched:
            getattr(learning, name).order = order
    learning.connect(i=source[plastic], j=target[plastic])
    learning.w = up * p["j_exc"] * b.mV
    ran = brian2_run(b, group, [still, learning], steps, dt, directory)
    return ran + (np.asarray(learning.w / b.mV) / up,)


def brian2_w3(a, steps, directory):
    p, dt, n_exc = W3, W3["dt"], excitatory(a.n)
    b = brian2_start(a, dt, directory)
    mV, ms = b.mV, b.ms
    matched = a.variant == "matched"
    names = dict(rest=p["rest"] * mV, reset=p["reset"] * mV, threshold=p["threshold"] * mV, tau=p["tau"] * ms,
                 tau_exc=p["tau_exc"] * ms, tau_inh=p["tau_inh"] * ms, w_exc=p["w_exc"] * mV, w_inh=p["w_inh"] * mV)
    equations = """dv/dt = (ge + gi - (v - rest))/tau : volt (unless refractory)
                   dge/dt = -ge/tau_exc : volt
                   dgi/dt = -gi/tau_inh : volt"""
    group = b.NeuronGroup(a.n, equations, threshold="v >= threshold", reset="v = reset", method="exact", namespace=names,
                          refractory=(p["refractory"] + (1 if matched else 0)) * dt * ms)
    group.v = initial_potential("w3", a.n, a.seed) * mV
    source, target = w3_pairs(a.n, a.seed)
    parts = []
    for kind, chosen in (("exc", source < n_exc), ("inh", source >= n_exc)):
        part = b.Synapses(group, group, on_pre=f"g{kind[0]}_post += w_{kind}", namespace=names,
                          delay=dt * ms if matched else None)
        part.connect(i=source[chosen], j=target[chosen])
        parts.append(part)
    return brian2_run(b, group, parts, steps, dt, directory)


# ---------------------------------------------------------------- the measures

def split_mix(state):
    """SplitMix64 (Steele, Lea, Flood 2014): yields u64 after u64."""
    mask = (1 << 64) - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def random_pairs(n, count, seed):
    """`count` pairs of two different ids below n; pairs may share neurons."""
    draws, pairs = split_mix(seed), []
    for _ in range(count):
        first, second = next(draws) % n, next(draws) % (n - 1)
        pairs.append((first, second + (second >= first)))
    return np.array(pairs)


def interval_cv(steps, ids, n, min_intervals):
    """Per neuron: sd / mean of its inter-spike intervals (sd with divisor m, the number of intervals);
    NaN where m < min_intervals."""
    order = np.lexsort((steps, ids))
    s, i = steps[order], ids[order]
    same = i[1:] == i[:-1]
    interval, owner = (s[1:] - s[:-1])[same], i[1:][same]
    m = np.bincount(owner, minlength=n)
    mean = np.bincount(owner, interval, n) / np.maximum(m, 1)
    variance = np.bincount(owner, (interval - mean[owner]) ** 2, n) / np.maximum(m, 1)
    enough = m >= max(min_intervals, 1)
    return np.where(enough, np.sqrt(variance) / np.where(enough, mean, 1.0), np.nan)


def pair_correlation(steps, ids, pairs, bin_steps, window_steps):
    """Pearson correlation of the two spike counts of each pair over whole bins; NaN where a count has no variance."""
    bins = window_steps // bin_steps                     # a last, partial bin is left out
    members, slot = np.unique(pairs, return_inverse=True)
    row = np.full(max(ids.max(initial=0), members[-1]) + 1, -1)
    row[members] = np.arange(len(members))
    chosen = (row[ids] >= 0) & (steps < bins * bin_steps)
    flat = row[ids[chosen]] * bins + steps[chosen] // bin_steps
    counts = np.bincount(flat, minlength=len(members) * bins).reshape(len(members), bins)[slot.reshape(pairs.shape)]
    dev = counts - counts.mean(axis=2, keepdims=True)
    square = (dev ** 2).sum(axis=2)
    scale = np.sqrt(square[:, 0] * square[:, 1])
    return np.where(scale > 0, (dev[:, 0] * dev[:, 1]).sum(axis=1) / np.where(scale > 0, scale, 1.0), np.nan)


def mean_correlation(steps, ids, n, bin_steps, window_steps):
    """Mean Pearson correlation over all pairs of neurons below n whose counts vary: with z the standardised counts of
    m neurons, the mean over all pairs is (mean over bins of (sum z)^2 - m) / (m (m - 1)).  NaN where m < 2."""
    bins, m = window_steps // bin_steps, 0
    total, whole = np.zeros(bins), steps < bins * bin_steps
    for low in range(0, n, 1000):                        # in pieces, to bound memory
        high = min(low + 1000, n)
        part = whole & (ids >= low) & (ids < high)
        flat = (ids[part] - low) * bins + steps[part] // bin_steps
        counts = np.bincount(flat, minlength=(high - low) * bins).reshape(-1, bins).astype(float)
        sd = counts.std(axis=1)
        varied = sd > 0
        total += ((counts[varied] - counts[varied].mean(axis=1, keepdims=True)) / sd[varied, None]).sum(axis=0)
        m += int(varied.sum())
    return float(((total ** 2).mean() - m) / (m * (m - 1))) if m > 1 else float("nan")


def mean_defined(x):
    x = x[~np.isnan(x)]
    return float(x.mean()) if len(x) else None


def measure(steps, ids, n, n_exc, *, dt_ms, first_step, window_steps, bin_ms, pairs, min_intervals):
    """All statistics of the window [first_step, first_step + window_steps); ids below n_exc are excitatory."""
    inside = (steps >= first_step) & (steps < first_step + window_steps)
    s, i = steps[inside] - first_step, ids[inside]
    seconds = window_steps * dt_ms / 1000.0
    cv = interval_cv(s, i, n, min_intervals)
    bin_steps, tenth = int(round(bin_ms / dt_ms)), window_steps // 10
    r = pair_correlation(s, i, pairs, bin_steps, window_steps)
    spikes = np.bincount(i, minlength=n)
    return dict(
        spikes=int(len(s)),
        rate_hz=float(spikes.mean() / seconds),
        rate_exc_hz=float(spikes[:n_exc].mean() / seconds),
        rate_inh_hz=float(spikes[n_exc:].mean() / seconds),
        cv_isi=mean_defined(cv), cv_isi_exc=mean_defined(cv[:n_exc]), cv_isi_inh=mean_defined(cv[n_exc:]),
        cv_neurons=int((~np.isnan(cv)).sum()),
        correlation=mean_defined(r), correlation_sd=float(np.nanstd(r)), correlation_pairs=int((~np.isnan(r)).sum()),
        correlation_all_pairs=mean_correlation(s, i, n_exc, bin_steps, window_steps),
        silent_neurons=int((spikes == 0).sum()),
        rate_last_tenth_hz=float((s >= window_steps - tenth).sum() / n / (tenth * dt_ms / 1000.0)),
    )


def measure_weights(w):
    """The distribution of plastic weights, mV."""
    percentiles = (5, 25, 50, 75, 95)
    return dict(w_mean=float(w.mean()), w_sd=float(w.std())) | {
        f"w_p{p:02}": float(value) for p, value in zip(percentiles, np.percentile(w, percentiles))}


# ---------------------------------------------------------------- command line

def simulate(a, steps):
    """Steps and ids of all spikes, version, and (w2) the plastic weights at the end."""
    run = globals()[f"{a.simulator}_{a.workload}"]
    if a.simulator == "brian2":
        with tempfile.TemporaryDirectory(prefix="reference_") as directory:
            return run(a, steps, directory)
    return run(a, steps)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--simulator", choices=["nest", "brian2", "numpy"], required=True)
    p.add_argument("--workload", choices=["w1", "w2", "w3"], required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--seconds", type=float, default=10.0, help="measured time, after 0.5 s that are discarded")
    p.add_argument("--n", type=int, help="neurons; default 20000 (w1), 4000 (w2, w3)")
    p.add_argument("--variant", choices=["matched", "published"], default="matched", help="brian2 w2 and w3, see above")
    p.add_argument("--drive", choices=["poisson", "dc"], default="poisson", help="w1, w2")
    p.add_argument("--network", choices=["native", "given"], default="native",
                   help="nest: its own connection rules, or the arrays that brian2 and numpy use")
    p.add_argument("--save-spikes", metavar="FILE", help="also write all steps and ids as .npz (see step_order.py)")
    a = p.parse_args()
    a.n = a.n or (20000 if a.workload == "w1" else 4000)
    if a.n < 1000:
        p.error(f"--n {a.n}: at least 1000 neurons, the in-degree of about 100 is meant to be sparse")
    if a.variant == "published" and (a.simulator != "brian2" or a.workload == "w1"):
        p.error("--variant published exists for brian2 w2 and w3 alone")
    if f"{a.simulator}_{a.workload}" not in globals():
        p.error("--workload w2: nest pairs spikes by dendritic delays, which is another model; take brian2 or numpy")
    if a.simulator != "numpy" and importlib.util.find_spec(a.simulator) is None:
        p.error(f"--simulator {a.simulator}: its Python package is not installed here")
    return a


def main():
    a = arguments()
    dt = (W3 if a.workload == "w3" else W1)["dt"]
    first, window = int(round(DISCARD_MS / dt)), int(round(a.seconds * 1000.0 / dt))
    start = time.perf_counter()
    steps, ids, version, *weights = simulate(a, first + window)
    wall = time.perf_counter() - start
    if a.save_spikes:
        order = np.lexsort((ids, steps))
        np.savez(a.save_spikes, steps=steps[order], ids=ids[order], **dict(weights=weights[0]) if weights else {})
    n_exc = excitatory(a.n)
    values = measure(steps, ids, a.n, n_exc, dt_ms=dt, first_step=first, window_steps=window, bin_ms=BIN_MS,
                     pairs=random_pairs(n_exc, PAIRS, a.seed), min_intervals=MIN_INTERVALS)
    for w in weights:
        values |= measure_weights(w)
    about = dict(workload=a.workload, simulator=a.simulator, version=version, seed=a.seed, n=a.n, seconds=a.seconds,
                 dt_ms=dt, discard_ms=DISCARD_MS, bin_ms=BIN_MS, pairs=PAIRS, min_intervals=MIN_INTERVALS,
                 variant=a.variant, drive=a.drive if a.workload != "w3" else None,
                 network=a.network if a.simulator == "nest" else "given")
    print(json.dumps({**about, **values, "wall_s": round(wall, 1)}), flush=True)


if __name__ == "__main__":
    main()
