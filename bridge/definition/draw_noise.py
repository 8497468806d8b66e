"""Frozen random numbers: the draws of every ``xi`` and ``rand``, as currents to be replayed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .draw_stimuli import BLOCK
from .drawn import DrawnCurrent, DrawnNetwork, DrawnPopulation
from .model import Neuron
from .numbers import stream


def noise_names(neuron: Neuron) -> tuple[str, ...]:
    """Names of the random numbers in the equations of ``neuron``: xi, xi_1, ..., rand, ..."""
    found = {
        name
        for equation in neuron.all_equations
        if equation.expression is not None
        for name in equation.expression.names
        if name == "xi" or name.startswith("xi_") or is_uniform(name)
    }
    return tuple(sorted(found))


def is_uniform(name: str) -> bool:
    """Whether a random number lies evenly between 0 and 1; the others are of N(0, 1)."""
    return name == "rand" or name.startswith("rand_")


def draw_block(rng: np.random.Generator, name: str, size: int) -> NDArray[np.float64]:
    """`BLOCK` steps of the random number ``name`` of ``size`` units."""
    draw = rng.random if is_uniform(name) else rng.standard_normal
    return draw((BLOCK, size))


def own_draws(network: DrawnNetwork) -> tuple[str, ...]:
    """What each simulator draws for itself, so that two can only agree in distribution."""
    frozen = {(c.population, c.port) for c in network.currents}
    noises = [
        f"the noise {noise} of {name}"
        for name, population in network.populations.items()
        for noise in noise_names(population.neuron)
        if (name, noise) not in frozen
    ]
    trains = [f"the Poisson trains of {n}" for n, s in network.sources.items() if s.native]
    paths = [f"the connections of {n}" for n, p in network.projections.items() if p.native]
    return (*noises, *trains, *paths)


def draw_noise(
    populations: Mapping[str, DrawnPopulation], steps: int, seed: int
) -> tuple[DrawnCurrent, ...]:
    """One number per unit and step for every noise, in blocks as the Poisson trains."""
    found = []
    for name, population in populations.items():
        for noise in noise_names(population.neuron):
            blocks = [
                draw_block(stream(seed, name, noise, str(begin)), noise, population.size)
                for begin in range(0, steps, BLOCK)
            ]
            values = np.concatenate(blocks)[:steps]
            units = np.arange(population.size)
            found.append(
                DrawnCurrent(f"{name}.{noise}", name, noise, units, np.arange(steps), values)
            )
    return tuple(found)
