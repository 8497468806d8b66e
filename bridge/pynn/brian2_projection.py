"""Projections of pyNN.brian2 whose synapses are a definition.

PyNN makes ``Synapses`` with one delay, before the synapse, and connects them; what it does not know
of is set when it is done: delays of both pathways, their order, parameters that follow others,
initial values. Projections with other synapses go on as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from itertools import count
from typing import Any

import brian2
import numpy as np
from pyNN.brian2 import projections, simulator

from ..definition.draw_synapses import axonal_steps
from ..passes.statements import run_statements
from ..passes.synapse_program import ELAPSED
from ..simulators.brian2.lines import Line
from ..simulators.brian2.plan import LinePlan
from ..simulators.brian2.plastic_words import AHEAD, UPDATED, own

DELAY = "syn_delay"  # ms
FIRST = -2  # before PyNN's own pathways, whose order is 0
_LINES = count()


def hook(kind: type[Any]) -> None:
    """Let projections whose synapse type is a ``kind`` go through the functions below, too."""
    theirs = projections.Projection
    if getattr(theirs, "asks_spikebridge", False):
        return

    def around(method: Callable[..., Any], before: Any = None, after: Any = None) -> Any:
        @wraps(method)
        def wrapped(projection: Any, *arguments: Any, **named: Any) -> Any:
            ours = isinstance(projection.synapse_type, kind) if before else False
            if ours:
                before(projection)
            found = method(projection, *arguments, **named)
            if after and isinstance(projection.synapse_type, kind):
                after(projection)
            return found

        return wrapped

    theirs.__init__ = around(theirs.__init__, after=_made)
    for name, functions in {
        "_set_attributes": {"after": _settled},
        "_get_attributes_as_list": {"before": _refreshed},
        "_get_attributes_as_arrays": {"before": _refreshed},
    }.items():
        setattr(theirs, name, around(getattr(theirs, name), **functions))
    theirs._set_initial_value_array = _initialized  # noqa: SLF001  PyNN has none
    theirs.asks_spikebridge = True


def _parts(projection: Any) -> Iterator[tuple[Any, Any]]:
    """The ``Synapses`` that have connections, with the population that they lead to."""
    posts = getattr(projection.post, "populations", [projection.post])
    for row in projection._brian2_synapses.values():  # noqa: SLF001
        for j, synapses in row.items():
            if np.any(synapses.variables["N"].get_value()):
                yield synapses, posts[j]


def _made(projection: Any) -> None:
    """Everything that PyNN has left open."""
    kind = projection.synapse_type
    for synapses, post in _parts(projection):
        synapses.namespace.update({"inf": np.inf, "as_weight": kind.unit})
        sides = [s for s in kind.text.order if s == "pre" or (s == "post" and kind.post)]
        for place, side in enumerate(sides):
            getattr(synapses, side).order = FIRST + place
        _, initial = _numbers(kind, synapses)
        for name in kind.program.states:
            _set(synapses, own(name), initial[name])
        if kind.described.synapse.axonal_share != 1:
            _line(projection, synapses, post)
    _settled(projection)


def _line(projection: Any, synapses: Any, post: Any) -> None:
    """What brings amplitudes to the cells, a dendritic delay after the spike at the synapse."""
    number, group = next(_LINES), post.brian2_group
    group = getattr(group, "source", group)
    rows = int(_steps(projection, synapses)[1].max()) + 1
    variable = post.celltype.post_synaptic_variables[projection.receptor_type]
    line = Line(LinePlan(f"pynn{number}", "", rows, ""), len(group))
    synapses.namespace.update({"sb_later": line.later, "sb_rows": rows})
    group.namespace.update(
        {f"sb_due_{number}": line.due, f"as_weight_{number}": projection.synapse_type.unit}
    )
    code = (
        f"sb_came = sb_due_{number}(t_in_timesteps % {rows}, i)\n"
        f"{variable} += sb_came*as_weight_{number}"
    )
    simulator.state.network.add(group.run_regularly(code, when="synapses", order=0))


def _settled(projection: Any) -> None:
    """Delays and parameters as they are now."""
    kind, step = projection.synapse_type, simulator.state.dt * brian2.ms
    for synapses, _ in _parts(projection):
        axonal, dendritic = _steps(projection, synapses)
        if dendritic.max() >= synapses.namespace.get("sb_rows", np.inf):
            raise ValueError("a delay cannot become longer than the longest was when it was made")
        synapses.pre.delay = axonal * step
        if kind.post:
            synapses.post.delay = dendritic * step
        _set(synapses, AHEAD, dendritic)
        parameters, _ = _numbers(kind, synapses)
        for name in kind.program.parameters:
            if name not in kind.described.parameters:
                _set(synapses, own(name), parameters[name])


def _steps(projection: Any, synapses: Any) -> tuple[Any, Any]:
    """The parts of the delays before and after the synapse."""
    delays = np.rint(synapses.variables[DELAY].get_value() / simulator.state.dt).astype(np.int64)
    axonal = np.broadcast_to(
        axonal_steps(projection.synapse_type.described.synapse, delays), delays.shape
    )
    return axonal, delays - axonal


def _numbers(kind: Any, synapses: Any) -> tuple[Any, Any]:
    """All parameters and initial values of the connections."""
    described = kind.described
    given = {
        n: synapses.variables[own(n)].get_value() / described.unit_of(n)
        for n in described.parameters
    }
    return described.drawn(given)  # type: ignore[no-any-return]


def _set(synapses: Any, name: str, values: Any) -> None:
    variable = synapses.variables[name]
    wide = np.broadcast_to(np.asarray(values), (len(synapses),))
    variable.set_value(wide.astype(variable.dtype))


def _refreshed(projection: Any) -> None:
    """States as they are now: a synapse moves at spikes only."""
    kind, step = projection.synapse_type, simulator.state.dt
    program = kind.program
    if not program.advance:
        return
    now = round(simulator.state.t / step)
    for synapses, _ in _parts(projection):
        variables = synapses.variables
        names = (*program.states, *program.parameters, "weight")
        scope = {n: np.array(variables[own(n)].get_value()) for n in names}
        scope[ELAPSED] = ((2 * now + 1 - variables[UPDATED].get_value()) // 2) * step
        found = run_statements(program.advance, scope)
        for name in program.states:
            _set(synapses, own(name), found[name])
        _set(synapses, UPDATED, 2 * now)


def _initialized(projection: Any, variable: str, value: Any) -> None:
    """Initial values of a state, one or one per connection."""
    for synapses, _ in _parts(projection):
        _set(synapses, own(variable), value.evaluate(simplify=True))
