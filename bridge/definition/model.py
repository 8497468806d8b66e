"""Neuron and Synapse: frozen, checked and hashed definitions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from ..errors import DefinitionError
from ..records import dataclass, field, replace
from ..units import parse_unit
from .equations import Equation, Statement, parse_equations
from .expressions import Expression
from .parts import (
    Port,
    Spike,
    as_expression,
    as_statements,
    frozen,
    read_port,
    read_spike,
    read_values,
    read_variants,
    table,
)
from .values import Value, canonical_value


@dataclass(frozen=True, eq=False)
class _Definition:
    """What every definition holds; ``hash`` of the canonical content is its identity."""

    equations: str = ""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    description: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # not in the hash

    @cached_property
    def all_equations(self) -> tuple[Equation, ...]:
        """The parsed equation text."""
        return parse_equations(self.equations, model=self.label)

    def of_kind(self, kind: str) -> tuple[Equation, ...]:
        """Equations of one kind: differential, subexpression or parameter."""
        return tuple(e for e in self.all_equations if e.kind == kind)

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the state variables, in the order of the equations."""
        return tuple(e.name for e in self.all_equations if e.kind in ("differential", "map"))

    @property
    def subexpressions(self) -> tuple[str, ...]:
        """Names of the subexpressions."""
        return tuple(e.name for e in self.of_kind("subexpression"))

    @property
    def required(self) -> tuple[str, ...]:
        """Parameters declared in the equations without a value: a population must give them."""
        return tuple(e.name for e in self.of_kind("parameter") if e.name not in self.parameters)

    @property
    def label(self) -> str:
        """What errors call this definition."""
        return self.name or self.title or type(self).__name__.lower()

    def unit_of(self, name: str) -> str:
        """The unit text of a state, subexpression or declared parameter."""
        for equation in self.all_equations:
            if equation.name == name:
                return equation.unit
        raise DefinitionError(f"{name!r} is not a variable", model=self.label, symbol=name)

    def recorded_unit(self, name: str) -> str:
        """The unit in which it is recorded: its own, or that of the coherent set (kHz for Hz)."""
        own = parse_unit(self.unit_of(name))
        return self.unit_of(name) if own.scale == 1.0 else str(own.dimension)

    def variant(self, name: str) -> Self:
        """The definition with the named set of parameters.

        Raises:
            DefinitionError: there is no such variant.
        """
        values = self.variants.get(name)
        if values is None:
            raise DefinitionError(
                f"there is no variant {name!r}",
                model=self.label,
                symbol=name,
                remedy=f"known are {', '.join(self.variants) or '(none)'}",
            )
        return replace(self, parameters={**self.parameters, **values})

    def _canonical_equations(self) -> list[Any]:
        return [
            [e.kind, e.name, str(e.dimension.dimension), _text(e.expression), _text(e.factor)]
            for e in self.all_equations
        ]

    def _canonical_parameters(self) -> dict[str, Any]:
        return {n: canonical_value(v) for n, v in sorted(self.parameters.items())}

    @cached_property
    def hash(self) -> str:
        """sha256 of the canonical content; names, titles and sources do not enter."""
        return digest(self.canonical())

    def canonical(self) -> dict[str, Any]:
        """JSON-able content that decides what is computed."""
        raise DefinitionError(f"{type(self).__name__} has no canonical form")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)


def _text(expression: Expression | None) -> str | None:
    return expression.canonical if expression else None


def _statements(statements: tuple[Statement, ...]) -> list[list[str]]:
    return [[s.target, s.op, s.expression.canonical] for s in statements]


