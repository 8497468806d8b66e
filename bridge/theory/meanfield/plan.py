"""Network -> Blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.draw import draw
from ...definition.draw_projections import draw_projection
from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.expressions import Expression
from ...definition.grid import random_steps
from ...definition.network import Network, Projection
from ...definition.numbers import Scope, network_scope, stream
from ...definition.values import Quantity, Random
from ...errors import DefinitionError, Unsupported
from ...passes.closures import Compiled, compiled
from ...passes.graded import signal_of
from ...passes.integrate import program_of
from ...passes.lump import lump, why_not
from ...records import replace
from .blueprint import SPIKES, Blueprint, Drive, Link, Output
from .links import Degrees, by_list, by_rule, moments
from .twins import twins_of

DELAYS = 100_000  # drawn where delays are random


def blueprint(network: Network, *, dt: Any = None, duration: Any = None) -> Blueprint:
    """The populations, outputs and links of ``network``.

    Raises:
        DefinitionError, Unsupported: what mean-field theory cannot take, with a remedy.
    """
    network = network.whole
    _check(network)
    alone = _without_projections(network)
    drawn = draw(alone, dt=dt, duration=duration)
    scope = network_scope(network)
    sizes = {n: p.size for n, p in drawn.populations.items()}
    sizes |= {n: s.size for n, s in drawn.sources.items()}
    found: dict[str, DrawnProjection] = {}
    degrees: dict[str, Degrees] = {}
    delays: dict[str, Any] = {}
    for name, p in network.projections.items():
        found[name], degrees[name], delays[name] = _path(p, scope, sizes, drawn)
    whole = replace(drawn, projections=found)
    for path in whole.projections.values():
        _check_synapse(whole, path)
    return _assembled(lump(whole), degrees, delays)


def _check(network: Network) -> None:
    for s in network.stimuli.values():
        if s.kind in ("spikes", "regular"):
            raise Unsupported(
                f"mean-field theory cannot take the {s.kind} trains of {s.name}: their times are "
                "fixed, its input is random",
                model=network.label,
                symbol=s.name,
                remedy='give a stimulus of kind "poisson" or "current"',
            )
    for phase in network.phases:
        for path in phase.changes:
            owner = path.rpartition(".")[0]
            if owner in network.projections:
                raise Unsupported(
                    f"mean-field theory cannot take a phase that changes {path}",
                    model=network.label,
                    symbol=path,
                    remedy="change a stimulus, or ask for two networks",
                )


def _without_projections(network: Network) -> Network:
    stimuli = {
        n: replace(s, draw="native") if s.kind == "poisson" else s
        for n, s in network.stimuli.items()
    }
    return replace(network, projections={}, recordings={}, stimuli=stimuli)


def _path(
    p: Projection, scope: Scope, sizes: Mapping[str, int], network: DrawnNetwork
) -> tuple[DrawnProjection, Degrees, Any]:
    """A projection without its connections, what they amount to, its delays in steps."""
    n_pre, n_post, same = sizes[p.pre], sizes[p.post], p.pre == p.post
    weight, delay = _named(p.weight, scope), _named(p.delay, scope)
    listed = p.rule["kind"] == "pairwise_list" or any(
        not isinstance(v, Random) and np.ndim(_plain(v, scope)) for v in (weight, delay)
    )
    if listed:
        full = draw_projection(p, scope, sizes, network.dt, network.seed, network.label)
        assert full.targets is not None
        return full, by_list(full.targets, np.asarray(full.weights), n_pre, n_post), full.delays
    J, s2 = moments(weight.distribution) if isinstance(weight, Random) else (None, 0.0)
    times = None
    if isinstance(delay, Random):
        from ...definition.distributions import draw as draws

        rng = stream(network.seed, p.name, "delay")
        times = random_steps(draws(delay.distribution, DELAYS, rng), network.dt)
    bare = replace(
        p,
        native=True,
        weight=p.weight if J is None else Quantity(J, weight.dimension),
        delay=p.delay if times is None else Quantity(network.dt, delay.dimension),
    )
    drawn = draw_projection(bare, scope, sizes, network.dt, network.seed, network.label)
    J = float(np.asarray(drawn.weights)) if J is None else J
    steps = np.atleast_1d(drawn.delays if times is None else times)
    return drawn, by_rule(drawn.rule, n_pre, n_post, same, J, s2), steps


def _named(value: Any, scope: Scope) -> Any:
    found = scope.get(value.text) if isinstance(value, Expression) else None
    return found if isinstance(found, Random) else value


def _plain(value: Any, scope: Scope) -> Any:
    from ...definition.numbers import number_of

    return number_of(value, scope)


def _check_synapse(network: DrawnNetwork, p: DrawnProjection) -> None:
    """Weights times what one spike or state sends: anything else is no link."""
    synapse = p.synapse
    if synapse.is_static or (synapse.is_graded and not synapse.learns):
        return
    reason = why_not(network, p)
    if reason is not None:
        raise Unsupported(
            f"mean-field theory cannot take the synapses of {p.name} ({synapse.label}): {reason}",
            model=network.label,
            symbol=p.name,
            remedy="use synapses whose states can be moved into the neuron, or static ones",
        )


def _assembled(
    network: DrawnNetwork, degrees: Mapping[str, Degrees], delays: Mapping[str, Any]
) -> Blueprint:
    programs = {
        n: compiled(program_of(p.neuron, network.scheme)) for n, p in network.populations.items()
    }
    _check_programs(programs, network.label)
    outputs: list[Output] = []
    places: dict[Any, int] = {}
    for name, drawn in network.populations.items():
        if drawn.neuron.spike is not None:
            places[name, SPIKES] = len(outputs)
            outputs.append(Output(name, name, SPIKES))
    links, drives = [], []
    for p in network.projections.values():
        own = _scaled(p, degrees[p.name])
        if p.pre in network.sources:
            source, (steps, shares) = network.sources[p.pre], _shares(delays[p.name])
            drives.append(Drive(p.name, source, p.post, p.port, own, steps, shares))
            continue
        key: tuple[Any, ...] = (p.pre, SPIKES)
        later = 0
        if p.synapse.is_graded:
            output = _signal(network, p)
            key, later = (p.pre, output.signal, tuple(sorted(output.numbers.items()))), 1
            if key not in places:
                places[key] = len(outputs)
                several = any(o.population == p.pre for o in outputs)
                label = f"{p.pre}.{output.signal}" if several else p.pre
                outputs.append(replace(output, label=label))
        steps, shares = _shares(delays[p.name] + later)
        links.append(Link(p.name, places[key], p.post, p.port, own, steps, shares))
    if not outputs:
        raise DefinitionError(
            "no unit sends anything, by spikes or otherwise: there is no mean field",
            model=network.label,
            remedy="ask for a network whose units act on each other or spike",
        )
    plain = Blueprint(
        network.label,
        network.dt,
        network.steps,
        network.populations,
        programs,
        tuple(outputs),
        tuple(links),
        tuple(drives),
        network.currents,
        network.changes,
        {n: n for n in network.populations},
    )
    return replace(plain, twins=twins_of(plain))


def _shares(delays: Any) -> tuple[Any, Any]:
    """The different delays (steps), and how many of all have each."""
    steps, counts = np.unique(np.asarray(delays), return_counts=True)
    return steps, counts / counts.sum()


def _check_programs(programs: Mapping[str, Compiled], label: str) -> None:
    for name, compiled_one in programs.items():
        program = compiled_one.program
        if program.uses_time:
            raise DefinitionError(
                f"the equations of {name} read the time t",
                model=label,
                symbol="t",
                remedy="give the input as a stimulus",
            )
        if program.odes is not None:
            raise DefinitionError(
                f"under the scheme native {name} has no steps of its own to run in an ensemble",
                model=label,
                symbol="scheme",
                remedy="choose an explicit scheme",
            )


def _scaled(p: DrawnProjection, degrees: Degrees) -> Degrees:
    """With what a static synapse delivers for its weight, where that is another number."""
    if p.synapse.is_graded or p.synapse.deliver is None or p.synapse.deliver.text == "weight":
        return degrees
    from ...definition.evaluate import evaluate

    unit = {**p.parameters, "weight": 1.0}
    c = float(evaluate(p.synapse.deliver, unit))
    return replace(
        degrees,
        J=c * degrees.J,
        s2=c**2 * degrees.s2,
        shared=c**2 * degrees.shared,
        private=c**2 * degrees.private,
    )


def _signal(network: DrawnNetwork, p: DrawnProjection) -> Output:
    signal = signal_of(p.synapse, network.populations[p.pre].neuron)
    numbers = {own: float(np.asarray(p.parameters[n])) for own, n in signal.parameters.items()}
    return Output(p.pre, p.pre, signal.value.text, signal.value, numbers)
