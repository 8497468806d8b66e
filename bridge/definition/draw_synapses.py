"""Parameters, initial states and axonal delays of a projection's synapses, drawn once."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import units
from ..errors import DefinitionError
from ..records import replace
from . import distributions
from .connectivity import Connections
from .drawn import DrawnChange, DrawnProjection, DrawnSynapseRecording, Ints, Number
from .expressions import Expression
from .grid import steps_of
from .model import Synapse
from .network import Projection, Recording
from .numbers import Scope, chosen_units, number_of, stream
from .values import Quantity, Random, Value


def draw_parameters(
    projection: Projection, scope: Scope, found: Connections | None, seed: int, label: str
) -> dict[str, Number]:
    """Every parameter of the synapse: one number, or one per connection."""
    given = {**projection.synapse.parameters, **projection.parameters}
    wide = {**scope, **_indices(found)}
    drawn: dict[str, Number] = {}
    while len(drawn) < len(given):
        before = len(drawn)
        for name, value in given.items():
            waits = needs(value, name, given, scope) - set(drawn)
            if name not in drawn and not waits:
                rng = stream(seed, projection.name, "parameters", name)
                drawn[name] = _per_connection(value, {**wide, **drawn}, found, rng, name, label)
        if len(drawn) == before:
            missing = ", ".join(sorted(set(given) - set(drawn)))
            raise DefinitionError(
                f"the parameters {missing} are defined by each other",
                model=label,
                symbol=missing.partition(",")[0],
                remedy="give one of them a number",
            )
    return drawn


def needs(value: Value, name: str, given: Mapping[str, Value], scope: Scope) -> set[str]:
    """Which of the ``given`` parameters must be known before ``name``.

    In ``tau = "tau"`` the right side is the network's parameter, where there is one.
    """
    if not isinstance(value, Expression):
        return set()
    return {*value.names} & set(given) - ({name} & set(scope))


def draw_initial(
    projection: Projection, scope: Scope, found: Connections | None, seed: int, label: str
) -> dict[str, Number]:
    """The initial value of every state; 0 where nothing is given.

    Raises:
        DefinitionError: a value outside the bounds within which the synapse keeps the state.
    """
    synapse = projection.synapse
    zero: dict[str, Value] = {name: Quantity(0.0, units.ONE) for name in synapse.states}
    wide = {**scope, **_indices(found)}
    drawn: dict[str, Number] = {}
    for name, value in {**zero, **synapse.initial, **projection.initial}.items():
        rng = stream(seed, projection.name, "initial", name)
        drawn[name] = _per_connection(value, wide, found, rng, name, label)
        _check_bounds(synapse, name, drawn[name], scope, label)
    return drawn


def synapse_change(
    projection: Projection,
    key: str,
    value: Value,
    scope: Scope,
    drawn: DrawnProjection,
    seed: int,
    step: int,
) -> tuple[Projection, list[DrawnChange]]:
    """The projection with another parameter, and a change for every parameter that follows."""
    assert drawn.sources is not None and drawn.targets is not None
    found = Connections(drawn.sources, drawn.targets)
    changed = replace(projection, parameters={**projection.parameters, key: value})
    before = draw_parameters(projection, scope, found, seed, projection.name)
    after = draw_parameters(changed, scope, found, seed, projection.name)
    return changed, [
        DrawnChange(step, "synapse", projection.name, name, number)
        for name, number in after.items()
        if not np.array_equal(number, before[name])
    ]


def axonal_steps(synapse: Synapse, delays: int | Ints) -> int | Ints:
    """Steps of each delay that lie before the synapse, rounded to the grid.

    Where both sides have a share, at least one step stays on the dendrite.
    """
    share = synapse.axonal_share
    if share in (0.0, 1.0):
        return delays if share else 0
    whole = np.asarray(delays)
    steps = np.minimum(np.rint(share * whole), whole - 1).astype(np.int64)
    return steps if steps.ndim else int(steps)


def draw_synapse_recording(
    recording: Recording,
    projections: Mapping[str, DrawnProjection],
    scope: Scope,
    dt: float,
    label: str,
) -> DrawnSynapseRecording:
    """Connections and sampling interval of a recording of synapses.

    Raises:
        DefinitionError: the projection is native: its connections have no numbers.
    """
    projection = projections[recording.projection]
    if projection.sources is None:
        raise DefinitionError(
            f"the connections of {recording.projection} are drawn by the simulator",
            model=f"{label}.{recording.name}",
            symbol=recording.projection,
            remedy="drop native = true to record its synapses",
        )
    count = len(projection.sources)
    chosen = chosen_units(recording.units, count, f"{label}.{recording.name}")
    every = interval_of(recording, scope, dt, label)
    return DrawnSynapseRecording(
        recording.name, recording.projection, recording.variables, chosen, every
    )


def interval_of(recording: Recording, scope: Scope, dt: float, label: str) -> int:
    """The sampling interval in steps."""
    if recording.every is None:
        return 1
    time = number_of(recording.every, scope)
    steps: int = steps_of(time, dt, "every", model=f"{label}.{recording.name}", least=1)
    return steps


def _indices(found: Connections | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {"i": found.sources.astype(float), "j": found.targets.astype(float)}


def _per_connection(
    value: Value,
    scope: Scope,
    found: Connections | None,
    rng: np.random.Generator,
    name: str,
    label: str,
) -> Number:
    if found is None and isinstance(value, Random):
        raise DefinitionError(
            f"a native projection has one {name}, not one per connection",
            model=label,
            symbol=name,
            remedy="give one number, or drop native = true",
        )
    if found is not None and isinstance(value, Random):
        return distributions.draw(value.distribution, len(found.sources), rng)
    number: Number = number_of(value, scope)
    count = None if found is None else len(found.sources)
    if np.ndim(number) and np.shape(number) != (count,):
        raise DefinitionError(
            f"{name} has {np.size(number)} values for {count} connections",
            model=label,
            symbol=name,
            remedy="give one value, or one per connection in the order of (source, target)",
        )
    if not np.all(np.isfinite(number)):
        raise DefinitionError(
            f"{name} is not a finite number",
            model=label,
            symbol=name,
            remedy="give a number; check divisions by zero",
        )
    return number


def _check_bounds(synapse: Synapse, name: str, value: Number, scope: Scope, label: str) -> None:
    """What spikes, or steps, keep within bounds cannot begin outside."""
    third = (s for statements in synapse.events.values() for s in statements)
    for statement in (*synapse.before, *synapse.on_post, *synapse.on_step, *third):
        if statement.target != name or statement.op != "=":
            continue
        ends = _bounds(statement.expression)
        low, high = _end(ends[0], -np.inf, scope), _end(ends[1], np.inf, scope)
        every = np.column_stack([np.ravel(v) for v in np.broadcast_arrays(value, low, high)])
        outside = every[(every[:, 0] < every[:, 1]) | (every[:, 0] > every[:, 2])]
        if len(outside):
            begin, least, most = outside[0]
            raise DefinitionError(
                f"{name} begins at {begin:g}, outside its bounds [{least:g}, {most:g}]",
                model=label,
                line=str(statement),
                symbol=name,
                remedy=f"give an initial {name} inside, or other bounds",
            )


def _bounds(expression: Expression) -> tuple[ast.expr | None, ast.expr | None]:
    """The ends of ``clip(..., low, high)``, ``max(..., low)`` or ``min(..., high)``."""
    match expression.tree:
        case ast.Call(func=ast.Name(id="clip"), args=[_, low, high]):
            return low, high
        case ast.Call(func=ast.Name(id="max"), args=[_, low]):
            return low, None
        case ast.Call(func=ast.Name(id="min"), args=[_, high]):
            return None, high
    return None, None


def _end(end: ast.expr | None, open_end: float, scope: Scope) -> Number:
    """The value of one bound; ``open_end`` where there is none, or it is a state."""
    expression = end and Expression(ast.unparse(end))
    if not expression or expression.names - set(scope):
        return open_end
    found: Number = number_of(expression, scope)
    return found
