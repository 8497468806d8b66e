"""Networks put together at random from what the definitions offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikebridge import Network, Phase, Population, Projection, Recording, Stimulus
from spikebridge.definition.library import load

# neuron: port -> weight with which some ten inputs of 50 Hz make it fire, and what its driver takes
NEURONS: dict[str, dict[str, str]] = {
    "lif_current": {"exc": "300 pA", "inh": "-150 pA"},
    "lif_alpha": {"exc": "150 pA", "inh": "-80 pA"},
    "lif_delta": {"spikes": "4 mV"},
    "lif_adaptive": {"exc": "350 pA", "inh": "-150 pA"},
    "lif_conductance": {"exc": "12 nS", "inh": "8 nS"},
    "exponential_if": {"exc": "300 pA", "inh": "-150 pA"},
    "izhikevich": {"spikes": "5 mV"},
}
PLASTIC = ("stdp_pair", "stdp_triplet", "tsodyks_markram", "depression", "facilitation", "hebbian")
PLASTIC += ("inhibitory_stdp",)
LUMPED = {  # onto I_ext
    "gating_unit": "60 pA",
    "alpha": "80 pA",
    "biexponential": "60 pA",
    "multi_timescale": "40 pA",
    "conductance": "2 nS",
    "nmda": "1 nS",
}


@dataclass
class Draw:
    """One network being put together."""

    rng: np.random.Generator
    populations: dict[str, Any] = field(default_factory=dict)
    stimuli: dict[str, Any] = field(default_factory=dict)
    projections: dict[str, Any] = field(default_factory=dict)
    recordings: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def one_of(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)


def random_network(seed: int, duration: float = 120.0) -> Network:
    """Some populations, inputs, projections of all kinds, phases; everything is recorded."""
    draw = Draw(np.random.default_rng(seed))
    for k in range(int(draw.rng.integers(1, 4))):
        _population(draw, f"P{k}")
    for k in range(int(draw.rng.integers(1, 4))):
        _stimulus(draw, f"in{k}", duration)
    for name in draw.populations:  # everyone is driven
        _projection(draw, f"to_{name}", draw.one_of(*_sources(draw)), name, drives=True)
    for k in range(int(draw.rng.integers(1, 6))):
        post = draw.one_of(*draw.populations)
        _projection(draw, f"p{k}", draw.one_of(*_sources(draw), *draw.populations), post)
    return Network(
        draw.populations,
        draw.projections,
        draw.stimuli,
        draw.recordings,
        phases=_phases(draw, duration),
        duration=f"{duration} ms",  # type: ignore[arg-type]
        dt=draw.one_of("0.1 ms", "0.1 ms", "0.2 ms"),
        seed=seed,
    )


def _sources(draw: Draw) -> list[str]:
    return [n for n, s in draw.stimuli.items() if s.kind != "current"]


def _population(draw: Draw, name: str) -> None:
    kind, size = draw.one_of(*NEURONS), int(draw.rng.integers(1, 7))
    neuron = load(f"neurons/{kind}")
    given: Any = {}
    if "t_ref" in neuron.parameters and draw.chance(0.5):
        given["t_ref"] = draw.one_of("0 ms", "0.4 ms", "3 ms", [f"{k} ms" for k in range(size)])
    draw.kinds[name] = kind
    draw.populations[name] = Population(name, neuron, size, given)  # type: ignore[arg-type]
    every = draw.one_of(None, None, "1 ms")
    draw.recordings[name] = Recording(name, name, neuron.states, every=every)


def _stimulus(draw: Draw, name: str, duration: float) -> None:
    size = int(draw.rng.integers(3, 25))
    kind = draw.one_of("poisson", "poisson", "spikes", "regular", "current")
    entries: dict[str, Any] = {"size": size}
    if kind == "poisson":
        entries["rate"] = draw.one_of("50 Hz", "300 Hz", "40*Hz + 30*Hz*sin(t/(20*ms))")
    elif kind == "regular":
        entries["rate"] = draw.one_of("40 Hz", "90 Hz")
    elif kind == "spikes":
        times = [np.round(draw.rng.uniform(1.0, duration, 9), 0) for _ in range(size)]
        entries = {"trains": tuple(times)}  # some twice in a step, many at the same time
    elif "I_ext" in load(f"neurons/{draw.kinds['P0']}").ports:
        entries = {"population": "P0", "port": "I_ext", "amplitude": draw.one_of(
            "80 pA", "60*pA*sin(t/(9*ms))"), "start": "10 ms", "stop": "70 ms"}  # fmt: skip
    draw.stimuli[name] = Stimulus(name, kind, **entries)
    if kind == "current" and not _sources(draw):
        draw.stimuli["spare"] = Stimulus("spare", "poisson", size=10, rate="200 Hz")  # type: ignore[arg-type]


def _projection(draw: Draw, name: str, pre: str, post: str, drives: bool = False) -> None:
    ports = NEURONS[draw.kinds[post]]
    port = next(iter(ports)) if drives else draw.one_of(*ports)
    synapse, entries = (load("synapses/static"), {}) if drives else _synapse(draw)
    weight: Any = ports[port]
    lumped = synapse.label.rpartition("/")[2]
    if lumped in LUMPED:
        port, weight = "I_ext", LUMPED[lumped]
    if draw.chance(0.5):
        number, unit = weight.split()
        low, high = sorted((0.5 * float(number), 1.2 * float(number)))
        weight = {"distribution": "uniform", "low": f"{low} {unit}", "high": f"{high} {unit}"}
    delay: Any = draw.one_of("0.2 ms", "1 ms", "5 ms")
    if draw.chance(0.4):
        delay = {"distribution": "uniform", "low": "0.2 ms", "high": "6 ms"}
    rule: Any = draw.one_of(
        "all_to_all",
        {"kind": "fixed_probability", "p": 0.6},
        {"kind": "fixed_indegree", "indegree": 3},
        {"kind": "fixed_total_number", "number": 7},
    )
    draw.projections[name] = Projection(
        name, pre, post, port, "all_to_all" if drives else rule, weight, delay, synapse, **entries
    )
    if synapse.is_dynamic:
        draw.recordings[name] = Recording(
            name, variables=synapse.states, projection=name, every=draw.one_of("2 ms", "0.8 ms")
        )


def _synapse(draw: Draw) -> tuple[Any, dict[str, Any]]:
    """The synapse of a projection and its entries."""
    choice = draw.rng.random()
    if choice < 0.4:
        return load("synapses/static"), {}
    if choice < 0.55:
        return load(f"synapses/{draw.one_of(*LUMPED)}"), {}
    from dataclasses import replace

    synapse = load(f"synapses/{draw.one_of(*PLASTIC)}")
    place = draw.one_of("dendritic", "axonal", 0.5)
    orders = ("simultaneous", "pre first") + (("post first",) if place != "axonal" else ())
    changed = replace(synapse, delay_at=place, coincident=draw.one_of(*orders))
    initial = {"distribution": "uniform", "low": 0.2, "high": 0.9}
    return changed, {"initial": {"w": initial}} if "w" in synapse.states else {}


def _phases(draw: Draw, duration: float) -> tuple[Any, ...]:
    if draw.chance(0.5):
        return ()
    name = draw.one_of(*draw.populations)
    changes: dict[str, str] = {}
    if "tau_m" in draw.populations[name].neuron.parameters:
        changes[f"{name}.tau_m"] = draw.one_of("9 ms", "25 ms")
    static = [n for n, p in draw.projections.items() if p.synapse.is_static]
    changes[f"{draw.one_of(*static)}.weight"] = draw.one_of("1.3*weight", "0.5*weight")
    at = round(float(draw.rng.uniform(0.2, 0.8)) * duration, 0)
    return (Phase(f"{at} ms", changes),)  # type: ignore[arg-type]
