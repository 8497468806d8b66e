"""The scheme native on Brian2: its own integrators, beside the contract's ports and schedule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.errors import SimulationFailed, Unsupported
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Feature, Options, Prepared
from spikebridge.simulators.brian2 import Brian2
from spikebridge.simulators.reference import Reference


def driven(neuron: str, amplitude: str, weight: str, variable: str = "V") -> Network:
    """Two units with a step current and frozen spikes on every port."""
    cell = load(f"neurons/{neuron}")
    times = np.round(np.random.default_rng(1).uniform(1, 90, 40), 1)
    current = Stimulus("I", "current", "P", "I_ext", amplitude=amplitude, start="5 ms")
    projections = [
        Projection(f"p_{port}", "s", "P", port, "all_to_all", weight, "1 ms")
        for port in cell.spike_ports
    ]
    return Network(
        [Population("P", cell, 2)],
        projections=projections,
        stimuli=[current, Stimulus("s", "spikes", trains=(np.unique(times),))],
        recordings=[Recording("r", "P", (variable,))],
        duration="100 ms",
        dt="0.1 ms",
    )


def prepared(network: Network, scheme: str = "native", **options: Any) -> Prepared:
    chosen = Options(scheme=scheme, simulator={"target": "numpy", **options})
    return Brian2().prepare(draw(network), chosen)


def run(network: Network, scheme: str = "native", **options: Any) -> Columns:
    return Brian2().run(prepared(network, scheme, **options))


def adaptive(network: Network) -> Columns:
    reference = Reference()
    return reference.run(reference.prepare(draw(network), Options(simulator={"mode": "adaptive"})))


def difference(a: Columns, b: Columns) -> float:
    return float(np.abs(a.traces["P"][0].values - b.traces["P"][0].values).max())


def test_linear_equations_are_exact() -> None:
    network = driven("lif_current", "250 pA", "30 pA")
    native, contract = run(network), run(network, "exact")
    assert native.manifest["matches"][0]["method"] == "exact"
    assert len(native.spikes["P"].times) > 4
    np.testing.assert_array_equal(native.spikes["P"].times, contract.spikes["P"].times)
    assert difference(native, contract) < 1e-11


@pytest.mark.parametrize(
    ("neuron", "method", "bound"),
    [("lif_conductance", "exponential_euler", 0.1), ("adex", "rk4", 1e-5)],
)
def test_against_the_equations_themselves(neuron: str, method: str, bound: float) -> None:
    network = driven(neuron, "100 pA", "1 nS")
    native = run(network)
    assert native.manifest["matches"][0]["method"] == method
    assert difference(native, adaptive(network)) < bound  # mV


@pytest.mark.parametrize(("neuron", "scheme"), [("adex", "rk4"), ("lif_conductance", "heun")])
def test_a_chosen_method_spikes_where_the_same_scheme_does(neuron: str, scheme: str) -> None:
    network = driven(neuron, "1000 pA", "1 nS")
    native, contract = run(network, method=scheme), run(network, scheme)
    assert len(native.spikes["P"].times) > 4
    np.testing.assert_array_equal(native.spikes["P"].times, contract.spikes["P"].times)


def test_a_recurrent_network() -> None:
    cell = load("neurons/lif_conductance")
    base = driven("lif_conductance", "500 pA", "1 nS")
    rule = {"kind": "fixed_indegree", "indegree": 3}
    network = replace(
        base,
        populations=[Population("P", cell, 10, initial={"V": "(-60 + 0.7*i)*mV"})],
        projections=[Projection("PP", "P", "P", "exc", rule, "2 nS", "1 ms")],
        stimuli=[base.stimuli["I"]],
        duration="50 ms",
    )
    native, exact = run(network), adaptive(network)
    counts = [len(c.spikes["P"].times) for c in (native, exact)]
    assert counts[0] > 20
    assert abs(counts[0] - counts[1]) <= 2
    shared = min(counts)
    lag = np.sort(native.spikes["P"].times)[:shared] - np.sort(exact.spikes["P"].times)[:shared]
    assert np.abs(lag).max() < 1.5  # ms; a reset waits for the grid, up to 0.1 ms per spike


def test_unsteady_current_holds_its_value_within_the_step() -> None:
    cell = Neuron(
        "dV/dt = (-V + R*I + 0.01*V*V/mV)/tau : mV\ndouble = 2*I : pA",
        {"R": "0.1 Gohm", "tau": "10 ms"},
        ports={"I": {"unit": "pA"}},
        name="curved",
    )
    network = Network(
        [Population("P", cell, 2)],
        stimuli=[Stimulus("I", "current", "P", "I", amplitude="50*pA*sin(t/(3*ms))")],
        recordings=[Recording("r", "P", ("V", "double"))],
        duration="20 ms",
    )
    native, contract = run(network), run(network, "rk4")
    for a, b in zip(native.traces["P"], contract.traces["P"], strict=True):
        np.testing.assert_allclose(a.values, b.values, atol=1e-12)


def test_brian2_is_not_let_drop_a_power() -> None:
    """Brian2 2.9's exponential_euler takes dx/dt = -x + x**3 and computes dx/dt = -x."""
    cell = Neuron("dx/dt = (x**3/2 - x)/tau : 1", {"tau": "5 ms"}, initial={"x": "0.9"}, name="c")
    network = Network(
        [Population("P", cell, 1)], recordings=[Recording("r", "P", ("x",))], duration="10 ms"
    )
    assert difference(run(network), adaptive(network)) < 1e-8
    with pytest.raises(Unsupported, match="would drop terms"):
        prepared(network, method="exponential_euler")


