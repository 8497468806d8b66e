"""Self-consistent rates of a network of integrate-and-fire neurons.

rate_a = Phi_a(mu_a, sigma_a), mu_a = tau sum_b K_ab J_ab rate_b + ..., sigma_a^2 = tau sum_b K_ab
J_ab^2 rate_b + ...: Brunel (2000) doi:10.1023/A:1008925309027, equations 5 and 21. Phi is Siegert's
formula for leaky neurons, threshold integration for any other one-dimensional one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import dataclass
from . import siegert
from .cell import Cell, Drives, escape, leaky
from .circuit import Circuit, circuit_of
from .richardson import Stationary, stationary
from .siegert import Lif, cv, gridded, rate

Floats = NDArray[np.float64]
_COARSE, _FINE = 2000, 10_000  # cells while the rates are sought, and at the end
_SETTLED = 50.0  # pseudo-time, in relaxation times


@dataclass(frozen=True, eq=False)
class Unit:
    """One population at its working point: ``rate`` (Hz), ``cv``; and by what it was found.

    ``lif`` is (`Lif`, mu, sigma in mV) of a leaky neuron, ``density`` the result of threshold
    integration of any other; ``drives`` the input by port.
    """

    rate: float
    cv: float
    drives: Drives
    lif: tuple[Lif, float, float] | None
    density: Stationary | None


@dataclass(frozen=True, eq=False)
class WorkingPoint:
    """Stationary state of a circuit; ``notes`` say what the theory leaves out."""

    circuit: Circuit
    units: Mapping[str, Unit]
    notes: tuple[str, ...]

    @property
    def rates(self) -> dict[str, float]:
        """Population -> rate, Hz."""
        return {n: u.rate for n, u in self.units.items()}

    @property
    def mu(self) -> dict[str, float]:
        """Population -> mean input (mV) of leaky neurons."""
        return {n: u.lif[1] for n, u in self.units.items() if u.lif}

    @property
    def sigma(self) -> dict[str, float]:
        """Population -> noise (mV) of leaky neurons; V alone would have sigma/sqrt(2)."""
        return {n: u.lif[2] for n, u in self.units.items() if u.lif}


def working_point(
    model: Any,
    *,
    grid: bool = False,
    shift: bool | str = True,
    start: Mapping[str, float] | float = 5.0,
    at: Any = None,
    seed: int | None = None,
    **settings: Any,
) -> WorkingPoint:
    """Self-consistent rates of a network definition.

    Args:
        model: library name, path, dictionary, `Network`, or a `Circuit`.
        grid: corrects the threshold of leaky neurons for a test every dt (white input only).
        shift: corrects leaky neurons for synapses that decay: by shifted boundaries, to first
            order in place of it (``"taylor"``), or not at all (False).
        start: rates (Hz) from which the relaxation starts: where several states exist, it decides.
        at: as in `circuit_of`.
        seed: as in `circuit_of`.
        **settings: parameters to replace, and ``variant``.

    Raises:
        DefinitionError: no theory applies (see `circuit_of`), or no stationary rates were found.
    """
    circuit = (
        model if isinstance(model, Circuit) else circuit_of(model, at=at, seed=seed, **settings)
    )
    if shift not in (True, False, "taylor"):
        raise DefinitionError(f"shift is {shift!r}", remedy='give True, False or "taylor"')
    begin = [float(start[n]) if isinstance(start, Mapping) else float(start) for n in circuit.names]
    options = (grid, shift)
    found = _solve(circuit, np.array(begin) / 1e3, options)
    drives = circuit.drives(dict(zip(circuit.names, found, strict=True)))
    units = {n: _unit(c, circuit.dt, drives[n], options) for n, c in circuit.cells.items()}
    return WorkingPoint(circuit, units, _notes(circuit, units, grid))


def output(
    cell: Cell, drives: Drives, *, dt: float = 0.1, grid: bool = False, shift: bool | str = True
) -> Unit:
    """Rate, CV and what belongs to them of one cell at given input."""
    return _unit(cell, dt, drives, (grid, shift))


def _solve(circuit: Circuit, begin: Floats, options: tuple[bool, bool | str]) -> Floats:
    """Rates (1/ms) with Phi(rates) = rates: relaxation, then Newton's method."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import root

    def excess(rates: Floats, cells: int = _COARSE) -> Floats:
        positive = np.maximum(rates, 0.0)
        drives = circuit.drives(dict(zip(circuit.names, positive, strict=True)))
        values = [phi(c, circuit.dt, drives[n], options, cells) for n, c in circuit.cells.items()]
        return np.asarray(np.array(values) - rates)

    relaxed = solve_ivp(
        lambda _, rates: excess(rates), (0, _SETTLED), begin, method="LSODA", rtol=1e-3, atol=1e-7
    )
    found = root(lambda r: excess(r, _FINE) * 1e3, relaxed.y[:, -1], tol=1e-13)
    left = np.abs(excess(np.asarray(found.x), _FINE))
    if not np.all(left <= 1e-9 + 1e-7 * np.abs(found.x)) or np.any(found.x < -1e-9):
        raise DefinitionError(
            f"no stationary rates were found: after relaxation {relaxed.y[:, -1] * 1e3} Hz and "
            f"Newton's method the rates still differ by {left.max() * 1e3:.3g} Hz from their input",
            model=circuit.label,
            remedy="start elsewhere: start = rates in Hz",
        )
    return np.asarray(np.maximum(found.x, 0.0))


