"""A run cut in two and put together again is the run in one piece."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pynestml")

from spikebridge.definition.draw import draw
from spikebridge.definition.model import Neuron
from spikebridge.definition.network import (
    Network,
    Phase,
    Population,
    Projection,
    Recording,
    Stimulus,
)
from spikebridge.errors import DefinitionError, Unsupported
from spikebridge.results.join import concatenate
from spikebridge.simulators.base import Options
from spikebridge.simulators.nest import Nest

LIF = Neuron(
    name="lif",
    equations="""dV/dt = (E_L - V)/tau_m + (I_s + I)/C_m : mV
                 dI_s/dt = -I_s/tau_s : pA""",
    parameters={"E_L": "-70 mV", "tau_m": "10 ms", "tau_s": "2 ms", "C_m": "200 pF"},
    ports={
        "exc": {"unit": "pA", "receive": "I_s += weight"},
        "jump": {"unit": "mV", "receive": "V += weight"},
        "I": {"unit": "pA"},
    },
    spike={
        "condition": "V >= -50*mV",
        "effects": "V = -60*mV",
        "refractory": {"period": "2*ms", "clamp": ["V"]},
    },
    initial={"V": "-65 mV"},
)
NETWORK = Network(
    populations=[Population("A", LIF, 20, initial={"V": "-70*mV + 1*mV*i"})],
    projections=[
        Projection(
            "AA",
            "A",
            "A",
            "exc",
            {"kind": "fixed_indegree", "indegree": 5},
            weight={"distribution": "uniform", "low": "80 pA", "high": "150 pA"},
            delay={"distribution": "uniform", "low": "0.3 ms", "high": "5 ms"},
        ),
        Projection(
            "AJ", "A", "A", "jump", {"kind": "fixed_indegree", "indegree": 2}, "1 mV", "3 ms"
        ),
        Projection("PA", "P", "A", "exc", "one_to_one", weight="110 pA", delay="0.3 ms"),
    ],
    stimuli=[
        Stimulus("P", "poisson", size=20, rate="2 kHz"),
        Stimulus("c", "current", population="A", port="I", amplitude="50*pA*sin(t/(3*ms))"),
    ],
    recordings=[Recording("r", "A", ("V", "I_s"))],
    phases=(Phase("20 ms", {"AA.weight": "200 pA"}), Phase("40 ms", {"A.tau_m": "8 ms"})),
)


@pytest.mark.parametrize("cut", ["21.3 ms", "40 ms"])
def test_two_parts_are_the_whole(cut: str) -> None:
    nest, options = Nest(), Options(simulator={"match": False}, final_state=True)
    whole = nest.run(nest.prepare(draw(NETWORK, duration="60 ms"), options))
    first = nest.run(nest.prepare(draw(NETWORK, duration=cut), options))
    later = Options(simulator={"match": False}, final_state=True, initial_state=first.final_state)
    second = nest.run(nest.prepare(draw(NETWORK, duration="60 ms"), later))
    joined = concatenate([first, second])
    assert len(whole.spikes["A"]) > 50
    assert np.array_equal(joined.spikes["A"].times, whole.spikes["A"].times)
    assert np.array_equal(joined.spikes["A"].senders, whole.spikes["A"].senders)
    for name in ("V", "I_s"):
        a, b = joined.trace("A", name), whole.trace("A", name)
        assert np.array_equal(a.times, b.times)
        np.testing.assert_allclose(a.values, b.values, rtol=0, atol=1e-9)
    assert whole.final_state is not None
    assert second.final_state is not None
    for key, value in whole.final_state.items():
        np.testing.assert_allclose(second.final_state[key], value, rtol=0, atol=1e-9, err_msg=key)


def test_a_state_at_the_end_or_of_another_network_is_refused() -> None:
    state = {"step": np.array(600)}
    with pytest.raises(DefinitionError, match="ends at step 600"):
        Nest().prepare(draw(NETWORK, duration="60 ms"), Options(initial_state=state))
    with pytest.raises(DefinitionError, match="no V of 20 units"):
        Nest().prepare(
            draw(NETWORK, duration="60 ms"), Options(initial_state={"step": np.array(1)})
        )


def test_what_nest_draws_itself_cannot_be_continued() -> None:
    network = draw(NETWORK.native(connections=False), duration="10 ms")
    with pytest.raises(Unsupported, match="on their way"):
        Nest().prepare(network, Options(final_state=True))
