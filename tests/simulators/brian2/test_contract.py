"""Brian2 against the time-step contract, spike for spike and sample for sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.errors import Unsupported

PARAMETERS = {
    "E_L": "-65 mV",
    "R": "0.1 Gohm",
    "tau_m": "20 ms",
    "tau_s": "2 ms",
    "V_th": "-50 mV",
    "V_r": "-65 mV",
    "t_ref": "2 ms",
}
RISING = [f"{a} pA" for a in range(200, 260, 3)]
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
@pytest.mark.parametrize(("port", "weight"), [("current", "40 pA"), ("jump", "1.5 mV")])
@pytest.mark.parametrize("delay", ["0.1 ms", "1.5 ms"])
def test_recurrent(agree: Any, target: str, port: str, weight: str, delay: str) -> None:
    columns = agree(recurrent(port, weight, delay), target)
    assert len(columns.spikes["A"]) > 30


def fed(trains: Any = None, **more: Any) -> sb.Network:
    """Three neurons that receive spike trains at both ports."""
    trains = trains or [["0.1 ms", "0.1 ms", "5 ms"], ["0.1 ms", "5 ms", "7.3 ms"], ["40 ms"]]
    defaults: dict[str, Any] = {"duration": "20 ms", "dt": "0.1 ms", "phases": ()}
    return sb.Network(
        populations=[sb.Population("A", lif(), 3)],
        projections=[
            sb.Projection("slow", "in", "A", "current", "one_to_one", "900 pA", "0.1 ms"),
            sb.Projection("fast", "in", "A", "jump", "all_to_all", "6 mV", "0.3 ms"),
        ],
        stimuli=[sb.Stimulus("in", "spikes", trains=trains)],
        recordings=[sb.Recording("states", "A", ("V", "I_syn"))],
        **{**defaults, **more},
    )


def test_two_spikes_of_a_unit_in_one_step_and_one_at_the_first_step(agree: Any) -> None:
    columns = agree(fed())
    assert len(columns.spikes["A"]) > 0
    assert columns.trace("A", "V").times[-1] == pytest.approx(20.0)


def test_an_arrival_at_the_last_step_and_spikes_after_the_end(agree: Any) -> None:
    agree(fed([["19.7 ms"], ["19.9 ms"], ["20 ms"]]))


def test_input_that_never_fires(agree: Any) -> None:
    assert len(agree(fed([[], [], []])).spikes["A"]) == 0


def test_weights_and_delays_of_their_own(agree: Any) -> None:
    network = recurrent(
        weight=sb_random("uniform", low="10 pA", high="60 pA"),
        delay=sb_random("uniform", low="0.1 ms", high="4 ms"),
        parameters={"t_ref": "0 ms"},
    )
    assert len(agree(network).spikes["A"]) > 30


def sb_random(kind: str, **arguments: str) -> Any:
    return {"distribution": kind, **arguments}


@pytest.mark.parametrize("t_ref", ["0 ms", "0.1 ms", "0.25 ms"])
def test_refractory_periods(agree: Any, t_ref: str) -> None:
    agree(recurrent("jump", "2 mV", "0.2 ms", parameters={"t_ref": t_ref, "tau_m": "2 ms"}))


@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_parameters_of_their_own(agree: Any, target: str) -> None:
    varied = {
        "tau_m": np.linspace(10, 20, 20) * 1.0,
    }
    network = recurrent("jump", "2 mV", "0.2 ms")
    population = network.populations["A"]
    own = sb.Population(
        "A",
        population.neuron,
        20,
        {
            "tau_m": [f"{t} ms" for t in varied["tau_m"]],
            "t_ref": [f"{0.1 * (k % 4)} ms" for k in range(20)],
            "V_th": "(-50 + 0.2*i)*mV",
        },
        population.initial,
    )
    agree(network.replace(populations=[own]), target)


@pytest.mark.parametrize("scheme", ["rk4", "euler", "exponential_euler"])
def test_schemes(agree: Any, scheme: str) -> None:
    agree(recurrent("jump", "2 mV", "0.2 ms"), scheme=scheme)


def test_currents_add_up(agree: Any) -> None:
    stimuli = [
        sb.Stimulus("a", "current", "A", "I_ext", amplitude="250 pA", start="3 ms", stop="30.1 ms"),
        sb.Stimulus("b", "current", "A", "I_ext", amplitude="40*pA*sin(2*pi*t/(7*ms))"),
        sb.Stimulus("c", "current", "A", "I_ext", units=[2, 5], amplitude=["90 pA", "-30 pA"]),
        sb.Stimulus(
            "d", "current", "A", "I_ext", times=["0 ms", "11.3 ms"], values=["10 pA", "20 pA"]
        ),
    ]
    for some in (stimuli, stimuli[:1], stimuli[:2], stimuli[2:3]):
        agree(recurrent().replace(stimuli=some))


@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_phases(agree: Any, target: str) -> None:
    phases = [
        sb.Phase("5 ms", {"A.tau_m": "10 ms", "AA.weight": "80 pA", "A.t_ref": "0.5 ms"}),
        sb.Phase("12.3 ms", {"A.V_th": "-52 mV", "drive.amplitude": RISING[::-1]}),
    ]
    agree(recurrent(phases=phases), target)


def test_a_spike_carries_the_weight_of_the_step_at_which_it_left(agree: Any) -> None:
    phases = [
        sb.Phase("15 ms", {"AA.weight": "90 pA"}),
        sb.Phase("17 ms", {"A.tau_m": "15 ms"}),
        sb.Phase("40 ms", {"AA.weight": "-20 pA"}),
    ]
    agree(recurrent(delay="3 ms", phases=phases))
    delay = sb_random("uniform", low="0.1 ms", high="9 ms")
    agree(recurrent(delay=delay, phases=phases))
    close = [sb.Phase("15 ms", {"AA.weight": "90 pA"}), sb.Phase("17 ms", {"AA.weight": "0 pA"})]
    with pytest.raises(Unsupported, match="longest delay"):
        agree(recurrent(delay=delay, phases=close))


@pytest.mark.parametrize("at", [f"{10 + k / 10:.1f} ms" for k in range(0, 30, 3)])
def test_a_spike_of_the_last_step_before_a_phase_arrives_once(agree: Any, at: str) -> None:
    agree(recurrent("jump", "1 mV", "3 ms", phases=[sb.Phase(at, {"A.tau_m": "15 ms"})]))


@pytest.mark.parametrize("period", ["0.5 ms", "5 ms", [f"{k / 5} ms" for k in range(20)]])
def test_a_clamped_neuron_stays_so_for_the_period_when_it_fired(agree: Any, period: Any) -> None:
    agree(recurrent(phases=[sb.Phase("16 ms", {"A.t_ref": period})]))


def test_recording_some_units_now_and_then(agree: Any) -> None:
    recordings = [
        sb.Recording("some", "A", ("V",), units=[3, 17], every="0.7 ms"),
        sb.Recording("other", "A", ("I_syn",), every="6 ms"),
    ]
    columns = agree(recurrent().replace(recordings=recordings))
    assert columns.trace("A", "V").times[-1] == pytest.approx(59.5)
    assert len(columns.trace("A", "I_syn").times) == 11


@pytest.mark.slow
@pytest.mark.full
def test_standalone_in_a_child_process(agree: Any) -> None:
    phases = [sb.Phase("5 ms", {"A.tau_m": "10 ms", "AA.weight": "3 mV", "A.t_ref": "0.5 ms"})]
    agree(recurrent("jump", "2 mV", "0.3 ms", phases=phases), "standalone")


@pytest.mark.slow
def test_standalone_carries_spikes_and_periods_over_a_phase(agree: Any) -> None:
    phases = [sb.Phase(at, {"A.t_ref": t}) for at, t in (("12.6 ms", "0.5 ms"), ("20 ms", "4 ms"))]
    trains = [["12.4 ms"]] * 20  # they fire in the last step before the phase
    network = recurrent("jump", "1 mV", "3 ms", phases=phases)
    extra = sb.Projection("in", "in", "A", "jump", "one_to_one", "20 mV", "0.2 ms")
    agree(
        network.replace(
            projections={**network.projections, "in": extra},
            stimuli={**network.stimuli, "in": sb.Stimulus("in", "spikes", trains=trains)},
        ),
        "standalone",
    )


@pytest.mark.parametrize("scheme", ["rk4", "euler", "heun", "exponential_euler"])
def test_a_state_that_follows_a_clamped_one(agree: Any, scheme: str) -> None:
    neuron = sb.Neuron(
        name="followed",
        equations="""
        dV/dt = (-V - 2*mV*w**3 + I_ext)/tau : mV
        dw/dt = (V/mV*(1 - w) - w)/(4*tau) : 1
        """,
        parameters={"tau": "5 ms", "t_ref": "3 ms"},
        ports={"jump": {"unit": "mV", "receive": "V += weight"}, "I_ext": {"unit": "mV"}},
        spike={
            "condition": "V >= 10*mV and w < 0.95",
            "effects": "V = 2*mV",
            "refractory": {"period": "t_ref", "clamp": ["V"]},
        },
    )
    network = sb.Network(
        populations=[
            sb.Population("A", neuron, 3, initial={"V": "2*i*mV"}),
            sb.Population("B", neuron, 2),
        ],
        projections=[sb.Projection("AB", "A", "B", "jump", "all_to_all", "1 mV", "0.2 ms")],
        stimuli=[
            sb.Stimulus("a", "current", "A", "I_ext", amplitude="15 mV"),
            sb.Stimulus("b", "current", "B", "I_ext", amplitude="9 mV", start="4 ms"),
        ],
        recordings=[sb.Recording("A", "A", ("V", "w")), sb.Recording("B", "B", ("w",))],
        duration="40 ms",
    )
    assert len(agree(network, scheme=scheme).spikes["A"]) > 10
