"""Synapses with states on Brian2 give the numbers of the reference, event by event."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.api import prepare
from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import (
    Network,
    Phase,
    Population,
    Projection,
    Recording,
    Stimulus,
)
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Options
from spikebridge.simulators.brian2.per_neuron_text import SideText, since
from spikebridge.simulators.brian2.plastic_text import PlasticText

# A spike of `force` makes it fire one step later; A sums every amplitude that arrives.
RELAY = Neuron(
    name="relay",
    equations="dV/dt = -V/tau_r : 1\ndA/dt = 0/ms : 1",
    parameters={"tau_r": "1 ms"},
    ports={
        "force": {"unit": "1", "receive": "V += weight"},
        "syn": {"unit": "1", "receive": "A += weight"},
    },
    spike={"condition": "V >= 1", "effects": "V = 0"},
)
DEPRESSING = Synapse(
    name="depressing",
    equations="tau_f*du/dt = U - u : 1\ntau_d*dR/dt = 1 - R : 1",
    parameters={"U": 0.5, "tau_f": "100 ms", "tau_d": "800 ms"},
    on_pre="deliver(weight*u*R)\nR -= u*R\nu += U*(1-u)",
    initial={"u": "U", "R": 1},
)
TRACES = "dx/dt = -x/tau_plus : 1\ndy/dt = -y/tau_minus : 1\n"
TIMES = {"tau_plus": "20 ms", "tau_minus": "15 ms"}
PAIR = Synapse(
    name="pair",
    equations=TRACES + "dw/dt = 0/ms : 1",
    parameters={"A": 0.05, "B": 0.06, **TIMES},
    on_pre="w = clip(w - B*y, 0, 1)\nx += 1",
    on_post="w = clip(w + A*x, 0, 1)\ny += 1",
    deliver="weight*w",
    initial={"w": 0.5},
)
HEBB = Synapse(
    name="hebb",
    equations=TRACES + "dw/dt = eta*(x*y - alpha*w) : 1",
    parameters={"eta": "0.01/ms", "alpha": 0.1, **TIMES},
    on_pre="x += 1",
    on_post="y += 1",
    deliver="weight*w",
)
REWARDED = Synapse(
    name="rewarded",
    equations=TRACES + "dc/dt = -c/(100*ms) : 1\ndw/dt = 0/ms : 1",
    parameters={"A": 0.3, **TIMES},
    on_pre="c -= A*y\nx += 1",
    on_post="c += A*x\ny += 1",
    events={"reward": "w = clip(w + 0.1*c, 0, 2)\nc *= 0.9", "burst": "c += 0.01*w"},
    deliver="weight*w",
    initial={"w": 0.5},
)
VOLTAGE = Synapse(  # no closed form
    name="voltage",
    equations="dx/dt = -x/(20*ms) - 0.02/ms*x**2 : 1\ndw/dt = 0.01/ms*x*(V_post - w) : 1",
    on_pre="x += 1",
    on_post="w = clip(w + 0.05*x + 0.01*V_post, 0, 2)",
    deliver="weight*w",
    initial={"w": 0.5},
)


def network(synapse: Synapse, delay: Any = "1 ms", every: str = "2.5 ms", **kw: Any) -> Network:
    """12 inputs, some of whose units spike twice in a step, on 8 units with forced spikes.

    The forced spikes are such that many of them meet an input at the synapse.
    """
    rng = np.random.default_rng(3)
    trains = [np.round(rng.uniform(1, 150, 20), 1) for _ in range(12)]
    pre = tuple(np.sort(np.concatenate([t, t[:6]])) for t in trains)
    meeting = np.concatenate(trains)[:, None] + np.array([-1.1, -0.1, 0.0, 0.9])
    near = [np.round(rng.choice(meeting.ravel(), 14), 1) for _ in range(8)]
    force = tuple(np.unique(t[(t > 0.5) & (t < 150)]) for t in near)
    reward = tuple(np.unique(np.round(rng.uniform(5, 150, 10), 1)) for _ in range(3))
    events = {"reward": "reward", "burst": "driver"} if synapse.events else {}
    return Network(
        populations={
            "post": Population("post", RELAY, 8),
            "other": Population("other", RELAY, 5),
            "driver": Population("driver", RELAY, 3),
        },
        stimuli={
            "pre": Stimulus("pre", "spikes", trains=pre),
            "force": Stimulus("force", "spikes", trains=force),
            "reward": Stimulus("reward", "spikes", trains=reward),
        },
        projections={
            "force": Projection("force", "force", "post", "force", "one_to_one", 2.0, "0.1 ms"),
            "others": Projection("others", "force", "other", "force", "all_to_all", 2.0, "0.4 ms"),
            "drive": Projection("drive", "reward", "driver", "force", "one_to_one", 2.0, "0.3 ms"),
            "static": Projection("static", "pre", "post", "syn", "all_to_all", 0.01, "0.5 ms"),
            "syn": Projection(
                "syn",
                "pre",
                "post",
                "syn",
                "all_to_all",
                {"distribution": "uniform", "low": 0.04, "high": 0.06},
                delay,
                synapse=synapse,
                events=events,
                **kw,
            ),
            "back": Projection(
                "back", "other", "post", "syn", "all_to_all", 0.1, delay, synapse, events=events
            ),
        },
        recordings={
            "A": Recording("A", "post", ("A",), every=every),
            "syn": Recording(
                "syn", variables=synapse.states, projection="syn", every=every, units=[7, 3, 95]
            ),
            "back": Recording("back", variables=synapse.states, projection="back", every=every),
        },
        duration="150 ms",
    )


def alone(one: Network) -> Network:
    """Only the synapses `syn`, and no unit spikes twice in a step: a fifth as much to compile."""
    kept = {n: p for n, p in one.projections.items() if n in ("force", "drive", "syn")}
    events = dict.fromkeys(kept["syn"].synapse.events, "reward")
    kept["syn"] = replace(kept["syn"], events=events)
    once = tuple(np.unique(t.numbers) for t in one.stimuli["pre"].trains or ())
    return replace(
        one,
        populations={n: p for n, p in one.populations.items() if n != "other"},
        projections=kept,
        stimuli={**one.stimuli, "pre": Stimulus("pre", "spikes", trains=once)},
        recordings={n: r for n, r in one.recordings.items() if n != "back"},
    )


def agree(one: Network, target: str = "numpy") -> Columns:
    """Run on the reference and on Brian2; spikes the same, values to 1e-9."""
    expected = sb.simulate(one, on="reference").columns
    found = sb.simulate(one, on="brian2", options={"target": target}).columns
    for name, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[name].senders, spikes.senders)
        np.testing.assert_allclose(found.spikes[name].times, spikes.times, atol=1e-6)
    assert set(found.traces) == set(expected.traces)
    for name, traces in expected.traces.items():
        for a, b in zip(traces, found.traces[name], strict=True):
            assert a.variable == b.variable
            np.testing.assert_array_equal(a.units, b.units)
            np.testing.assert_allclose(b.times, a.times)
            np.testing.assert_allclose(b.values, a.values, rtol=1e-9, atol=1e-11)
    return found


PLACES = [("dendritic", "0.1 ms"), ("dendritic", "5 ms"), (0.4, "1 ms"), ("axonal", "1 ms")]


ORDERS = ("post first", "pre first", "simultaneous")
# The pair rule in every place and order; of the others each place and each order, in turn.
EVENTS = [
    (synapse, *place, order)
    for s, synapse in enumerate([PAIR, HEBB, VOLTAGE, REWARDED])
    for p, place in enumerate(PLACES)
    for o, order in enumerate(ORDERS)
    if (s == 0 or (s + p + o) % 3 == 0) and (place[0], order) != ("axonal", "post first")
]


@pytest.mark.parametrize(
    ("synapse", "place", "delay", "coincident"),
    EVENTS,
    ids=lambda v: v.name if isinstance(v, Synapse) else str(v),
)
def test_events_are_those_of_the_contract(
    synapse: Synapse, place: Any, delay: str, coincident: str
) -> None:
    agree(network(replace(synapse, delay_at=place, coincident=coincident), delay))


@pytest.mark.parametrize(("place", "delay"), PLACES)
def test_depression(place: Any, delay: str) -> None:
    agree(network(replace(DEPRESSING, delay_at=place), delay))


@pytest.mark.parametrize(
    ("name", "place", "coincident"),
    [
        ("stdp_triplet", "dendritic", "simultaneous"),
        ("stdp_triplet", 0.4, "pre first"),
        ("stdp_triplet", "axonal", "simultaneous"),
        ("tsodyks_markram", 0.4, "simultaneous"),
        ("tsodyks_markram", "axonal", "simultaneous"),
    ],
)
def test_states_of_neurons_that_their_own_synapses_read(
    name: str, place: Any, coincident: str
) -> None:
    """They are brought up to date before a spike of their side, and change after it."""
    synapse = replace(load(f"synapses/{name}"), delay_at=place, coincident=coincident)
    one = network(synapse, "1 ms")
    plan = prepare(one, "brian2", options=Options()).payload
    assert all(any(_reads(p.text, side) for side in p.text.sides) for p in plan.plastic)
    agree(one)


def _reads(text: PlasticText, side: SideText) -> bool:
    """Whether the synapses read the states of ``side`` at spikes of that side."""
    return bool(side.ahead) or since(side.side) in getattr(text, side.side)


@pytest.mark.parametrize(("tau", "every"), [("20 ms", 60_000), ("0.05 ms", 150), ("0.02 ms", None)])
def test_states_kept_as_of_one_step_are_moved_on(tau: str, every: int | None) -> None:
    """300 time constants after the last move, and not at all where that is soon."""
    fast = replace(PAIR, parameters={**PAIR.parameters, "tau_plus": tau, "tau_minus": tau})
    one = network(fast)
    plan = prepare(one, "brian2", options=Options()).payload
    assert {side.every for p in plan.plastic for side in p.text.sides} == {every}
    agree(one)


def test_the_orders_of_a_coincidence_differ() -> None:
    """Else the tests above would show nothing."""
    found = [
        agree(network(replace(PAIR, coincident=c))).traces["post"][0].values[-1]
        for c in ("post first", "pre first", "simultaneous")
    ]
    for a, b in ((0, 1), (1, 2), (0, 2)):
        assert np.max(np.abs(found[a] - found[b])) > 1e-3


RANDOM = {"distribution": "uniform", "low": "0.2 ms", "high": "5 ms"}


@pytest.mark.parametrize("place", ["dendritic", 0.4, "axonal"])
@pytest.mark.parametrize("synapse", [DEPRESSING, PAIR, VOLTAGE], ids=lambda s: s.name)
def test_delays_parameters_and_initial_values_per_connection(synapse: Synapse, place: Any) -> None:
    many = {"distribution": "uniform", "low": 0.1, "high": 0.9}
    state = "w" if "w" in synapse.states else "R"
    own = {n: many for n in ("U", "A", "B") if n in synapse.parameters}
    placed = replace(synapse, delay_at=place, coincident="simultaneous")
    agree(network(placed, RANDOM, parameters=own, initial={state: many}))


@pytest.mark.parametrize("synapse", [PAIR, VOLTAGE, REWARDED], ids=lambda s: s.name)
def test_phases(synapse: Synapse) -> None:
    """Spikes of a phase's last step reach both sides of the synapse, and what drives a factor."""
    changes = [(f"{t} ms", 1.0 + t / 200) for t in (50.0, 50.1, 50.2, 50.3, 123.4, 140.0)]
    phases = tuple(Phase(t, {"post.tau_r": f"{tau} ms"}) for t, tau in changes)
    agree(replace(network(synapse, every="0.7 ms"), phases=phases))


