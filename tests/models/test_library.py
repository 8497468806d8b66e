"""The model library: every file is complete, rests, fires, and says where it comes from."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

import numpy as np
import pytest

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load, names
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Options
from spikebridge.simulators.reference import Reference

NEURONS = tuple(n for n in names() if n.startswith("neurons/"))
SYNAPSES = tuple(n for n in names() if n.startswith("synapses/"))
NETWORKS = tuple(n for n in names() if n.startswith("networks/"))
# pA that makes each neuron fire repeatedly
DRIVE = {
    "neurons/adex": 1000.0,
    "neurons/exponential_if": 300.0,
    "neurons/hodgkin_huxley": 500.0,
    "neurons/izhikevich": 15.0,
    "neurons/lif_adaptive": 500.0,
    "neurons/lif_delta": 300.0,
    "neurons/lif_nmda": 700.0,
}
DOI = re.compile(r"10\.\d{4,9}/\S+")


def content(name: str) -> dict[str, Any]:
    folder, _, file = name.partition("/")
    text = (resources.files("spikebridge.models") / folder / f"{file}.toml").read_text("utf-8")
    return tomllib.loads(text)


def run(neuron: str, current: float, duration: float = 200.0, **parameters: Any) -> Columns:
    network = Network(
        populations={"P": Population("P", load(neuron, **parameters), 1)},
        stimuli={
            "I": Stimulus("I", "current", population="P", port="I_ext", amplitude=f"{current} pA")
        },
        recordings={"V": Recording("V", "P", ("V",))},
        dt="0.1 ms",
        duration=f"{duration} ms",
    )
    reference = Reference()
    return reference.run(reference.prepare(draw(network), Options()))


def quiet(neuron: str) -> dict[str, str]:
    return {"sigma": "0 mV"} if neuron == "neurons/lif_noisy" else {}


def test_the_library_has_what_the_documentation_promises() -> None:
    neurons = "lif_delta lif_current lif_alpha lif_conductance lif_adaptive lif_noisy izhikevich"
    neurons += " adex hodgkin_huxley exponential_if lif"
    assert {f"neurons/{n}" for n in neurons.split()} <= set(NEURONS)
    assert {"synapses/static", "synapses/gating", "synapses/gating_unit"} <= set(SYNAPSES)
    networks = {f"networks/{n}" for n in ["coupled_lif", "cuba", "coba", "coba_hh", "brunel2000"]}
    assert networks <= set(NETWORKS)


@pytest.mark.parametrize("name", names())
def test_every_file_loads_and_says_what_it_is_for(name: str) -> None:
    definition = load(name)
    assert definition.title and len(definition.description) > 80
    assert definition.source["equation"]
    assert DOI.fullmatch(definition.source["doi"]), definition.source["doi"]
    assert len(definition.hash) == 64


@pytest.mark.parametrize("name", NEURONS + SYNAPSES)
def test_parameters_carry_units(name: str) -> None:
    entries = content(name)
    if name in {"synapses/hebbian_rate", "synapses/triplet_rate"}:
        pytest.skip("it learns from rates, which have no unit")
    for symbol, value in entries.get("parameters", {}).items():
        assert isinstance(value, str), f"{name}: {symbol} is a bare number"
    for port in entries.get("ports", {}).values():
        assert port["unit"] != "1"


@pytest.mark.parametrize("name", NEURONS)
def test_every_neuron_takes_spikes_or_synaptic_current_and_an_external_current(name: str) -> None:
    neuron = load(name)
    assert "I_ext" in neuron.continuous_ports
    assert neuron.spike_ports or "I_syn" in neuron.continuous_ports


@pytest.mark.parametrize("name", NEURONS)
def test_without_input_a_neuron_stays_at_rest(name: str) -> None:
    columns = run(name, 0.0, **quiet(name))
    values = columns.trace("P", "V").values
    assert len(columns.spikes["P"]) == 0
    assert np.abs(values - values[0]).max() < 1e-3


@pytest.mark.parametrize("name", NEURONS)
def test_a_stronger_current_gives_a_higher_rate(name: str) -> None:
    drive = DRIVE.get(name, 250.0)
    weak, strong = (
        len(run(name, factor * drive, **quiet(name)).spikes["P"]) for factor in (1.0, 1.5)
    )
    assert 2 <= weak < strong


@pytest.mark.parametrize("name", NEURONS)
def test_excitation_depolarises_and_inhibition_hyperpolarises(name: str) -> None:
    """With the signs that the files document: negative weights at current-based ports."""
    apart = {"E_inh": "-75 mV"} if name == "neurons/lif_nmda" else {}  # at E_L it only shunts
    neuron = load(name, **quiet(name), **apart)
    for port in neuron.spike_ports:
        unit = neuron.ports[port].unit
        sign = -1.0 if port == "inh" and unit == "pA" else 1.0
        network = Network(
            populations={"P": Population("P", neuron, 1)},
            projections={
                "p": Projection("p", "s", "P", port, "one_to_one", f"{sign * 0.5} {unit}", "1 ms")
            },
            stimuli={"s": Stimulus("s", "spikes", trains=([5.0],))},
            recordings={"V": Recording("V", "P", ("V",))},
            duration="30 ms",
        )
        reference = Reference()
        columns = reference.run(reference.prepare(draw(network), Options()))
        values = columns.trace("P", "V").values[:, 0]
        change = values[61:150].mean() - values[0]
        assert change < 0 if port in {"inh", "gaba"} else change > 0, (name, port, change)


def test_adaptation_settles_where_the_printed_equation_puts_it() -> None:
    """tau_a da/dt = -a + b r: the mean of a is b times the rate."""
    neuron = load("neurons/lif_adaptive")
    network = Network(
        populations={"P": Population("P", neuron, 1)},
        stimuli={"I": Stimulus("I", "current", population="P", port="I_ext", amplitude="600 pA")},
        recordings={"a": Recording("a", "P", ("a",))},
        duration="2 s",
    )
    reference = Reference()
    columns = reference.run(reference.prepare(draw(network), Options()))
    times = columns.spikes["P"].times
    last = times[times > 1000.0]
    first, end = round(last[0] / 0.1), round(last[-1] / 0.1)
    mean = columns.trace("P", "a").values[first:end, 0].mean()
    rate = (len(last) - 1) / (last[-1] - last[0])
    assert mean == pytest.approx(200.0 * rate, rel=0.01)


def test_gating_variables_differ_by_the_normalisation_only() -> None:
    unit_area, unit_jump = load("synapses/gating"), load("synapses/gating_unit")
    assert [str(s) for s in unit_area.on_pre] == ["s += 1/tau_s"]
    assert [str(s) for s in unit_jump.on_pre] == ["s += 1"]
    assert (unit_area.unit, unit_jump.unit) == ("pA*ms", "pA")


def test_cuba_has_the_numbers_of_the_benchmark() -> None:
    drawn = draw(load("networks/cuba"), duration=1)
    assert {n: p.size for n, p in drawn.populations.items()} == {"E": 3200, "I": 800}
    assert drawn.projections["EE"].weights == pytest.approx(16.2)
    assert drawn.projections["IE"].weights == pytest.approx(-90.0)
    counts = sum(len(p.targets) for p in drawn.projections.values() if p.targets is not None)
    assert counts == pytest.approx(0.02 * 4000**2, rel=0.01)
    for population in drawn.populations.values():
        assert population.parameters["V_rest"] == -49.0
        assert np.all((population.initial["V"] >= -60.0) & (population.initial["V"] < -50.0))


@pytest.mark.parametrize("name", ["networks/coba", "networks/coba_hh"])
def test_the_conductance_benchmarks_start_with_a_kick(name: str) -> None:
    drawn = draw(load(name), duration=100)
    assert drawn.projections["EI"].weights == 6.0
    assert drawn.projections["IE"].weights == 67.0
    steps = drawn.sources["kick"].steps
    assert steps is not None and len(steps) == pytest.approx(20 * 5, rel=0.5)
    assert steps.max() * drawn.dt <= 50.0


@pytest.mark.parametrize(
    ("variant", "g", "eta"), [("SR", 3, 2), ("SI_fast", 6, 4), ("AI", 5, 2), ("SI_slow", 4.5, 0.9)]
)
def test_brunel_has_the_four_panels_of_figure_8(variant: str, g: float, eta: float) -> None:
    drawn = draw(load("networks/brunel2000", variant=variant, order=20), duration=10)
    assert {n: p.size for n, p in drawn.populations.items()} == {"E": 80, "I": 20}
    J = 0.1 * 2500 / 20
    assert drawn.projections["EE"].weights == pytest.approx(J)
    assert drawn.projections["IE"].weights == pytest.approx(-g * J)
    assert drawn.projections["EE"].delays == 15
    assert drawn.parameters["rate_ext"] == pytest.approx(eta * 20.0 / (J * 20.0))
    targets = drawn.projections["EI"].targets
    assert targets is not None and set(np.bincount(targets)) == {8}


def test_brunel_at_full_order_is_the_papers_network() -> None:
    drawn = load("networks/brunel2000", order=2500)
    from spikebridge.definition.numbers import network_scope

    scope = network_scope(drawn)
    assert (scope["N_E"], scope["N_I"], scope["C_E"], scope["C_I"]) == (10000, 2500, 1000, 250)
    assert scope["J"] == pytest.approx(0.1)
    assert scope["rate_ext"] == pytest.approx(20.0)  # 2 nu_thr C_E = 20 kHz


def test_coupled_lif_is_active_and_lumps() -> None:
    from spikebridge.passes.lump import lump_report

    drawn = draw(load("networks/coupled_lif"), duration=100)
    counts = [len(p.targets) for p in drawn.projections.values() if p.targets is not None]
    assert sum(counts) == pytest.approx(100_000, rel=0.02)
    assert all("lumped into" in line for line in lump_report(drawn))
    reference = Reference()
    columns = reference.run(reference.prepare(drawn, Options()))
    assert 5.0 < len(columns.spikes["E"]) / 800 / 0.1 < 50.0
