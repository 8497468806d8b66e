"""What drives a network from outside: every stimulus has what its kind needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import FREQUENCY, ONE, TIME, parse_unit
from .check_projection import known
from .expressions import Expression
from .network_scope import Scope, want
from .values import Array

if TYPE_CHECKING:
    from .network import Network, Stimulus


def check_stimulus(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    """Values are there and have their units.

    Raises:
        DefinitionError, UnitError: naming the stimulus and the remedy.
    """
    name = stimulus.name
    if stimulus.kind == "current":
        _check_current(network, stimulus, scope)
    elif stimulus.kind == "spikes":
        if stimulus.trains is None:
            raise DefinitionError(
                f"stimulus {name} has no trains",
                model=network.label,
                symbol=name,
                remedy="give trains = [[..]]",
            )
        if any(train.dimension != TIME for train in stimulus.trains):
            raise UnitError(
                f"the trains of stimulus {name} are not times",
                model=network.label,
                symbol=name,
                remedy="give them in ms",
            )
    else:
        if stimulus.rate is None or stimulus.size is None:
            raise DefinitionError(
                f"the {stimulus.kind} stimulus {name} needs size and rate",
                model=network.label,
                symbol=name,
                remedy='give size = 100 and rate = "10 Hz"',
            )
        want(network, f"{name}.size", stimulus.size, scope, ONE)
        if stimulus.kind == "regular":
            _check_regular(network, stimulus, {**scope, "i": ONE, "N": ONE})
        else:
            _check_poisson(network, stimulus, scope)


def _check_poisson(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    name, renewed = stimulus.name, stimulus.every is not None
    if isinstance(stimulus.rate, Expression) and "xi" in stimulus.rate.names and not renewed:
        raise DefinitionError(
            f"the rate of {name} is random, but nothing says how long a value holds",
            model=network.label,
            line=f"rate = {stimulus.rate}",
            symbol="xi",
            remedy='give every = "50 ms"',
        )
    if renewed and isinstance(stimulus.rate, Array):
        raise DefinitionError(
            f"the rates of {name} are one per train, and cannot be renewed",
            model=network.label,
            symbol="every",
            remedy="drop every, or give one rate",
        )
    known_here = {**scope, "t": TIME, **({"xi": ONE} if renewed else {})}
    want(network, f"{name}.rate", stimulus.rate, known_here, FREQUENCY)  # type: ignore[arg-type]
    for key in ("start", "stop", "every"):
        value = getattr(stimulus, key)
        if value is not None:
            want(network, f"{name}.{key}", value, scope, TIME)


def _check_regular(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    wanted = {"rate": FREQUENCY, "start": TIME, "stop": TIME, "count": ONE}
    for key, dimension in wanted.items():
        value = getattr(stimulus, key)
        if value is not None:
            want(network, f"{stimulus.name}.{key}", value, scope, dimension)


def _check_current(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    name = stimulus.name
    known(network, "population", stimulus.population, network.populations, f"stimulus {name}")
    neuron = network.populations[stimulus.population].neuron
    known(network, "continuous port", stimulus.port, neuron.continuous_ports, f"stimulus {name}")
    unit = parse_unit(neuron.ports[stimulus.port].unit).dimension
    if stimulus.amplitude is not None:
        want(network, f"{name}.amplitude", stimulus.amplitude, {**scope, "t": TIME}, unit)
    elif stimulus.times is None or stimulus.values is None:
        raise DefinitionError(
            f"the current {name} has no amplitude",
            model=network.label,
            symbol=name,
            remedy="give amplitude, or times and values",
        )
    else:
        want(network, f"{name}.times", stimulus.times, scope, TIME)
        want(network, f"{name}.values", stimulus.values, scope, unit)
    for key in ("start", "stop"):
        value = getattr(stimulus, key)
        if value is not None:
            want(network, f"{name}.{key}", value, scope, TIME)