def test_a_line_is_shared_by_projections_and_longest_delays() -> None:
    one = network(PAIR, "0.1 ms")
    slow = replace(one.projections["back"], delay="3 ms")
    agree(replace(one, projections={**one.projections, "back": slow}))


def two_ports(synapse: Synapse) -> Network:
    """What `back` sends arrives at a port of its own."""
    two = replace(RELAY, ports={**RELAY.ports, "other": {"unit": "1", "receive": "A -= 2*weight"}})
    one = network(synapse, "1 ms")
    populations = {**one.populations, "post": Population("post", two, 8)}
    back = replace(one.projections["back"], port="other", delay="3 ms")
    return replace(one, populations=populations, projections={**one.projections, "back": back})


def test_each_port_has_a_line_of_its_own() -> None:
    agree(two_ports(PAIR))


def test_without_connections_or_spikes() -> None:
    one = network(PAIR)
    silent = Stimulus("pre", "spikes", trains=tuple(np.empty(0) for _ in range(12)))
    agree(replace(one, stimuli={**one.stimuli, "pre": silent}))
    none = replace(one.projections["back"], rule={"kind": "fixed_probability", "p": 0.0})
    agree(replace(one, projections={**one.projections, "back": none}))


def test_native_connections_have_states() -> None:
    one = network(PAIR)
    rule = {"kind": "fixed_indegree", "indegree": 4}
    native = replace(one.projections["syn"], rule=rule, native=True, weight=0.05)
    recordings = {n: r for n, r in one.recordings.items() if n != "syn"}
    changed = {**one.projections, "syn": native}
    found = sb.simulate(
        replace(one, projections=changed, recordings=recordings),
        on="brian2",
        options={"target": "numpy"},
    ).columns
    assert found.traces["post"][0].values[-1].min() > 0


