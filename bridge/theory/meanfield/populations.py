"""Population averages: their spectra, and covariances between pairs of units.

A population average is answered by all units together,
W_ab(omega) = sum over links e^(-i omega d) [chi_a K J + R_ab K (J^2 + s2) v_b],
the response to the mean and to the covariance of the input, v_b the variance that a change of b's
mean makes: 1 for spikes, whose variance in a bin is their mean, 1 - 2 m for units that are 0 or 1,
0 for smooth signals. The covariance keeps its shape in time and follows the mean. With the
spectra S_b of single units as its source, C = (1 - W)^-1 diag(S_b/N_b) (1 - W)^-H.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...errors import Unsupported
from ...records import dataclass
from .blueprint import Blueprint, Drive, Link
from .result import Activity, MeanField

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Populations:
    """``spectra`` (F, n, n): cross-spectra of population averages, entries in the order of
    ``labels``; Hz between spikes, unit^2 ms between signals. ``coupling`` (F, n, n): W.

    ``frequencies`` (F,): Hz.
    """

    labels: tuple[str, ...]
    sizes: tuple[int, ...]
    frequencies: Floats
    spectra: Complexes
    single: Floats  # (F, n)
    coupling: Complexes
    dt: float
    scales: Floats  # of covariances: 1e3/dt for spikes, 1/dt for signals, geometric means between

    @property
    def pairwise(self) -> Complexes:
        """Mean cross-spectrum of two different units, (F, n, n)."""
        found = self.spectra.copy()
        for a, size in enumerate(self.sizes):
            found[:, a, a] = (found[:, a, a] - self.single[:, a] / size) * (size / (size - 1.0))
        return found

    @property
    def covariances(self) -> Floats:
        """Mean covariance of two different units at lags 0, dt, ... , (L/2 + 1, n, n).

        c_ab(T) = <dy_a(t + T) dy_b(t)>; Hz^2 between spikes, unit^2 between signals.
        """
        lagged = np.fft.irfft(self.pairwise, axis=0)[: len(self.frequencies)]
        found: Floats = lagged * self.scales
        return found

    @property
    def resonance(self) -> tuple[float, float]:
        """The frequency (Hz) at which 1/|1 - W| is largest in any direction, and how large."""
        n = len(self.labels)
        least = np.linalg.svd(np.eye(n) - self.coupling, compute_uv=False)[:, -1]
        place = int(np.argmin(least[1:])) + 1
        return float(self.frequencies[place]), float(1.0 / least[place])

    @property
    def growing(self) -> int:
        """Pairs of oscillating modes that grow: turns of det(1 - W) around 0 (Nyquist).

        Where there are any the asynchronous state is unstable: the network oscillates, and neither
        these spectra nor the mean field it belongs to describe it.
        """
        n = len(self.labels)
        angle = np.unwrap(np.angle(np.linalg.det(np.eye(n) - self.coupling[1:])))
        return abs(round(float(angle[-1] - angle[0]) / (2.0 * np.pi)))

    def spectrum(self, a: str, b: str | None = None) -> Complexes:
        """Of the average of ``a``, or between ``a`` and ``b``, (F,)."""
        places = [self.labels.index(x) for x in (a, b or a)]
        found: Complexes = self.spectra[:, places[0], places[1]]
        return found


def populations(found: MeanField, *, variance: bool = True) -> Populations:
    """Spectra of population averages, from the solution's own response functions.

    ``variance=False`` leaves out the response to the variance, as most linear theories do.

    Assumed: fluctuations are small enough to answer linearly; near the resonance they are
    overestimated. Source: Ginzburg, Sompolinsky (1994), doi 10.1103/PhysRevE.50.3171; Grytskyy et
    al. (2013), doi 10.3389/fncom.2013.00131; the response to the variance is this project's.

    Raises:
        Unsupported: a population acts on others by two outputs at once.
    """
    return populations_of(found.plan, found.activity, found.at, variance=variance)


def populations_of(
    plan: Blueprint, activity: Mapping[str, Activity], at: int, *, variance: bool = True
) -> Populations:
    """`populations` of activities that belong to a solution or to an iteration."""
    places = plan.linked() or list(range(len(plan.outputs)))
    _check(plan, places)
    acts = [activity[plan.outputs[i].label] for i in places]
    F, n = len(acts[0].frequencies), len(acts)
    W = np.zeros((F, n, n), dtype=complex)
    source = np.zeros((F, n, n), dtype=complex)
    for a, act in enumerate(acts):
        source[:, a, a] = act.spectrum / act.size
        for link in plan.links_to(act.output.population):
            b = places.index(link.output)
            W[:, a, b] += _answer(act, link, acts[b], variance, plan.dt)
    source += _outside(plan, acts, at)
    inverse = np.linalg.inv(np.eye(n) - W)
    spectra = inverse @ source @ inverse.conj().swapaxes(1, 2)
    return Populations(
        tuple(a.label for a in acts),
        tuple(a.size for a in acts),
        acts[0].frequencies,
        spectra,
        np.stack([a.spectrum for a in acts], axis=1),
        W,
        plan.dt,
        _scales(acts, plan.dt),
    )


def _answer(act: Activity, link: Link, sender: Activity, variance: bool, dt: float) -> Complexes:
    """What a change of the sender's mean does to ``act``; both in Hz, or in their signals."""
    unit = 1e-3 if _spikes(link, act) else 1.0  # a mean per ms from one in Hz
    d = link.degrees
    omega = 2e-3 * np.pi * act.frequencies  # rad/ms
    phase = np.exp(-1j * omega[:, None] * link.delays * dt) @ link.shares
    answer = act.chi[link.port] * d.coupling
    if variance and _spikes(link, act):
        own = act.sent_response.get((link.port, sender.label), act.variance_response[link.port])
        answer = answer + own * d.variance
    elif variance and sender.two_valued:
        # m (1 - m) changes with m, and the variance of the input in proportion
        relative = d.variance * (1.0 - 2.0 * sender.mean) / act.inputs[link.port][1]
        answer = answer + act.variance_response[link.port] * relative
    found: Complexes = phase * answer * unit
    return found


def _spikes(link: Link | Drive, act: Activity) -> bool:
    return link.port in act.spike_ports


def _outside(plan: Blueprint, acts: list[Activity], at: int) -> Complexes:
    """Poisson trains that several units share are fluctuations in common."""
    F, n = len(acts[0].frequencies), len(acts)
    total = np.zeros((F, n, n), dtype=complex)
    names = {d.source.name for d in plan.drives}
    for name in names:
        reach = np.zeros((F, n), dtype=complex)
        power = 0.0
        for a, act in enumerate(acts):
            for drive in plan.drives_to(act.output.population):
                d = drive.degrees
                if drive.source.name != name or d.shared == 0:
                    continue
                reach[:, a] += act.chi[drive.port] * d.coupling * 1e-3
                power = 1e3 * drive.at(at)[0] / drive.source.size
        total += power * reach[:, :, None] * reach[:, None, :].conj()
    return total


def _scales(acts: list[Activity], dt: float) -> Floats:
    one = np.array([np.sqrt((1e3 if a.spiking else 1.0) / dt) for a in acts])
    return np.asarray(np.outer(one, one))


def _check(plan: Blueprint, places: list[int]) -> None:
    senders = [plan.outputs[i].population for i in places]
    for name in senders:
        if senders.count(name) > 1:
            raise Unsupported(
                f"population spectra: {name} acts on others by two outputs at once, whose common "
                "fluctuations are not measured",
                symbol=name,
                remedy="let one of them go by way of the other",
            )
