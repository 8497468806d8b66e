"""Every synapse that changes, on every simulator, against a loop over events written from papers.

Random pre- and postsynaptic trains with forced coincidences at the synapse, delays of 0.1, 1 and
5 ms on the dendrite, on the axon and split; the last third of a run has no presynaptic spikes: what
is read there only time has changed. Compared are all states of all synapses and the amplitudes that
have arrived at the neuron.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import event_loop
import numpy as np
import pytest

from spikebridge import Network, Neuron, Population, Projection, Recording, Stimulus, simulate
from spikebridge.definition.library import load
from spikebridge.definition.scope import scope_of
from spikebridge.simulators.base import Feature, get
from spikebridge.units import to_text

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
    variant: str | None = None

    def synapse(self, place: str) -> Any:
        changes = {"coincident": self.coincident} if self.coincident else {}
        found = load(f"synapses/{self.model}", variant=self.variant)
        return replace(found, delay_at=PLACES[place], **changes)


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
# Numbers of the rule are the same for all synapses, as in NEST's own models.
ONE_SET: Mapping[str, Case] = {
    "to_zero": Case("tsodyks_markram", {}, {}, variant="to_zero"),
    "additive": Case("stdp_pair", {}, {"w": uniform(0, 1)}, variant="additive"),
    "power law": Case("stdp_pair", {}, {"w": uniform(0, 1)}, variant="power_law"),
    "triplet": Case("stdp_triplet", {}, {"w": uniform(0.5, 1.5)}, variant="visual_cortex"),
    "vogels": Case("inhibitory_stdp", {}, {"w": uniform(0, 1)}),
}
EVERY = {**CASES, **ONE_SET}


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
    made = EVERY[case]
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
        synapse = EVERY[p.case].synapse(p.place)
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
    made = EVERY[p.case]
    synapse = made.synapse(p.place)
    reads = list(range(0, steps + 1, every))
    found, arrived = [], []
    for k, (pre, post) in enumerate(zip(p.pre, p.post, strict=True)):
        numbers = parameters_of(synapse) | {n: float(v[k]) for n, v in p.values.items()}
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


def parameters_of(synapse: Any) -> dict[str, float]:
    """The file's plain numbers, in ms and mV, and what it derives of them."""
    found = {n: float(v.number) for n, v in synapse.parameters.items() if hasattr(v, "number")}
    if "rho_0" in found:
        found["alpha"] = 2 * found["rho_0"] * found["tau"]
    return found


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


SMALL = (6, 10_000, 50)  # synapses at each place, steps, steps between reads
MEDIUM = (16, 20_000, 100)
FULL = (333, 200_000, 1000)  # 20 minutes for all: SPIKEBRIDGE_FULL=1 pytest -m slow THIS_FILE
LARGE = FULL if os.environ.get("SPIKEBRIDGE_FULL") else MEDIUM
# Without a closed form each step costs as much as an event, also in the loop.
SIZES = {("clopath", FULL): (33, 20_000, 100), ("clopath", MEDIUM): (6, 10_000, 50)}
BRIAN2 = {"target": "numpy"}  # nothing is compiled: enough for the smaller versions


@cache
def protocols(
    case: str, size: tuple[int, int, int], places: tuple[str, ...] = (*PLACES,)
) -> list[Protocol]:
    """The places of one case."""
    count, steps, _ = SIZES.get((case, size), size)
    return [protocol(case, place, count, steps) for place in places if fits(case, place)]


def fits(case: str, place: str) -> bool:
    """With the whole delay on the axon a presynaptic spike cannot be the second of a step."""
    return not (place == "axonal" and EVERY[case].coincident == "post first")


def run(simulator: str, case: str, size: tuple[int, int, int]) -> Any:
    _, steps, every = SIZES.get((case, size), size)
    made = network(protocols(case, size), steps, every)
    return simulate(made, simulator, options=OPTIONS.get(simulator)).columns


def check(
    simulator: str,
    case: str,
    size: tuple[int, int, int],
    options: Any = None,
    places: tuple[str, ...] = (*PLACES,),
) -> Any:
    """One run with all places of a case, each compared with the loop."""
    _, steps, every = SIZES.get((case, size), size)
    side_by_side = protocols(case, size, places)
    chosen = OPTIONS.get(simulator) if options is None else options
    columns = simulate(network(side_by_side, steps, every), simulator, options=chosen).columns
    for index in range(len(side_by_side)):
        compare(columns, side_by_side, index, steps, every)
    return columns


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