@pytest.mark.parametrize(
    "one",
    [network(replace(s, coincident="simultaneous")) for s in (PAIR, VOLTAGE)] + [two_ports(PAIR)],
    ids=["pair", "voltage", "two ports"],
)
def test_the_script_runs_as_it_is(one: Network) -> None:
    one = replace(one, recordings={"A": one.recordings["A"]})
    run = sb.simulate(one, on="brian2", options={"target": "numpy"})
    scope: dict[str, Any] = {}
    exec("\n".join(run.sources.values()), scope)
    whole = next(v for n, v in scope.items() if n.startswith("post") and hasattr(v, "A"))
    last = run.columns.traces["post"][0].values[-1]
    np.testing.assert_allclose(np.asarray(whole.A)[: len(last)], last, rtol=1e-12)


full = pytest.mark.full


@pytest.mark.slow
@pytest.mark.parametrize("target", ["cython", pytest.param("standalone", marks=full)])
@pytest.mark.parametrize(
    "synapse",
    [*(pytest.param(s, marks=full, id=s.name) for s in (PAIR, VOLTAGE)), REWARDED],
    ids=lambda s: s.name,
)
def test_compiled(synapse: Synapse, target: str) -> None:
    """Pairs also run compiled in tests/agreement/test_plastic_synapses.py."""
    agree(alone(network(replace(synapse, coincident="simultaneous"), RANDOM)), target)


@full
@pytest.mark.slow
def test_states_of_neurons_compiled() -> None:
    brief = {**PAIR.parameters, "tau_plus": "0.05 ms"}
    agree(alone(network(replace(PAIR, parameters=brief))), "standalone")