def test_noise_is_integrated_by_euler() -> None:
    network = Network([Population("P", load("neurons/lif_noisy"), 2)], duration="5 ms")
    columns = run(network)
    assert columns.manifest["matches"][0]["method"] == "euler"
    with pytest.raises(Unsupported, match="frozen noise"):
        Brian2().prepare(draw(network, frozen_noise=True), Options(scheme="native"))


def test_noise_has_its_strength() -> None:
    cell = Neuron("dx/dt = -x/tau + s*sqrt(2/tau)*xi : mV", {"tau": "5 ms", "s": "2 mV"}, name="ou")
    network = Network(
        [Population("P", cell, 2000)], recordings=[Recording("r", "P", ("x",))], duration="30 ms"
    )
    assert run(network).traces["P"][0].values[-1].std() == pytest.approx(2.0, rel=0.06)


def test_equal_time_constants_fail_with_a_remedy() -> None:
    cell = load("neurons/lif_current", tau_exc="20 ms", tau_m="20 ms")
    network = replace(
        driven("lif_current", "200 pA", "30 pA"), populations=[Population("P", cell, 2)]
    )
    with pytest.raises(SimulationFailed, match="no number") as caught:
        run(network)
    assert "exponential_euler" in str(caught.value.remedy)
    assert len(run(network, method="exponential_euler").traces["P"]) == 1


def test_options_and_texts() -> None:
    network = driven("lif_conductance", "200 pA", "1 nS")
    with pytest.raises(Unsupported, match="'exact' for P"):
        prepared(network, method="exact")
    with pytest.raises(Unsupported, match="it is unknown"):
        prepared(network, method="rk5")
    with pytest.raises(Unsupported, match="needs a compiler"):
        prepared(network, method="gsl_rkf45")
    with pytest.raises(Unsupported, match="explicit schemes"):
        prepared(network, "rk4", method="rk4")
    text = prepared(network).sources["P.py"]
    assert "method='exponential_euler'" in text
    assert "dV/dt = ((I_ext" in text
    assert Feature.NATIVE_INTEGRATION in Brian2().features


def test_the_reference_points_to_its_adaptive_mode() -> None:
    network = draw(driven("lif_current", "200 pA", "30 pA"))
    with pytest.raises(Unsupported) as caught:
        Reference().prepare(network, Options(scheme="native"))
    assert '{"mode": "adaptive"}' in str(caught.value.remedy)
