"""Couplings that read the postsynaptic neuron: what does not fit is said, with its place."""

from __future__ import annotations

from typing import Any

import pytest

from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import Network, Population, Projection, Stimulus
from spikebridge.errors import DefinitionError, SpikebridgeError, UnitError

LIF = load("neurons/lif")


def network(
    *synapses: tuple[Synapse, str, str], neuron: Neuron = LIF, post: str = "cells"
) -> Network:
    """(synapse, port, weight) of each projection; the first is called p0."""
    made: dict[str, Any] = {}
    for k, (synapse, port, weight) in enumerate(synapses):
        made[f"p{k}"] = Projection(
            f"p{k}", "input", post, port, "all_to_all", weight, "1 ms", synapse=synapse
        )
    return Network(
        name="net",
        populations={"cells": Population("cells", neuron, 2)},
        stimuli={"input": Stimulus("input", "spikes", trains=([5.0],))},
        projections=made,
    )


def synapse(coupling: str, **changes: Any) -> Synapse:
    entries: dict[str, Any] = {
        "name": "mine",
        "equations": "ds/dt = -s/(5*ms) : 1",
        "on_pre": "s += 1",
        "coupling": coupling,
        "unit": "nS",
    }
    return Synapse(**{**entries, **changes})


@pytest.mark.parametrize("name", ["synapses/conductance", "synapses/nmda"])
def test_couplings_that_fit_are_accepted(name: str) -> None:
    network((load(name), "I_syn", "1 nS"), (load(name), "I_ext", "2 nS"))


def test_subexpressions_may_read_the_postsynaptic_neuron() -> None:
    made = synapse("weight*s*drive", equations="ds/dt = -s/(5*ms) : 1\ndrive = 0*mV - V_post : mV")
    network((made, "I_syn", "1 nS"))


def test_the_factor_of_a_derivative_may_read_it_too() -> None:
    slowed = "(5*ms + V_post*ms/mV)*ds/dt = -s : 1"
    network((synapse("weight*s*(0*mV - V_post)", equations=slowed), "I_syn", "1 nS"))
    wrong = synapse("weight*s*mV", equations="(5*ms + V_post)*ds/dt = -s : 1")
    with pytest.raises(UnitError, match="cannot add ms"):
        network((wrong, "I_syn", "1 nS"))


def test_a_name_of_the_synapse_is_not_the_neurons() -> None:
    """A trace called x_post, or even V_post, belongs to the synapse."""
    made = synapse(
        "weight*V_post",
        unit="pA",
        equations="dV_post/dt = -V_post/(5*ms) : 1",
        on_pre="V_post += 1",
    )
    network((made, "I_syn", "1 pA"))


@pytest.mark.parametrize(
    ("made", "parts"),
    [
        (
            synapse("weight*s*(0*mV - Vm_post)"),
            ("net.p0", "Vm_post", "mine", "neurons/lif", "cells", "has no Vm", "V"),
        ),
        (synapse("weight*s*(V_pre - V_post)"), ("net.p0", "V_pre")),
        (synapse("weight*s*(E - V_post)"), ("net.p0", "'E' is not defined")),
        (
            synapse("weight*s*(1 + I_syn_post/pA)", unit="pA"),
            ("net.p0", "I_syn_post", "depends on the port I_syn", "cells", "V_post"),
        ),
        (
            synapse("weight", unit="pA", equations="", on_pre=""),
            ("net.p0", "no state", "coupling = weight", "give it a state"),
        ),
    ],
)
def test_wrong_names_are_found(made: Synapse, parts: tuple[str, ...]) -> None:
    weight = f"1 {made.unit}"
    with pytest.raises(DefinitionError) as caught:
        network((made, "I_syn", weight))
    for part in parts:
        assert part in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("made", "parts"),
    [
        (synapse("weight*s*V_post/mV"), ("net.p0", "nS", "needs pA", "V_post (mV)", "I_syn")),
        (synapse("weight*s*tau_m_post"), ("net.p0", "needs pA", "tau_m_post (ms)")),
        (synapse("weight*s*(V_post - 3*pA)"), ("net.p0", "cannot subtract pA", "V_post")),
        (synapse("weight*s"), ("net.p0", "needs pA", "unit of weight")),
    ],
)
def test_wrong_units_are_found(made: Synapse, parts: tuple[str, ...]) -> None:
    with pytest.raises(UnitError) as caught:
        network((made, "I_syn", "1 nS"))
    for part in parts:
        assert part in str(caught.value), str(caught.value)


def test_a_voltage_without_unit_does_not_fit_a_conductance() -> None:
    plain = Neuron(
        name="plain", equations="dV/dt = (I - V)/(10*ms) : 1", ports={"I": {"unit": "1"}}
    )
    with pytest.raises(UnitError) as caught:
        network((load("synapses/conductance"), "I", "1 nS"), neuron=plain)
    assert "cannot subtract a plain number (V_post) from mV (E_rev)" in str(caught.value)


def test_weights_have_the_unit_of_the_synapse() -> None:
    with pytest.raises(UnitError, match="has the unit pA where nS is needed"):
        network((load("synapses/nmda"), "I_syn", "1 pA"))


def test_statements_are_checked_where_the_port_gives_the_unit() -> None:
    made = synapse(
        "s*(0*mV - V_post)", unit="", equations="ds/dt = -s/(5*ms) : nS", on_pre="s += weight"
    )
    with pytest.raises(UnitError, match="needs nS, not pA"):
        network((made, "I_syn", "1 pA"))


def test_a_coupling_needs_a_continuous_port() -> None:
    with pytest.raises(DefinitionError) as caught:
        network((load("synapses/nmda"), "exc", "1 nS"), neuron=load("neurons/lif_current"))
    for part in ("net.p0", "port of kind continuous", "exc of cells is spikes", "I_ext"):
        assert part in str(caught.value)


def test_nothing_leads_to_a_stimulus() -> None:
    with pytest.raises(DefinitionError) as caught:
        network((load("synapses/nmda"), "I_syn", "1 nS"), post="input")
    assert "leads to the stimulus input, which receives nothing" in str(caught.value)
    assert "cells" in str(caught.value)


def test_couplings_that_read_each_others_ports_are_a_loop() -> None:
    one = synapse("weight*s*(1 + I_ext_post/pA)", unit="pA")
    two = synapse("weight*s*(1 + I_syn_post/pA)", unit="pA")
    network((one, "I_syn", "1 pA"))
    with pytest.raises(SpikebridgeError, match="which depends on the port"):
        network((one, "I_syn", "1 pA"), (two, "I_ext", "1 pA"))


def test_a_subexpression_of_the_port_is_a_loop_and_a_state_is_none() -> None:
    neuron = Neuron(
        name="sum",
        equations="""dV/dt = (I_total/(1*nS) - V)/(10*ms) : mV
            da/dt = (I_total/pA - a)/(50*ms) : 1
            I_total = I : pA""",
        ports={"I": {"unit": "pA"}},
    )
    network((synapse("weight*s*(1 + a_post)", unit="pA"), "I", "1 pA"), neuron=neuron)
    with pytest.raises(DefinitionError, match="I_total_post, which depends on the port I"):
        network((synapse("weight*s*(1 + I_total_post/pA)", unit="pA"), "I", "1 pA"), neuron=neuron)
