"""tau dx/dt = -x + W tanh(x) in plain numpy, exponential Euler: one matrix product per step.

python random_tanh_numpy.py [--units 2000] [--duration 1000]
"""

from __future__ import annotations

import time

began = time.perf_counter()
# ruff: noqa: E402

import argparse
import json

import numpy as np

imported = time.perf_counter() - began

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=2000)
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()

start = time.perf_counter()
rng = np.random.default_rng(1)
N, g, tau, dt = options.units, 2.0, 10.0, 0.1
W = rng.normal(0.0, g / np.sqrt(N), (N, N))
np.fill_diagonal(W, 0.0)
x = rng.normal(0.0, 1.0, N)
steps = round(options.duration / dt)
decay = np.exp(-dt / tau)
kept = np.empty((steps + 1, 10))
built = time.perf_counter()
for k in range(steps):
    kept[k] = x[:10]
    x = x * decay + (W @ np.tanh(x)) * (1 - decay)
kept[steps] = x[:10]
ran = time.perf_counter()

figures = {"import": imported, "build": built - start, "run": ran - built, "collect": 0.0}
print(json.dumps({**figures, "spikes": 0}))
