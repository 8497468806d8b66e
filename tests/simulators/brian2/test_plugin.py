"""`spikebridge.brian2` inside an ordinary Brian2 script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.errors import DefinitionError, SpikebridgeError

NEURON = sb.Neuron(
    name="lif",
    equations="""
    dV/dt = (-(V - E_L) + R*(I_syn + I_ext))/tau_m : mV
    dI_syn/dt = -I_syn/tau_s : pA
    drive = R*I_ext : mV
    """,
    parameters={
        "E_L": "-65 mV",
        "R": "0.1 Gohm",
        "tau_m": "20 ms",
        "tau_s": "2 ms",
        "V_th": "-50 mV",
        "t_ref": "2 ms",
    },
    ports={
        "current": {"unit": "pA", "receive": "I_syn += weight"},
        "jump": {"unit": "mV", "receive": "V += weight"},
        "I_ext": {"unit": "pA"},
    },
    spike={
        "condition": "V >= V_th",
        "effects": "V = E_L",
        "refractory": {"period": "t_ref", "clamp": ["V"]},
    },
    initial={"V": "-65 mV"},
)


@pytest.fixture
def brian2() -> Iterator[Any]:
    import brian2

    before = brian2.prefs["codegen.target"]
    brian2.prefs["codegen.target"] = "numpy"
    brian2.defaultclock.dt = 0.1 * brian2.ms
    yield brian2
    brian2.prefs["codegen.target"] = before


def test_the_same_as_the_neuron_written_by_hand(brian2: Any) -> None:
    from spikebridge import brian2 as plugin

    b = brian2
    made = plugin.neuron_group(NEURON, 5, tau_m=10 * b.ms)
    made.I_ext = np.linspace(160, 300, 5) * b.pA
    made.V = -60 * b.mV
    space = {"R": 0.1 * b.Gohm, "tau": 10 * b.ms, "ts": 2 * b.ms, "E": -65 * b.mV}
    hand = b.NeuronGroup(
        5,
        """dv/dt = (-(v - E) + R*(i_s + i_e))/tau : volt (unless refractory)
        di_s/dt = -i_s/ts : amp
        i_e : amp""",
        threshold="v >= -50*mV",
        reset="v = E",
        refractory=2.1 * b.ms,
        method="exact",
        namespace=space,
    )
    hand.i_e, hand.v = np.linspace(160, 300, 5) * b.pA, -60 * b.mV
    source = b.SpikeGeneratorGroup(1, [0, 0, 0], [1, 5, 20] * b.ms)
    to_made = plugin.synapses(
        source, made, port="current", weight=200 * b.pA, delay=1.5 * b.ms, connect=True
    )
    to_hand = b.Synapses(source, hand, on_pre="i_s_post += 200*pA", delay=1.5 * b.ms)
    to_hand.connect()
    mine, theirs = b.SpikeMonitor(made), b.SpikeMonitor(hand)
    trace = b.StateMonitor(made, ["V", "drive"], record=True)
    other = b.StateMonitor(hand, "v", record=True)
    network = b.Network(made, hand, source, to_made, to_hand, mine, theirs, trace, other)
    network.run(100 * b.ms)
    assert mine.num_spikes > 20
    assert np.array_equal(mine.i, theirs.i)
    np.testing.assert_allclose(mine.t / b.ms, theirs.t / b.ms)
    np.testing.assert_allclose(trace.V / b.mV, other.v / b.mV, atol=1e-9)
    assert trace.drive[0, 0] / b.mV == pytest.approx(16.0)


def test_the_contract_with_its_schedule(brian2: Any, contract: Any) -> None:
    from spikebridge import brian2 as plugin
    from spikebridge.definition.draw import draw
    from spikebridge.passes.integrate import program_of

    b = brian2
    network = sb.Network(
        populations=[sb.Population("A", NEURON, 4, initial={"V": "(-65 + 3*i)*mV"})],
        projections=[sb.Projection("AA", "A", "A", "jump", "all_to_all", "2 mV", "0.8 ms")],
        stimuli=[sb.Stimulus("s", "current", "A", "I_ext", amplitude="200 pA")],
        duration="80 ms",
    )
    drawn = draw(network)
    spikes, _ = contract(drawn, {"A": program_of(NEURON)})
    group = plugin.neuron_group(NEURON, 4, V="(-65 + 3*i)*mV")
    group.I_ext = 200 * b.pA
    made = plugin.synapses(group, group, port="jump", weight="2 mV", delay=0.7 * b.ms, connect=True)
    monitor = b.SpikeMonitor(group)
    net = b.Network(group, made, monitor)
    net.schedule = plugin.SCHEDULE
    net.run(80 * b.ms)
    steps = np.rint(monitor.t / b.ms / 0.1).astype(int) + 1
    assert sorted(zip(steps, monitor.i, strict=True)) == spikes["A"]
    assert len(steps) > 8


def test_weights_of_their_own_inputs_in_time_and_magic_run(brian2: Any) -> None:
    from spikebridge import brian2 as plugin

    b = brian2
    stimulus = b.TimedArray([0, 100, 0] * b.pA, dt=5 * b.ms)  # noqa: F841 - read by Brian2
    group = plugin.neuron_group(
        NEURON, 3, t_ref=[1, 2, 3] * b.ms, inputs={"I_ext": "stimulus(t)"}, scheme="rk4"
    )
    made = plugin.synapses(group[:2], group[1:], port="current")
    made.connect(i=[0, 1], j=[1, 0])
    made.weight = [10, 20] * b.pA
    made.delay = [1, 2] * b.ms
    trace = b.StateMonitor(group, "drive", record=0)
    b.run(15 * b.ms)
    assert trace.drive[0][::50] / b.mV == pytest.approx([0, 10, 0])


def test_mistakes(brian2: Any) -> None:
    from spikebridge import brian2 as plugin

    b = brian2
    with pytest.raises(SpikebridgeError, match="tau_x"):
        plugin.neuron_group(NEURON, 3, tau_x=5 * b.ms)
    group = plugin.neuron_group(NEURON, 3)
    with pytest.raises(DefinitionError, match="current, jump"):
        plugin.synapses(group, group, port="nothing", weight=1)
    with pytest.raises(DefinitionError, match="pA"):
        plugin.synapses(group, group, port="current", weight=1 * b.mV)
    with pytest.raises(DefinitionError, match="neuron_group"):
        plugin.synapses(group, b.NeuronGroup(1, "v : 1"), port="current", weight=1)
    b.defaultclock.dt = 0.05 * b.ms
    with pytest.raises(Exception, match="preparing") as caught:
        b.Network(group).run(1 * b.ms)
    assert "0.05 ms" in str(caught.value.__cause__)
