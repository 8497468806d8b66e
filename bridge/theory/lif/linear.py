"""Linear response of a network around its working point: coupling, spectra, covariances.

W_ab(omega) = sum over connections of [chi_mu K J + chi_sigma2 K J^2] tau h(omega) exp(-i omega d):
rates move the mean and the variance of their targets' input. Population spectra follow from
C = (1 - W)^-1 [diag(S_a/N_a) + X] (1 - W)^-dagger, S the spectrum of a single neuron, X what shared
external sources bring. Lindner, Doiron & Longtin (2005) doi:10.1103/PhysRevE.72.061919; Grytskyy et
al. (2013) doi:10.3389/fncom.2013.00131.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import dataclass
from . import response as closed
from .cell import effect, modulations, passed
from .richardson import responses
from .working_point import Unit, WorkingPoint

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Linear:
    """Frequencies ``f`` (Hz); arrays are (frequency, post, pre), populations in order ``names``.

    ``W`` is the effective coupling (Hz per Hz), ``W_external`` that of external sources,
    ``single`` (frequency, population) the power spectrum of a single neuron without the network's
    correlations (Hz).
    """

    point: WorkingPoint
    f: Floats
    W: Complex
    W_external: Complex
    single: Floats

    @property
    def names(self) -> tuple[str, ...]:
        return self.point.circuit.names

    @cached_property
    def propagator(self) -> Complex:
        """(1 - W)^-1 W: the response of rates to a change of one population's rate."""
        return np.asarray(np.linalg.solve(np.eye(len(self.names)) - self.W, self.W))

    @cached_property
    def spectra(self) -> Complex:
        """Cross-spectra of the population rates (Hz): (frequency, a, b)."""
        circuit = self.point.circuit
        sizes = np.array([circuit.sizes[n] for n in self.names])
        noise = np.zeros_like(self.W)
        np.einsum("faa->fa", noise)[...] = self.single / sizes
        given = [1e3 * r / n for r, n in circuit.external.values()]
        noise += (self.W_external * given) @ np.conj(np.swapaxes(self.W_external, 1, 2))
        left = np.linalg.inv(np.eye(len(sizes)) - self.W)
        return np.asarray(left @ noise @ np.conj(np.swapaxes(left, 1, 2)))

    @cached_property
    def cross_spectra(self) -> Complex:
        """Mean cross-spectrum of pairs of neurons (Hz): `spectra` without each neuron's own."""
        sizes = np.array([self.point.circuit.sizes[n] for n in self.names])
        found = self.spectra.copy()
        np.einsum("faa->fa", found)[...] -= self.single / sizes
        return found


def linear(
    point: WorkingPoint, frequency: Any, *, variance: bool = True, spectrum: Any = "renewal"
) -> Linear:
    """Effective coupling and single-neuron spectra at ``frequency`` (Hz, one-dimensional).

    Args:
        point: from `working_point`.
        frequency: Hz.
        variance: whether the variance of the input is modulated too. Without it the coupling is
            several times too weak at high frequencies; it is there to compare with others.
        spectrum: of a single neuron: ``"renewal"``, ``"poisson"`` (its rate), or an array
            (frequency, population) in Hz, e.g. measured.

    Assumes independent arrivals in the diffusion limit; renewal neurons in white noise.
    """
    f = np.atleast_1d(np.asarray(frequency, float))
    found = coupling(point, 2j * np.pi * f / 1e3, variance=variance)
    if not isinstance(spectrum, str):
        single = np.broadcast_to(np.asarray(spectrum, float), (len(f), len(point.units)))
        return Linear(point, f, *found, single)
    if spectrum not in ("renewal", "poisson"):
        raise DefinitionError(
            f"spectrum is {spectrum!r}", remedy='give "renewal", "poisson" or an array'
        )
    single = np.array([_single(u, f, spectrum) for u in point.units.values()]).T
    return Linear(point, f, *found, single)


