"""A run in two parts is the same as one run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.definition.draw import draw
from spikebridge.errors import DefinitionError, Unsupported
from spikebridge.simulators.base import Options
from spikebridge.simulators.brian2 import Brian2

NEURON = sb.Neuron(
    name="lif",
    equations="dV/dt = (-V + I_ext)/tau_m : mV\ndx/dt = -x/tau_m : 1",
    parameters={"tau_m": "5 ms", "V_th": "10 mV", "t_ref": "1 ms"},
    ports={"jump": {"unit": "mV", "receive": "V += weight"}, "I_ext": {"unit": "mV"}},
    spike={
        "condition": "V >= V_th",
        "effects": "V = 0*mV; x += 1",
        "refractory": {"period": "t_ref", "clamp": ["V"]},
    },
)


def network(duration: str) -> sb.Network:
    return sb.Network(
        populations=[
            sb.Population("A", NEURON, 10, {"t_ref": "(0.5 + 0.2*i)*ms"}, {"V": "i*mV"}),
            sb.Population("B", NEURON, 4, initial={"V": "i*mV"}),
            sb.Population("C", NEURON, 3),
        ],
        projections=[
            sb.Projection(
                "AA",
                "A",
                "A",
                "jump",
                {"kind": "fixed_indegree", "indegree": 3},
                "0.8 mV",
                {"distribution": "uniform", "low": "0.1 ms", "high": "8 ms"},
            ),
            sb.Projection("AB", "A", "B", "jump", "all_to_all", "1.1 mV", "2 ms"),
            sb.Projection("AC", "A", "C", "jump", "all_to_all", "4 mV", "3 ms"),
            sb.Projection("in", "P", "A", "jump", "one_to_one", "3 mV", "2 ms"),
        ],
        stimuli=[
            sb.Stimulus("drive", "current", "A", "I_ext", amplitude="11*mV + 2*mV*sin(t/(9*ms))"),
            sb.Stimulus("P", "poisson", size=10, rate="0.2 kHz"),
        ],
        recordings=[
            sb.Recording("V", "A", ("V",)),
            sb.Recording("x", "A", ("x",), every="0.7 ms"),
        ],
        phases=[
            sb.Phase("12 ms", {"A.tau_m": "6 ms"}),
            sb.Phase("29 ms", {"AA.weight": "1 mV", "in.weight": "2 mV"}),
            sb.Phase("40 ms", {"A.V_th": "9 mV"}),
        ],
        duration=duration,
        seed=4,
    )


def run(duration: str, **options: Any) -> Any:
    chosen = Options(simulator={"target": "numpy"}, **options)
    return Brian2().run(Brian2().prepare(draw(network(duration)), chosen))


@pytest.mark.parametrize("cut", ["30.3 ms", "30.8 ms"])
def test_two_parts_are_one_run(cut: str) -> None:
    whole = run("60.2 ms")
    half = run(cut, final_state=True)
    state = half.final_state
    assert state is not None
    if cut == "30.8 ms":  # by way of a part shorter than the delays
        state = run("32 ms", initial_state=state, final_state=True).final_state
    rest = run("60.2 ms", initial_state=state)
    start = rest.manifest["start"]
    expected = whole.spikes["A"].between(start, 60.2).shifted(-start, 0.1)
    assert len(expected) > 30
    for name in ("A", "B", "C"):
        expected = whole.spikes[name].between(start, 60.2).shifted(-start, 0.1)
        assert len(expected) > 2
        assert np.array_equal(rest.spikes[name].times, expected.times)
        assert np.array_equal(rest.spikes[name].senders, expected.senders)
    first = round(start / 0.1)
    np.testing.assert_allclose(
        rest.trace("A", "V").values, whole.trace("A", "V").values[first:], atol=1e-9
    )
    assert rest.trace("A", "x").times[1] == pytest.approx(0.7)


def test_what_cannot_be_continued() -> None:
    state = run("5 ms", final_state=True).final_state
    with pytest.raises(DefinitionError, match="longer"):
        run("5 ms", initial_state=state)
    with pytest.raises(DefinitionError, match="does not belong"):
        run("9 ms", initial_state={"step": 50})
    chosen = Options(simulator={"target": "standalone"}, final_state=True)
    with pytest.raises(Unsupported, match="standalone"):
        Brian2().prepare(draw(network("5 ms")), chosen)
