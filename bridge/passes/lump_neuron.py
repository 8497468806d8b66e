"""Move the states of a lumpable synapse into the neuron it feeds."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from ..definition.check_synapse import POST, post_names
from ..definition.equations import Equation, Statement
from ..definition.expressions import Expression, parse
from ..definition.model import Neuron, Synapse
from ..definition.parts import Port
from ..definition.scope import RESERVED, scope_of
from ..definition.values import Quantity, Value
from ..errors import DefinitionError
from ..records import dataclass, replace
from ..units import ONE, UNITS, parse_unit
from .integrate import nonlinear_states
from .lumpable import obstacle, weight_scales
from .substitute import inlined, substitute, unit_aliases


@dataclass(frozen=True, eq=False)
class Lumped:
    """What became of one synapse definition.

    Attributes:
        neuron: with the new states, parameters and spike port; ``port`` of the old neuron is now
            a subexpression.
        port: name of the new spike port; its event is the plain weight.
        states: synapse state -> state of the neuron; sum_j w_ij s_ij, or sum_j s_ij where the
            weight is in ``on_pre``.
        parameters: synapse parameter -> parameter of the neuron.
    """

    neuron: Neuron
    port: str
    states: Mapping[str, str]
    parameters: Mapping[str, str]


def lump_neuron(neuron: Neuron, synapse: Synapse, port: str, external: str = "") -> Lumped:
    """The neuron with the states of ``synapse``, summed over its synapses, in place of the input.

    With ds_ij/dt = A s_ij, s_ij += b at a presynaptic spike and input sum_j w_ij c(V_i) s_ij to
    ``port``, the sums S_i = sum_j w_ij s_ij obey dS_i/dt = A S_i and S_i += w_ij b, and the input
    is c(V_i) S_i: a factor that reads the postsynaptic neuron is computed once for all synapses.
    Where it makes a neuron that recommends ``exact`` nonlinear, the scheme becomes ``auto``.

    Args:
        neuron: the postsynaptic neuron.
        synapse: a synapse without `obstacle`.
        port: a continuous port, or the subexpression that an earlier call made of it.
        external: name of the continuous port that goes on carrying what is not lumped; "" where
            nothing else drives the port.

    Raises:
        DefinitionError: the synapse cannot be lumped (the reason is in the text), there is no
            such port, or no such variable of the neuron as the synapse reads.
    """
    reason = obstacle(synapse)
    if reason is not None:
        raise DefinitionError(f"cannot be lumped: {reason}", model=synapse.label)
    words = _Names(neuron, synapse, port)
    receive = tuple(_added(words, s) for s in synapse.on_pre)
    opened = _opened(neuron, port, external)
    assert synapse.coupling is not None
    term = words.translate(synapse.coupling, unweighted=weight_scales(synapse))
    equations = [_with_term(e, port, term) for e in opened.all_equations]
    equations += [words.equation(e) for e in synapse.of_kind("differential")]
    equations += [words.declared(e) for e in synapse.of_kind("parameter")]
    ports = {**opened.ports, words.port: Port(words.port, words.weight_unit, "spikes", receive)}
    made = replace(
        opened,
        equations="\n".join(str(e) for e in equations),
        parameters={**opened.parameters, **words.values()},
        ports=ports,
        initial={**opened.initial, **words.initial()},
    )
    return Lumped(_with_scheme(made, synapse), words.port, words.states, words.parameters)


def _with_scheme(neuron: Neuron, synapse: Synapse) -> Neuron:
    """``exact`` is recommended for linear equations; a product with V is none."""
    if neuron.scheme == "exact" and post_names(synapse) and nonlinear_states(neuron):
        return replace(neuron, scheme="auto")
    return neuron


def _opened(neuron: Neuron, port: str, external: str) -> Neuron:
    """The neuron with the continuous port made a subexpression, 0 or the external drive."""
    if port in neuron.subexpressions:
        return neuron
    if port not in neuron.continuous_ports:
        raise DefinitionError(
            f"{port!r} is not a continuous port",
            model=neuron.label,
            symbol=port,
            remedy=f"continuous ports are {', '.join(neuron.continuous_ports) or '(none)'}",
        )
    unit = neuron.ports[port].unit
    ports = {n: p for n, p in neuron.ports.items() if n != port}
    if external:
        ports[external] = Port(external, unit, "continuous")
    zero = f"0*({parse_unit(unit).dimension})"
    line = f"{port} = {external or zero} : {unit}"
    return replace(neuron, equations=f"{neuron.equations}\n{line}", ports=ports)


def _with_term(equation: Equation, port: str, term: Expression) -> Equation:
    if equation.name != port or equation.expression is None:
        return equation
    empty = _is_zero(equation.expression)
    text = term.text if empty else f"{equation.expression} + {term}"
    return replace(equation, expression=parse(text))


def _is_zero(expression: Expression) -> bool:
    tree = expression.tree
    while isinstance(tree, ast.BinOp):
        tree = tree.left
    return isinstance(tree, ast.Constant) and tree.value == 0


def _added(words: _Names, statement: Statement) -> Statement:
    """``s += b`` becomes ``S += weight*b``."""
    value = words.translate(statement.expression, unweighted=False)
    if words.scaled:
        value = substitute(parse("weight*b"), {"b": value})
    return Statement(words.states[statement.target], statement.op, value)


class _Names:
    """The names that the synapse's content gets in the neuron."""

    def __init__(self, neuron: Neuron, synapse: Synapse, port: str) -> None:
        self.synapse = synapse
        self.post = _post_variables(neuron, synapse)
        self.scaled = weight_scales(synapse)
        self.weight_unit = synapse.unit or _port_unit(neuron, port)
        taken = {*_all_names(neuron), *RESERVED}
        # a parameter called like a unit must not capture the units in the neuron's equations
        taken |= {n for e in _expressions(neuron) for n in e.names if n in UNITS}
        short = synapse.label.rsplit("/", 1)[-1] or "lumped"
        self.port = _free(f"{port}_{short}" if short.isidentifier() else f"{port}_lumped", taken)
        self.states = {n: _free(f"{port}_{n}", taken) for n in synapse.states}
        self.parameters = {n: _free(n, taken, port) for n in _parameter_names(synapse)}
        own = {e.name for e in synapse.all_equations} | {*synapse.parameters}
        variables = {*_all_names(neuron), *self.states.values(), *self.parameters.values()}
        aliases = unit_aliases(_expressions(synapse), own, variables)
        self.names = {**self.states, **self.parameters, **self.post, **aliases}

    def translate(self, expression: Expression, *, unweighted: bool) -> Expression:
        """``expression`` in the neuron's names; ``unweighted``: the weight is in the states."""
        by = {old: Expression(new) for old, new in self.names.items()}
        if unweighted:
            by["weight"] = Expression("1")
        return substitute(inlined(self.synapse, expression), by)

    def equation(self, equation: Equation) -> Equation:
        """A state's equation: the same, of the sum."""
        assert equation.expression is not None
        unit = equation.dimension.dimension
        if self.scaled:
            unit = unit * parse_unit(self.weight_unit).dimension
        factor = equation.factor and self.translate(equation.factor, unweighted=False)
        value = self.translate(equation.expression, unweighted=False)
        return Equation("differential", self.states[equation.name], str(unit), value, factor)

    def declared(self, equation: Equation) -> Equation:
        """A parameter's declaration."""
        return replace(equation, name=self.parameters[equation.name])

    def values(self) -> dict[str, Value]:
        """The parameters' values, where the synapse gives them."""
        scope = scope_of(self.synapse)
        found: dict[str, Value] = {}
        for name, value in self.synapse.parameters.items():
            if isinstance(value, Expression):
                value = self.translate(value, unweighted=False)
            elif not isinstance(value, Quantity):
                # one number per synapse has no place in a neuron; the population gives the number
                value = Quantity(1.0, scope.get(name, ONE))
            found[self.parameters[name]] = value
        return found

    def initial(self) -> dict[str, Value]:
        """No synapse has seen a spike yet; the network puts in what differs."""
        scope = scope_of(self.synapse)
        scale = parse_unit(self.weight_unit).dimension if self.scaled else ONE
        return {new: Quantity(0.0, scope[old] * scale) for old, new in self.states.items()}