def phi(
    cell: Cell, dt: float, drives: Drives, options: tuple[bool, bool | str], n: int = _COARSE
) -> float:
    """Rate (1/ms) of a cell at given input; ``options``: grid and shift of `working_point`."""
    if cell.membrane.linear:
        lif, mu, sigma = lif_of(cell, dt, drives, options)
        law = siegert.expanded_rate if options[1] == "taylor" and sigma > 0 else rate
        return float(law(lif, mu, sigma)) / 1e3
    return stationary(escape(cell, drives), cells=n).rate / 1e3


def lif_of(
    cell: Cell, dt: float, drives: Drives, options: tuple[bool, bool | str]
) -> tuple[Lif, float, float]:
    """(`Lif`, mu, sigma) of a leaky cell at given input."""
    grid, shift = options
    lif, mu, sigma = leaky(cell, drives, shift=bool(shift))
    rough = all(not cell.jumps[p][1].any() for p, d in drives.items() if d.second)
    moved = gridded(dt, lif.tau) if grid and rough else 0.0
    return Lif(lif.tau, lif.V_th, lif.V_reset, lif.t_ref, lif.filtered, moved), mu, sigma


def _unit(cell: Cell, dt: float, drives: Drives, options: tuple[bool, bool | str]) -> Unit:
    if not cell.membrane.linear:
        found = stationary(escape(cell, drives), cells=_FINE)
        return Unit(found.rate, found.cv, drives, None, found)
    lif, mu, sigma = lif_of(cell, dt, drives, options)
    hertz = 1e3 * phi(cell, dt, drives, options, _FINE)
    if sigma <= 0:
        return Unit(hertz, 0.0 if hertz else float("nan"), drives, (lif, mu, sigma), None)
    return Unit(hertz, float(cv(lif, mu, sigma)), drives, (lif, mu, sigma), None)


def _notes(circuit: Circuit, units: Mapping[str, Unit], grid: bool) -> tuple[str, ...]:
    notes = ["the CV is that of white noise; input correlated in time makes it smaller"]
    for name, unit in units.items():
        cell = circuit.cells[name]
        if unit.lif and unit.lif[0].filtered > siegert.filtered(0.3, 1.0):
            notes.append(f"{name}: synapses slower than 0.3 tau, where the correction is too large")
        if unit.density and any(cell.jumps[p][1].any() for p in unit.drives):
            notes.append(f"{name}: synaptic input is taken as white noise of the same area")
        if grid and unit.lif and not unit.lif[0].gridded:
            notes.append(f"{name}: filtered input is not corrected for the grid")
    return tuple(notes)
