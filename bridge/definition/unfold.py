"""A network with areas -> the same network without: every item of an area under ``area.item``.

Parameters of an area become parameters ``area__name`` of the whole, and expressions inside the area
name those; what the outer network gives for them stays an expression of its own parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import DefinitionError
from ..records import replace
from .areas import DOT, JOINT, Area, flat_name, parameter_paths
from .expressions import Expression
from .items import STIMULUS_VALUES
from .network import (
    Network,
    Phase,
    Population,
    Projection,
    Recording,
    Stimulus,
)
from .parts import unknown
from .values import Value, read_value

ITEMS = ("populations", "projections", "stimuli", "recordings")
_TRAIN = ("rate", "start", "stop", "count")  # of regular trains: may depend on the train's index


def unfold(network: Network) -> Network:
    """``network`` without areas: what is checked, hashed, drawn and described.

    Raises:
        DefinitionError: a name that is used twice, or a parameter or variant that an area lacks.
    """
    items: dict[str, dict[str, Any]] = {kind: {} for kind in ITEMS}
    parameters: dict[str, Value] = dict(network.parameters)
    phases: list[Phase] = []
    for area in network.include.values():
        inside = _Inside(area, network.label)
        _join(parameters, inside.parameters(), area, "parameter", network.label)
        for kind in ITEMS:
            own = getattr(inside.whole, kind).values()
            items[kind] |= {item.name: item for item in map(inside.placed, own)}
        phases += map(inside.phase, inside.whole.phases)
    for kind in ITEMS:
        _join(items[kind], getattr(network, kind), None, kind.rstrip("s"), network.label)
    _check_names(network)
    return network.replace(
        **items,
        parameters=parameters,
        phases=(*phases, *network.phases),
        variants={},
        include={},
    )


def _join(
    found: dict[str, Any], more: Mapping[str, Any], area: Area | None, kind: str, label: str
) -> None:
    """``more`` in ``found``; a name that is there already is refused."""
    clash = set(found) & set(more)
    if clash:
        name = min(clash)
        whose = f"the area {area.name}" if area else "an area"
        raise DefinitionError(
            f"the {kind} {name!r} is one of the network's own and one of {whose}",
            model=label,
            symbol=name,
            remedy="rename the network's own",
        )
    found |= more


def _check_names(network: Network) -> None:
    """An area shares its name with no item of the network."""
    for kind in ITEMS:
        clash = set(network.include) & set(getattr(network, kind))
        if clash:
            raise DefinitionError(
                f"{min(clash)!r} names an area and one of the {kind}",
                model=network.label,
                symbol=min(clash),
                remedy="rename one of them",
            )


class _Inside:
    """What an area's items and expressions are called in the network around it."""

    def __init__(self, area: Area, label: str) -> None:
        self.area = area
        try:
            self.whole = area.inner.whole
        except DefinitionError as error:
            error.model = None
            raise error.at(model=f"{label}.{area.name}") from None
        self.names = {n: f"{area.name}{JOINT}{n}" for n in self.whole.parameters}
        given = {flat_name(path): path for path in area.parameters}
        left = {path: None for flat, path in given.items() if flat not in self.names}
        known = tuple(parameter_paths(area.network))
        unknown(left, "the table of parameters", known, f"{label}.{area.name}")

    def item(self, name: str) -> str:
        return f"{self.area.name}{DOT}{name}"

    def parameters(self) -> dict[str, Value]:
        """The area's parameters under their new names, with what the outer network gives."""
        own = {self.names[n]: self.value(v) for n, v in self.whole.parameters.items()}
        given = {self.names[flat_name(n)]: v for n, v in self.area.parameters.items()}
        return own | given

    def value(self, value: Any, hidden: Iterable[str] = ()) -> Any:
        """``value`` with the area's parameters renamed, but for those that ``hidden`` hides."""
        names = {n: new for n, new in self.names.items() if n not in set(hidden)}
        return renamed(value, names) if isinstance(value, Expression) else value

    def values(self, given: Mapping[str, Value], hidden: Iterable[str]) -> dict[str, Value]:
        """Each value; in ``tau = "tau"`` the right side is the network's parameter."""
        kept = set(hidden)
        return {n: self.value(v, kept - {n}) for n, v in given.items()}

    def placed(self, item: Any) -> Any:
        """A population, projection, stimulus or recording of the area, in the whole."""
        match item:
            case Population():
                return self.population(item)
            case Projection():
                return self.projection(item)
            case Stimulus():
                return self.stimulus(item)
            case Recording():
                return self.recording(item)
        raise AssertionError(item)

    def population(self, own: Population) -> Population:
        hidden = _own_names(own)
        return replace(
            own,
            name=self.item(own.name),
            size=self.value(own.size),
            parameters=self.values(own.parameters, hidden),
            initial={n: self.value(v, hidden) for n, v in own.initial.items()},
        )

    def projection(self, own: Projection) -> Projection:
        hidden = {*own.synapse.parameters, *own.parameters, "i", "j"}
        rule = {n: self.number(v) if n != "kind" else v for n, v in own.rule.items()}
        return replace(
            own,
            name=self.item(own.name),
            pre=self.item(own.pre),
            post=self.item(own.post),
            rule=rule,
            weight=self.value(own.weight),
            delay=self.value(own.delay),
            dt_w=self.value(own.dt_w),
            parameters=self.values(own.parameters, hidden),
            initial={n: self.value(v, hidden) for n, v in own.initial.items()},
            events={event: self.item(driver) for event, driver in own.events.items()},
        )

    def number(self, given: Any) -> Any:
        """A number of a rule: it is text where it is an expression."""
        return self.value(read_value(given)) if isinstance(given, str) else self.value(given)

    def stimulus(self, own: Stimulus) -> Stimulus:
        values = {k: self.value(getattr(own, k), _hidden(own.kind, k)) for k in STIMULUS_VALUES}
        leads = self.item(own.population) if own.population else ""
        return replace(own, name=self.item(own.name), population=leads, **values)

    def recording(self, own: Recording) -> Recording:
        return replace(
            own,
            name=self.item(own.name),
            population=self.item(own.population) if own.population else "",
            projection=self.item(own.projection) if own.projection else "",
            every=self.value(own.every),
        )

    def phase(self, own: Phase) -> Phase:
        changes = {}
        for path, value in own.changes.items():
            owner, _, key = path.rpartition(DOT)
            hidden = {"t"}
            if owner in self.whole.projections:
                of_synapse = {*self.whole.projections[owner].synapse.parameters, "i", "j"}
                hidden = {"weight"} if key == "weight" else of_synapse - {key}
            if owner in self.whole.populations:
                hidden = _own_names(self.whole.populations[owner]) - {key}
            changes[self.item(path)] = self.value(value, hidden)
        return Phase(self.value(own.at), changes)


def _own_names(population: Population) -> set[str]:
    """Names that a population's values read in its neuron, not in the network."""
    return {*population.neuron.parameters, *population.parameters, "i", "N"}


def _hidden(kind: str, key: str) -> tuple[str, ...]:
    """Names that a value of a stimulus reads elsewhere than in the network's parameters."""
    if kind == "regular":
        return ("i", "N") if key in _TRAIN else ()
    return ("t",) if key in ("amplitude", "rate") else ()


def renamed(expression: Expression, names: Mapping[str, str]) -> Expression:
    """``expression`` with other names for what it reads."""
    if not expression.names & set(names):
        return expression
    return Expression(ast.unparse(_Renaming(names).visit(ast.parse(expression.text, mode="eval"))))


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Call(self, node: ast.Call) -> ast.Call:
        node.args = [self.visit(a) for a in node.args]  # a function keeps its name
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


__all__ = ["renamed", "unfold"]
