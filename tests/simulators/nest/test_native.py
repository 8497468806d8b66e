"""The scheme native on NEST: NESTML's propagators and GSL's adaptive rkf45."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pynestml")

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.errors import SimulationFailed, SimulatorMissing, Unsupported
from spikebridge.passes.integrate import program_of
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Feature, Options
from spikebridge.simulators.nest import Nest, machine
from spikebridge.simulators.nest.emit import emit
from spikebridge.simulators.nest.modules import build
from spikebridge.simulators.reference import Reference

# NESTML's generated neurons include GSL where the equations are nonlinear, and nowhere else.
needs_gsl = pytest.mark.skipif(
    machine.gsl_headers() is None, reason="GSL's headers are missing: apt-get install libgsl-dev"
)


def driven(neuron: str, amplitude: str, weight: str) -> Network:
    """Two units with a step current and frozen spikes on every port."""
    cell = load(f"neurons/{neuron}")
    times = np.round(np.random.default_rng(1).uniform(1, 90, 40), 1)
    projections = [
        Projection(f"p_{port}", "s", "P", port, "all_to_all", weight, "1 ms")
        for port in cell.spike_ports
    ]
    return Network(
        [Population("P", cell, 2)],
        projections=projections,
        stimuli=[
            Stimulus("I", "current", "P", "I_ext", amplitude=amplitude, start="5 ms"),
            Stimulus("s", "spikes", trains=(np.unique(times),)),
        ],
        recordings=[Recording("r", "P", ("V",))],
        duration="100 ms",
        dt="0.1 ms",
    )


def run(network: Network, scheme: str = "native", **options: Any) -> Columns:
    chosen = Options(scheme=scheme, simulator={"match": False, **options})
    return Nest().run(Nest().prepare(draw(network), chosen))


def reference(network: Network, scheme: str = "auto", mode: str = "fixed") -> Columns:
    simulator = Reference()
    chosen = Options(scheme=scheme, simulator={"mode": mode})
    return simulator.run(simulator.prepare(draw(network), chosen))


def difference(a: Columns, b: Columns) -> float:
    return float(np.abs(a.traces["P"][0].values - b.traces["P"][0].values).max())


def test_linear_equations_are_exact() -> None:
    network = driven("lif_current", "250 pA", "30 pA")
    native, contract = run(network), reference(network, "exact")
    assert native.manifest["scheme"] == {"P": "native"}
    assert len(native.spikes["P"].times) > 4
    np.testing.assert_array_equal(native.spikes["P"].times, contract.spikes["P"].times)
    assert difference(native, contract) < 1e-11


@needs_gsl
def test_against_the_equations_themselves() -> None:
    """Tolerances of 1e-6 and 1e-10 per step."""
    network = driven("lif_conductance", "100 pA", "1 nS")
    exact = reference(network, mode="adaptive")
    assert difference(run(network), exact) < 1e-6  # mV
    assert difference(run(network, tolerance=1e-10), exact) < 1e-8


@needs_gsl
def test_a_recurrent_network() -> None:
    """Refractory and dense: the spikes are those of rk4, whose error is far below a step's."""
    base = driven("lif_conductance", "500 pA", "1 nS")
    cell = base.populations["P"].neuron
    rule = {"kind": "fixed_indegree", "indegree": 3}
    network = replace(
        base,
        populations=[Population("P", cell, 10, initial={"V": "(-60 + 0.7*i)*mV"})],
        projections=[Projection("PP", "P", "P", "exc", rule, "2 nS", "1 ms")],
        stimuli=[base.stimuli["I"]],
        duration="50 ms",
    )
    native, contract = run(network), reference(network, "rk4")
    assert len(native.spikes["P"].times) > 20
    np.testing.assert_array_equal(native.spikes["P"].times, contract.spikes["P"].times)
    np.testing.assert_array_equal(native.spikes["P"].senders, contract.spikes["P"].senders)
    assert difference(native, contract) < 1e-4  # mV


@needs_gsl
def test_held_states_and_currents_of_every_step() -> None:
    """A state that follows a clamped one, an unsteady current, and names of other languages."""
    cell = Neuron(
        """dV/dt = (E - V + R*(I + N) - w + 0.001*(V - E)**2/mV)/beta : mV
           dw/dt = (a*(V - E) - w)/gamma : mV""",
        {
            "E": "-65 mV",
            "R": "0.1 Gohm",
            "beta": "10 ms",
            "gamma": "4 ms",
            "a": "0.5",
            "N": "300 pA",
            "S": "-50 mV",
            "Q": "5 ms",
        },
        ports={"I": {"unit": "pA"}},
        initial={"V": "-60 mV"},
        spike={
            "condition": "V >= S",
            "effects": "V = -60*mV; w += 1*mV",
            "refractory": {"period": "Q", "clamp": ["V"]},
        },
        name="held",
    )
    network = Network(
        [Population("P", cell, 1)],
        stimuli=[Stimulus("I", "current", "P", "I", amplitude="100*pA*sin(t/(3*ms))")],
        recordings=[Recording("r", "P", ("V", "w"))],
        duration="50 ms",
    )
    native, contract = run(network), reference(network, "rk4")
    assert len(contract.spikes["P"].times) > 2
    np.testing.assert_array_equal(native.spikes["P"].times, contract.spikes["P"].times)
    for a, b in zip(native.traces["P"], contract.traces["P"], strict=True):
        assert np.abs(a.values - b.values).max() < 1e-6


def test_equal_time_constants_fail_with_a_remedy() -> None:
    base = driven("lif_current", "200 pA", "30 pA")
    cell = load("neurons/lif_current", tau_exc="20 ms", tau_m="20 ms")
    network = replace(base, populations=[Population("P", cell, 2)])
    with pytest.raises(SimulationFailed, match="no number") as caught:
        run(network)
    assert "exact" in str(caught.value.remedy)


def test_text() -> None:
    text = emit(program_of(load("neurons/lif_current"), "native")).text
    assert "I_exc' = (-I_exc/tau_exc) / (1 ms)" in text
    assert "integrate_odes(V, I_exc, I_inh)" in text
    assert "integrate_odes(I_exc, I_inh)" in text
    assert Feature.NATIVE_INTEGRATION in Nest().features


def test_noise_and_time_are_refused() -> None:
    with pytest.raises(Unsupported, match="white noise") as caught:
        emit(program_of(load("neurons/lif_noisy"), "native"))
    assert "euler" in str(caught.value.remedy)
    cell = Neuron("dx/dt = (sin(t/ms) - x)/(5*ms) : 1", name="forced")
    with pytest.raises(Unsupported, match="take time"):
        emit(program_of(cell, "native"))


def test_missing_headers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "gsl_headers", lambda: None)
    cell = Neuron("dx/dt = (1 - x*x*x)/tau : 1", {"tau": "5 ms"}, name="headless")
    emitted = emit(program_of(cell, "native"))
    with pytest.raises(SimulatorMissing) as caught:
        build({emitted.model: emitted.text})
    assert "apt-get install libgsl-dev" in str(caught.value.remedy)
