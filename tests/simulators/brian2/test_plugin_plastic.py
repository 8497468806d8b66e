"""Synapses that change, from `spikebridge.brian2.synapses` in an ordinary Brian2 script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.definition.library import load
from spikebridge.errors import DefinitionError, Unsupported

NEURON = sb.Neuron(
    name="lif",
    equations="dV/dt = (R*I_syn - V)/(20*ms) : mV\ndI_syn/dt = -I_syn/(5*ms) : pA",
    parameters={"R": "0.1 Gohm"},
    ports={"syn": {"unit": "pA", "receive": "I_syn += weight"}},
    spike={
        "condition": "V >= 10*mV",
        "effects": "V = 0*mV",
        "refractory": {"period": "2 ms", "clamp": ["V"]},
    },
)
DT, DURATION, N_PRE, N_POST = 0.1, 300.0, 30, 4
ENOUGH = {"stdp_pair": 60.0, "stdp_triplet": 60.0, "tsodyks_markram": 150.0, "hebbian": 200.0}


@pytest.fixture
def b() -> Iterator[Any]:
    import brian2

    before = brian2.prefs["codegen.target"]
    brian2.prefs["codegen.target"] = "numpy"
    brian2.defaultclock.dt = DT * brian2.ms
    yield brian2
    brian2.prefs["codegen.target"] = before


def trains() -> list[Any]:
    rng = np.random.default_rng(5)
    return [np.unique(rng.integers(2, 2900, 12)) * DT for _ in range(N_PRE)]


def contract(synapse: Any, weight: Any, delay: Any, initial: Any, parameters: Any) -> Any:
    """The same on the reference: spikes, and all states at the end."""
    network = sb.Network(
        populations=[sb.Population("post", NEURON, N_POST)],
        stimuli=[sb.Stimulus("pre", "spikes", trains=trains())],
        projections=[
            sb.Projection("syn", "pre", "post", "syn", "all_to_all", weight, delay, synapse,
                          initial=initial, parameters=parameters)
        ],
        recordings=[
            sb.Recording("s", projection="syn", variables=synapse.states, every=f"{DURATION} ms")
        ],
        duration=f"{DURATION} ms",
    )  # fmt: skip
    run = sb.simulate(network, "reference")
    ends = {n: run.synapses("syn", n).values[-1] for n in synapse.states}
    return run.columns.spikes["post"], ends


@pytest.mark.parametrize(
    ("name", "place", "delay", "coincident"),
    [
        ("stdp_pair", "dendritic", 1.5, "simultaneous"),
        ("stdp_pair", 0.4, 1.5, "post first"),
        ("stdp_pair", "axonal", 0.8, "pre first"),
        ("stdp_triplet", "dendritic", "mixed", "simultaneous"),
        ("tsodyks_markram", "axonal", "mixed", ""),
        ("hebbian", 0.5, 2.0, ""),
    ],
)
def test_as_in_the_contract(b: Any, name: str, place: Any, delay: Any, coincident: str) -> None:
    """All that happens is one dt sooner by Brian2's stamps; states and weights to 1e-9."""
    from spikebridge import brian2 as plugin

    synapse = replace(load(f"synapses/{name}"), delay_at=place)
    synapse = replace(synapse, coincident=coincident) if coincident else synapse
    rng = np.random.default_rng(1)
    count = N_PRE * N_POST
    weights = rng.uniform(0.8, 1.2, count) * ENOUGH[name]
    delays = rng.integers(1, 30, count) * DT if delay == "mixed" else delay
    initial = {"w": rng.uniform(0.2, 0.9, count)} if "w" in synapse.states else {}
    # Nothing moves before the first spike: Brian2's time 0 is a dt later.
    parameters = {"alpha": 0.0} if name == "hebbian" else {}
    spikes, states = contract(
        synapse,
        [f"{w!r} pA" for w in weights.tolist()],
        [f"{d!r} ms" for d in delays.tolist()] if np.ndim(delays) else f"{delays} ms",
        initial,
        parameters,
    )
    group = plugin.neuron_group(NEURON, N_POST)
    who = np.repeat(np.arange(N_PRE), [len(t) for t in trains()])
    source = b.SpikeGeneratorGroup(N_PRE, who, (np.concatenate(trains()) - DT) * b.ms)
    S = plugin.synapses(
        source,
        group,
        synapse,
        port="syn",
        weight=weights * b.pA,
        delay=delays * b.ms,
        connect=True,
        **initial,
        **parameters,
    )
    monitor = b.SpikeMonitor(group)
    b.Network(source, group, S, monitor).run((DURATION - DT) * b.ms)
    assert len(spikes) > 20
    found = np.rint(monitor.t / b.ms / DT).astype(int) + 1
    assert sorted(zip(found, monitor.i, strict=True)) == sorted(
        zip(np.rint(spikes.times / DT).astype(int), spikes.senders, strict=True)
    )
    order = np.lexsort((S.j, S.i))
    for variable, values in states.items():
        quantity = plugin.state(S, variable)
        ours = np.asarray(quantity * b.ms if variable in ("r_pre", "r_post") else quantity)[order]
        np.testing.assert_allclose(ours, values, rtol=1e-9, atol=1e-11)


