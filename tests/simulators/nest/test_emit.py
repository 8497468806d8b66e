"""NESTML text of a program: a snapshot, names that collide, functions that NESTML lacks."""

from __future__ import annotations

import pytest

from spikebridge.definition.model import Neuron
from spikebridge.errors import Unsupported
from spikebridge.passes.integrate import program_of
from spikebridge.simulators.nest.emit import emit
from spikebridge.simulators.nest.names import RESERVED, port_names, rename

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
)
TEXT = """\
    state:
        V real = 0
        I_s real = 0
        refr_count integer = 0
    parameters:
        P_V_V real = 0
        P_V_I_s real = 0
        P_V_I real = 0
        P_V_1 real = 0
        P_I_s_I_s real = 0
        I real = 0
        refr_steps integer = 0
    input:
        exc <- spike
        jump <- spike
    output:
        spike
    update:
        if refr_count > 0:
            refr_count -= 1
        if refr_count > 0:
            I_s = I_s*P_I_s_I_s
        else:
            V = I*P_V_I + I_s*P_V_I_s + P_V_1 + P_V_V*V
            I_s = I_s*P_I_s_I_s
    onReceive(exc):
        I_s += exc * 1 s
    onReceive(jump):
        if refr_count == 0:
            V += jump * 1 s
    onCondition(refr_count == 0 and V >= -50.0):
        V = -60.0
        refr_count = refr_steps + 1
        emit_spike()
"""


def test_snapshot() -> None:
    emitted = emit(program_of(LIF))
    head, _, body = emitted.text.partition("\n")
    assert head == f"model {emitted.model}:"
    assert body == TEXT
    assert emitted.model.startswith("lif_")


def test_a_driven_quantity_is_a_state_with_a_port_of_its_own() -> None:
    emitted = emit(program_of(LIF), driven=["I"])
    assert emitted.driven == {"I": "I_steps"}
    assert "    onReceive(I_steps):\n        I = I_steps * 1 s\n" in emitted.text
    assert emitted.model != emit(program_of(LIF)).model


def test_a_stimulus_adds_what_current_generators_send() -> None:
    text = emit(program_of(LIF), stimulus="I").text
    assert "I_stim real <- continuous" in text
    assert "(I + I_stim)*P_V_I" in text


def test_names_stay_apart() -> None:
    names = [*sorted(RESERVED), "e_x", "V", "v", "a__b", "a_b"]
    found = rename(names)
    assert len(set(found.values())) == len(names)
    assert not set(found.values()) & RESERVED
    assert (found["V"], found["v"]) == ("V", "v")
    ports = port_names(["exc", "Exc", "V"], ["v"])
    assert len({p.upper() for p in ports.values()} | {"V"}) == 4


def test_a_function_that_nestml_lacks_is_named() -> None:
    neuron = Neuron(name="n", equations="dx/dt = -arctan(x)/(1*ms) : 1")
    with pytest.raises(Unsupported, match="arctan"):
        emit(program_of(neuron, "euler"))
