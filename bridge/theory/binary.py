"""Networks of binary units with synchronous update, as arrays taken from their definition.

V_i(t+1) = sum_j K_ij A_j(t) + I_i + sigma_i xi_i, A_i = H(V_i - theta_i), with K_ij = J_ij/M_i. The
code of a state is s = sum_i A_i 2^i.

Source: Fasoli, Panzeri (2019) Math. Biosci. Eng. 16:8025, doi 10.3934/mbe.2019400.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..definition.algebra import free_names, symbol, truth, written
from ..definition.draw import draw
from ..definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection
from ..definition.evaluate import evaluate
from ..definition.library import load
from ..definition.model import Neuron
from ..definition.network import Network
from ..errors import DefinitionError
from ..passes.graded import signal_of
from ..passes.system import System
from .field import weight_matrix
from .models import check_constant

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Binary:
    """``coupling`` K (N, N), [to, from]; ``inputs``, ``theta``, ``sigma`` (N,); no units.

    ``groups``: population -> its units; ``strict``: A = 1 needs V > theta, not V >= theta.
    """

    coupling: Floats
    inputs: Floats
    theta: Floats
    sigma: Floats
    groups: Mapping[str, Ints]
    label: str = "binary"
    strict: bool = False

    @property
    def size(self) -> int:
        return len(self.inputs)


def binary(model: Any, **parameters: Any) -> Binary:
    """The arrays of a network whose units are maps with a threshold (binary/binary).

    Args:
        model: a `Binary`, or a name, path, dictionary or `Network`.
        parameters: values to replace, and ``variant``.

    Raises:
        DefinitionError: a unit has another form, a delay is not 0, or an input changes with time.
    """
    if isinstance(model, Binary):
        return model
    found = load(model, **parameters)
    if not isinstance(found, Network):
        raise DefinitionError(
            f"{found.label} is a {type(found).__name__.lower()}, not a network",
            model=found.label,
            remedy="put it into a network",
        )
    check_constant(found)
    return _of_drawn(draw(found, duration=found.dt))


def from_matrix(
    J: Any, *, M: Any = 1.0, I: Any = 0.0, theta: Any = 0.5, sigma: Any = 0.5,  # noqa: E741
    groups: Mapping[str, Any] | None = None,
) -> Binary:  # fmt: skip
    """A network of weights ``J`` (N, N), [to, from]; the others are one number or one per unit.

    ``groups``: name -> numbers of its units; all are one group where None.
    """
    J = np.asarray(J, dtype=float)
    n = len(J)
    wide = [np.broadcast_to(np.asarray(v, dtype=float), (n,)) for v in (M, I, theta, sigma)]
    parts = groups or {"units": np.arange(n)}
    kept = {name: np.asarray(units, dtype=np.int64) for name, units in parts.items()}
    return Binary(J / wide[0][:, None], wide[1], wide[2], wide[3], kept)


def to_network(J: Any, *, M: float = 1, I: Any = 0, theta: Any = 0.5, sigma: Any = 0.5) -> Network:  # noqa: E741
    """A network of one population of binary/binary with these weights: what simulators run."""
    J = np.asarray(J, dtype=float)
    found = load(
        {
            "kind": "network",
            "populations": {
                "units": {
                    "neuron": "binary/binary",
                    "size": len(J),
                    "parameters": {"M": M, "I": _plain(I), "theta": _plain(theta)}
                    | {"sigma": _plain(sigma)},
                }
            },
            "projections": {
                "J": {
                    "pre": "units",
                    "post": "units",
                    "port": "x_syn",
                    "synapse": "synapses/graded",
                    "rule": {"kind": "all_to_all"},
                    "weight": J.T.ravel().tolist(),
                    "delay": "0 ms",
                }
            },
            "recordings": {"units": {"population": "units", "variables": ["V", "A"]}},
            "run": {"dt": "1 ms", "duration": "1 s"},
        }
    )
    assert isinstance(found, Network)
    return found


def _plain(value: Any) -> Any:
    return np.asarray(value, dtype=float).tolist()


def _of_drawn(network: DrawnNetwork) -> Binary:
    first, parts = 0, {}
    for name, p in network.populations.items():
        parts[name] = np.arange(first, first + p.size)
        first += p.size
    gain, inputs, sigma = (np.zeros(first) for _ in range(3))
    theta = np.zeros(first)
    for name, p in network.populations.items():
        gain[parts[name]], inputs[parts[name]], sigma[parts[name]] = _numbers(network, p)
    J = np.zeros((first, first))
    strict = set()
    for projection in network.projections.values():
        pre, post = parts[projection.pre], parts[projection.post]
        level, above = _threshold(network, projection)
        theta[pre] = level
        strict.add(above)
        J[np.ix_(post, pre)] += weight_matrix(projection, (len(post), len(pre)))
    if len(strict) > 1:
        raise _refused(network.label, "theta", "some units are active at V = theta, others not")
    return Binary(gain[:, None] * J, inputs, theta, sigma, parts, network.label, strict == {True})


def _numbers(network: DrawnNetwork, p: DrawnPopulation) -> tuple[Any, Any, Any]:
    """Gain of the summed input, constant input and noise of V(t+1) = g x + c + s xi."""
    state, ports, noise = _form(p.neuron)
    value = System(p.neuron).maps[state]
    port = _port(network, p, ports)
    slopes = {n: sympy.diff(value, symbol(n)) for n in (*ports, *noise)}
    rest = value.subs({symbol(n): 0 for n in (port, *noise) if n})
    scope: dict[str, Any] = {**p.parameters, **{n: np.zeros(p.size) for n in ports}}
    for current in (c for c in network.currents if c.population == p.name):
        scope[current.port][current.units] += current.values[0]
    gain = evaluate(written(slopes[port]), scope) if port else 0.0
    noises = [evaluate(written(slopes[n]), scope) for n in noise]
    return gain, evaluate(written(rest), scope), np.sqrt(sum(np.square(n) for n in noises))


def _form(neuron: Neuron) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """State, ports and noises of a unit whose only state is a linear map of ports and noises."""
    system = System(neuron)
    if len(system.maps) != 1 or system.rhs:
        raise _refused(neuron.label, "equations", "a unit has one state, V(t+1) = ...")
    ((state, value),) = system.maps.items()
    linear = (*neuron.continuous_ports, *system.noise)
    unfit = {state, "t", "rand"} & free_names(value) or any(
        free_names(sympy.diff(value, symbol(n))) & set(linear) for n in linear
    )
    if unfit or any(n.startswith("rand") for n in system.noise):
        why = "V(t+1) is not a sum of inputs and Gaussian noise alone"
        raise _refused(neuron.label, state, why)
    return state, neuron.continuous_ports, system.noise


def _port(network: DrawnNetwork, p: DrawnPopulation, ports: tuple[str, ...]) -> str:
    used = {q.port for q in network.projections_to(p.name)}
    if len(used) > 1:
        raise _refused(f"{network.label}.{p.name}", sorted(used)[1], "other units reach two ports")
    return next(iter(used), "") if used <= set(ports) else ""


def _threshold(network: DrawnNetwork, p: DrawnProjection) -> tuple[Any, bool]:
    """theta and strictness of what the sender sends, int(V >= theta)."""
    pre = network.populations[p.pre]
    state, *_ = _form(pre.neuron)
    if np.any(np.asarray(p.delays) > 0):
        raise _refused(f"{network.label}.{p.name}", "delay", "its delay is not 0")
    signal = signal_of(p.synapse, pre.neuron)
    value = signal.value.sympy(signal.value.names)
    condition = value.args[0] if isinstance(value, truth) else None
    if condition is None or not condition.is_Relational:
        raise _refused(f"{network.label}.{p.name}", "coupling", "it does not send int(V >= theta)")
    above = condition.gts - condition.lts  # active where this is positive
    if sympy.diff(above, symbol(state)) != 1:
        raise _refused(f"{network.label}.{p.name}", "coupling", "it does not send int(V >= theta)")
    level = written(-above.subs(symbol(state), 0))
    scope = {**pre.parameters, **{own: p.parameters[n] for own, n in signal.parameters.items()}}
    return evaluate(level, scope), isinstance(condition, sympy.StrictGreaterThan | sympy.Lt)


def _refused(label: str, at: str, why: str) -> DefinitionError:
    return DefinitionError(
        f"it is no network of binary units with synchronous update: {why}",
        model=label,
        symbol=at,
        remedy="use binary/binary and synapses/graded with delay 0",
    )