def digest(content: Any) -> str:
    """sha256 of JSON-able content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Neuron(_Definition):
    """A hybrid system: ODEs, ports, a spike condition with effects.

    Args:
        equations: text in Brian2's form, ``dV/dt = (E_L - V)/tau_m : mV``; also
            ``tau_m*dV/dt = E_L - V : mV``. A map ``A(t+1) = int(h > theta) : 1`` makes one step of
            the grid; in it ``xi`` is a number of N(0, 1), ``rand`` one between 0 and 1 (``xi_1``,
            ``rand_1`` are others), drawn for every unit and step, and ``dt`` the step.
        parameters: name -> ``"20 ms"``, number, Brian2/quantities/pint quantity, or an expression
            of other parameters.
        ports: name -> {unit, receive} for spikes, {unit, kind = "continuous"} for currents.
        spike: {condition, effects, refractory = {period, clamp}}.
        initial: state -> value or expression of parameters; 0 where nothing is given.
        scheme: the integration scheme used when a run asks for ``"auto"``.
        variants: name -> parameters: sets of numbers that a paper gives (`variant`).

    Raises:
        DefinitionError, ExpressionError, UnitError: with model, line, symbol and remedy.
    """

    ports: Mapping[str, Port] = field(default_factory=dict)
    spike: Spike | None = None
    initial: Mapping[str, Value] = field(default_factory=dict)
    scheme: str = "auto"

    def __post_init__(self) -> None:
        label = self.label
        _set(self, parameters=read_values(self.parameters, label), source=frozen(self.source))
        ports = table(self.ports, "ports", '[ports.syn], unit = "pA"', label)
        _set(self, ports=frozen({n: read_port(n, p, label) for n, p in ports.items()}))
        _set(self, variants=read_variants(self.variants, label))
        _set(self, spike=read_spike(self.spike, label), initial=read_values(self.initial, label))
        from .check import check_neuron

        check_neuron(self)

    @property
    def continuous_ports(self) -> tuple[str, ...]:
        """Names of the ports that carry a quantity, not events."""
        return tuple(n for n, p in self.ports.items() if p.kind == "continuous")

    @property
    def spike_ports(self) -> tuple[str, ...]:
        """Names of the ports that receive events."""
        return tuple(n for n, p in self.ports.items() if p.kind == "spikes")

    def canonical(self) -> dict[str, Any]:
        spike = self.spike
        return {
            "kind": "neuron",
            "equations": self._canonical_equations(),
            "parameters": self._canonical_parameters(),
            "ports": {
                n: [p.unit, p.kind, _statements(p.receive)] for n, p in sorted(self.ports.items())
            },
            "spike": spike
            and [
                spike.condition.canonical,
                _statements(spike.effects),
                _text(spike.refractory),
                sorted(spike.clamp),
            ],
            "initial": {n: canonical_value(v) for n, v in sorted(self.initial.items())},
            "scheme": self.scheme,
        }


@dataclass(frozen=True, eq=False)
class Synapse(_Definition):
    """What happens between a presynaptic spike and the postsynaptic port.

    Args:
        equations, parameters: as for `Neuron`, one state per synapse; ``weight`` is known.
        unit: unit of ``weight``; "" takes the unit of the port (a static synapse).
        on_pre, on_post: statements run when a pre- or postsynaptic spike reaches the synapse;
            ``deliver(expression)`` among those of ``on_pre`` sends an event to the port.
        deliver: what is delivered after the other statements of ``on_pre``, e.g. ``"weight"``.
        coupling: expression added continuously to the port, e.g. ``"weight*s"``; ``"weight*r_pre"``
            reads the presynaptic unit (a graded synapse, whose delay may be 0). The equations of a
            graded synapse may read ``r_pre`` and ``r_post``: its states then move step by step.
        on_step: statements run after each such step, e.g. ``"w = clip(w, 0, w_max)"``.
        initial: state -> value, array (one per connection), distribution, or expression.
        delay_at: where the delay sits: ``"dendritic"`` (after the synapse; postsynaptic spikes
            travel back as long), ``"axonal"`` (before it), or the axonal share, 0 to 1. The whole
            delay of a graded synapse lies before it.
        coincident: what happens when a pre- and a postsynaptic spike reach the synapse in one
            step: ``"post first"``, ``"pre first"``, or ``"simultaneous"`` (each sees the other
            side's traces as they were before, so that the pair is not counted). Where nothing is
            said the postsynaptic spike comes first, unless the whole delay is axonal.
        events: third factors: name -> statements run at the spikes of what a projection names.
        variants: name -> parameters: sets of numbers that a paper gives (`variant`).
    """

    unit: str = ""
    on_pre: tuple[Statement, ...] = ()
    on_post: tuple[Statement, ...] = ()
    deliver: Expression | None = None
    coupling: Expression | None = None
    initial: Mapping[str, Value] = field(default_factory=dict)
    delay_at: str | float = "dendritic"
    coincident: str = ""
    events: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    on_step: tuple[Statement, ...] = ()

    def __post_init__(self) -> None:
        label = self.label
        events = table(self.events, "events", '{reward = "d += 1"}', label)
        _set(self, events=frozen({n: as_statements(s, label) for n, s in events.items()}))
        _set(self, parameters=read_values(self.parameters, label), source=frozen(self.source))
        _set(self, variants=read_variants(self.variants, label))
        _set(self, on_pre=as_statements(self.on_pre, label))
        _set(self, on_post=as_statements(self.on_post, label))
        _set(self, on_step=as_statements(self.on_step, label))
        _set(self, deliver=as_expression(self.deliver, label))
        _set(self, coupling=as_expression(self.coupling, label))
        _set(self, initial=read_values(self.initial, label))
        from .check import check_synapse

        check_synapse(self)

    @property
    def is_static(self) -> bool:
        """Whether the synapse only passes its weight on."""
        delivered = self.deliver is not None and self.deliver.text == "weight"
        return not self.states and not self.on_pre and delivered

    @property
    def is_graded(self) -> bool:
        """Whether it passes a variable of the presynaptic unit on, continuously."""
        from .check_synapse import pre_names

        return bool(pre_names(self))

    @property
    def learns(self) -> bool:
        """Whether it is graded and has states, which move with the units on both sides."""
        return bool(self.states) and self.is_graded

    @property
    def is_dynamic(self) -> bool:
        """Whether spikes find it in a state of its own: it delivers events and has states."""
        return bool(self.states) and self.coupling is None

    @property
    def before(self) -> tuple[Statement, ...]:
        """``on_pre`` with its delivery as a statement."""
        if self.deliver is None:
            return self.on_pre
        return (*self.on_pre, Statement("", "deliver", self.deliver))

    @property
    def axonal_share(self) -> float:
        """The part of the delay that lies before the synapse, 0 to 1."""
        if self.learns:
            return 1.0
        named = {"dendritic": 0.0, "axonal": 1.0}
        return named[self.delay_at] if isinstance(self.delay_at, str) else float(self.delay_at)

    def canonical(self) -> dict[str, Any]:
        return {
            "kind": "synapse",
            "equations": self._canonical_equations(),
            "parameters": self._canonical_parameters(),
            "unit": self.unit,
            "on_pre": _statements(self.on_pre),
            "on_post": _statements(self.on_post),
            "deliver": _text(self.deliver),
            "coupling": _text(self.coupling),
            "initial": {n: canonical_value(v) for n, v in sorted(self.initial.items())},
            "delay_at": self.delay_at,
            "coincident": self.coincident,
            "events": {n: _statements(s) for n, s in sorted(self.events.items())},
            **({"on_step": _statements(self.on_step)} if self.on_step else {}),
        }


def _set(target: object, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(target, name, value)