def test_a_part_of_a_group_and_what_is_up_to_date(b: Any) -> None:
    from spikebridge import brian2 as plugin

    group = plugin.neuron_group(NEURON, 6)
    S = plugin.synapses(
        group[:3], group[2:], "synapses/stdp_pair", port="syn", weight="50 pA", delay=1 * b.ms,
        connect={"i": [0, 2], "j": [0, 3]}, name="learning", w=[0.25, 0.75], A_plus=0.01,
    )  # fmt: skip
    assert (list(S.i), list(S.j)) == ([0, 2], [2, 5])
    assert list(S.w) == [0.25, 0.75]
    assert S.name == "learning"
    with pytest.raises(DefinitionError, match="their states are x, y, w"):
        plugin.state(S, "nothing")


def test_two_onto_one_group(b: Any) -> None:
    from spikebridge import brian2 as plugin

    two = replace(
        NEURON, ports={**NEURON.ports, "down": {"unit": "pA", "receive": "I_syn -= weight"}}
    )
    group = plugin.neuron_group(two, 1)
    source = b.SpikeGeneratorGroup(1, [0], [1] * b.ms)
    made = [
        plugin.synapses(
            source,
            group,
            "synapses/stdp_pair",
            port=port,
            weight=100 * b.pA,
            delay=d * b.ms,
            connect=True,
        )
        for port, d in (("syn", 2), ("down", 4))
    ]
    trace = b.StateMonitor(group, "I_syn", record=True)
    b.Network(source, group, *made, trace).run(8 * b.ms)
    current = trace.I_syn[0] / b.pA
    assert current[31] == pytest.approx(50.0, rel=0.05)
    assert current[51] == pytest.approx(50.0 * np.exp(-2 / 5) - 50.0, rel=0.05)


def test_a_magic_network_finds_all_parts(b: Any) -> None:
    from spikebridge import brian2 as plugin

    source = b.SpikeGeneratorGroup(1, [0, 0], [1, 30] * b.ms)
    group = plugin.neuron_group(NEURON, 1)
    S = plugin.synapses(
        source, group, "synapses/tsodyks_markram", port="syn", weight="100 pA", delay=2 * b.ms,
        connect=True,
    )  # fmt: skip
    trace = b.StateMonitor(group, "I_syn", record=True)
    b.run(40 * b.ms)
    assert trace.I_syn[0].max() > 1 * b.pA
    assert 0 < float(plugin.state(S, "R")[0]) < 1


@pytest.mark.parametrize(
    ("name", "changes", "error", "why"),
    [
        ("eligibility", {}, Unsupported, "nothing here can drive its third factor"),
        ("clopath", {}, Unsupported, "u_minus|V_post|closed form"),
        ("stdp_pair", {"connect": None}, DefinitionError, "need their connect"),
        ("stdp_pair", {"delay": None}, DefinitionError, "need their delay"),
        ("stdp_pair", {"w": 2.0}, DefinitionError, "outside its bounds"),
        ("stdp_pair", {"A_plu": 2.0}, DefinitionError, "A_plus"),
        ("stdp_pair", {"weight": "3 mV"}, DefinitionError, "pA"),
    ],
)
def test_mistakes(b: Any, name: str, changes: Any, error: Any, why: str) -> None:
    from spikebridge import brian2 as plugin

    group = plugin.neuron_group(NEURON, 3)
    given = {"port": "syn", "weight": "5 pA", "delay": 1 * b.ms, "connect": True, **changes}
    with pytest.raises(error, match=why):
        plugin.synapses(group, group, f"synapses/{name}", **given)
