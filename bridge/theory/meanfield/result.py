"""The stationary state that mean-field theory predicts, in the units of simulations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import dataclass
from .blueprint import Blueprint, Output
from .gaussian import FIRST, autocovariance

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Activity:
    """What one population sends, spikes or a signal.

    ``mean`` and ``error`` (standard error): Hz for spikes, else the signal's own unit;
    ``spectrum`` (F,) at ``frequencies`` (Hz): of one unit, Hz for spikes, else unit^2 ms;
    ``quenched``: variance of the units' means, Hz^2 or unit^2; ``cv``: std/mean of the intervals
    between spikes. ``chi``: port -> response of the mean to the mean of the input, (F,), d<y>/d mu;
    ``variance_response``: (F,), to the variance of the input, d<y>/d sigma^2, for a port that
    receives spikes, and to its logarithm, d<y>/d ln sigma^2, for a continuous one;
    ``sent_response``: (port, output) -> the first, where the variance is that of its spikes and
    keeps their correlation in time. ``inputs``: port
    -> (mu, sigma^2). mu and sigma^2 are per ms where the port receives spikes (mean mu dt, variance
    sigma^2 dt in each bin), else the mean and the variance of the port's value.
    ``two_valued``: a signal that is 0 or 1.
    """

    output: Output
    size: int
    mean: float
    error: float
    cv: float
    frequencies: Floats
    spectrum: Floats
    chi: Mapping[str, Complexes]
    variance_response: Mapping[str, Complexes]
    sent_response: Mapping[tuple[str, str], Complexes]
    inputs: Mapping[str, tuple[float, float]]
    spike_ports: frozenset[str]
    two_valued: bool
    dt: float

    @property
    def label(self) -> str:
        return self.output.label

    @property
    def spiking(self) -> bool:
        return self.output.spiking

    @property
    def variance(self) -> float:
        """Of a signal, over time and units (unit^2); of spikes per bin, Hz^2."""
        return float(self.autocovariance[0])

    @property
    def autocovariance(self) -> Floats:
        """C at lags 0, dt, 2 dt ...: Hz^2 for spikes, else unit^2."""
        scale = 1e3 / self.dt if self.spiking else 1.0 / self.dt
        return autocovariance(self.spectrum * scale)

    @property
    def lags(self) -> Floats:
        """Of `autocovariance`, ms."""
        return np.asarray(np.arange(len(self.spectrum)) * self.dt, float)

    @property
    def quenched(self) -> float:
        """What frequency 0 holds beyond its neighbours, over the window."""
        static = float(self.spectrum[0]) - float(np.mean(self.spectrum[1 : FIRST + 1]))
        window = 2 * (len(self.spectrum) - 1) * self.dt
        scale = 1e3 if self.spiking else 1.0
        return max(static * scale / window, 0.0)

    def at(self, frequency: float, values: NDArray[np.generic]) -> complex:
        """``values`` at ``frequency`` (Hz), interpolated."""
        real = np.interp(frequency, self.frequencies, values.real)
        imag = np.interp(frequency, self.frequencies, values.imag)
        return complex(real, imag)


@dataclass(frozen=True, eq=False)
class MeanField:
    """The solution: `Activity` by label: the population, with ``.signal`` where it sends several.

    ``gain``: K J chi(0) between outputs; its largest eigenvalue is the loop gain. ``at``: the
    step whose input holds; ``rounds``: how many ensembles were run; ``seconds`` they took.
    """

    label: str
    plan: Blueprint
    activity: Mapping[str, Activity]
    gain: Floats
    at: int
    rounds: int
    units: int
    seconds: float

    def __getitem__(self, label: str) -> Activity:
        if label not in self.activity:
            raise DefinitionError(
                f"nothing is sent as {label!r}",
                model=self.label,
                symbol=label,
                remedy=f"known are {', '.join(self.activity)}",
            )
        return self.activity[label]

    @property
    def loop_gain(self) -> complex:
        """The eigenvalue of the static gain with the largest modulus; means are stable where all
        real parts are below 1.
        """
        return largest_eigenvalue(self.gain)

    @property
    def rates(self) -> dict[str, float]:
        """Population -> rate, Hz, of those that spike."""
        return {a.output.population: a.mean for a in self.activity.values() if a.spiking}


def largest_eigenvalue(matrix: Floats) -> complex:
    """The eigenvalue with the largest modulus."""
    values = np.linalg.eigvals(matrix)
    return complex(values[np.argmax(np.abs(values))]) if len(values) else 0j
