"""The normal form of a rate unit with one state, found by algebra: NEST's rate neurons.

tau dr/dt = -r + mu + F(h) + sqrt(tau) noise xi, where h = sum_q f_q x_q weighs the continuous
ports, ``noise`` is what NEST calls sigma, and F is one of

linear     g h
sigmoid    g/(1 + exp(-beta (h - theta))); A tanh(k (h - theta)) is one with g = 2A, mu = -A
tanh       tanh(g (h - theta))
threshold  min(max(g (h - theta), 0), alpha)
gauss      g exp(-(h - mu_F)^2/(2 sigma^2))
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from ..definition.algebra import clip, free_names, show, symbol, truth, written
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..records import dataclass, field
from .codec import Name
from .curves import NoForm, affine, with_tanh
from .kept import kept
from .system import System

Numbers = dict[str, sympy.Expr]
Found = tuple[str, Numbers, Mapping[str, sympy.Expr]]


@dataclass(frozen=True)
class RateForm:
    """``why`` ("": it is one) says what keeps a unit from being of the form.

    ``numbers``: tau, g, ... as expressions of the unit's parameters and ports; a port stands there
    for its currents alone. ``factors``: port -> f, which multiplies the weights onto it.
    ``positives``: expressions that must not be below 0. ``xi``: the white noise that it reads.
    ``text``: input and numbers, for people.
    """

    why: str
    state: str = ""
    curve: str = ""
    numbers: Mapping[Name, Expression] = field(default_factory=dict)
    factors: Mapping[Name, Expression] = field(default_factory=dict)
    positives: tuple[Expression, ...] = ()
    xi: str = ""
    text: str = ""


def rate_form(neuron: Neuron) -> RateForm:
    """The normal form of ``neuron``, or why it has none; kept on disk."""

    def derive() -> RateForm:
        try:
            return _derived(System(neuron))
        except NoForm as error:
            return RateForm(str(error))

    return kept("rate", (neuron.hash,), RateForm, derive)


def _derived(system: System) -> RateForm:
    neuron = system.neuron
    if len(system.rhs) != 1 or system.maps or neuron.spike is not None or neuron.spike_ports:
        raise NoForm("a rate neuron has one differential equation, and no spikes")
    if len(system.noise) > 1:
        raise NoForm(f"it reads {' and '.join(system.noise)}; a rate neuron draws one number")
    ((state, value),) = system.drift.items()
    decay = sympy.cancel(-sympy.diff(value, symbol(state)))
    if free_names(decay) & {state, "t", *neuron.continuous_ports} or decay == 0:
        raise NoForm(f"{state} does not decay with one time constant")
    whole = value.subs(symbol(state), 0) / decay
    if "t" in free_names(whole):
        raise NoForm("F depends on the time")
    curve, numbers, factors = _curve(whole, neuron.continuous_ports)
    none = {symbol(p): 0 for p in neuron.continuous_ports}
    h = sum((f * symbol(p) for p, f in factors.items()), sympy.S.Zero)
    all_numbers = {"tau": sympy.cancel(1 / decay), **numbers, **_noise(system, state, decay)}
    shown = (f"{n} = {show(sympy.sympify(v).subs(none))}" for n, v in all_numbers.items())
    return RateForm(
        why="",
        state=state,
        curve=curve,
        numbers={n: written(sympy.sympify(v)) for n, v in all_numbers.items()},
        factors={p: written(f) for p, f in factors.items()},
        positives=(
            *(_heights(whole) if curve == "threshold" else ()),
            *(written(all_numbers[n]) for n in ("noise",) if n in all_numbers),
        ),
        xi="".join(system.noise),
        text=", ".join([f"h = {show(h)}", *shown]),
    )


def _noise(system: System, state: str, decay: sympy.Expr) -> Numbers:
    """The factor of xi; NEST divides the one of its equation by sqrt(tau)."""
    if not system.noise:
        return {}
    (name,) = system.noise
    factor = system.diffusion[state][name]
    if free_names(factor) & {state, "t", *system.neuron.continuous_ports}:
        raise NoForm(f"the factor of {name} changes")
    return {"noise": sympy.powdenest(sympy.cancel(factor / sympy.sqrt(decay)), force=True)}


def _heights(whole: sympy.Expr) -> tuple[Expression, ...]:
    """What multiplies a threshold: below 0 it would turn the line, which NEST's cannot do."""
    height = whole.as_independent(sympy.Min, sympy.Max, clip, as_Add=False)[0]
    return () if height.is_number else (written(height),)