def _post_variables(neuron: Neuron, synapse: Synapse) -> dict[str, str]:
    """``V_post`` in the synapse -> ``V`` in the neuron."""
    known = scope_of(neuron)
    for name in post_names(synapse):
        if name not in known:
            raise DefinitionError(
                f"{synapse.label} reads {name}{POST}, but {neuron.label} has no {name}",
                model=synapse.label,
                symbol=f"{name}{POST}",
                remedy=f"take a neuron that has it; this one has {', '.join(sorted(known))}",
            )
    return {f"{n}{POST}": n for n in post_names(synapse)}


def _port_unit(neuron: Neuron, port: str) -> str:
    return neuron.ports[port].unit if port in neuron.ports else neuron.unit_of(port)


def _parameter_names(synapse: Synapse) -> list[str]:
    declared = [e.name for e in synapse.of_kind("parameter")]
    return [*declared, *(n for n in synapse.parameters if n not in declared)]


def _all_names(neuron: Neuron) -> set[str]:
    return {e.name for e in neuron.all_equations} | {*neuron.parameters, *neuron.ports}


def _expressions(definition: Neuron | Synapse) -> Iterable[Expression]:
    for equation in definition.all_equations:
        yield from (e for e in (equation.expression, equation.factor) if e is not None)
    yield from (v for v in definition.parameters.values() if isinstance(v, Expression))
    if isinstance(definition, Synapse):
        statements = [*definition.on_pre, *definition.on_post]
        yield from (e for e in (definition.coupling, definition.deliver) if e is not None)
    else:
        statements = [s for p in definition.ports.values() for s in p.receive]
        if definition.spike is not None:
            statements += definition.spike.effects
            yield definition.spike.condition
            yield from filter(None, [definition.spike.refractory])
    yield from (s.expression for s in statements)


def _free(name: str, taken: set[str], prefix: str = "") -> str:
    """``name`` or the first free of ``prefix_name``, ``name_2``, ``name_3``, ...; then taken."""
    choices = [name, *([f"{prefix}_{name}"] if prefix else [])]
    number = 2
    while choices[0] in taken:
        choices = choices[1:] or [f"{name}_{number}"]
        number += choices == [f"{name}_{number}"]
    taken.add(choices[0])
    return choices[0]
