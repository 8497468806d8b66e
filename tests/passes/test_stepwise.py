"""Which signals change at few steps, so that their changes are sent."""

from __future__ import annotations

import pytest

from spikebridge import Neuron, Synapse
from spikebridge.definition.library import load
from spikebridge.passes.stepwise import is_stepwise

PORT = {"unit": "1", "kind": "continuous"}


def found(equations: str, coupling: str = "weight*r_pre") -> bool:
    unit = Neuron(equations, parameters={"k": 2, "theta": 0.5}, ports={"x_syn": PORT}, name="unit")
    return is_stepwise(Synapse(coupling=coupling, name="graded"), unit)


@pytest.mark.parametrize("name", ["binary", "mcculloch_pitts", "ginzburg"])
def test_binary_units_of_the_library(name: str) -> None:
    assert is_stepwise(load("synapses/graded"), load(f"binary/{name}"))


@pytest.mark.parametrize("name", ["rate", "ctrnn", "rate_threshold_linear"])
def test_rate_units_of_the_library(name: str) -> None:
    assert not is_stepwise(load("synapses/graded"), load(f"rates/{name}"))


STEPWISE = {
    "r(t+1) = int(x_syn > theta) : 1": True,
    "r(t+1) = r + int(x_syn > theta) - 3*int(x_syn < 0)*r : 1": True,
    "r(t+1) = 0.5*r + int(x_syn > theta) : 1": False,
    "r(t+1) = k*r + int(x_syn > theta) : 1": False,
    "r(t+1) = x_syn : 1": False,
    "V(t+1) = x_syn + xi : 1\nr = k*int(V > theta) : 1": True,
    "V(t+1) = x_syn + xi : 1\nr = V*int(V > theta) : 1": False,
    "A(t+1) = int(B > 0) : 1\nB(t+1) = B - A : 1\nr = exp(-k*B) : 1": True,
    "A(t+1) = x_syn : 1\nB(t+1) = B - A : 1\nr = B : 1": False,
}


@pytest.mark.parametrize("equations", STEPWISE)
def test_by_the_equations(equations: str) -> None:
    assert found(equations) is STEPWISE[equations]


def test_a_signal_of_the_time_changes_always() -> None:
    assert not found("r(t+1) = int(x_syn > theta) : 1", "weight*r_pre*sin(t/(3*ms))")