def _curve(whole: sympy.Expr, ports: tuple[str, ...]) -> Found:
    if whole.atoms(sympy.Min, sympy.Max, clip):
        return _threshold(whole, ports)
    if whole.atoms(truth, sympy.floor, sympy.ceiling, sympy.sign, sympy.Abs):
        raise NoForm("F is none of NEST's functions")
    bell = _gauss(whole, ports)
    if bell is not None:
        return bell
    bent = with_tanh(whole)
    bends = sorted(bent.atoms(sympy.tanh), key=str)
    if not bends and not bent.atoms(sympy.exp, sympy.Function, sympy.Pow) - _numbers_only(
        bent, ports
    ):
        return _linear(*affine(sympy.expand(bent), ports))
    bend = sympy.Dummy("bend", real=True)
    flat = sympy.expand(sympy.cancel(bent.xreplace(dict.fromkeys(bends, bend))))
    height = sympy.diff(flat, bend)
    if len(bends) != 1 or free_names(flat) & {*ports} or bend in height.free_symbols:
        raise NoForm("F is none of NEST's functions")
    return _sigmoid(bends[0].args[0], sympy.cancel(height), flat.subs(bend, 0), ports)


def _numbers_only(value: sympy.Expr, ports: tuple[str, ...]) -> set[sympy.Expr]:
    """Powers and functions that read no port."""
    parts = value.atoms(sympy.exp, sympy.Function, sympy.Pow)
    return {p for p in parts if not free_names(p) & {*ports}}


def _scaled(
    inner: sympy.Expr, ports: tuple[str, ...]
) -> tuple[sympy.Expr, sympy.Expr, dict[str, sympy.Expr]]:
    """k, theta and port factors where ``inner`` is k (h - theta)."""
    slopes, argument = affine(sympy.expand(inner), ports)
    if not slopes:
        raise NoForm("F does not depend on the input")
    slope = next(iter(slopes.values()))
    factors = {n: sympy.cancel(s / slope) for n, s in slopes.items()}
    return slope, sympy.expand(-argument / slope), factors


def _linear(slopes: Mapping[str, sympy.Expr], straight: sympy.Expr) -> Found:
    if not slopes:
        raise NoForm("it has no input")
    slope = next(iter(slopes.values()))
    factors = {n: sympy.cancel(s / slope) for n, s in slopes.items()}
    return "linear", {"g": slope, "mu": straight}, factors


def _sigmoid(
    inner: sympy.Expr, height: sympy.Expr, base: sympy.Expr, ports: tuple[str, ...]
) -> Found:
    slope, theta, factors = _scaled(inner, ports)
    if height == 1:
        return "tanh", {"g": slope, "theta": theta, "mu": base}, factors
    mu = sympy.expand(base - height)
    return "sigmoid", {"g": 2 * height, "beta": 2 * slope, "theta": theta, "mu": mu}, factors


def _gauss(whole: sympy.Expr, ports: tuple[str, ...]) -> Found | None:
    bells = [a for a in whole.atoms(sympy.exp) if free_names(a) & {*ports}]
    if len(bells) != 1 or len(ports) < 1:
        return None
    exponent = sympy.expand(bells[0].args[0])
    first = symbol(next(p for p in ports if p in free_names(exponent)))
    curvature = sympy.cancel(sympy.diff(exponent, first, 2))
    if curvature == 0 or free_names(curvature) & {*ports}:
        return None
    middle, theta, factors = _scaled(sympy.diff(exponent, first) / curvature, ports)
    square = sympy.expand(
        exponent - curvature * sympy.diff(exponent, first) ** 2 / curvature**2 / 2
    )
    bell = sympy.Dummy("bell", real=True)
    flat = whole.xreplace({bells[0]: bell})
    height = sympy.cancel(flat / bell)
    if (
        middle != 1
        or free_names(height) & {*ports, bell.name}
        or sympy.expand(sympy.cancel(square)) != 0
    ):
        return None
    numbers = {"g": height, "mu": theta, "sigma": sympy.sqrt(-1 / curvature)}
    return "gauss", numbers, factors


def _threshold(whole: sympy.Expr, ports: tuple[str, ...]) -> Found:
    """min(max(g (h - theta), 0), alpha), or without a bound."""
    height, steps = whole.as_independent(sympy.Min, sympy.Max, clip, as_Add=False)
    alpha: sympy.Expr = sympy.oo
    if isinstance(steps, clip) and steps.args[1] == 0:
        steps, alpha = sympy.Max(steps.args[0], 0), steps.args[2]
    elif isinstance(steps, sympy.Min):
        inside = [a for a in steps.args if isinstance(a, sympy.Max)]
        outside = [a for a in steps.args if not isinstance(a, sympy.Max)]
        if len(inside) == 1 and len(outside) == 1 and not free_names(outside[0]) & {*ports}:
            steps, alpha = inside[0], outside[0]
    if not isinstance(steps, sympy.Max) or 0 not in steps.args or len(steps.args) != 2:
        raise NoForm("F is none of NEST's functions")
    if height.could_extract_minus_sign():
        raise NoForm("F is none of NEST's functions: it falls with its input")
    (inner,) = (a for a in steps.args if a != 0)
    slope, theta, factors = _scaled(inner, ports)
    numbers = {"g": height * slope, "theta": theta}
    return (
        "threshold",
        {**numbers, **({} if alpha == sympy.oo else {"alpha": height * alpha})},
        factors,
    )
