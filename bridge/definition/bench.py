"""The test bench of one neuron: the network on which simulators are compared, model by model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import units
from ..records import dataclass
from .model import Neuron
from .network import Network, Population, Projection, Recording, Stimulus
from .values import Quantity


@dataclass(frozen=True)
class Drive:
    """How a neuron is driven on the bench; weights and currents in the ports' coherent units."""

    current: float = 0.0
    weights: Mapping[str, float] | None = None
    rate: float = 0.5  # kHz, per port


def bench(
    neuron: Neuron, *, size: int = 5, drive: Drive | None = None, duration: float = 2000.0
) -> Network:
    """``size`` units of ``neuron`` driven by a step current and frozen spike trains.

    The step current acts from 10 % to 90 % of the run, in two steps, on the first continuous port;
    every spike port has its own frozen Poisson source (a single signed port an excitatory and an
    inhibitory one), connected one to one with random delays of 0.1 to 5 ms. All states are
    recorded. Strengths are those of ``drive``, or of `default_drive`.
    """
    drive = drive or default_drive(neuron)
    port = next(iter(neuron.continuous_ports), None)
    stimuli: dict[str, Any] = {}
    projections: dict[str, Any] = {}
    if port is not None:
        unit = units.parse_unit(neuron.ports[port].unit).dimension
        times = [f"{duration * x:.6g} ms" for x in (0.1, 0.5, 0.9)]
        values = [units.to_text(drive.current * x, unit) for x in (1.0, 1.5, 0.0)]
        stimuli["step"] = Stimulus("step", "current", "cells", port, times=times, values=values)  # type: ignore[arg-type]
    for name, port_name, weight in _trains(neuron, drive):
        unit = units.parse_unit(neuron.ports[port_name].unit).dimension
        rate = f"{drive.rate * 1e3:.6g} Hz"
        stimuli[f"{name}_input"] = Stimulus(f"{name}_input", "poisson", size=size, rate=rate)  # type: ignore[arg-type]
        delay = {"distribution": "uniform", "low": "0.1 ms", "high": "5 ms"}
        projections[name] = Projection(
            name,
            f"{name}_input",
            "cells",
            port_name,
            {"kind": "one_to_one"},
            Quantity(weight, unit),
            delay,  # type: ignore[arg-type]
        )
    return Network(
        populations={"cells": Population("cells", neuron, size)},  # type: ignore[arg-type]
        projections=projections,
        stimuli=stimuli,
        recordings={"states": Recording("states", "cells", neuron.states)},
        duration=Quantity(duration, units.TIME),
        name=f"bench of {neuron.label}",
        title=f"Test bench of {neuron.title or neuron.label}",
        seed=7,
    )


def _trains(neuron: Neuron, drive: Drive) -> list[tuple[str, str, float]]:
    """(name, port, weight) of each input; a single signed port gets one of either sign."""
    weights = drive.weights or {}
    ports = neuron.spike_ports
    if len(ports) == 1 and not _is_conductance(neuron, ports[0]):
        weight = weights.get(ports[0], 0.0)
        return [("exc", ports[0], weight), ("inh", ports[0], -0.7 * weight)]
    return [(name, name, weights.get(name, 0.0)) for name in ports]


def _is_conductance(neuron: Neuron, port: str) -> bool:
    return units.parse_unit(neuron.ports[port].unit).dimension == units.CONDUCTANCE


def default_drive(neuron: Neuron) -> Drive:
    """Strengths that make a neuron of the usual size fire at some ten Hz.

    Weights at a port called like inhibition are negative, but for conductances, whose reversal
    potential says what they do.
    """
    by_dimension = {
        units.CURRENT: 30.0,
        units.VOLTAGE: 0.4,
        units.CONDUCTANCE: 1.5,
        units.CHARGE: 60.0,
    }
    weights: dict[str, float] = {}
    for name in neuron.spike_ports:
        dimension = units.parse_unit(neuron.ports[name].unit).dimension
        sign = 1.0 if _is_conductance(neuron, name) else -1.0
        weights[name] = by_dimension.get(dimension, 1.0) * (0.7 * sign if "inh" in name else 1.0)
    port = next(iter(neuron.continuous_ports), None)
    dimension = units.parse_unit(neuron.ports[port].unit).dimension if port else units.ONE
    current = {units.CURRENT: 200.0, units.VOLTAGE: 20.0}.get(dimension, 10.0)
    return Drive(current, weights)
