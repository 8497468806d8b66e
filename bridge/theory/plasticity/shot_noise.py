"""Campbell's theorem for definitions: moments of synapses and membranes under Poisson spikes.

A neuron without threshold is a process that flows, jumps by ``receive`` at each spike and is pushed
by its white noise; its stationary moments follow in closed form where its equations are linear, and
where products with others still close. Campbell (1909); Papoulis (1991) Probability, Random
Variables, and Stochastic Processes, section 16-3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ...definition.algebra import free_names, show, symbol
from ...definition.evaluate import evaluate
from ...definition.expressions import Expression
from ...definition.library import load
from ...definition.model import Neuron
from ...definition.values import Quantity, read_value
from ...errors import DefinitionError
from ...passes.system import System
from ...records import dataclass
from .process import Open, Process, closed_mean
from .synapses import process_of, rate_numbers, rules_of


@dataclass(frozen=True, eq=False)
class ShotNoise:
    """Stationary cumulants of one state: mean, variance, third; numbers and closed forms."""

    state: str
    mean: float
    variance: float
    third: float
    forms: tuple[str, str, str]


def shot_noise(
    model: Any, state: str, inputs: Mapping[str, tuple[Any, Any]], **settings: Any
) -> ShotNoise:
    """Mean, variance and third cumulant of a state under Poisson input, without a threshold.

    Args:
        model: a neuron, or a synapse with a linear state (its input is ``{"pre": (rate, 1)}``).
        state: the state, e.g. ``"V"``; in the coherent set (ms, mV, pA, nS).
        inputs: port -> (rate, weight): ``{"exc": ("10 kHz", "0.1 mV")}``; numbers are Hz, and the
            coherent unit of the port.
        **settings: parameters to replace, and ``variant``.

    Exact for any jump size. Symbols of the forms: ``nu_PORT`` (1/ms), ``w_PORT``.

    Raises:
        DefinitionError: no such state or port, or moments that do not close.
    """
    found = load(model, **settings)
    if isinstance(found, Neuron):
        process, numbers = _neuron(found, inputs)
    else:
        rules = rules_of(found)
        unknown = set(inputs) - {"pre"}
        if unknown:
            raise _absent(found.label, min(unknown), ("pre",))
        process = process_of(rules, tuple(symbol(s) for s in found.states))
        numbers = rate_numbers(rules, _rate(inputs["pre"][0]) * 1e3, 0.0, {}) | {
            symbol("weight"): 1.0
        }
    if state not in [s.name for s in process.states]:
        raise _absent(found.label, state, tuple(s.name for s in process.states))
    x = symbol(state)
    try:
        first, second, third = (closed_mean(process, x**k) for k in (1, 2, 3))
    except Open:
        raise DefinitionError(
            f"the moments of {state} do not close: its equation multiplies states",
            model=found.label,
            symbol=state,
            remedy="Campbell's theorem needs linear equations; ask for threshold integration",
        ) from None
    forms = (
        first,
        sympy.factor(second - first**2),
        sympy.factor(third - 3 * first * second + 2 * first**3),
    )
    mean, variance, skew = (float(f.subs(numbers)) for f in forms)
    shown = (show(forms[0]), show(forms[1]), show(forms[2]))
    return ShotNoise(state, mean, variance, skew, shown)


def _neuron(neuron: Neuron, inputs: Mapping[str, tuple[Any, Any]]) -> tuple[Process, Any]:
    system = System(neuron)
    if system.maps:
        raise DefinitionError("its states are maps", model=neuron.label, remedy="give it equations")
    for port in inputs:
        if port not in neuron.spike_ports:
            raise _absent(neuron.label, port, neuron.spike_ports)
    jumps, numbers = [], _numbers(neuron)
    for port, (rate, weight) in inputs.items():
        nu, w = symbol(f"nu_{port}"), symbol(f"w_{port}")
        numbers |= {nu: _rate(rate), w: _plain(weight, port)}
        to: dict[sympy.Symbol, sympy.Expr] = {}
        for a in system.statements(neuron.ports[port].receive):
            value = a.value.sympy(system.declared).subs(to, simultaneous=True)
            to[symbol(a.target)] = value.subs(symbol("weight"), w)
        jumps.append((nu, to))
    noises: dict[str, dict[sympy.Symbol, sympy.Expr]] = {n: {} for n in system.noise}
    for state, terms in system.diffusion.items():
        for name, g in terms.items():
            noises[name][symbol(state)] = g
    states = tuple(symbol(s) for s in neuron.states)
    flow = {symbol(s): f for s, f in system.drift.items()}
    return Process(neuron.label, states, flow, tuple(jumps), tuple(noises.values())), numbers


def _numbers(neuron: Neuron) -> dict[sympy.Symbol, float]:
    """Parameters as numbers, and continuous ports at 0."""
    found: dict[str, float] = dict.fromkeys(neuron.continuous_ports, 0.0)
    left = dict(neuron.parameters)
    while left:
        for name, value in list(left.items()):
            if isinstance(value, Expression) and value.names & set(left):
                continue
            left.pop(name)
            given = evaluate(value, found) if isinstance(value, Expression) else value.number  # type: ignore[union-attr]
            found[name] = float(given)
    return {symbol(n): v for n, v in found.items()}


def _rate(value: Any) -> float:
    """1/ms; a plain number is in Hz."""
    return _plain(value, "rate") * (1e-3 if isinstance(value, int | float) else 1.0)


def _plain(value: Any, name: str) -> float:
    read = read_value(value, symbol=name)
    if isinstance(read, Expression) and not free_names(read.sympy(frozenset())):
        return float(evaluate(read, {}))
    if not isinstance(read, Quantity):
        raise DefinitionError(f"{name} is {value!r}, not one number", symbol=name)
    return read.number


def _absent(label: str, name: str, known: tuple[str, ...]) -> DefinitionError:
    return DefinitionError(
        f"there is no {name!r}", model=label, symbol=name, remedy=f"known are {', '.join(known)}"
    )
