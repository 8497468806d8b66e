"""Rate networks put together at random: units, graded and learning synapses, delays, phases."""

from __future__ import annotations

from typing import Any

import numpy as np
from random_networks import Draw

from spikebridge import Network, Phase, Population, Projection, Recording, Stimulus
from spikebridge.definition.library import load

UNITS = (
    *("rate", "rate_adaptation", "rate_tanh", "rate_relu", "rate_softplus", "rate_power"),
    *("rate_threshold_linear", "rate_wilson_cowan", "ctrnn", "ctrnn_tanh"),
)
LEARNING = ("hebbian_rate", "triplet_rate")
RULES: tuple[Any, ...] = (
    "all_to_all",
    {"kind": "fixed_probability", "p": 0.5},
    {"kind": "fixed_indegree", "indegree": 3},
    {"kind": "fixed_total_number", "number": 6},
)
DELAYS: tuple[Any, ...] = (
    *("0 ms", "0 ms", "0.2 ms", "1 ms"),
    {"distribution": "uniform", "low": "0 ms", "high": "2 ms"},
)


def random_rates(seed: int, duration: float = 60.0) -> Network:
    """Everything is recorded; every population has an input that varies."""
    draw = Draw(np.random.default_rng(seed))
    for k in range(int(draw.rng.integers(1, 4))):
        _population(draw, f"P{k}")
    for name in draw.populations:
        for k in range(int(draw.rng.integers(1, 3))):
            _current(draw, f"in_{name}_{k}", name, duration)
    for k in range(int(draw.rng.integers(1, 6))):
        pre, post = draw.one_of(*draw.populations), draw.one_of(*draw.populations)
        _projection(draw, f"p{k}", pre, post)
    return Network(
        draw.populations,
        draw.projections,
        draw.stimuli,
        draw.recordings,
        phases=_phases(draw, duration),
        duration=f"{duration} ms",  # type: ignore[arg-type]
        dt=draw.one_of("0.1 ms", "0.2 ms"),
        seed=seed,
    )


def _population(draw: Draw, name: str) -> None:
    kind, size = draw.one_of(*UNITS), int(draw.rng.integers(3, 8))
    unit = load(f"rates/{kind}")
    given: Any = {}
    taus = [n for n in unit.parameters if n.startswith("tau")]
    if taus and draw.chance(0.4):
        given[taus[0]] = draw.one_of("7 ms", [f"{4 + k} ms" for k in range(size)])
    draw.kinds[name] = kind
    draw.populations[name] = Population(name, unit, size, given)  # type: ignore[arg-type]
    every = draw.one_of(None, None, "1 ms")
    draw.recordings[name] = Recording(name, name, unit.states, every=every)


def _current(draw: Draw, name: str, population: str, duration: float) -> None:
    size = int(draw.populations[population].size.number)
    entries: Any = {"amplitude": draw.one_of("0.4", "0.6*sin(t/(9*ms))", "0.5*cos(t/(4*ms)) + 0.3")}
    if draw.chance(0.3):
        entries |= {"start": "10 ms", "stop": f"{0.7 * duration} ms"}
    if draw.chance(0.4):
        entries["units"] = list(range(int(draw.rng.integers(1, size + 1))))
    draw.stimuli[name] = Stimulus(name, "current", population, "I_ext", **entries)


def _projection(draw: Draw, name: str, pre: str, post: str) -> None:
    weight: Any = draw.one_of(0.1, -0.2, {"distribution": "normal", "mean": 0.05, "std": 0.15})
    delay, rule = draw.one_of(*DELAYS), draw.one_of(*RULES)
    synapse, entries = load("synapses/graded"), {}
    rates = all("r" in draw.populations[n].neuron.states for n in (pre, post))
    if rates and draw.chance(0.4):
        synapse = load(f"synapses/{draw.one_of(*LEARNING)}")
        first = {"distribution": "uniform", "low": 0.1, "high": 0.9}
        entries = {"initial": {"w": first}, "dt_w": draw.one_of(None, None, "1 ms")}
        entries["parameters"] = {"eta": "20 Hz"} if "eta" in synapse.parameters else {}
        draw.recordings[name] = Recording(
            name, variables=synapse.states, projection=name, every=draw.one_of("2 ms", "0.4 ms")
        )
    draw.projections[name] = Projection(
        name, pre, post, "x_syn", rule, weight, delay, synapse, **entries
    )


def _phases(draw: Draw, duration: float) -> tuple[Any, ...]:
    if draw.chance(0.5):
        return ()
    name = draw.one_of(*draw.populations)
    changes: dict[str, Any] = {}
    taus = [n for n in draw.populations[name].neuron.parameters if n.startswith("tau")]
    if taus and draw.chance(0.6):
        changes[f"{name}.{taus[0]}"] = "9 ms"
    at_once = [n for n, p in draw.projections.items() if p.synapse.is_graded]
    if not changes or draw.chance(0.5):
        changes[f"{draw.one_of(*at_once)}.weight"] = draw.one_of("1.3*weight", "-0.5*weight")
    at = round(float(draw.rng.uniform(0.2, 0.8)) * duration, 0)
    return (Phase(f"{at} ms", changes),)  # type: ignore[arg-type]
