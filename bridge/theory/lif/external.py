"""Rates of external sources that put a network to a working point.

Given the rates of the populations, or the mean and noise of their input, the external rates are
those with rate_a = Phi_a(mu_a, sigma_a) at these: the equations of `working_point`, solved for the
sources in place of the populations. Brunel (2000) doi:10.1023/A:1008925309027, equations 5 and 21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import replace
from .circuit import Circuit, circuit_of
from .siegert import Lif, rate
from .working_point import lif_of, phi

Floats = NDArray[np.float64]
_REACHED = 1e-6  # relative distance from what was asked for
_ROUNDS = 3  # the correction for synapses that decay hangs on the share of each port


def external_rates(
    model: Any,
    *,
    rates: Mapping[str, float] | None = None,
    mu: Mapping[str, float] | None = None,
    sigma: Mapping[str, float] | None = None,
    grid: bool = False,
    shift: bool | str = True,
    at: Any = None,
    **settings: Any,
) -> dict[str, float]:
    """Source -> rate (Hz) of one of its units, none below 0.

    Args:
        model: library name, path, dictionary, `Network`, or a `Circuit`.
        rates: population -> Hz, of all populations; or, in place of it,
        mu: population -> mean input (mV), and
        sigma: population -> noise (mV) as in `working_point`, both of all populations, of leaky
            neurons.
        grid: as in `working_point`.
        shift: as in `working_point`.
        at: as in `circuit_of`.
        **settings: parameters to replace, and ``variant``.

    Raises:
        DefinitionError: a population is left out, there is no source, or no rates of the sources
            give what was asked for: says what comes nearest.
    """
    circuit = model if isinstance(model, Circuit) else circuit_of(model, at=at, **settings)
    if not circuit.external:
        raise DefinitionError(
            "it has no Poisson source whose rate could be found",
            model=circuit.label,
            remedy="add a stimulus and a projection from it",
        )
    options = (grid, shift)
    if rates is not None and mu is sigma is None:
        wanted = _named(circuit, rates)
        found, reached = _for_rates(circuit, wanted, options)
        asked = {f"rate of {n}": v for n, v in wanted.items()}
    elif rates is None and mu is not None and sigma is not None:
        means, noises = _named(circuit, mu), _named(circuit, sigma)
        found, reached = _for_input(circuit, means, noises, options)
        asked = {f"mu of {n}": v for n, v in means.items()}
        asked |= {f"sigma of {n}": v for n, v in noises.items()}
    else:
        raise DefinitionError(
            "it takes the rates of the populations, or mu and sigma of their input",
            model=circuit.label,
            remedy='give rates={"E": 5.0, ...}, or mu= and sigma=',
        )
    wished = np.array(list(asked.values()))
    if (np.abs(reached - wished) > _REACHED * np.maximum(np.abs(wished), 1.0)).any():
        raise _none(circuit, asked, reached)
    return dict(zip(circuit.external, (1e3 * found).tolist(), strict=True))


def _named(circuit: Circuit, values: Mapping[str, float]) -> dict[str, float]:
    """One value per population, in their order."""
    if set(values) != set(circuit.names):
        raise DefinitionError(
            f"asked for {', '.join(sorted(values))}",
            model=circuit.label,
            remedy=f"name its populations: {', '.join(circuit.names)}",
        )
    return {n: float(values[n]) for n in circuit.names}


def _for_rates(
    circuit: Circuit, wanted: Mapping[str, float], options: tuple[bool, bool | str]
) -> tuple[Floats, Floats]:
    """External rates (1/ms), and the rates (Hz) of the populations at these."""
    from scipy.optimize import least_squares

    held = {n: v / 1e3 for n, v in wanted.items()}
    wished = np.array(list(wanted.values()))

    def rates(given: Floats) -> Floats:
        drives = _with(circuit, given).drives(held)
        cells = circuit.cells.items()
        return 1e3 * np.array([phi(c, circuit.dt, drives[n], options) for n, c in cells])

    begin = np.array([max(r, 1e-3) for r, _ in circuit.external.values()])
    best = least_squares(
        lambda x: (rates(x) - wished) / np.maximum(wished, 1.0),
        begin, bounds=(0.0, np.inf), x_scale=begin, xtol=1e-14, ftol=1e-14, gtol=1e-14,
    )  # fmt: skip
    return best.x, rates(best.x)


def _for_input(
    circuit: Circuit,
    mu: Mapping[str, float],
    sigma: Mapping[str, float],
    options: tuple[bool, bool | str],
) -> tuple[Floats, Floats]:
    """External rates (1/ms), and mu and sigma (mV) at these: mu and sigma^2 are linear in them."""
    from scipy.optimize import lsq_linear

    wished = np.array([*mu.values(), *(v**2 for v in sigma.values())])
    units = np.eye(len(circuit.external))
    found, held = np.zeros(len(units)), dict.fromkeys(circuit.names, 0.0)
    for _ in range(_ROUNDS):
        _, lifs = _input(_with(circuit, found), held, options)
        held = {n: float(rate(lifs[n], mu[n], sigma[n])) / 1e3 for n in circuit.names}
        base, _ = _input(_with(circuit, 0.0 * found), held, options)
        each = np.array([_input(_with(circuit, u), held, options)[0] - base for u in units]).T
        scale = np.maximum(np.abs(wished), 1.0)
        best = lsq_linear(each / scale[:, None], (wished - base) / scale, (0.0, np.inf), tol=1e-14)
        found = best.x
    reached, _ = _input(_with(circuit, found), held, options)
    n = len(circuit.names)
    return found, np.concatenate([reached[:n], np.sqrt(reached[n:])])


def _input(
    circuit: Circuit, held: Mapping[str, float], options: tuple[bool, bool | str]
) -> tuple[Floats, dict[str, Lif]]:
    """mu of all populations, then sigma^2; and what decides their rates."""
    drives, points = circuit.drives(held), {}
    for name, cell in circuit.cells.items():
        if not cell.membrane.linear:
            raise DefinitionError(
                "its input is more than one mean and one noise: it does not leak linearly",
                model=circuit.label,
                symbol=name,
                remedy="give rates",
            )
        points[name] = lif_of(cell, circuit.dt, drives[name], options)
    means = [mu for _, mu, _ in points.values()]
    variances = [sigma**2 for _, _, sigma in points.values()]
    return np.array(means + variances), {n: lif for n, (lif, _, _) in points.items()}


def _with(circuit: Circuit, given: Floats) -> Circuit:
    sizes = [size for _, size in circuit.external.values()]
    external = dict(zip(circuit.external, zip(given.tolist(), sizes, strict=True), strict=True))
    return replace(circuit, external=external)


def _none(circuit: Circuit, asked: Mapping[str, float], reached: Floats) -> DefinitionError:
    wished = ", ".join(f"{name} {v:.6g}" for name, v in asked.items())
    nearest = ", ".join(f"{v:.6g}" for v in reached)
    return DefinitionError(
        f"no rates of {', '.join(circuit.external)} give {wished}; nearest: {nearest}",
        model=circuit.label,
        remedy="ask for less, or add sources: each has one rate for all that it reaches",
    )
