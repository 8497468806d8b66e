"""Every synapse that changes, on every simulator, against a loop over events written from papers.

Random pre- and postsynaptic trains with forced coincidences at the synapse, delays of 0.1, 1 and
5 ms on the dendrite, on the axon and split; the last third of a run has no presynaptic spikes: what
is read there only time has changed. Compared are all states of all synapses and the amplitudes that
have arrived at the neuron.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge import Network, Neuron, Population, Projection, Recording, Stimulus, simulate
from spikebridge.definition.check import scope_of
from spikebridge.definition.library import load
from spikebridge.simulators.base import Feature, get
from spikebridge.units import to_text

_SPEC = importlib.util.spec_from_file_location(
    "event_loop", Path(__file__).with_name("event_loop.py")
)
assert _SPEC is not None and _SPEC.loader is not None
event_loop = importlib.util.module_from_spec(_SPEC)
sys.modules["event_loop"] = event_loop
_SPEC.loader.exec_module(event_loop)

DT = 0.1
DELAYS = (1, 10, 50)  # steps
PLACES: Mapping[str, Any] = {"dendritic": "dendritic", "axonal": "axonal", "split": 0.5}
OPTIONS: Mapping[str, Mapping[str, Any]] = {"nest": {"match": False}}
SIMULATORS = [
    name
    for name in ("reference", "brian2", "nest")
    if Feature.SYNAPSE_DYNAMICS in get(name).features
]

# Spikes exactly when it is told to; A adds up what arrives, V is what clopath reads.
RELAY = Neuron(
    "tau*dV/dt = E_L - V : mV\ndA/dt = 0/ms : 1",
    {"tau": "10 ms", "E_L": "-70 mV"},  # type: ignore[dict-item]
    ports={
        "force": {"unit": "mV", "receive": "V += weight"},  # type: ignore[dict-item]
        "syn": {"unit": "1", "receive": "A += weight"},  # type: ignore[dict-item]
    },
    spike={"condition": "V >= 0*mV", "effects": "V = -40*mV"},  # type: ignore[arg-type]
    initial={"V": "E_L"},  # type: ignore[dict-item]
    name="relay",
)


def spread(*values: float) -> Any:
    """Each of ``values`` in turn, one per synapse."""
    return lambda n: np.resize(values, n)


def uniform(low: float, high: float) -> Any:
    return lambda n: np.random.default_rng(n).uniform(low, high, n)


@dataclass(frozen=True)
class Case:
    """A synapse with numbers, one per synapse, that use all of its options."""

    model: str
    parameters: Mapping[str, Any]
    initial: Mapping[str, Any]
    coincident: str = ""

    def synapse(self, place: str) -> Any:
        changes = {"coincident": self.coincident} if self.coincident else {}
        return replace(load(f"synapses/{self.model}"), delay_at=PLACES[place], **changes)


PAIR: Mapping[str, Any] = {
    "A_plus": uniform(0.01, 0.1),
    "mu_plus": spread(0, 1, 0.022, 0.4, 0),
    "mu_minus": spread(0, 1, 0.022, 0.4, 0),
    "nearest": spread(0, 0, 0, 0, 1),
}
TRIPLETS = load("synapses/stdp_triplet").variants
CASES: Mapping[str, Case] = {
    "depression": Case("depression", {"U": uniform(0.1, 0.9)}, {}),
    "facilitation": Case("facilitation", {"U": uniform(0.05, 0.5)}, {}),
    "tsodyks_markram": Case(
        "tsodyks_markram",
        {
            "U": uniform(0.05, 0.8),
            "u_rest": lambda n: uniform(0.05, 0.8)(n) * np.resize([1, 0, 1, 0], n),
            "jump_first": spread(0, 1, 1, 0),
            "tau_f": spread(530, 50, 1000),
        },
        {},
    ),
    "stdp_pair": Case("stdp_pair", PAIR, {"w": uniform(0, 1)}),
    "stdp_pair, pre first": Case("stdp_pair", PAIR, {"w": uniform(0, 1)}, "pre first"),
    "stdp_pair, post first": Case("stdp_pair", PAIR, {"w": uniform(0, 1)}, "post first"),
    "stdp_triplet": Case(
        "stdp_triplet",
        {
            name: spread(*(float(getattr(TRIPLETS[v][name], "number")) for v in TRIPLETS))  # noqa: B009
            for name in ("A2_plus", "A3_plus", "A2_minus", "A3_minus", "tau_y")
        }
        | {"w_max": lambda n: np.full(n, 1.2)},
        {"w": uniform(0.0, 1.2)},
    ),
    "hebbian": Case(
        "hebbian",
        {"eta": uniform(10, 100), "tau_r": spread(20, 100, 300)},
        {"w": uniform(0, 2)},
    ),
    "inhibitory_stdp": Case(
        "inhibitory_stdp", {"eta": uniform(0.01, 0.1), "w_max": spread(1, 3)}, {"w": uniform(0, 1)}
    ),
    "eligibility": Case("eligibility", {"d_reward": uniform(0.001, 0.01)}, {"w": uniform(0, 2)}),
    "clopath": Case(
        "clopath", {"w_max": spread(0.6, 3)}, {"w": uniform(0, 0.5), "u_minus": uniform(-75, -60)}
    ),
}


@dataclass(frozen=True)
class Protocol:
    """The trains of one group of synapses (steps) and its place, delays and numbers."""

    case: str
    place: str
    pre: list[np.ndarray]
    post: list[np.ndarray]
    third: np.ndarray
    delays: np.ndarray
    weights: np.ndarray
    values: Mapping[str, np.ndarray]
    initial: Mapping[str, np.ndarray]

    @property
    def axonal(self) -> np.ndarray:
        share = {"dendritic": 0.0, "axonal": 1.0, "split": 0.5}[self.place]
        if share in (0.0, 1.0):
            return (share * self.delays).astype(int)
        return np.minimum(np.rint(share * self.delays), self.delays - 1).astype(int)


def protocol(case: str, place: str, count: int, steps: int) -> Protocol:
    """20 Hz on both sides, a third of the presynaptic spikes met by a postsynaptic one."""
    rng = np.random.default_rng([count, steps, *case.encode(), *place.encode()])
    delays = np.resize(DELAYS, count)
    made = CASES[case]
    values = {n: make(count).astype(float) for n, make in made.parameters.items()}
    initial = {n: make(count).astype(float) for n, make in made.initial.items()}
    weights = rng.uniform(0.5, 1.5, count)
    third = np.unique(rng.integers(2, steps - 1, steps // 1000))
    found = Protocol(case, place, [], [], third, delays, weights, values, initial)
    quiet = round(0.7 * steps)
    for axonal, delay in zip(found.axonal, delays, strict=True):
        pre = np.unique(rng.integers(2, quiet, quiet // 500))
        own = rng.integers(2, steps - 60, steps // 500)
        met = rng.choice(pre, len(pre) // 3, replace=False) + axonal - (delay - axonal)
        post = np.unique(np.concatenate([own, met]))
        found.pre.append(pre)
        found.post.append(post[post >= 2])
    return found


def network(protocols: list[Protocol], steps: int, every: int) -> Network:
    """All groups side by side: one relay neuron and one input per synapse."""
    pre = [train for p in protocols for train in p.pre]
    post = [train for p in protocols for train in p.post]
    projections: dict[str, Any] = {
        "force": Projection("force", "force", "post", "force", "one_to_one", "150 mV", "0.1 ms")  # type: ignore[arg-type]
    }
    stimuli = {
        "pre": Stimulus("pre", "spikes", trains=tuple(t * DT for t in pre)),
        "force": Stimulus("force", "spikes", trains=tuple((t - 1) * DT for t in post)),
    }
    recordings = {"A": Recording("A", "post", ("A",), every=f"{every * DT} ms")}  # type: ignore[arg-type]
    first = 0
    for p in protocols:
        own = np.arange(first, first + len(p.pre))
        first += len(p.pre)
        name = f"{p.case}_{p.place}".replace(" ", "_").replace(",", "")
        synapse = CASES[p.case].synapse(p.place)
        events = {}
        if synapse.events:
            stimuli[f"third_{name}"] = Stimulus(f"third_{name}", "spikes", trains=(p.third * DT,))
            events = dict.fromkeys(synapse.events, f"third_{name}")
        projections[name] = Projection(
            name,
            "pre",
            "post",
            "syn",
            {"kind": "pairwise_list", "sources": own, "targets": own},
            p.weights,  # type: ignore[arg-type]
            [f"{d * DT} ms" for d in p.delays],  # type: ignore[arg-type]
            synapse,
            parameters={n: _in_units(synapse, n, v) for n, v in p.values.items()},
            initial={n: _in_units(synapse, n, v) for n, v in p.initial.items()},
            events=events,
        )
        recordings[name] = Recording(
            name, variables=synapse.states, projection=name, every=f"{every * DT} ms"
        )  # type: ignore[arg-type]
    return Network(
        {"post": Population("post", RELAY, len(pre))},  # type: ignore[arg-type]
        projections,
        stimuli,
        recordings,
        duration=f"{steps * DT} ms",  # type: ignore[arg-type]
    )


def _in_units(synapse: Any, name: str, values: np.ndarray) -> Any:
    """Numbers in ms and mV with the unit that the synapse wants."""
    dimension = scope_of(synapse)[name]
    return values if dimension.is_one else [to_text(v, dimension) for v in values]


def expected(p: Protocol, steps: int, every: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """States (reads, synapses) by name and what has arrived (reads, synapses)."""
    made = CASES[p.case]
    synapse = made.synapse(p.place)
    reads = list(range(0, steps + 1, every))
    found, arrived = [], []
    for k, (pre, post) in enumerate(zip(p.pre, p.post, strict=True)):
        numbers = parameters_of(made.model) | {n: float(v[k]) for n, v in p.values.items()}
        if made.model == "stdp_pair":
            numbers["A_minus"] = 1.05 * numbers["A_plus"]
        initial = initial_of(made.model, numbers) | {n: float(v[k]) for n, v in p.initial.items()}
        rule = event_loop.RULES[made.model](numbers, initial)
        if made.model == "clopath":
            rule.voltage = voltage(post, steps)
        states, amplitudes = event_loop.trace(
            rule,
            pre.tolist(),
            post.tolist(),
            p.third.tolist() if synapse.events else [],
            reads,
            axonal=int(p.axonal[k]),
            dendritic=int(p.delays[k] - p.axonal[k]),
            coincident=synapse.coincident,
        )
        found.append(states)
        arrived.append(p.weights[k] * amplitudes)
    names = event_loop.RULES[made.model].states
    values = np.stack(found, axis=1)
    return {n: values[:, :, j] for j, n in enumerate(names)}, np.stack(arrived, axis=1)


def parameters_of(model: str) -> dict[str, float]:
    """The file's plain numbers, in ms and mV."""
    values = load(f"synapses/{model}").parameters
    return {n: float(v.number) for n, v in values.items() if hasattr(v, "number")} | (
        {"alpha": 2 * 0.003 * 20.0} if model == "inhibitory_stdp" else {}
    )


