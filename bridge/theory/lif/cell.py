"""The membrane of a population with its numbers, and the white noise that its input amounts to.

Spikes that arrive independently at many synapses are Gaussian white noise with the mean and
variance of their sum (the diffusion limit). A filtered synapse acts with its area; where it
multiplies V, as a conductance does, the noise is read in Stratonovich's sense, the limit of a short
filter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.evaluate import evaluate
from ...definition.expressions import Expression
from ...errors import DefinitionError
from ...records import dataclass
from .membrane import Membrane
from .richardson import Escape
from .siegert import Lif

Floats = NDArray[np.float64]
_NUDGE = 1e-3  # mV, of a central difference that is exact for what is quadratic in V


@dataclass(frozen=True, eq=False)
class Cell:
    """A membrane with numbers: ``filters`` is A of dx/dt = A x for the synaptic states ``x``.

    ``jumps[port]`` is (what a spike of weight 1 adds to V, to each x).
    """

    membrane: Membrane
    label: str
    numbers: Mapping[str, float]
    synaptic: tuple[str, ...]
    filters: Floats
    jumps: Mapping[str, tuple[float, Floats]]
    V_th: float
    V_reset: float
    t_ref: float


@dataclass(frozen=True)
class Drive:
    """Input to one port: ``first`` = sum K w rate and ``second`` = sum K w^2 rate (w^n/ms).

    Sums over all that arrives; w in the unit of the port.
    """

    first: float
    second: float


Drives = Mapping[str, Drive]


def cell_of(membrane: Membrane, numbers: Mapping[str, float], label: str) -> Cell:
    """The cell of a population; ``numbers`` are its parameters and constant inputs."""
    scope = {**dict.fromkeys(membrane.neuron.continuous_ports, 0.0), **numbers}
    synaptic = tuple(membrane.matrix)
    A = np.zeros((len(synaptic), len(synaptic)))
    for a, row in membrane.matrix.items():
        for b, value in row.items():
            A[synaptic.index(a), synaptic.index(b)] = _number(value, scope)
    jumps = {}
    for port, added in membrane.jumps.items():
        per = {s: _number(e, scope) for s, e in added.items()}
        jumps[port] = (per.get(membrane.V, 0.0), np.array([per.get(s, 0.0) for s in synaptic]))
    refractory = membrane.refractory
    return Cell(
        membrane,
        label,
        scope,
        synaptic,
        A,
        jumps,
        _number(membrane.threshold, scope),
        _number(membrane.reset, scope),
        0.0 if refractory is None else _number(refractory, scope),
    )


def means(cell: Cell, drives: Drives) -> dict[str, float]:
    """Mean of every synaptic state."""
    total = sum(
        (d.first * cell.jumps[p][1] for p, d in drives.items()), np.zeros(len(cell.filters))
    )
    values = np.linalg.solve(-cell.filters, total) if len(total) else total
    return dict(zip(cell.synaptic, values.tolist(), strict=True))


def effect(cell: Cell, port: str, V: Any) -> Any:
    """What a spike of weight 1 at ``port`` moves V by altogether (mV), where V stays at ``V``."""
    kick, jump = cell.jumps[port]
    if not jump.any():
        return kick + 0.0 * np.asarray(V, float)
    area = np.linalg.solve(-cell.filters, jump)
    scope = {**cell.numbers, cell.membrane.V: V}
    by = cell.membrane.by_state
    return kick + sum(
        a * evaluate(by[s], scope) for s, a in zip(cell.synaptic, area, strict=True) if s in by
    )


def passed(cell: Cell, port: str, s: Any, V: float) -> Any:
    """The filter of a port at exp(s t), s per ms: 1 at s = 0, 1/(1 + s tau_s) for one decay."""
    kick, jump = cell.jumps[port]
    if not jump.any():
        return np.ones(np.shape(s), complex)
    scope = {**cell.numbers, cell.membrane.V: V}
    by = cell.membrane.by_state
    c = np.array([float(evaluate(by[n], scope)) if n in by else 0.0 for n in cell.synaptic])
    s = np.asarray(s, complex)
    resolved = np.linalg.solve(s[..., None, None] * np.eye(len(c)) - cell.filters, jump[:, None])
    return (kick + resolved[..., 0] @ c) / float(effect(cell, port, V))


def decay_time(cell: Cell, port: str) -> float | None:
    """tau_s (ms) of a port: 0 where it moves V at once, None where it is no single decay."""
    kick, jump = cell.jumps[port]
    if not jump.any():
        return 0.0
    own = np.flatnonzero(jump)
    if kick or len(own) > 1 or np.count_nonzero(cell.filters[:, own[0]]) > 1:
        return None
    return float(-1 / cell.filters[own[0], own[0]])


def escape(cell: Cell, drives: Drives) -> Escape:
    """F(V) and D(V) of the membrane in the white noise that ``drives`` amount to."""
    scope = {**cell.numbers, **means(cell, drives)}
    filtered = {p: d for p, d in drives.items() if cell.jumps[p][1].any()}
    at_once = {p: d for p, d in drives.items() if p not in filtered}
    kicks = sum(d.first * cell.jumps[p][0] for p, d in at_once.items())
    white = sum(d.second * cell.jumps[p][0] ** 2 for p, d in at_once.items()) / 2

    def smooth(V: Any) -> Any:
        return sum((d.second * effect(cell, p, V) ** 2 / 2 for p, d in filtered.items()), 0.0 * V)

    def drift(V: Floats) -> Any:
        own = evaluate(cell.membrane.drift, {**scope, cell.membrane.V: V})
        pulled = (smooth(V + _NUDGE) - smooth(V - _NUDGE)) / (4 * _NUDGE)
        return own + kicks + pulled

    def diffusion(V: Floats) -> Any:
        at = {**scope, cell.membrane.V: V}
        return white + smooth(V) + sum(evaluate(g, at) ** 2 / 2 for g in cell.membrane.noise)

    return Escape(drift, diffusion, cell.V_th, cell.V_reset, cell.t_ref, cell.label)


def modulations(cell: Cell, port: str) -> tuple[Callable[[Floats], Any], Callable[[Floats], Any]]:
    """(F1, D1) per unit of `Drive.first` and of `Drive.second` of a port."""
    return (lambda V: effect(cell, port, V), lambda V: effect(cell, port, V) ** 2 / 2)


def leaky(cell: Cell, drives: Drives, *, shift: bool = True) -> tuple[Lif, float, float]:
    """(`Lif`, mu, sigma) of a leaky membrane; ``shift``: boundaries moved by the synaptic filter.

    Where ports decay with several times, sqrt(tau_s) is averaged by their share of the variance.

    Raises:
        DefinitionError: the membrane is not linear, does not leak, or a filter is no single decay.
    """
    tau, rest, variance, effects = _linear(cell)
    mu = rest + tau * sum(effects[p] * d.first for p, d in drives.items())
    sigma2 = variance + tau * sum(effects[p] ** 2 * d.second for p, d in drives.items())
    sigma = float(np.sqrt(sigma2))
    moved = _moved(cell, drives, tau, sigma) if shift and sigma > 0 else 0.0
    return Lif(tau, cell.V_th, cell.V_reset, cell.t_ref, moved), mu, sigma


@lru_cache(maxsize=256)
def _linear(cell: Cell) -> tuple[float, float, float, Mapping[str, float]]:
    """tau, mu and sigma^2 without input, and what a spike of weight 1 at each port moves V by."""
    if not cell.membrane.linear:
        raise DefinitionError(
            "it is no leaky integrate-and-fire neuron: its drift or its noise is not linear in V",
            model=cell.label,
            symbol=cell.membrane.V,
            remedy="ask for threshold integration, which takes any drift",
        )
    slope = _number(cell.membrane.slope, cell.numbers)
    if not slope < 0:
        raise DefinitionError(
            "its membrane does not leak", model=cell.label, remedy="give it a leak"
        )
    tau, alone, origin = -1 / slope, escape(cell, {}), np.zeros(1)
    noise = float(np.broadcast_to(alone.diffusion(origin), 1)[0])
    effects = {p: float(effect(cell, p, 0.0)) for p in cell.jumps}
    return tau, tau * float(alone.drift(origin)[0]), 2 * tau * noise, effects


def _moved(cell: Cell, drives: Drives, tau: float, sigma: float) -> float:
    from .siegert import filtered

    total = 0.0
    for port, d in drives.items():
        tau_s = decay_time(cell, port)
        if tau_s is None:
            raise DefinitionError(
                f"the synapses at {port} are no single exponential, for which the rate has no form",
                model=cell.label,
                symbol=port,
                remedy="ask with shift=False for white noise of the same area, or simulate",
            )
        share = tau * d.second * _linear(cell)[3][port] ** 2 / sigma**2
        total += share * filtered(tau_s, tau)
    return total


def _number(expression: Expression, scope: Mapping[str, Any]) -> float:
    return float(evaluate(expression, scope))
