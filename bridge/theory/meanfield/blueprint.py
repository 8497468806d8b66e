"""What mean-field theory knows of a network: populations, what they send, and who gets how much.

No connection is drawn, so that the size of the network does not matter. Synapses whose states can
be moved into the neuron are moved there (`passes/lump`): a link is then a weight and a delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnCurrent, DrawnPopulation, DrawnSource
from ...definition.expressions import Expression
from ...passes.closures import Compiled
from ...records import dataclass, field
from .links import Degrees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SPIKES = "spikes"


@dataclass(frozen=True, eq=False)
class Output:
    """What units of a population send: spikes, or ``value`` of their states.

    ``numbers``: names in ``value`` that are parameters of the synapse, with their values.
    ``label``: the population's name, with the signal after it where it sends several.
    """

    population: str
    label: str
    signal: str
    value: Expression | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def spiking(self) -> bool:
        return self.value is None


@dataclass(frozen=True, eq=False)
class Link:
    """``output`` adds to ``port`` of ``post``, ``delays`` steps later with the given ``shares``.

    A delay counts from the step in which the output is recorded to that in which it acts.
    """

    name: str
    output: int
    post: str
    port: str
    degrees: Degrees
    delays: Ints
    shares: Floats


@dataclass(frozen=True, eq=False)
class Drive:
    """Poisson trains of ``source`` onto ``port`` of ``post``, ``delays`` steps later with the
    given ``shares``.
    """

    name: str
    source: DrawnSource
    post: str
    port: str
    degrees: Degrees
    delays: Ints
    shares: Floats

    def at(self, step: int) -> tuple[float, float]:
        """Mean and variance over the trains of the rate (kHz) at ``step``."""
        assert self.source.rates is not None and self.source.rate_steps is not None
        place = int(np.searchsorted(self.source.rate_steps, step, side="right")) - 1
        rates = np.atleast_1d(self.source.rates[place])
        return float(rates.mean()), float(rates.var())

    @property
    def moves(self) -> bool:
        """Whether the rate changes with time."""
        assert self.source.rate_steps is not None
        return len(self.source.rate_steps) > 1

    def arriving(self, step: int) -> tuple[float, float]:
        """`at` of what arrives at ``step``; before time 0 as at time 0."""
        if not self.moves:
            return self.at(0)
        sent = [self.at(max(step - d, 0)) for d in self.delays.tolist()]
        mean, spread = np.average(sent, axis=0, weights=self.shares)
        return float(mean), float(spread)


@dataclass(frozen=True, eq=False)
class Blueprint:
    """``twins``: population -> the first one whose units have the same numbers and input."""

    label: str
    dt: float
    steps: int
    populations: Mapping[str, DrawnPopulation]
    programs: Mapping[str, Compiled]
    outputs: tuple[Output, ...]
    links: tuple[Link, ...]
    drives: tuple[Drive, ...]
    currents: tuple[DrawnCurrent, ...]
    changes: tuple[Any, ...]
    twins: Mapping[str, str]

    def links_to(self, post: str, port: str | None = None) -> list[Link]:
        """Links onto a population, or onto one port of it."""
        return [k for k in self.links if k.post == post and port in (None, k.port)]

    def drives_to(self, post: str, port: str | None = None) -> list[Drive]:
        """Drives onto a population, or onto one port of it."""
        return [d for d in self.drives if d.post == post and port in (None, d.port)]

    def ports_of(self, population: str) -> tuple[str, ...]:
        """Ports that receive something."""
        linked = [k.port for k in self.links_to(population)]
        driven = [d.port for d in self.drives_to(population)]
        return tuple(dict.fromkeys([*linked, *driven]))

    def outputs_of(self, population: str) -> list[int]:
        """Places of a population's outputs."""
        return [i for i, o in enumerate(self.outputs) if o.population == population]

    def linked(self) -> list[int]:
        """Places of the outputs that act on something."""
        return sorted({k.output for k in self.links})

    @property
    def kinds(self) -> list[str]:
        """Populations that no earlier one is a twin of."""
        return [n for n, first in self.twins.items() if n == first]

    def twin_output(self, output: int) -> int:
        """The place of the same output of the twin."""
        mine = self.outputs[output]
        first = self.twins[mine.population]
        for place in self.outputs_of(first):
            other = self.outputs[place]
            if other.signal == mine.signal and other.numbers == mine.numbers:
                return place
        raise AssertionError(mine.label)
