"""Writes sound.npz, which tests/tasks/hearing.rs reads: features of a synthetic sound.

Made with numpy 2.4.6 and, for the cochlea, the package lyon 1.0.0 (a binding of Slaney's program).
The cepstra are from the formulas of the HTK book, chapter 5, written out plainly: no transform but the sum.
"""
import numpy as np
from lyon.calc import LyonCalc

n = np.arange(2000, dtype=np.int64)
# A falling and rising sound with a pause, exact in every arithmetic.
sound = ((n * n * 7 + n * 31) % 2001 - 1000) / 1024.0
sound[700:1000] = 0.0
sound = sound.astype(np.float32).astype(np.float64)


def cochlea(x, rate, decimation, **options):
    return LyonCalc().lyon_passive_ear(x.copy(), rate, decimation, **options)[: len(x) // decimation]


def cepstra(x, rate, frame, hop, size, filters, low, high, coefficients, lifter, emphasis):
    mel = lambda f: 1127.0 * np.log(1.0 + f / 700.0)
    edges = np.linspace(mel(low), mel(high), filters + 2)
    bins = mel(np.arange(size // 2 + 1) * rate / size)
    bank = np.array([np.interp(bins, edges[j : j + 3], [0, 1, 0], left=0, right=0) for j in range(filters)])
    wave = np.exp(-2j * np.pi * np.outer(np.arange(size // 2 + 1), np.arange(frame)) / size)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(frame) / (frame - 1))
    rows = []
    for start in range(0, len(x) - frame + 1, hop):
        s = x[start : start + frame] * 32768.0
        e = np.concatenate([[s[0] * (1 - emphasis)], s[1:] - emphasis * s[:-1]])
        m = np.log(np.maximum(bank @ np.abs(wave @ (e * window)), 1.0))
        i, j = np.arange(coefficients)[:, None], np.arange(1, filters + 1)
        c = np.sqrt(2.0 / filters) * (np.cos(np.pi * i / filters * (j - 0.5)) @ m)
        rows.append(c * (1 + lifter / 2 * np.sin(np.pi * i[:, 0] / lifter)) if lifter else c)
    return np.array(rows)


def delta(c, window):
    padded = np.pad(c, ((window, window), (0, 0)), mode="edge")
    terms = [k * (padded[window + k :][: len(c)] - padded[window - k :][: len(c)]) for k in range(1, window + 1)]
    return sum(terms) / (2 * sum(k * k for k in range(1, window + 1)))


plain = cepstra(sound, 8000, 200, 80, 256, 26, 0, 4000, 13, 22, 0.97)
first = delta(plain, 2)
np.savez_compressed(
    "sound.npz",
    cochlea=cochlea(sound, 8000, 64),
    every_sample=cochlea(sound[:120], 8000, 1),
    # Loud enough that every stage of the gain control is at its limit.
    loud=cochlea(sound * 1e4, 8000, 64),
    other=cochlea(sound, 16000, 50, ear_q=6, step_factor=0.3, differ=False, tau_factor=2),
    free=cochlea(sound, 8000, 64, agc=False),
    cepstra=np.hstack([plain, first, delta(first, 2)]),
    narrow=cepstra(sound, 11025, 221, 110, 256, 20, 120, 5000, 20, 0, 0.0),
)