def initial_of(model: str, numbers: Mapping[str, float]) -> dict[str, float]:
    """Where the papers let the states begin."""
    rest = numbers.get("theta_minus", 0.0)
    given = {"R": 1.0, "u": numbers.get("u_rest", numbers.get("U", 0.0))}
    given |= {"u_minus": rest, "u_plus": rest}
    return {n: given.get(n, 0.0) for n in event_loop.RULES[model].states}


def voltage(spikes: np.ndarray, steps: int) -> list[float]:
    """V of the relay at each step: it decays to -70 mV, and a spike leaves it at -40 mV."""
    told, v, found = set(spikes.tolist()), -70.0, [-70.0]
    for step in range(1, steps + 1):
        v = -40.0 if step in told else -70.0 + (v + 70.0) * float(np.exp(-DT / 10.0))
        found.append(v)
    return found


@cache
def small() -> list[Protocol]:
    cases = [(c, p) for c in CASES for p in PLACES if fits(c, p)]
    return [protocol(case, place, 6, 20_000) for case, place in cases]


def fits(case: str, place: str) -> bool:
    """With the whole delay on the axon a presynaptic spike cannot be the second of a step."""
    return not (place == "axonal" and CASES[case].coincident == "post first")


@cache
def ran(simulator: str) -> Any:
    return simulate(
        network(small(), 20_000, 100), simulator, options=OPTIONS.get(simulator)
    ).columns


