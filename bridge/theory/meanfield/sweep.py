"""Activity that changes with time: a causal sweep, one pass and no iteration.

Bin by bin, the input of the M units of an ensemble is drawn with the mean and the covariance that
the ensemble's own output has had so far,
mu(t) = mu_ext(t) + sum_b K J m_b(t - d),
C(t, t') = C_ext + sum_b [K (J^2 + s2) C_b(t - d, t' - d) + (K s2 + VK J^2) m_b(t - d) m_b(t' - d)],
C_b the M-sample covariance. Such paths are x_i(t) = mu(t) + sum_j G_ij (y_j(t - d) - m(t - d)) with
one matrix G of independent numbers of N(0, K (J^2 + s2)/M): given the outputs, its rows are
independent Gaussian processes of just that covariance. So nothing need be factorised, and a bin
costs the spikes that arrive in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...definition.grid import steps_of
from .blueprint import Blueprint
from .ensemble import Ensemble, Noise
from .paths import Past, Path, Static

Floats = NDArray[np.float64]
SETTLE = 2  # memories before time 0, where nothing is said


class Sweep:
    """One trial."""

    def __init__(self, plan: Blueprint, units: int, seed: int, trial: int) -> None:
        self.plan, self.trial = plan, trial
        self.rng = np.random.default_rng((seed, trial, 7))
        self.ensembles = {n: Ensemble(plan, n, units, seed + 1000 * trial) for n in plan.kinds}
        self.noise = {n: Noise(e.noise, units, (seed, trial)) for n, e in self.ensembles.items()}
        self.places = {i: plan.twin_output(i) for i in range(len(plan.outputs))}
        longest = max((int(k.delays.max()) for k in plan.links), default=1)
        self.past = {}
        for i in set(self.places.values()):
            o = plan.outputs[i]
            sent = self.ensembles[o.population].sent(o)
            self.past[i] = Past(o.spiking, longest, np.array(sent, dtype=float))
        self.paths = {
            (n, p): [Path(k, units, units, self.rng) for k in plan.links_to(n, p)]
            for n in plan.kinds
            for p in plan.ports_of(n)
        }
        self.drives = {key: Static(plan.drives_to(*key), units, self.rng) for key in self.paths}

    def run(self, width: int, settle: float | None) -> list[tuple[Floats, Floats]]:
        """Per output: means and covariance in bins of ``width`` steps."""
        plan = self.plan
        before = max(e.memory for e in self.ensembles.values()) * SETTLE
        if settle is not None:
            before = int(steps_of(float(settle), plan.dt, "settle", model=plan.label))
        bins = plan.steps // width
        units = next(iter(self.ensembles.values())).units
        sums = {i: np.zeros((bins, units), np.float32) for i in self.past}
        with np.errstate(all="ignore"):
            for k in range(-before, bins * width):
                self._step(k)
                if k >= 0:
                    for i, total in sums.items():
                        total[k // width] += self.past[i].values(k)
        for e in self.ensembles.values():
            e.check()
        found = {}
        for i, total in sums.items():
            y = total / width
            centred = y - y.mean(axis=1, keepdims=True)
            found[i] = (y.mean(axis=1, dtype=float), (centred @ centred.T).astype(float) / units)
        return [found[self.places[i]] for i in range(len(plan.outputs))]

    def _step(self, k: int) -> None:
        """All inputs from what was sent before, then all units."""
        at = max(k, 0)
        inputs: dict[str, dict[str, Floats]] = {n: {} for n in self.ensembles}
        for (name, port), paths in self.paths.items():
            total = self.drives[name, port].amount(at, self.plan.dt, self.rng)
            for path in paths:
                total = total + path.amount(k, self.past[self.places[path.link.output]])
            inputs[name][port] = total
        for name, ensemble in self.ensembles.items():
            for change in self.plan.changes:
                if change.step == k and change.owner == name:
                    ensemble.change(change.key, change.value)
            ensemble.step(inputs[name], ensemble.constants(at), self.noise[name].at(k))
        for i, past in self.past.items():
            o = self.plan.outputs[i]
            past.put(k, np.array(self.ensembles[o.population].sent(o), dtype=float))
