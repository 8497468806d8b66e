"""Brian2 against the time-step contract, spike for spike and sample for sample."""

from __future__ import annotations

from typing import Any

import pytest

import spikebridge as sb

PARAMETERS = {
    "E_L": "-65 mV",
    "R": "0.1 Gohm",
    "tau_m": "20 ms",
    "tau_s": "2 ms",
    "V_th": "-50 mV",
    "V_r": "-65 mV",
    "t_ref": "2 ms",
}
EQUATIONS = """
dV/dt = (-(V - E_L) + R*I_syn + R*I_ext)/tau_m : mV
dI_syn/dt = -I_syn/tau_s : pA
"""


def lif(**parameters: Any) -> sb.Neuron:
    """A LIF neuron with current and delta input."""
    return sb.Neuron(
        name="lif",
        equations=EQUATIONS,
        parameters={**PARAMETERS, **parameters},
        ports={
            "current": {"unit": "pA", "receive": "I_syn += weight"},
            "jump": {"unit": "mV", "receive": "V += weight"},
            "I_ext": {"unit": "pA"},
        },
        spike={
            "condition": "V >= V_th",
            "effects": "V = V_r",
            "refractory": {"period": "t_ref", "clamp": ["V"]},
        },
        initial={"V": "-65 mV"},
    )


def recurrent(
    port: str = "current", weight: Any = "40 pA", delay: Any = "0.1 ms", **more: Any
) -> sb.Network:
    """Twenty neurons driven above threshold, with recurrent connections."""
    return sb.Network(
        populations=[
            sb.Population(
                "A", lif(**more.pop("parameters", {})), 20, initial={"V": "(-65 + 0.5*i)*mV"}
            )
        ],
        projections=[
            sb.Projection(
                "AA", "A", "A", port, {"kind": "fixed_indegree", "indegree": 4}, weight, delay
            )
        ],
        stimuli=[
            sb.Stimulus(
                "drive", "current", "A", "I_ext", amplitude=[f"{a} pA" for a in range(200, 260, 3)]
            )
        ],
        recordings=[sb.Recording("states", "A", ("V", "I_syn"))],
        duration="60 ms",
        dt="0.1 ms",
        seed=3,
        **more,
    )


@pytest.mark.parametrize("target", ["numpy", "cython"])
@pytest.mark.parametrize("port, weight", [("current", "40 pA"), ("jump", "1.5 mV")])
@pytest.mark.parametrize("delay", ["0.1 ms", "1.5 ms"])
def test_recurrent(agree: Any, target: str, port: str, weight: str, delay: str) -> None:
    columns = agree(recurrent(port, weight, delay), target)
    assert len(columns.spikes["A"]) > 30
