"""The normal form of a binary unit that is updated at Poisson times, found by algebra.

A(t+1) = C*G + (1 - C)*A, where the coin C = int(u < p) falls with p = 1 - exp(-dt/tau) and G is 1
with a probability that depends on the input h = sum_q f_q x_q of the continuous ports:

threshold  G = int(h > theta)
sigmoid    P(G = 1) = c_1 h + c_2/2 (1 + tanh(c_3 (h - theta))); the logistic function is one
erfc       G = int(h + sigma*xi > theta), P(G = 1) = erfc((theta - h)/(sqrt(2) sigma))/2
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from ..definition.algebra import free_names, show, symbol, truth, written
from ..definition.draw_noise import is_uniform
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..records import dataclass, field
from .codec import Name
from .curves import NoForm, affine, with_tanh
from .kept import kept
from .system import System

THRESHOLD, SIGMOID, ERFC = "threshold", "sigmoid", "erfc"
_COIN = sympy.Symbol("coin", real=True)


@dataclass(frozen=True)
class BinaryForm:
    """``why`` ("": it is one) says what keeps a unit from being of the form.

    ``numbers``: tau_m, theta, ... as expressions of the unit's parameters and ports; a port that
    others feed counts there as 0. ``factors``: port -> f, which multiplies the weights onto it.
    ``zeros``: expressions that must be 0. ``text``: input and numbers, for people.
    """

    why: str
    state: str = ""
    gain: str = ""
    numbers: Mapping[Name, Expression] = field(default_factory=dict)
    factors: Mapping[Name, Expression] = field(default_factory=dict)
    zeros: tuple[Expression, ...] = ()
    text: str = ""


def binary_form(neuron: Neuron) -> BinaryForm:
    """The normal form of ``neuron``, or why it has none; kept on disk."""

    def derive() -> BinaryForm:
        try:
            return _derived(System(neuron))
        except NoForm as error:
            return BinaryForm(str(error))

    return kept("binary", (neuron.hash,), BinaryForm, derive)


def _derived(system: System) -> BinaryForm:
    neuron = system.neuron
    if not system.maps or neuron.spike is not None or neuron.spike_ports:
        raise NoForm("it is no map, A(t+1) = ..., without spikes")
    if len(system.maps) != 1:
        raise NoForm(f"it has {len(system.maps)} states, {', '.join(system.maps)}")
    ((state, value),) = system.maps.items()
    coin, chance = _coin(system, value)
    tossed = value.xreplace({a: _fallen(a, coin) for a in value.atoms(truth)})
    if sympy.expand(tossed.subs(_COIN, 1) - symbol(state)) == 0:  # the other side of the coin
        chance, tossed = 1 - chance, tossed.subs(_COIN, 1 - _COIN)
    kept_value, updated = tossed.subs(_COIN, 0), tossed.subs(_COIN, 1)
    if sympy.expand(kept_value - symbol(state)) != 0:
        raise NoForm(f"without an update {state} does not stay as it is")
    whole = _COIN * updated + (1 - _COIN) * kept_value
    read = free_names(tossed) & {coin} | free_names(updated) & {state}
    if read or sympy.expand(tossed - whole) != 0:
        raise NoForm(f"{state} is no choice between its old value and one made of the input")
    tau = sympy.cancel(-symbol("dt") / sympy.expand_log(sympy.log(1 - chance), force=True))
    if "dt" in free_names(tau):
        raise NoForm(
            f"it is updated with probability {show(chance)} in a step; Poisson times have "
            "1 - exp(-dt/tau)"
        )
    gain, numbers, factors, zeros = _gain(system, updated, state)
    return BinaryForm(
        why="",
        state=state,
        gain=gain,
        numbers={"tau_m": written(tau), **{n: written(v) for n, v in numbers.items()}},
        factors={n: written(v) for n, v in factors.items()},
        zeros=tuple(written(z) for z in zeros if z != 0),
        text=_text(system, {"tau_m": tau, **numbers}, factors, zeros),
    )


def _text(
    system: System,
    numbers: Mapping[str, sympy.Expr],
    factors: Mapping[str, sympy.Expr],
    zeros: tuple[sympy.Expr, ...],
) -> str:
    none = {symbol(p): 0 for p in system.neuron.continuous_ports}
    h = sum((f * symbol(p) for p, f in factors.items()), sympy.S.Zero)
    parts = [f"h = {show(h)}", *(f"{n} = {show(v.subs(none))}" for n, v in numbers.items())]
    return ", ".join([*parts, *(f"{show(z.subs(none))} = 0" for z in zeros if z.subs(none) != 0)])


def _coin(system: System, value: sympy.Expr) -> tuple[str, sympy.Expr]:
    """The uniform number that decides on an update, and the probability of one."""
    fixed = {*system.neuron.parameters, "dt"}
    found = []
    for name in filter(is_uniform, system.noise):
        own = [a for a in value.atoms(truth) if name in free_names(a)]
        chances = {_below(a, name) for a in own}
        chance = chances.pop() if len(chances) == 1 else None
        if chance is not None and free_names(chance) <= fixed:
            found.append((name, chance))
    if not found:
        raise NoForm("no random number decides whether it is updated: it changes in every step")
    return next((pair for pair in found if "dt" in free_names(pair[1])), found[0])


def _below(atom: sympy.Expr, name: str) -> sympy.Expr | None:
    """p where ``atom`` is int(name < p) or its opposite."""
    (condition,) = atom.args
    if not isinstance(condition, sympy.core.relational.Relational):
        return None
    sides = [condition.lhs, condition.rhs]
    if symbol(name) not in sides:
        return None
    sides.remove(symbol(name))
    return None if name in free_names(sides[0]) else sides[0]


def _fallen(atom: sympy.Expr, coin: str) -> sympy.Expr:
    """``atom`` in terms of the coin where it is about that."""
    if coin not in free_names(atom):
        return atom
    (condition,) = atom.args
    return _COIN if condition.lts == symbol(coin) else 1 - _COIN


_Gain = tuple[str, dict[str, sympy.Expr], dict[str, sympy.Expr], tuple[sympy.Expr, ...]]


def _gain(system: System, updated: sympy.Expr, state: str) -> _Gain:
    if not isinstance(updated, truth):
        updated = sympy.expand(updated)
    if not isinstance(updated, truth):
        raise NoForm(f"an update does not make {state} a single int(condition)")
    (condition,) = updated.args
    strict = (sympy.StrictLessThan, sympy.StrictGreaterThan)
    if not isinstance(condition, (*strict, sympy.LessThan, sympy.GreaterThan)):
        raise NoForm(f"`{show(condition)}` is no comparison")
    above = condition.gts - condition.lts
    noise = sorted(free_names(above) & {*system.noise})
    if "t" in free_names(above) or "dt" in free_names(above):
        raise NoForm("its gain depends on the time or on dt")
    if len(noise) > 1:
        raise NoForm(f"its gain reads {' and '.join(noise)}; a built-in draws one number")
    ports = system.neuron.continuous_ports
    if noise and is_uniform(noise[0]):
        return _sigmoid(_probability(above, symbol(noise[0])), ports)
    slopes, rest = affine(sympy.expand(above), (*ports, *noise))
    if not noise:
        if not isinstance(condition, strict):
            raise NoForm("it is active at the threshold too; built-ins are active above it only")
        return THRESHOLD, {"theta": -rest}, slopes, ()
    sigma = slopes.pop(noise[0])
    rest = rest.subs(symbol(noise[0]), 0)
    return ERFC, {"theta": -rest, "sigma": sympy.Abs(sigma)}, slopes, ()


def _probability(above: sympy.Expr, number: sympy.Symbol) -> sympy.Expr:
    """P(above > 0), before it is cut to 0..1, where ``number`` is even between 0 and 1."""
    slope = sympy.diff(above, number)
    if slope not in (1, -1):
        raise NoForm(f"{number} is not compared with a probability")
    rest = above.subs(number, 0)  # not expanded, which would take sums in exponents apart
    return rest if slope == -1 else 1 + rest


def _sigmoid(g: sympy.Expr, ports: tuple[str, ...]) -> _Gain:
    """g = c_1 h + c_2/2 (1 + tanh(c_3 (h - theta))); constants beyond c_2/2 must be 0."""
    g = with_tanh(g)
    bends = sorted(g.atoms(sympy.tanh), key=str)
    if len(bends) > 1 or g.atoms(sympy.exp):
        raise NoForm("its probability is no hyperbolic tangent, or logistic function, of the input")
    bend = sympy.Dummy("bend", real=True)
    outside = sympy.expand(g.xreplace(dict.fromkeys(bends, bend)))
    height = sympy.diff(outside, bend)
    if free_names(height) & {*ports, bend.name}:
        raise NoForm("its probability is no hyperbolic tangent of the input")
    line, straight = affine(outside.subs(bend, 0), ports)
    inner, argument = affine(sympy.expand(bends[0].args[0]), ports) if bends else (line, None)
    if not inner:
        raise NoForm("its probability does not depend on the input")
    first = next(iter(inner))
    slope, linear = inner[first], line.get(first, sympy.S.Zero)
    factors = {n: sympy.cancel(s / slope) for n, s in inner.items()}
    rest = (line.get(n, 0) - linear * factors.get(n, sympy.S.Zero) for n in ports)
    if any(sympy.cancel(r) != 0 for r in rest):
        raise NoForm("its linear and its bent part weigh the ports differently")
    numbers = {"c_1": linear, "c_2": 2 * height, "c_3": slope}
    theta = 0 if argument is None else sympy.expand(-argument / slope)
    return (
        SIGMOID,
        {**numbers, "theta": sympy.sympify(theta)},
        factors,
        (sympy.expand(straight - height),),
    )