def compare(columns: Any, protocols: list[Protocol], index: int, steps: int, every: int) -> None:
    """States and arrived amplitudes of one group of synapses within 1e-9 of the event loop."""
    p = protocols[index]
    states, arrived = expected(p, steps, every)
    name = f"{p.case}_{p.place}".replace(" ", "_").replace(",", "")
    traces = {t.variable: t for t in columns.traces[name]}
    first = sum(len(q.pre) for q in protocols[:index])
    own = slice(first, first + len(p.pre))
    seen = columns.trace("post", "A")
    rows = np.rint(seen.times / (every * DT)).astype(int)
    assert_near(seen.values[:, own], arrived[rows], f"{p.case} {p.place}: amplitudes")
    assert np.ptp(arrived) > 0.1, "nothing was delivered"
    for variable, values in states.items():
        rows = np.rint(traces[variable].times / (every * DT)).astype(int)
        assert len(rows) >= 200
        assert_near(traces[variable].values, values[rows], f"{p.case} {p.place}: {variable}")


def assert_near(found: np.ndarray, wanted: np.ndarray, what: str) -> None:
    scale = max(1.0, float(np.abs(wanted).max()))
    worst = np.abs(found - wanted) / scale
    where = np.unravel_index(np.argmax(worst), worst.shape)
    assert worst.max() < 1e-9, f"{what}: {worst.max():.2e} at (read, synapse) {where}"


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("case", CASES)
def test_weights_and_amplitudes_are_those_of_the_papers(
    case: str, place: str, simulator: str
) -> None:
    if not fits(case, place):
        pytest.skip("a presynaptic spike that arrives at the soma is never second")
    index = next(i for i, p in enumerate(small()) if (p.case, p.place) == (case, place))
    compare(ran(simulator), small(), index, 20_000, 100)


def test_the_trains_hold_what_they_promise() -> None:
    """Coincidences at the synapse for every place of the delay, and reads long after the last."""
    for p in small():
        for k, (pre, post) in enumerate(zip(p.pre, p.post, strict=True)):
            met = np.intersect1d(pre + p.axonal[k], post + p.delays[k] - p.axonal[k])
            assert len(met) >= 3
            assert pre.max() * DT < 1400.0


def test_relays_spike_when_they_are_told_to() -> None:
    spikes = ran("reference").spikes["post"]
    told = np.concatenate([t for p in small() for t in p.post])
    assert np.array_equal(np.sort(np.rint(spikes.times / DT)), np.sort(told))