def coupling(point: WorkingPoint, s: Complex, *, variance: bool = True) -> tuple[Complex, Complex]:
    """W(s) and that of external sources, (len(s), post, pre), at exp(s t), s per ms."""
    circuit = point.circuit
    names, outside = circuit.names, tuple(circuit.external)
    W = np.zeros((len(s), len(names), len(names)), complex)
    X = np.zeros((len(s), len(names), len(outside)), complex)
    per_port = _each(point, s)
    for a in circuit.arrivals:
        first, second = per_port[a.post][a.port]
        cell = circuit.cells[a.post]
        total = a.K * (a.w1 * first + variance * a.w2 * second) / 1e3
        total = total * a.delayed(s) * passed(cell, a.port, s, _typical(point.units[a.post]))
        if a.pre in circuit.cells:
            W[:, names.index(a.post), names.index(a.pre)] += total
        elif a.shared:
            X[:, names.index(a.post), outside.index(a.pre)] += total
    return W, X


def _each(point: WorkingPoint, s: Complex) -> dict[str, dict[str, tuple[Any, Any]]]:
    """`port_responses` of every population; leaky neurons at one working point share them."""
    done: dict[Any, dict[str, tuple[Any, Any]]] = {}
    found = {}
    for name, unit in point.units.items():
        cell = point.circuit.cells[name]
        key = (cell.membrane.neuron, tuple(sorted(cell.numbers.items())), unit.lif, *unit.drives)
        if unit.lif is None or key not in done:
            done[key] = port_responses(point, name, s)
        found[name] = done[key]
    return found


def port_responses(point: WorkingPoint, name: str, s: Complex) -> dict[str, tuple[Any, Any]]:
    """Port -> (response to `Drive.first`, to `Drive.second`): Hz per unit of these, at exp(s t)."""
    cell, unit = point.circuit.cells[name], point.units[name]
    ports = tuple(unit.drives)
    if unit.lif is not None:
        lif, mu, sigma = unit.lif
        if sigma <= 0:
            raise DefinitionError(
                "without noise its rate has no linear response", model=cell.label,
                remedy="give it noise or input spikes",
            )  # fmt: skip
        by_mu, by_variance = closed.laplace(lif, mu, sigma, s)
        e = {p: float(effect(cell, p, 0.0)) for p in ports}
        return {p: (lif.tau * e[p] * by_mu, lif.tau * e[p] ** 2 * by_variance) for p in ports}
    assert unit.density is not None
    pairs = {p: modulations(cell, p) for p in ports}
    found = responses(
        unit.density,
        s * 1e3 / (2j * np.pi),
        {f"{p}/mean": drift for p, (drift, _) in pairs.items()},
        {f"{p}/noise": diffusion for p, (_, diffusion) in pairs.items()},
    )
    return {p: (found[f"{p}/mean"], found[f"{p}/noise"]) for p in ports}


def _typical(unit: Unit) -> float:
    """A voltage at which filters that depend on V are taken: the mean below threshold."""
    if unit.density is None:
        return 0.0
    return float(np.average(unit.density.V, weights=unit.density.P))


def _single(unit: Unit, f: Floats, spectrum: str) -> Floats:
    if spectrum == "poisson":
        return np.full(f.shape, unit.rate)
    if unit.lif is not None:
        transform = closed.interval_transform(*unit.lif, f)
    else:
        assert unit.density is not None
        transform = responses(unit.density, f, {}, {})["interval"]
    found = closed.renewal_spectrum(unit.rate, transform)
    return np.where(f == 0, unit.cv**2 * unit.rate, found)


def static_coupling(point: WorkingPoint, *, variance: bool = True) -> Floats:
    """d rate_a/d rate_b of populations: W at frequency 0."""
    return np.real(coupling(point, np.zeros(1, complex), variance=variance)[0][0])


def spectral_bound(point: WorkingPoint) -> float:
    """Radius of the cloud of eigenvalues of the effective coupling between neurons.

    sqrt of the largest eigenvalue of K_ab w_ab^2, w the coupling of one connection to the mean:
    Rajan & Abbott (2006) doi:10.1103/PhysRevLett.97.188104; Dahmen et al. (2019)
    doi:10.1073/pnas.1818972116. From 1 on, unequal rates are not stable.
    """
    circuit = point.circuit
    names = circuit.names
    squares = np.zeros((len(names), len(names)))
    per_port = _each(point, np.zeros(1, complex))
    for a in circuit.arrivals:
        if a.pre in circuit.cells:
            first = float(np.real(per_port[a.post][a.port][0][0])) / 1e3
            squares[names.index(a.post), names.index(a.pre)] += a.K * a.w2 * first**2
    return float(np.sqrt(np.abs(np.linalg.eigvals(squares)).max()))
