"""Rates of the Hodgkin-Huxley kind, written with x/(exp(x) - 1), translate in seconds."""

from __future__ import annotations

import time

import pytest

from spikebridge.definition.model import Neuron
from spikebridge.passes.integrate import program_of


@pytest.mark.parametrize("scheme", ["euler", "rk4", "exponential_euler"])
def test_fractions_of_exponentials_are_quick(scheme: str) -> None:
    rates = "\n".join(
        f"d{x}/dt = (0.{k}*a{k}/(exp(a{k}/4) - 1)*(1 - {x})"
        f" - {k}*b{k}/(exp(b{k}/5) - 1)*{x})/ms : 1\n"
        f"a{k} = ({k}*mV - V)/mV : 1\nb{k} = (V - {k}*mV)/(0.7*mV) : 1"
        for k, x in ((13, "m"), (17, "h"), (15, "n"))
    )
    neuron = Neuron(
        equations=f"dV/dt = (m**3*h*n*E - V)/(1*ms) : mV\n{rates}", parameters={"E": "9 mV"}
    )
    start = time.perf_counter()
    assert program_of(neuron, scheme).states == neuron.states
    assert time.perf_counter() - start < 15