@pytest.mark.parametrize("case", CASES)
def test_the_reference_is_what_the_papers_print(case: str) -> None:
    check("reference", case, SMALL)


@pytest.mark.parametrize("case", ["tsodyks_markram", "stdp_pair", "eligibility"])
@pytest.mark.skipif("brian2" not in SIMULATORS, reason="Brian2 runs no such synapses")
def test_brian2_is_what_the_papers_print(case: str) -> None:
    check("brian2", case, SMALL, BRIAN2)


# Parts of tsodyks_markram and variants of stdp_pair: generated code that others have too.
REPEATS = ("depression", "facilitation", "stdp_pair, pre first", "stdp_pair, post first")


@pytest.mark.slow
@pytest.mark.parametrize("simulator", [s for s in SIMULATORS if s != "reference"])
@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.full) if c in REPEATS else c for c in CASES]
)
def test_a_thousand_synapses_for_twenty_seconds(case: str, simulator: str) -> None:
    """333 at each place; fewer and shorter where there is no closed form, and in `make test`."""
    check(simulator, case, LARGE, _options(simulator, case))


@pytest.mark.slow
@pytest.mark.parametrize("simulator", [s for s in SIMULATORS if s != "reference"])
@pytest.mark.parametrize("case", ONE_SET)
def test_one_set_of_numbers(case: str, simulator: str) -> None:
    """NEST runs its own model where one is the same."""
    check(simulator, case, LARGE, BRIAN2 if simulator == "brian2" else {})


# Of the others NESTML's synapses cannot express something, which is an error.
BEYOND = ("clopath", "eligibility", "stdp_pair, pre first")
NESTML = [c for c in EVERY if c not in BEYOND]


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("case", NESTML)
def test_as_nestml(case: str) -> None:
    """It knows no wholly axonal delay; tests/simulators/nest/test_nestml_synapses.py is smaller."""
    columns = check("nest", case, LARGE, {"synapses": "nestml"}, ("dendritic", "split"))
    models = [m["model"] for m in columns.manifest["matches"]]
    assert sum(m.startswith("sb_") and "_synapse" in m for m in models) == 2, models


def _options(simulator: str, case: str) -> Mapping[str, Any] | None:
    """Brian2 compiles where it pays, and for one case always."""
    compiled = case == "stdp_pair" or LARGE == FULL
    return BRIAN2 if simulator == "brian2" and not compiled else None


@pytest.mark.parametrize("case", CASES)
def test_the_trains_hold_what_they_promise(case: str) -> None:
    """Coincidences at the synapse for every place of the delay, and reads long after the last."""
    for p in protocols(case, SMALL):
        for k, (pre, post) in enumerate(zip(p.pre, p.post, strict=True)):
            met = np.intersect1d(pre + p.axonal[k], post + p.delays[k] - p.axonal[k])
            assert len(met) >= 3
            assert pre.max() < 0.7 * SMALL[1]


def test_relays_spike_when_they_are_told_to() -> None:
    spikes = run("reference", "stdp_pair", SMALL).spikes["post"]
    told = np.concatenate([t for p in protocols("stdp_pair", SMALL) for t in p.post])
    assert np.array_equal(np.sort(np.rint(spikes.times / DT)), np.sort(told))


def test_the_comparison_finds_a_wrong_order() -> None:
    """The suite can fail: "post first" is not "pre first", where spikes coincide."""
    columns = run("reference", "stdp_pair, post first", SMALL)
    other = [
        replace(p, case="stdp_pair, pre first") for p in protocols("stdp_pair, post first", SMALL)
    ]
    name = "stdp_pair_post_first_dendritic"
    wanted, _ = expected(other[0], SMALL[1], SMALL[2])
    found = next(t for t in columns.traces[name] if t.variable == "w")
    rows = np.rint(found.times / (SMALL[2] * DT)).astype(int)
    with pytest.raises(AssertionError, match="w: "):
        assert_near(found.values, wanted["w"][rows], "w")
